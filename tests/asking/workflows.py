"""Workflows that ask people, each in another way."""

import asyncio

from temporalio import workflow

from asking.catalog import asks_at_once
from asking.models import AskRequest, AskResult
from tenuto.workflows import approvals


@workflow.defn(name="Asks")
class Asks:
    """One after the other; each has to be approved."""

    @workflow.run
    async def run(self, request: AskRequest) -> AskResult:
        """What was decided."""
        outcomes = [
            (await approvals.request(name, request.task)).require_approved()
            for name in request.names
        ]
        return AskResult(outcomes=tuple(outcomes))


@workflow.defn(name="AsksAtOnce")
class AsksAtOnce:
    """All at once."""

    @workflow.run
    async def run(self, request: AskRequest) -> AskResult:
        """What was decided."""
        asking = (approvals.request(name, request.task) for name in request.names)
        return AskResult(outcomes=tuple(await asyncio.gather(*asking)))


@workflow.defn(name="AsksOrGoesOn")
class AsksOrGoesOn:
    """Whatever comes first: the decision, or the signal that it is not needed."""

    def __init__(self) -> None:
        self._is_needless = False

    @workflow.run
    async def run(self, request: AskRequest) -> AskResult:
        """What was decided, or that it was withdrawn."""
        task = await approvals.open(request.names[0], request.task)
        deciding = asyncio.create_task(task.outcome())
        await workflow.wait_condition(lambda: self._is_needless or deciding.done())
        if deciding.done():
            return AskResult(outcomes=(await deciding,))
        return AskResult(outcomes=(await task.withdraw("the order was cancelled"),))

    @workflow.signal
    def go_on(self) -> None:
        """The decision is not needed any more."""
        self._is_needless = True


@workflow.defn(name="AsksBelow")
class AsksBelow:
    """Two runs below this one ask under the same name."""

    @workflow.run
    async def run(self, request: AskRequest) -> AskResult:
        """What was decided in both."""
        own = workflow.info().workflow_id
        below = await asyncio.gather(
            asks_at_once.as_child(request, workflow_id=f"{own}/left"),
            asks_at_once.as_child(request, workflow_id=f"{own}/right"),
        )
        return AskResult(outcomes=tuple(each for part in below for each in part.outcomes))


@workflow.defn(name="AsksAgain")
class AsksAgain:
    """Asks under each name in a history of its own."""

    @workflow.run
    async def run(self, request: AskRequest) -> AskResult:
        """What was decided last."""
        outcome = await approvals.request(request.names[0], request.task)
        if len(request.names) > 1:
            workflow.continue_as_new(request.model_copy(update={"names": request.names[1:]}))
        return AskResult(outcomes=(outcome,))
