"""What is assumed of a rehearsal's tasks: which ones are meant, and whether it can be."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import JsonValue

from tenuto.catalog.library.definitions.approval import Action, ApprovalRequest
from tenuto.cli.definitions.page import tasks_of
from tenuto.core.errors import UsageError
from tenuto.core.problem import Fault
from tenuto.definitions.expressions import is_expression
from tenuto.definitions.plan import (
    ApprovalTask,
    CallTask,
    ChildTask,
    EmitTask,
    Plan,
    Pointer,
    RunTask,
    Task,
)
from tenuto.definitions.tasks import walk_tasks
from tenuto.workflows.interpreter.rehearsed_decisions import refuse_action
from tenuto.workflows.interpreter.schemas import Schemas

_ANSWERED = CallTask | ChildTask | EmitTask | RunTask


@dataclass(frozen=True, kw_only=True, slots=True)
class Askable:
    """A task that the world answers, and the names it may be meant by, the nearest first."""

    task: Task
    names: tuple[str, ...]
    """Pointer, name, and the functions that it stands for, the outermost first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Meant:
    """Whom the assumptions reach."""

    values: dict[Pointer, Any]
    """Pointer of a task -> what is assumed of it."""
    places: dict[str, tuple[Pointer, ...]]
    """What was typed -> the tasks that it decides about; none where others are nearer."""


def askable(plan: Plan, definition: JsonValue) -> list[Askable]:
    """Every call, emitted event, child, and approval of the plan of `definition`."""
    functions = _functions_called(definition)
    return [
        Askable(task=task, names=(task.at, task.name, *functions.get(task.at, ())))
        for task in tasks_of(plan.do)
        if isinstance(task, _ANSWERED | ApprovalTask)
    ]


def meant_outputs(given: Mapping[str, JsonValue], tasks: Iterable[Askable]) -> Meant:
    """The tasks whose results are assumed. Raises UsageError for a name that reaches none."""
    everything = list(tasks)
    answered = [each for each in everything if isinstance(each.task, _ANSWERED)]
    return _meant(given, everything, answered, option="--assume", kind="calls anything")


def meant_decisions(given: Mapping[str, str], tasks: Iterable[Askable]) -> Meant:
    """The approvals that are decided. Raises UsageError for a name that reaches none, and for a
    decision that is not among the actions."""
    everything = list(tasks)
    approvals = [each for each in everything if isinstance(each.task, ApprovalTask)]
    meant = _meant(given, everything, approvals, option="--decide", kind="is an approval")
    for each in approvals:
        if each.task.at in meant.values:
            refuse_action(meant.values[each.task.at], each.task.name, _actions(each.task))
    return meant


def misfit(value: JsonValue, schema: JsonValue) -> tuple[str, tuple[str, ...]]:
    """Why no call returns `value`, empty if one may; and the fields it should have and has not.

    What is assumed may leave out fields. What it has must fit.
    """
    try:
        Schemas().check(_without_required(schema), value, "It")
    except Fault as fault:
        return fault.message, ()
    required = schema.get("required") if isinstance(schema, dict) else None
    if not isinstance(required, list) or not isinstance(value, dict):
        return "", ()
    return "", tuple(str(each) for each in required if each not in value)


def _meant(
    given: Mapping[str, Any],
    everything: list[Askable],
    fitting: list[Askable],
    *,
    option: str,
    kind: str,
) -> Meant:
    for name in given:
        if not any(name in each.names for each in fitting):
            raise _nobody_meant(name, everything, fitting, option=option, kind=kind)
    values: dict[Pointer, Any] = {}
    places: dict[str, tuple[Pointer, ...]] = dict.fromkeys(given, ())
    for each in fitting:
        nearest = next((name for name in each.names if name in given), None)
        if nearest is not None:
            values[each.task.at] = given[nearest]
            places[nearest] += (each.task.at,)
    return Meant(values=values, places=places)


def _nobody_meant(
    name: str, everything: list[Askable], fitting: list[Askable], *, option: str, kind: str
) -> UsageError:
    valid = list(dict.fromkeys(word for each in fitting for word in each.names[1:]))
    other = "--decide" if option == "--assume" else "--assume"
    if any(name in each.names for each in everything):
        text = f"`{option}` is not for `{name}`; use `{other} {name}=...`."
    else:
        close = difflib.get_close_matches(name, valid, n=1)
        hint = f" Did you mean `{close[0]}`?" if close else ""
        text = f"`{option} {name}` reaches no task that {kind}.{hint}"
    listed = f"Those are {', '.join(valid)}." if valid else "The definition has none."
    return UsageError(
        f"{text} {listed}",
        code="definition.unknown-task",
        details={"task": name, "valid": valid},
    )


def _actions(task: Task) -> tuple[str, ...]:
    """What may be decided; whatever there is where only the run knows."""
    arguments = task.arguments if isinstance(task, ApprovalTask) else None
    if not isinstance(arguments, dict):
        return get_args(Action)
    actions = arguments.get("actions")
    if actions is None:
        return tuple(ApprovalRequest.model_fields["actions"].default)
    if isinstance(actions, list) and not any(map(is_expression, actions)):
        return tuple(map(str, actions))
    return get_args(Action)


def _functions_called(definition: JsonValue) -> dict[Pointer, tuple[str, ...]]:
    """Pointer of a call -> functions of the document that it stands for, the outermost first."""
    use = definition.get("use") if isinstance(definition, dict) else None
    functions = use.get("functions") if isinstance(use, dict) else None
    if not isinstance(functions, dict):
        return {}
    return {
        task.pointer: tuple(_chain(task.body.get("call"), functions))
        for task in walk_tasks(definition)
        if task.kind == "call"
    }


def _chain(called: JsonValue, functions: Mapping[str, JsonValue]) -> Iterator[str]:
    """A function, the function that it calls, and so on; the check refuses circles."""
    while isinstance(called, str) and called in functions:
        yield called
        body = functions[called]
        called = body.get("call") if isinstance(body, dict) else None


def _without_required(schema: JsonValue) -> JsonValue:
    if isinstance(schema, list):
        return [_without_required(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _without_required(each)
        for name, each in schema.items()
        if name != "required" or not isinstance(each, list)
    }
