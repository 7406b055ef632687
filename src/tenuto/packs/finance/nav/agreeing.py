"""What people say about a struck NAV until it may be released: comments, sign-off, overrides."""

import asyncio
from datetime import datetime, timedelta
from typing import Literal

from temporalio import workflow

from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.core.errors import DataError
from tenuto.packs.finance.asking import ask
from tenuto.packs.finance.nav import catalog, refusals, sign_off
from tenuto.packs.finance.nav.handoffs import OpenBreach
from tenuto.packs.finance.nav.messages import AcceptNav, RejectNav, ReviseInputs
from tenuto.packs.finance.nav.models import Acceptance, Changes, DailyNavRequest
from tenuto.packs.finance.nav.parts import Comment
from tenuto.packs.finance.nav.preparing import Preparation, wait
from tenuto.packs.finance.nav.release_handoffs import (
    CompareRequest,
    StagedNav,
    StageRequest,
    WeighOverridesRequest,
    WithdrawRequest,
)
from tenuto.packs.finance.nav.striking import Struck
from tenuto.workflows.notices import deliver_to_all
from tenuto.workflows.progress import Steps

_SOONEST = timedelta(seconds=1)


class Agreement:
    """What was shown of one run, and what people said about it.

    `examining` is held while anything is looked at, by whoever calls `accept`, `reject` and
    `revise` too. For workflow code only.
    """

    def __init__(
        self,
        request: DailyNavRequest,
        steps: Steps,
        examining: asyncio.Lock,
        preparation: Preparation,
    ) -> None:
        self._request = request
        self._steps = steps
        self._examining = examining
        self._preparation = preparation
        self._comments: tuple[Comment, ...] = ()
        self._revisions: tuple[ReviseInputs, ...] = ()
        self._rejection: RejectNav | None = None
        self._refusal: TaskOutcome | None = None
        self._struck: Struck | None = None
        self.breaches: tuple[OpenBreach, ...] = ()
        """What still has to be commented."""
        self.shown: tuple[StagedNav, ...] = ()
        """Every result that people could look at, the latest last."""
        self.stage: Literal["estimate", "candidate"] | None = None
        self.changes: Changes | None = None
        """What the latest revision changed."""
        self.task: str | None = None
        """Id of the task that is to be decided."""
        self.acceptance: Acceptance | None = None

    @property
    def comments(self) -> tuple[Comment, ...]:
        """What people wrote beside breaches."""
        return self._comments

    @property
    def struck(self) -> Struck:
        """The NAV that people were shown last."""
        assert self._struck is not None  # noqa: S101 (set before anything is shown)
        return self._struck

    @property
    def awaited(self) -> StagedNav | None:
        """The result that waits for sign-off."""
        decisions = (self.acceptance, self._rejection, self._refusal)
        is_decided = any(each is not None for each in decisions)
        return self.shown[-1] if self.shown and not is_decided else None

    # What the run asks, in order

    async def sign_off(self, struck: Struck, *, is_signed: bool) -> Struck:
        """The struck NAV that people accepted, after as many revisions as it took.

        Raises DataError when nobody did, saying who rejected it, or what nobody answered.
        """
        self._struck = struck
        await self._show("estimate")
        if is_signed:
            await self._decide()
        else:
            await self._hear_update()
        self._steps.waited()
        return self.struck

    async def wait_for_comments(self, struck: Struck) -> None:
        """Returns once every breach is answered. Raises DataError when one is not in time."""
        self.breaches = struck.checked.open
        if not self.breaches:
            return
        names = ", ".join(f"`{each.rule}`" for each in self.breaches)
        await self._hear_comments(
            wait(self._steps, f"waiting for comments on {names}", struck.strike)
        )
        self._steps.waited()

    async def agree_to_overrides(self, struck: Struck) -> None:
        """Where people priced more of the NAV than one of them may alone, another one decides.

        Raises DataError when nobody did in time, or they rejected it.
        """
        overridden = self._preparation.overridden
        limit = struck.strike.fund.sign_off.override_above
        if limit is None or not overridden:
            return
        weighed = await catalog.weigh_overrides(
            WeighOverridesRequest(
                candidate=struck.checked.candidate, instrument_ids=tuple(sorted(overridden))
            )
        )
        if weighed.part is not None and weighed.part <= limit:
            return
        wait(self._steps, "waiting for a second person's word on overridden prices", struck.strike)
        request = sign_off.override_task(
            struck,
            overridden,
            part=weighed.part,
            comments=self._comments,
            deadline=self._deadline(),
            now=workflow.now(),
        )
        outcome = await ask(request, name="override", opened=self._opened)
        self.task = None
        if outcome is None:
            raise refusals.override_not_decided(self._steps.waiting_until)
        if not outcome.is_approved:
            raise await self._refused(struck, outcome, code="nav.override-rejected")
        self._steps.waited()
        self.acceptance = sign_off.acceptance_of(outcome, struck.checked.candidate.sha256)

    async def withdraw(self) -> None:
        """Says of everything that was shown that it will not be released."""
        if self.shown:
            nav_id = self.struck.strike.nav_id
            await catalog.withdraw(WithdrawRequest(nav_id=nav_id, shown=self.shown))

    # What people say

    def comment(self, comment: Comment) -> None:
        """Answers a breach."""
        self._comments += (comment.model_copy(update={"at": workflow.now()}),)
        self.breaches = refusals.still_open(self.breaches, self._comments)

    def refuse_comment(self, comment: Comment) -> None:
        """Raises UsageError unless the rule waits for a comment and this person has given none."""
        refusals.refuse_comment(comment, self.breaches, self._comments)

    def accept(self, acceptance: AcceptNav) -> Acceptance:
        """As a run from before there were tasks is released."""
        self.acceptance = Acceptance(
            by=acceptance.by,
            at=workflow.now(),
            result_sha256=acceptance.result_sha256,
            comment=acceptance.comment,
        )
        return self.acceptance

    def refuse_acceptance(self, acceptance: AcceptNav) -> None:
        """Raises UsageError unless this person may accept this result now."""
        preparers = (self._request.prepared_by, *(each.by for each in self._revisions))
        refusals.refuse_acceptance(acceptance, self.awaited, self.breaches, preparers)

    def reject(self, rejection: RejectNav) -> None:
        """As a run from before there were tasks is ended."""
        self._rejection = rejection

    def refuse_unless_awaited(self) -> None:
        """Raises UsageError unless a result waits for sign-off."""
        refusals.refuse_unless_awaited(self.awaited)

    async def revise(self, revision: ReviseInputs, struck: Struck) -> Changes:
        """Shows `struck` instead; what was shown before can no longer be accepted."""
        before = self.shown[-1].result
        self._struck = struck
        self._revisions += (revision,)
        await self._show("candidate")
        self.changes = await catalog.compare(
            CompareRequest(before=before, after=self.shown[-1].result)
        )
        return self.changes

    # How people are asked

    async def _show(self, stage: Literal["estimate", "candidate"]) -> None:
        checked = self.struck.checked
        shown = await catalog.stage(
            StageRequest(candidate=checked.candidate, status=stage, number=len(self.shown) + 1)
        )
        self.shown += (shown,)
        self.stage = stage
        self.breaches = refusals.still_open(checked.open, self._comments)

    async def _decide(self) -> None:
        """Asks about the result that is shown; a revision takes the question back and asks anew.

        What was decided on an earlier result releases nothing, even where it was decided while
        the revision was under way.
        """
        wait(self._steps, "waiting for sign-off", self.struck.strike)
        while self.acceptance is None:
            await self._hear_comments(max(self._steps.left(), _SOONEST))
            if self.breaches:
                continue  # a revision brought new ones this very moment
            shown = self.shown[-1]
            outcome = await self._ask_about(shown)
            async with self._examining:  # a revision that is under way has its say first
                if self.shown[-1] is not shown:
                    continue
                if outcome is None:
                    raise refusals.not_accepted(shown, self._steps.waiting_until)
                if outcome.is_approved:
                    self.acceptance = sign_off.acceptance_of(outcome, shown.result.sha256)
                else:
                    self._refusal = outcome
            if self._refusal is not None:
                raise await self._refused(self.struck, self._refusal, code="nav.rejected")

    async def _ask_about(self, shown: StagedNav) -> TaskOutcome | None:
        """What people decided on `shown`; None where nobody did, or a revision replaced it."""
        request = sign_off.sign_off_task(
            self.struck,
            shown,
            comments=self._comments,
            changes=self.changes,
            prepared_by=self._request.prepared_by or workflow.memo_value(sign_off.STARTED_BY, ""),
            others=(*self._preparers(), *sign_off.starter()),
            deadline=self._deadline(),
            now=workflow.now(),
        )
        try:
            return await ask(
                request,
                name=f"sign-off-{len(self.shown)}",
                opened=self._opened,
                is_moot=lambda: self.shown[-1] is not shown,
            )
        finally:
            self.task = None

    async def _hear_comments(self, patience: timedelta) -> None:
        """Returns once no breach of the result that is shown needs a comment any more."""
        try:
            await workflow.wait_condition(lambda: not self.breaches, timeout=patience)
        except TimeoutError as late:
            raise refusals.not_commented(self.breaches, self._steps.waiting_until) from late

    async def _hear_update(self) -> None:
        """As runs from before there were tasks are decided: by an update."""
        patience = wait(self._steps, "waiting for sign-off", self.struck.strike)
        try:
            await workflow.wait_condition(
                lambda: self.acceptance is not None or self._rejection is not None,
                timeout=patience,
            )
        except TimeoutError as late:
            raise refusals.not_accepted(self.shown[-1], self._steps.waiting_until) from late
        async with self._examining:  # a revision that is under way has its say first
            if self._rejection:
                raise refusals.rejected(self._rejection)

    async def _refused(self, struck: Struck, outcome: TaskOutcome, *, code: str) -> DataError:
        """Why the run ends; of a rejection, whoever prepared the NAV is told first."""
        if outcome.state != "rejected":
            return refusals.task_cancelled(outcome)
        message = sign_off.rejection_message(struck, outcome)
        await deliver_to_all(self._request.fund.sign_off.preparers, message, step="rejected")
        return refusals.rejected_by_task(outcome, code=code)

    def _preparers(self) -> tuple[str, ...]:
        """Everybody who gave the result shown now what it is struck from."""
        carried = (each.by for each in self.struck.strike.carried)
        revised = (each.by for each in self._revisions)
        return (*carried, *self._preparation.suppliers(), *revised)

    def _opened(self, task_id: str) -> None:
        self.task = task_id

    def _deadline(self) -> datetime:
        assert self._steps.waiting_until is not None  # noqa: S101 (set while it waits)
        return self._steps.waiting_until
