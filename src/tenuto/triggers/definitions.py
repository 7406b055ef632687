"""Starting a run of a definition: its input is checked, and the run can be found by what it is."""

import secrets
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue
from temporalio.client import Client, ScheduleActionStartWorkflow, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from tenuto.artifacts.external import THRESHOLD_BYTES
from tenuto.core.errors import UsageError
from tenuto.core.problem import Fault
from tenuto.definitions.digest import digest_of
from tenuto.definitions.expressions import ENGINE
from tenuto.definitions.plan import Plan
from tenuto.engine.headers import header_payload, signed
from tenuto.triggers.origin import Origin, Starting, headers_of
from tenuto.workflows.interpreter.entry import DefinitionRun, definition, found_by, name_of
from tenuto.workflows.interpreter.schemas import Schemas

Handle = WorkflowHandle[Any, Any]

MOST_SUMMARY = 200
"""Characters of a title that the engine keeps as a run's summary."""
MOST_DETAILS = 10_000
"""Characters of a definition's Markdown summary that go into a run's details."""


async def start_definition(
    client: Client,
    plan: Plan,
    value: JsonValue,
    *,
    workflow_id: str | None = None,
    origin: Origin | None = None,
) -> Handle:
    """Starts a run of `plan` with the input `value` and returns its handle, pinned to that run;
    `origin` signs the start.

    Without an id the run is called `namespace/name/<random>`. Raises UsageError for an input that
    the definition's schema refuses (before anything starts), and for an id that is taken.
    """
    check_run_input(plan, value)
    named = workflow_id or f"{plan.head.namespace}/{plan.head.name}/{secrets.token_hex(6)}"
    starting = Starting(
        type_name=definition.type_name,
        workflow_id=named,
        queue=definition.queue,
        arguments=[request_of(plan, value)],
    )
    try:
        with signed(headers_of(origin, starting)):
            started = await client.start_workflow(
                definition.type_name,
                args=starting.arguments,
                id=named,
                task_queue=definition.queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                memo=origin.memo if origin else None,
                search_attributes=found_by(plan),
                static_summary=_summary(plan),
                static_details=_details(plan),
            )
    except WorkflowAlreadyStartedError as error:
        raise UsageError(
            f"A run `{named}` exists already. Look at it with `tenuto show {named}`, or start"
            " another with a new id.",
            code="start.id-taken",
            details={"workflow_id": named, "run_id": error.run_id},
        ) from error
    return client.get_workflow_handle(
        started.id,
        run_id=started.first_execution_run_id,
        first_execution_run_id=started.first_execution_run_id,
    )


def scheduled_start(
    plan: Plan,
    schedule: str,
    *,
    memo: Mapping[str, Any],
    origin: Origin | None = None,
    value: Mapping[str, JsonValue] | None = None,
    workflow_id: str | None = None,
) -> ScheduleActionStartWorkflow:
    """What the schedule of that id does: starts a run with the input `value`, empty unless given,
    and signs it by `origin`.

    The engine adds the moment to the run's id, `namespace/name/scheduled` unless given.
    """
    starting = Starting(
        type_name=definition.type_name,
        workflow_id=workflow_id or f"{plan.head.namespace}/{plan.head.name}/scheduled",
        queue=definition.queue,
        arguments=[request_of(plan, dict(value or {}))],
        schedule=schedule,
    )
    action = ScheduleActionStartWorkflow(
        definition.type_name,
        args=starting.arguments,
        id=starting.workflow_id,
        task_queue=definition.queue,
        memo={**memo, **(origin.memo if origin else {})},
        typed_search_attributes=found_by(plan),
        static_summary=_summary(plan),
        static_details=_details(plan),
    )
    headers = headers_of(origin, starting)
    action.headers = {name: header_payload(text) for name, text in headers.items()}
    return action


def check_schedulable(plan: Plan) -> None:
    """Raises UsageError for a definition that a schedule cannot start.

    One that needs an input, which nobody gives then; and one so large that its plan would be
    kept beside the schedule, where nothing protects it from the store's garbage collection.
    """
    size = len(request_of(plan, {}).model_dump_json())
    if size >= THRESHOLD_BYTES:
        raise UsageError(
            f"The plan has {size:,} bytes, and a schedule holds fewer than {THRESHOLD_BYTES:,}."
            " Move parts of the definition into others and run these (`run.workflow`).",
            code="definition.schedule-size",
        )
    try:
        check_run_input(plan, {})
    except UsageError as wrong:
        raise UsageError(
            "A schedule starts runs without an input, and this definition refuses that:"
            f" {wrong.message} Let `input.schema` accept an empty object, or take `schedule` out.",
            code="definition.schedule-input",
        ) from wrong


def check_run_input(plan: Plan, value: JsonValue) -> None:
    """Raises UsageError when the definition's input schema refuses `value`."""
    try:
        Schemas().check(plan.input_schema, value, "The run's input")
    except Fault as fault:
        raise UsageError(
            fault.message,
            code="input.invalid",
            details={"definition": name_of(plan), "problem": fault.problem.as_json()},
        ) from fault


def request_of(plan: Plan, value: JsonValue) -> DefinitionRun:
    """The argument of a run's start: all that it needs, so that its history says what it did."""
    return DefinitionRun(plan=plan, digest=digest_of(plan), input=value, jq=ENGINE)


def _summary(plan: Plan) -> str:
    return (plan.head.title or name_of(plan))[:MOST_SUMMARY]


def _details(plan: Plan) -> str | None:
    return plan.head.summary[:MOST_DETAILS] if plan.head.summary else None
