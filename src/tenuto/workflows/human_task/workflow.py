"""A task for people: it opens, waits for as long as it takes, and closes with one outcome."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow

from tenuto.catalog.library.notify.audience import Message, Recipient
from tenuto.catalog.library.tasks.messages import (
    Administer,
    Attach,
    Claim,
    Decide,
    Delegate,
    Forward,
    Release,
    Remark,
    RemindMe,
)
from tenuto.catalog.library.tasks.outcome import Standing, TaskOutcome, TaskView
from tenuto.core.errors import UsageError
from tenuto.core.records import Record
from tenuto.identity.current import current_ticket
from tenuto.workflows.human_task import changes, ladder, rules, voting
from tenuto.workflows.human_task.contents import refuse_contents, refuse_unusable_form
from tenuto.workflows.human_task.letters import letter
from tenuto.workflows.human_task.notices import Notices
from tenuto.workflows.human_task.search import KEYS, found_by
from tenuto.workflows.human_task.situation import Situation
from tenuto.workflows.human_task.state import TaskRun, TaskState, opened

_NOTICES_GRACE = timedelta(minutes=1)
"""How long a fresh history waits for notices that are being sent."""

Rule = Callable[[Situation, Any], None]
Change = Callable[[Situation, Any], TaskState]

_MESSAGES: dict[type[Record], tuple[Rule, Change]] = {
    Claim: (rules.refuse_claim, changes.claim),
    Release: (rules.refuse_release, changes.release),
    Delegate: (rules.refuse_delegate, changes.delegate),
    Forward: (rules.refuse_forward, changes.forward),
    Decide: (rules.refuse_decide, changes.decide),
    Remark: (rules.refuse_comment, changes.comment),
    Attach: (rules.refuse_attach, changes.attach),
    RemindMe: (rules.refuse_remind_me, changes.remind_me),
    Administer: (rules.refuse_administer, changes.administer),
}


@workflow.defn(name="HumanTask")
class HumanTask:
    """Ask people, remind them, and end with what they decided."""

    @workflow.init
    def __init__(self, request: TaskRun) -> None:
        self._request = request
        self._task_id = workflow.info().workflow_id
        carried = request.carried if workflow.info().continued_run_id else None
        self._state = carried or opened(request, workflow.now())
        self._notices = Notices(self._happened)

    @workflow.run
    async def run(self, request: TaskRun) -> TaskOutcome:
        """What was decided, or what the end without a decision means.

        Raises UsageError for a form that is no schema and for a start that brings votes.
        """
        _refuse_forged_state(request)
        self._show()
        if request.carried is None:
            refuse_unusable_form(request)
            self._tell("opened", "To decide")
        try:
            outcome = await self._outcome()
        except asyncio.CancelledError:
            if self._state.outcome is None:
                self._cancel()
                raise
            outcome = self._state.outcome
        finally:
            self._notices.stop()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return outcome

    # What people say

    @workflow.update
    async def claim(self, message: Claim) -> Standing:
        """Takes the task: nobody else decides meanwhile."""
        return self._take(message)

    @workflow.update
    async def release(self, message: Release) -> Standing:
        """Gives it back."""
        return self._take(message)

    @workflow.update
    async def delegate(self, message: Delegate) -> Standing:
        """Hands it to one person."""
        return self._take(message)

    @workflow.update
    async def forward(self, message: Forward) -> Standing:
        """Replaces the candidates."""
        return self._take(message)

    @workflow.update
    async def decide(self, message: Decide) -> Standing:
        """Counts a vote."""
        return self._take(message)

    @workflow.update
    async def comment(self, message: Remark) -> Standing:
        """Keeps a comment."""
        return self._take(message)

    @workflow.update
    async def attach(self, message: Attach) -> Standing:
        """Keeps a reference to a file."""
        return self._take(message)

    @workflow.update
    async def remind_me(self, message: RemindMe) -> Standing:
        """Reminds whoever asks."""
        return self._take(message)

    @workflow.update
    async def administer(self, message: Administer) -> Standing:
        """Reassigns, ends, or cancels it."""
        return self._take(message)

    @claim.validator
    def _may_claim(self, message: Claim) -> None:
        self._judge(message)

    @release.validator
    def _may_release(self, message: Release) -> None:
        self._judge(message)

    @delegate.validator
    def _may_delegate(self, message: Delegate) -> None:
        self._judge(message)

    @forward.validator
    def _may_forward(self, message: Forward) -> None:
        self._judge(message)

    @decide.validator
    def _may_decide(self, message: Decide) -> None:
        self._judge(message)
        refuse_contents(self._request, self._state, message)

    @comment.validator
    def _may_comment(self, message: Remark) -> None:
        self._judge(message)

    @attach.validator
    def _may_attach(self, message: Attach) -> None:
        self._judge(message)

    @remind_me.validator
    def _may_remind_me(self, message: RemindMe) -> None:
        self._judge(message)

    @administer.validator
    def _may_administer(self, message: Administer) -> None:
        self._judge(message)

    @workflow.query
    def view(self) -> TaskView:
        """The task as it stands."""
        request, state, root = self._request, self._state, workflow.info().root
        due = request.due
        return TaskView(
            task_id=self._task_id,
            root=root.workflow_id if root else self._task_id,
            request=request.asked(),
            state=state.word,
            candidates=state.candidates,
            excluded=state.excluded,
            assignee=state.assignee,
            votes=state.votes,
            approvals_missing=voting.approvals_missing(request, state),
            opened_at=state.opened_at,
            due_at=None if due is None else state.opened_at + due,
            expires_at=ladder.ends_at(request, state.opened_at),
            attachments=state.attachments,
            happenings=state.happenings,
            forgotten=state.forgotten,
            outcome=state.outcome,
        )

    # How it waits

    async def _outcome(self) -> TaskOutcome:
        while True:
            self._pass_due_moments()
            if self._is_long():
                await self._continue()
            outcome = self._state.outcome
            if outcome is not None:
                return outcome
            await self._sleep()

    async def _sleep(self) -> None:
        """Until somebody said what changes the timetable, or the next moment comes."""
        until = ladder.next_at(self._request, self._state)
        left = None if until is None else until - workflow.now()
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: self._is_awake(until), timeout=left, timeout_summary="next moment"
            )

    def _is_awake(self, until: datetime | None) -> bool:
        is_over = self._state.outcome is not None
        return is_over or self._is_long() or ladder.next_at(self._request, self._state) != until

    def _is_long(self) -> bool:
        info, most = workflow.info(), self._request.most_events
        is_many = most is not None and info.get_current_history_length() >= most
        return is_many or info.is_continue_as_new_suggested()

    async def _continue(self) -> None:
        """Goes on with a fresh history, unless the task is over meanwhile."""
        if self._notices.are_under_way:
            with suppress(TimeoutError):
                await workflow.wait_condition(self._may_continue, timeout=_NOTICES_GRACE)
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self._state.outcome is None:
            self._notices.stop()
            workflow.continue_as_new(self._request.model_copy(update={"carried": self._state}))

    def _may_continue(self) -> bool:
        return self._state.outcome is not None or not self._notices.are_under_way

    def _pass_due_moments(self) -> None:
        request, now = self._request, workflow.now()
        for reminder in ladder.due_reminders(self._state, now):
            self._set(changes.reminded_person(self._state, reminder, now))
            self._tell("reminder", f"Reminder that {reminder.by} asked for")
        while moment := ladder.due(request, self._state, now):
            if moment.what == "remind":
                self._set(changes.reminded(self._state, moment, now))
                self._tell("reminder", "Reminder")
            elif moment.what == "escalate":
                self._escalate(moment, moment.number)
            elif request.on_expiry == "escalate":
                self._escalate(moment, len(request.escalate) - 1)
            else:
                self._set(
                    changes.ended(
                        self._state,
                        voting.expired(request, self._state, self._task_id, moment.at),
                    )
                )
                return

    def _escalate(self, moment: ladder.Moment, rung_number: int) -> None:
        rung = self._request.escalate[rung_number]
        self._set(changes.escalated(self._state, rung.to, moment, workflow.now()))
        self._tell("escalated", "Escalated", more=rung.notify)

    def _cancel(self) -> None:
        """The run that asked has ended, or needs no answer any more."""
        reason = workflow.cancellation_reason() or "the run that asked needs no answer any more"
        outcome = voting.cancelled(
            self._state, self._task_id, workflow.now(), by=None, reason=reason
        )
        self._set(changes.ended(self._state, outcome))

    # How a message is taken, without waiting for anything between the check and the change

    def _judge(self, message: Record) -> None:
        rule, _ = _MESSAGES[type(message)]
        rule(self._situation(), message)

    def _take(self, message: Record) -> Standing:
        situation = self._situation()
        rule, change = _MESSAGES[type(message)]
        rule(situation, message)
        self._set(change(situation, message))
        return Standing(
            state=self._state.word,
            assignee=self._state.assignee,
            approvals_missing=voting.approvals_missing(self._request, self._state),
            outcome=self._state.outcome,
        )

    def _situation(self) -> Situation:
        return Situation(
            task_id=self._task_id,
            request=self._request,
            state=self._state,
            ticket=current_ticket(),
            now=workflow.now(),
        )

    def _set(self, state: TaskState) -> None:
        self._state = state
        self._show()

    def _show(self) -> None:
        """Keeps what the task is found by in step with it."""
        shown = workflow.info().typed_search_attributes
        wanted = found_by(self._request, self._state)
        updates = [
            key.value_unset() if wanted.get(key) is None else key.value_set(wanted[key])
            for key in KEYS
            if shown.get(key) != wanted.get(key)
        ]
        if updates:
            workflow.upsert_search_attributes(updates)

    def _tell(self, what: str, why: str, *, more: Sequence[Recipient] = ()) -> None:
        recipients = tuple(dict.fromkeys((*self._request.notify, *more)))
        self._notices.send(recipients, self._letter(what, why))

    def _letter(self, what: str, why: str) -> Message:
        return letter(self._request, self._state, self._task_id, what=what, why=why)

    def _happened(self, what: str, text: str) -> None:
        self._state = self._state.happened(what, workflow.now(), text=text)


def _refuse_forged_state(request: TaskRun) -> None:
    if request.carried is not None and workflow.info().continued_run_id is None:
        raise UsageError(
            "A task was started with votes and a history of its own (`carried`), which nobody but"
            " the task itself brings. Start it with a request alone.",
            code="task.forged-state",
        )
