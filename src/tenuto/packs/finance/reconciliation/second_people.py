"""How a desk asks a second person: one task for each proposal, for as long as it waits."""

import asyncio
from collections.abc import Callable

from temporalio import workflow

from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.core.errors import DataError
from tenuto.packs.finance.asking import ask
from tenuto.packs.finance.reconciliation import closing
from tenuto.packs.finance.reconciliation.book import BreakBook
from tenuto.packs.finance.reconciliation.closing import Proposal


class SecondPeople:
    """The tasks of one desk. For workflow code only."""

    def __init__(
        self, book: BreakBook, *, is_leaving: Callable[[], bool], changed: Callable[[], None]
    ) -> None:
        self._book = book
        self._is_leaving = is_leaving
        self._changed = changed
        self._asking: dict[str, asyncio.Task[None]] = {}
        """Proposal -> what waits for its task."""
        self._tasks: dict[str, str] = {}
        """Break -> id of the task that decides on it."""

    def ask(self) -> None:
        """Opens a task for every proposal that has none."""
        for proposal in closing.proposals(self._book.open()):
            if proposal.name not in self._asking:
                self._asking[proposal.name] = asyncio.create_task(self._check(proposal))

    @property
    def are_asked(self) -> bool:
        """Whether a task is open, or what was decided on it is being kept."""
        return bool(self._asking)

    def task_of(self, break_id: str) -> str | None:
        """Id of the task that decides on a break."""
        return self._tasks.get(break_id)

    def waiting(self) -> dict[str, str]:
        """Open breaks whose resolution waits for a second person -> the task to decide."""
        waiting = {case.break_id for case in self._book.open() if case.resolution is not None}
        return {name: task for name, task in sorted(self._tasks.items()) if name in waiting}

    async def _check(self, proposal: Proposal) -> None:
        """Closes the breaks, or leaves them open with the reason why not.

        A proposal that was changed meanwhile, by a run or by people, is asked about anew; so is
        every one of them in the desk's next history, which tasks of this one do not outlive.
        """
        mine: list[str] = []

        def opened(task_id: str) -> None:
            mine.append(task_id)
            self._tasks |= dict.fromkeys(proposal.break_ids, task_id)

        try:
            outcome = await ask(
                closing.close_task(proposal, self._book.rules),
                name=proposal.name,
                opened=opened,
                is_moot=lambda: self._is_leaving() or not self._book.still_waits(proposal),
            )
            if outcome is not None and self._book.still_waits(proposal):
                self._settle(proposal, outcome)
        except DataError as failed:
            self._book.decline(proposal, str(failed), "desk", workflow.now())
        finally:
            del self._asking[proposal.name]
            self._tasks = {name: task for name, task in self._tasks.items() if task not in mine}
            self._changed()

    def _settle(self, proposal: Proposal, outcome: TaskOutcome) -> None:
        now = workflow.now()
        if not outcome.is_approved:
            self._book.decline(proposal, outcome.comment, outcome.by or "desk", now)
            return
        people = ", ".join(vote.by for vote in outcome.votes if vote.decision == "approve")
        self._book.approve(proposal, people, now, task_id=outcome.task_id)
