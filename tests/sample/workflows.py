"""The sample workflows."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

from pydantic import ValidationError
from temporalio import workflow

from sample import catalog
from sample.models import (
    ApprovalRequest,
    BigRequest,
    BigResult,
    ChildRequest,
    CleanRequest,
    CountRequest,
    CountResult,
    Decision,
    Done,
    FiveStepsRequest,
    FiveStepsResult,
    FlakyRequest,
    ManyRequest,
    Names,
    RaiseRequest,
    SlowRequest,
    StepRequest,
    StepResult,
    SumRequest,
    SumResult,
    UndoRequest,
)
from tenuto.core.errors import DataError, UsageError
from tenuto.workflows.cleanup import Cleanup

STEPS = ("one", "two", "three", "four", "five")


@workflow.defn
class FiveSteps:
    """Five steps, one after the other."""

    @workflow.run
    async def run(self, request: FiveStepsRequest) -> FiveStepsResult:
        done = []
        for step in STEPS:
            result = await catalog.do_step(
                StepRequest(folder=request.folder, step=step, is_held=step in request.held),
                summary=f"step {step}",
            )
            done.append(result.step)
        return FiveStepsResult(steps=tuple(done))


@workflow.defn
class Flaky:
    """One step that fails before it works."""

    @workflow.run
    async def run(self, request: FlakyRequest) -> StepResult:
        return await catalog.fail_at_first(request)


@workflow.defn
class Slow:
    """One step that runs into a timeout."""

    @workflow.run
    async def run(self, request: SlowRequest) -> Done:
        step = {
            "start-to-close": catalog.exceed_start_to_close,
            "schedule-to-start": catalog.exceed_schedule_to_start,
            "schedule-to-close": catalog.exceed_schedule_to_close,
            "no-time-left": catalog.fail_until_no_time_is_left,
            "heartbeat": catalog.exceed_heartbeat,
            "nobody": catalog.wait_for_nobody,
        }[request.kind]
        return await step(request)


@workflow.defn
class Count:
    """One long step."""

    @workflow.run
    async def run(self, request: CountRequest) -> CountResult:
        return await catalog.count_rows(request, summary=f"{request.rows} rows")


@workflow.defn
class Big:
    """One step with a large result."""

    @workflow.run
    async def run(self, request: BigRequest) -> BigResult:
        return await catalog.make_big(request)


@workflow.defn
class Approval:
    """Wait for a person, or for the deadline."""

    def __init__(self) -> None:
        self._decision: Decision | None = None
        self._notes: list[str] = []

    @workflow.run
    async def run(self, request: ApprovalRequest) -> Decision:
        workflow.set_current_details(f"Waiting for a decision on {request.subject}.")
        await workflow.wait_condition(
            lambda: self._decision is not None,
            timeout=timedelta(seconds=request.deadline_s),
            timeout_summary="deadline of the decision",
        )
        assert self._decision is not None
        return self._decision

    @workflow.update(description="Say yes or no.")
    async def decide(self, decision: Decision) -> str:
        """Take the decision."""
        self._decision = decision
        return "thank you"

    @decide.validator
    def _check_decision(self, decision: Decision) -> None:
        if not decision.by:
            raise UsageError("Say who decides in `by`.", code="sample.nobody")

    @workflow.signal(description="Leave a note.")
    def note(self, text: str) -> None:
        """Remember the text."""
        self._notes.append(text)

    @workflow.query(description="Notes so far.")
    def notes(self) -> list[str]:
        """Return the notes."""
        return self._notes


@workflow.defn
class Prepared:
    """Take the request in the constructor, so that handlers have it from the start."""

    @workflow.init
    def __init__(self, request: ApprovalRequest) -> None:
        self._subject = request.subject

    @workflow.run
    async def run(self, request: ApprovalRequest) -> Done:
        return Done(text=self._subject)


@workflow.defn
class Parent:
    """Wait for another run."""

    @workflow.run
    async def run(self, request: ChildRequest) -> Decision:
        return await workflow.execute_child_workflow(
            Approval.run,
            ApprovalRequest(subject=request.subject),
            id=f"{workflow.info().workflow_id}/approval",
            static_summary="the decision",
        )


@workflow.defn
class Many:
    """Many short waits at once."""

    @workflow.run
    async def run(self, request: ManyRequest) -> Done:
        waits = [workflow.sleep(0.001, summary=f"wait {n}") for n in range(request.timers)]
        await asyncio.gather(*waits)
        return Done(text=str(request.timers))


@workflow.defn
class Raising:
    """Raise in workflow code."""

    @workflow.run
    async def run(self, request: RaiseRequest) -> Done:
        if request.kind == "data":
            raise DataError("The sample is wrong.", code="sample.wrong", details={"row": 3})
        if request.kind == "value":
            raise ValueError("nobody declared this")
        if request.kind == "native":
            return Done(text=_refusal_of_a_native_module())
        if request.kind == "clock":
            return Done(text=str(time.time()))
        return Done(text=Path("/etc/hostname").read_text())


def _refusal_of_a_native_module() -> str:
    """What the validator, compiled code, raises; outside the pass-through it ends the process."""
    try:
        Names.model_validate({"names": 3})
    except ValidationError as error:
        return type(error).__name__
    return "nothing"


@workflow.defn
class Listing:
    """Join names."""

    @workflow.run
    async def run(self, request: Names) -> Done:
        return Done(text="+".join(request.names))


@workflow.defn
class Tidy:
    """Do two things, then something long; undo both, newest first, when it is cancelled."""

    @workflow.run
    async def run(self, request: CleanRequest) -> Done:
        async with Cleanup() as cleanup:
            for what in ("first", "second"):
                undo = UndoRequest(
                    folder=request.folder,
                    what=what,
                    failures=request.undo_failures if what == "second" else 0,
                )
                cleanup.later(what, lambda undo=undo: catalog.undo_step(undo))  # type: ignore[misc]
                await catalog.do_step(StepRequest(folder=request.folder, step=what))
            await self._do_something_long(request)
        return Done(text=request.where)

    async def _do_something_long(self, request: CleanRequest) -> None:
        match request.where:
            case "activity":
                await catalog.do_step(StepRequest(folder=request.folder, step="held", is_held=True))
            case "timer":
                await workflow.sleep(3600)
            case "decision":
                await workflow.wait_condition(lambda: False)
            case "child":
                await catalog.tidy.as_child(
                    CleanRequest(folder=f"{request.folder}/child", where="timer"),
                    workflow_id=f"{workflow.info().workflow_id}/child",
                )
            case _:
                return


@workflow.defn
class Adding:
    """Add numbers up in a local activity."""

    @workflow.run
    async def run(self, request: SumRequest) -> SumResult:
        return await catalog.add_up(request)
