"""`tenuto definition plan`: what a run would do, found by the interpreter itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue, TypeAdapter

from tenuto.catalog.registry import Catalog
from tenuto.cli import exit_codes
from tenuto.cli.definitions.assumptions import (
    Askable,
    Meant,
    askable,
    meant_decisions,
    meant_outputs,
    misfit,
)
from tenuto.cli.definitions.choice import Chosen, choose
from tenuto.cli.definitions.input import read_input, read_value
from tenuto.cli.definitions.page import tasks_of
from tenuto.cli.definitions.plan_page import draw_plan
from tenuto.cli.definitions.sample_events import sample_events
from tenuto.cli.definitions.workplace import Workplace, open_workplace
from tenuto.cli.output import Output
from tenuto.core.errors import UsageError
from tenuto.core.problem import Fault
from tenuto.definitions.plan import CallTask, ChildTask, Plan, Pointer, RunTask, Task
from tenuto.workflows.interpreter.entry import name_of
from tenuto.workflows.interpreter.rehearsal import Answers, Happening, Rehearsed, rehearse
from tenuto.workflows.interpreter.samples import sample
from tenuto.workflows.interpreter.schemas import Schemas

_NOTICES = "notify."

_EVENTS = {
    "call": 6,
    "child": 9,
    "definition": 9,
    "wait": 5,
    "approval": 6,
    "search-attributes": 1,
}
"""Events that the history gets for each: what is done, and the workflow tasks around it."""
_OF_RUN = 5
"""Start, first workflow task, end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Assumed:
    """What was typed about the world of the rehearsal."""

    given: str | None
    fields: tuple[str, ...]
    outputs: tuple[str, ...]
    """`task=json`."""
    decisions: tuple[str, ...]
    """`task=action`."""
    events: tuple[str, ...]


def plan_definition(definition: str, assumed: Assumed, output: Output, *, is_full: bool) -> int:
    """Rehearses, prints the steps, and returns the exit code."""
    workplace = open_workplace()
    chosen = choose(definition, workplace)
    for warning in chosen.warnings:
        output.note(str(warning))
    is_sample = assumed.given is None and not assumed.fields
    schema = chosen.plan.input_schema
    value = (
        _sample_input(schema) if is_sample else read_input(assumed.given, assumed.fields, schema)
    )
    tasks = askable(chosen.plan, chosen.value)
    outputs = meant_outputs(
        {name: read_value(text, name) for name, text in map(_pair, assumed.outputs)}, tasks
    )
    decisions = meant_decisions(dict(map(_pair, assumed.decisions)), tasks)
    answers = _answers(assumed, outputs, decisions, chosen.plan, value, workplace)
    _refuse_misfits(outputs, tasks, answers, output)
    rehearsed = rehearse(chosen.plan, value, answers)
    _note_unused({**outputs.places, **decisions.places}, rehearsed, output)
    record = _record(chosen, rehearsed, value, answers) | {
        "input_is_sample": is_sample,
        "events_are_samples": not assumed.events,
    }
    output.record(record, lambda console: draw_plan(console, record, is_full=is_full))
    return exit_codes.FAILED if rehearsed.outcome == "faulted" else exit_codes.OK


def _sample_input(schema: JsonValue) -> JsonValue:
    """Raises UsageError where the sample does not fit: it shows the shape, and no more."""
    if schema is None:
        return {}
    value = sample(schema)
    try:
        Schemas().check(schema, value, "It")
    except Fault as unfit:
        raise UsageError(
            "No sample of the input could be made that fits `input.schema`, which is no fault of"
            f" the definition: {unfit.message} Give an input with `--input` or `--field`.",
            code="definition.no-sample",
            details={"sample": value},
        ) from unfit
    return value


def _answers(
    assumed: Assumed,
    outputs: Meant,
    decisions: Meant,
    plan: Plan,
    value: JsonValue,
    workplace: Workplace,
) -> Answers:
    others = _other_definitions(plan, workplace)
    returned = {name_of(each): each.output_schema for each in others.values()}
    return Answers(
        outputs=outputs.values,
        decisions=decisions.values,
        results=result_schemas(workplace.catalog) | returned,
        definitions=others,
        events=tuple(read_value(text, "--event") for text in assumed.events)
        or tuple(sample_events(plan, value)),
    )


def _refuse_misfits(
    outputs: Meant, tasks: Iterable[Askable], answers: Answers, output: Output
) -> None:
    """Raises UsageError for what the task never returns; says what it would return besides."""
    for each in tasks:
        task = each.task
        if task.at not in outputs.values:
            continue
        reason, missing = misfit(outputs.values[task.at], _result_schema(task, answers))
        if reason:
            raise UsageError(
                f"`{task.name}` never returns what `--assume` says: {reason} `tenuto catalog` lists"
                " the fields of its result.",
                code="definition.assumption-unfit",
                details={"task": task.name},
            )
        if missing:
            output.note(f"`{task.name}` returns more than is assumed: {', '.join(missing)}.")


def _result_schema(task: Task, answers: Answers) -> JsonValue:
    if isinstance(task, CallTask):
        return answers.results.get(task.activity)
    if isinstance(task, ChildTask):
        return answers.results.get(task.type_name)
    if isinstance(task, RunTask):
        other = answers.definitions.get(f"{task.namespace}/{task.workflow}:{task.version}")
        return other.output_schema if other is not None else None
    return None


def _note_unused(
    places: Mapping[str, tuple[Pointer, ...]], rehearsed: Rehearsed, output: Output
) -> None:
    reached = {each.at for each in rehearsed.happened}
    for name, pointers in places.items():
        if not reached & set(pointers):
            output.note(f"What was said of `{name}` changes nothing: the run goes past it.")


def _other_definitions(plan: Plan, workplace: Workplace) -> dict[str, Plan]:
    """What the plan runs besides itself; each is one step, whose own steps are not gone through."""
    named = (task for task in tasks_of(plan.do) if isinstance(task, RunTask))
    found = {
        f"{task.namespace}/{task.workflow}:{task.version}": workplace.library.find(
            task.namespace, task.workflow, task.version
        )
        for task in named
    }
    return {name: each.plan for name, each in found.items() if each is not None}


def result_schemas(catalog: Catalog) -> dict[str, JsonValue]:
    """Name of an activity or Temporal workflow type -> JSON Schema of its result."""
    named = {entry.name: entry.result for entry in catalog.activities.values()}
    named |= {entry.type_name: entry.result for entry in catalog.workflows.values()}
    return {name: TypeAdapter(kind).json_schema() for name, kind in named.items()}


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"`{text}` is not TASK=VALUE.", code="definition.assumption")
    return name, value


def _record(
    chosen: Chosen, rehearsed: Rehearsed, value: JsonValue, answers: Answers
) -> dict[str, Any]:
    steps = [_step(each, answers) for each in rehearsed.happened]
    return {
        "definition": name_of(chosen.plan),
        "digest": chosen.digest,
        "input": value,
        "steps": steps,
        "notices": [step for step in steps if step["name"].startswith(_NOTICES)],
        "approvals": [step for step in steps if step["what"] == "approval"],
        "events": answers.events,
        "awaits": chosen.plan.awaits,
        "outcome": rehearsed.outcome,
        "output": rehearsed.output,
        "problem": rehearsed.error.as_json() if rehearsed.error else None,
        "waits_s": rehearsed.took,
        "history_events": _OF_RUN + sum(_EVENTS[each.what] for each in rehearsed.happened),
        "trace": rehearsed.trace,
        "way": [each.model_dump(mode="json") for each in rehearsed.way],
        "plan": chosen.plan,
    }


def _step(happening: Happening, answers: Answers) -> dict[str, Any]:
    is_called = happening.what in ("call", "child", "definition")
    return {
        **happening.model_dump(mode="json"),
        "answer_is_sample": is_called and happening.at not in answers.outputs,
    }
