"""`tenuto definition plan`: what a run would do, found by the interpreter itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue, TypeAdapter

from tenuto.catalog.registry import Catalog
from tenuto.cli import exit_codes
from tenuto.cli.definition_choice import Chosen, choose
from tenuto.cli.definition_input import read_input, read_value
from tenuto.cli.definition_page import tasks_of
from tenuto.cli.definition_plan_page import draw_plan
from tenuto.cli.definition_workplace import Workplace, open_workplace
from tenuto.cli.output import Output
from tenuto.core.errors import UsageError
from tenuto.definitions.expressions import is_expression
from tenuto.definitions.plan import ListenTask, Plan, RunTask
from tenuto.workflows.interpreter.entry import name_of
from tenuto.workflows.interpreter.rehearsal import Answers, Happening, Rehearsed, rehearse
from tenuto.workflows.interpreter.samples import sample

_NOTICES = "notify."
REHEARSED_RUN = "rehearsal"
"""`$workflow.id` in a rehearsal."""

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


def plan_definition(definition: str, assumed: Assumed, output: Output) -> int:
    """Rehearses, prints the steps, and returns the exit code."""
    workplace = open_workplace()
    chosen = choose(definition, workplace)
    for warning in chosen.warnings:
        output.note(str(warning))
    is_sample = assumed.given is None and not assumed.fields
    schema = chosen.plan.input_schema
    value = (
        (sample(schema) if schema is not None else {})
        if is_sample
        else read_input(assumed.given, assumed.fields, schema)
    )
    answers = _answers(assumed, chosen.plan, workplace)
    rehearsed = rehearse(chosen.plan, value, answers)
    record = _record(chosen, rehearsed, value, answers) | {
        "input_is_sample": is_sample,
        "events_are_samples": not assumed.events,
    }
    output.record(record, lambda console: draw_plan(console, record))
    return exit_codes.FAILED if rehearsed.outcome == "faulted" else exit_codes.OK


def _answers(assumed: Assumed, plan: Plan, workplace: Workplace) -> Answers:
    outputs = {name: read_value(text, name) for name, text in map(_pair, assumed.outputs)}
    decisions = dict(map(_pair, assumed.decisions))
    known = {task.name for task in tasks_of(plan.do)}
    for name in (*outputs, *decisions):
        if name not in known:
            raise UsageError(
                f"The definition has no task `{name}`; its tasks are {', '.join(sorted(known))}.",
                code="definition.unknown-task",
                details={"task": name},
            )
    others = _other_definitions(plan, workplace)
    returned = {name_of(each): each.output_schema for each in others.values()}
    return Answers(
        outputs=outputs,
        decisions=decisions,
        results=result_schemas(workplace.catalog) | returned,
        definitions=others,
        events=tuple(read_value(text, "--event") for text in assumed.events)
        or tuple(_sample_events(plan)),
    )


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


def _sample_events(plan: Plan) -> Iterator[JsonValue]:
    """One event for each filter of each listener, as far as its attributes are literal."""
    listeners = [task for task in tasks_of(plan.do) if isinstance(task, ListenTask)]
    for number, taken in enumerate(each for task in listeners for each in task.filters):
        literal = {k: v for k, v in taken.with_.items() if not is_expression(v)}
        yield {
            "specversion": "1.0",
            "id": f"sample-{number + 1}",
            "source": "rehearsal",
            "type": "rehearsal.event",
            "subject": REHEARSED_RUN,
            "data": {},
            **literal,
        }


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
        "plan": chosen.plan,
    }


def _step(happening: Happening, answers: Answers) -> dict[str, Any]:
    is_called = happening.what in ("call", "child", "definition")
    return {
        **happening.model_dump(mode="json"),
        "answer_is_sample": is_called and happening.task not in answers.outputs,
    }
