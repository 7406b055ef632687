"""How a pricing run waits for people: for answers, for whoever checks them, and at the deadline."""

import asyncio
from datetime import timedelta

from temporalio import workflow

from tenuto.packs.finance.asking import ask
from tenuto.packs.finance.pricing import refusals
from tenuto.packs.finance.pricing.book import ExceptionBook
from tenuto.packs.finance.pricing.checking import check_task
from tenuto.packs.finance.pricing.examining import Examination
from tenuto.packs.finance.pricing.models import PricingRequest
from tenuto.workflows.progress import Steps

LONGEST_WAIT = timedelta(days=3)
"""How long a run waits for people when the policy has no cut-off, or it has already passed."""


class Answering:
    """What one run asks people about its exceptions.

    `examining` is held while an answer is being taken, by whoever changes the book too. For
    workflow code only.
    """

    def __init__(
        self,
        request: PricingRequest,
        steps: Steps,
        examining: asyncio.Lock,
        book: ExceptionBook,
        examination: Examination,
    ) -> None:
        self._request = request
        self._steps = steps
        self._examining = examining
        self._book = book
        self._examination = examination
        self._tasks = 0
        self._is_submitted = False
        self.task: str | None = None
        """Id of the task that is to be decided."""

    async def settle(self) -> None:
        """Returns when the set may be published.

        Raises DataError naming the exceptions that nobody answered, or all of them where the
        request says that none may be.
        """
        proposed = self._examination.proposed
        match self._request.on_exception:
            case "report":
                return
            case "fail" if proposed.count:
                raise refusals.exceptions_found(proposed.exceptions, proposed.count)
            case _:
                if proposed.count > len(proposed.exceptions):
                    raise refusals.too_many(proposed.count, len(proposed.exceptions))
        if self._book.open:
            await self._wait_for_people()

    def submit(self) -> None:
        """Somebody does not want to wait until all is answered."""
        self._book.refuse_submitting()
        self._is_submitted = True

    async def _wait_for_people(self) -> None:
        names = ", ".join(sorted(self._book.open)[:10])
        patience = self._steps.wait(
            f"waiting for answers on {len(self._book.open)} price(s): {names}",
            until=self._examination.pricing.inputs.cut_off,
            at_most=LONGEST_WAIT,
        )
        try:
            if self._book.is_checked_by_task:
                await self._hear_two_people()
            else:
                await workflow.wait_condition(self._is_settled, timeout=patience)
        except TimeoutError as late:
            async with self._examining:
                if not await self._take_suggestions():
                    listed = [self._book.open[name] for name in sorted(self._book.open)]
                    raise refusals.not_answered(listed, self._steps.waiting_until) from late
        self._steps.waited()

    async def _hear_two_people(self) -> None:
        """Returns once everything is answered, and checked where it needs a second person.

        Raises TimeoutError at the cut-off.
        """
        while not self._is_settled():
            await workflow.wait_condition(
                lambda: self._is_settled() or self._is_to_check(), timeout=self._steps.left()
            )
            if self._is_to_check():
                await self._check()

    async def _check(self) -> None:
        """One task for all answers that need a second person; rejected, all are open again."""
        batch = self._book.batch()
        self._is_submitted = False
        self._tasks += 1
        outcome = await ask(
            check_task(batch, self._request.policy, self._request.date, self._steps.left()),
            name=f"answers-{self._tasks}",
            opened=self._opened,
            is_moot=lambda: not self._book.is_still(batch),
        )
        self.task = None
        async with self._examining:
            if outcome is None or not self._book.is_still(batch):
                return
            if outcome.is_approved:
                people = [vote.by for vote in outcome.votes if vote.decision == "approve"]
                self._book.approve(batch, ", ".join(people), workflow.now())
            else:
                by = outcome.by or "nobody"
                self._book.decline(batch, outcome.comment, by, workflow.now())

    async def _take_suggestions(self) -> bool:
        """Whether everything is decided: by then, or as the policy lets the deadline decide.

        A next source may raise questions of its own, so this goes on until there is none left;
        it ends, since every round skips a source for good.
        """
        while self._book.open:
            if self._request.policy.on_deadline == "fail":
                return False
            skipped = len(self._book.exclusions)
            if not self._book.take_suggestions(workflow.now()):
                return False
            if len(self._book.exclusions) > skipped:
                await self._examination.examine_again()
        return True

    def _is_settled(self) -> bool:
        return not self._book.open and not self._examining.locked()

    def _is_to_check(self) -> bool:
        """Whether nothing but a second person is missing, or somebody does not want to wait."""
        proposed = len(self._book.proposed)
        is_asked = self._is_submitted or proposed == len(self._book.open)
        return proposed > 0 and is_asked and not self._examining.locked()

    def _opened(self, task_id: str) -> None:
        self.task = task_id
