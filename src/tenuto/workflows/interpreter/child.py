"""`call` of a workflow: run it as a child, and take its result. And what plain code is sent."""

import string
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from tenuto.core.problem import Fault, problem
from tenuto.definitions.plan import ChildTask
from tenuto.workflows.interpreter.step import Step


async def run(task: ChildTask, step: Step) -> JsonValue:
    """What the workflow returns."""
    return await step.host.call_workflow(task, step.evaluate(task.arguments))


def child_arguments(task: ChildTask, request: JsonValue) -> list[JsonValue]:
    """What the workflow is started with: the request, or its fields one by one.

    Raises Fault `validation` 400 for a request whose fields are not the workflow's arguments.
    """
    return spread(request, task.spreads_fields, f"Workflow `{task.function}`")


def spread(request: JsonValue, names: Sequence[str] | None, called: str) -> list[JsonValue]:
    """What `called` is sent: the request, or its fields one by one in the order of `names`.

    Raises Fault `validation` 400 for a request whose fields are not these arguments.
    """
    if names is None:
        return [request]
    fields = _fields(called, request)
    unknown = sorted(set(fields) - set(names))
    given = [name for name in names if name in fields]
    if unknown or given != list(names[: len(given)]):
        raise _misfit(
            called,
            f"takes the arguments {_listed(names)}, the first ones always, and was given"
            f" {_listed(sorted(fields)) or 'none'}",
        )
    return [fields[name] for name in given]


def child_id(task: ChildTask, request: JsonValue) -> str | None:
    """The workflow id that the template gives over the request; None without a template.

    Raises Fault `validation` 400 where the request lacks a field that the id is made of.
    """
    if task.workflow_id is None:
        return None
    called = f"Workflow `{task.function}`"
    fields = _fields(called, request)
    try:
        return _Paths().vformat(task.workflow_id, (), fields)
    except (LookupError, ValueError, TypeError) as wrong:
        raise _misfit(
            called,
            f"is called `{task.workflow_id}`, which the given fields"
            f" ({_listed(sorted(fields)) or 'none'}) do not fill: {wrong}",
        ) from wrong


class _Paths(string.Formatter):
    """`{fund.fund_id}` over JSON objects: dots go into members, never into Python attributes."""

    def get_field(
        self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[Any, str]:
        value: Any = kwargs
        for member in field_name.split("."):
            if not isinstance(value, Mapping) or value.get(member) is None:
                raise LookupError(f"`{field_name}` is missing")
            value = value[member]
        if isinstance(value, str | int | float):
            return value, field_name
        raise LookupError(f"`{field_name}` is no single value")


def _fields(called: str, request: JsonValue) -> dict[str, JsonValue]:
    if isinstance(request, dict):
        return request
    raise _misfit(called, "takes an object of fields")


def _misfit(called: str, what: str) -> Fault:
    return Fault(problem("validation", f"{called} {what}."))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
