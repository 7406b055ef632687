"""What a run has to undo when it does not finish: registered as it goes, undone newest first."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from temporalio import workflow
from temporalio.exceptions import ActivityError, ChildWorkflowError

from tenuto.core.records import Record

MEMO = "tenuto.undone"
"""Memo key under which a run that did not finish says what it undid."""

Undo = Callable[[], Awaitable[object]]


class Undone(Record):
    """What became of one clean-up step."""

    what: str
    outcome: str
    """`undone`, or why it could not be."""


class Cleanup:
    """Undoes what was registered when the block it guards is left by an error or a cancellation.

    ```
    async with Cleanup() as cleanup:
        await catalog.announce(request)
        cleanup.later("announcement", lambda: catalog.withdraw(request))
    ```

    Steps run newest first, each with the retries of its own catalog entry, and to the end: a
    further cancellation does not interrupt them. A step that fails for good is reported and the
    others still run. The original error or cancellation goes on afterwards, so a cancelled run
    ends CANCELED; what was undone is in its memo under `tenuto.undone` and in its details.
    Nothing runs when the block is left normally.
    """

    def __init__(self) -> None:
        self._steps: list[tuple[str, Undo]] = []
        self.undone: tuple[Undone, ...] = ()

    def later(self, what: str, undo: Undo) -> None:
        """Registers a step. Before an effect of unknown outcome, so that it is undone too."""
        self._steps.append((what, undo))

    def keep(self) -> None:
        """Forgets every step: what was done stays, whatever happens next."""
        self._steps.clear()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, (Exception, asyncio.CancelledError)) and self._steps:
            with contextlib.suppress(asyncio.CancelledError):
                await to_the_end(self._undo_all())
            workflow.upsert_memo({MEMO: [each.model_dump() for each in self.undone]})
            workflow.set_current_details(self._in_words())

    async def _undo_all(self) -> None:
        while self._steps:
            what, undo = self._steps.pop()
            self.undone += (Undone(what=what, outcome=await _outcome(undo)),)

    def _in_words(self) -> str:
        return "; ".join(f"{each.what}: {each.outcome}" for each in self.undone)


async def to_the_end(work: Awaitable[object]) -> None:
    """Waits until `work` is done, however often the run is cancelled meanwhile.

    Raises what `work` raises, and otherwise the cancellation, which takes effect afterwards.
    """
    doing = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not doing.done():
        try:
            await asyncio.shield(doing)
        except asyncio.CancelledError as request:
            cancelled = request
    doing.result()
    if cancelled is not None:
        raise cancelled


async def _outcome(undo: Undo) -> str:
    try:
        await undo()
    except (ActivityError, ChildWorkflowError) as failed:
        cause = failed.cause or failed
        return f"not undone: {cause}"
    return "undone"
