"""Whatever people say in whatever order: one outcome, one vote each, four eyes."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tenuto.catalog.library.tasks.messages import (
    Administer,
    Claim,
    Decide,
    Delegate,
    Forward,
    Release,
    Remark,
)
from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.catalog.library.tasks.request import Escalation, TaskRequest
from tenuto.core.errors import PolicyDenied, UsageError
from tenuto.identity.principal import Authentication
from tenuto.identity.ticket import NO_POLICY, Ticket
from tenuto.workflows.human_task import changes, ladder, rules, voting
from tenuto.workflows.human_task.situation import Situation
from tenuto.workflows.human_task.state import TaskState, opened

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
PEOPLE = ["u:ann", "u:ben", "u:cat", "u:dan", "u:rex", "u:Rex", "u:pat", "a:bot"]
people = st.sampled_from(PEOPLE)
named = st.sampled_from([who for who in PEOPLE if who == who.lower() and who.startswith("u:")])
candidates = st.lists(st.one_of(named, st.just("g:risk")), min_size=1, max_size=4).map(tuple)
decisions = st.sampled_from(["approve", "reject"])
spans = st.integers(1, 40).map(lambda minutes: timedelta(minutes=minutes))


class Tasks(RuleBasedStateMachine):
    """One task, and people who say anything at any time."""

    @initialize(
        asked=candidates,
        need=st.integers(1, 3),
        veto=st.integers(1, 3),
        four_eyes=st.booleans(),
        excluded=st.lists(named, max_size=1).map(tuple),
        rung=st.one_of(st.none(), spans),
        expire=st.one_of(st.none(), spans),
        on_expiry=st.sampled_from(["approve", "reject", "fail"]),
    )
    def open(self, asked: tuple[str, ...], rung: timedelta | None, **fields: Any) -> None:
        escalate = (Escalation(after=rung, to=("u:dan",)),) if rung else ()
        given = {"requester": "u:rex", "preparers": ("u:pat",), "title": "Release", **fields}
        try:
            self.request = TaskRequest(candidates=asked, escalate=escalate, **given)
        except ValueError:  # too few people are left who may decide: nobody can ask that
            self.request = TaskRequest(
                candidates=("g:risk",), escalate=escalate, **{**given, "need": 1}
            )
        self.now = START
        self.state = opened(self.request, START)
        self.outcomes: list[TaskOutcome] = []
        self.gave_up: set[str] = set()
        self.entrusted: set[str] = set()
        self.was_forced = False

    @rule(by=people, in_group=st.booleans())
    def claim(self, by: str, in_group: bool) -> None:
        self._say(by, in_group, Claim(), rules.refuse_claim, changes.claim)

    @rule(by=people)
    def release(self, by: str) -> None:
        self._say(by, False, Release(), rules.refuse_release, changes.release)

    @rule(by=people, in_group=st.booleans(), to=named)
    def delegate(self, by: str, in_group: bool, to: str) -> None:
        message = Delegate(to=to)
        if self._say(by, in_group, message, rules.refuse_delegate, changes.delegate):
            self.gave_up.add(by.lower())
            self.entrusted.add(to)

    @rule(by=people, in_group=st.booleans(), to=candidates)
    def forward(self, by: str, in_group: bool, to: tuple[str, ...]) -> None:
        message = Forward(to=to, comment="yours")
        self._say(by, in_group, message, rules.refuse_forward, changes.forward)

    @rule(by=people, in_group=st.booleans(), decision=decisions)
    def decide(self, by: str, in_group: bool, decision: Any) -> None:
        message = Decide(decision=decision, comment="why")
        may = self.state.deciders
        entrusted = may - set(self.state.candidates)
        assert entrusted <= self.entrusted, "who claimed has a right of their own"
        words = {by.lower()} | ({"g:risk"} if in_group else set())
        if self._say(by, in_group, message, rules.refuse_decide, changes.decide):
            assert words & may, "somebody decided who was no candidate"
            assert by.startswith("u:"), "a program decided"
            if self.request.four_eyes:
                assert by.lower() not in self.gave_up, "one will became two votes"

    @rule(by=people, text=st.text(min_size=1, max_size=5))
    def comment(self, by: str, text: str) -> None:
        self._say(by, True, Remark(text=text), rules.refuse_comment, changes.comment)

    @rule(by=people, what=st.sampled_from(["reassign", "expire", "cancel"]), to=candidates)
    def administer(self, by: str, what: Any, to: tuple[str, ...]) -> None:
        message = Administer(what=what, to=to, reason="ill")
        if self._say(by, False, message, rules.refuse_administer, changes.administer):
            is_own = by.lower() in {"u:rex", "u:pat"} and self.request.four_eyes
            assert not is_own or what == "cancel", "somebody ended their own request"
            self.was_forced = self.was_forced or what == "expire"

    @rule(minutes=st.integers(1, 15))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def wake(self) -> None:
        """The worker looks at the timetable, perhaps late."""
        while self.state.outcome is None:
            moment = ladder.due(self.request, self.state, self.now)
            if moment is None:
                return
            if moment.what == "escalate":
                to = self.request.escalate[moment.number].to
                self._becomes(changes.escalated(self.state, to, moment, self.now))
            else:
                ended = voting.expired(self.request, self.state, "task/x", moment.at)
                self._becomes(changes.ended(self.state, ended))

    @invariant()
    def there_is_one_outcome(self) -> None:
        if hasattr(self, "outcomes"):
            assert len(self.outcomes) <= 1

    @invariant()
    def everybody_has_one_vote_and_nobody_decides_on_their_own(self) -> None:
        if not hasattr(self, "state"):
            return
        voters = [vote.by for vote in self.state.votes]
        assert len(voters) == len(set(voters))
        assert not set(voters) & set(self.request.excluded)
        if self.request.four_eyes:
            assert not set(voters) & {"u:rex", "u:pat"}

    @invariant()
    def an_approval_has_its_votes(self) -> None:
        outcome = self.state.outcome if hasattr(self, "state") else None
        if outcome and outcome.state == "approved" and outcome.votes == self.state.votes:
            approvals = [vote for vote in outcome.votes if vote.decision == "approve"]
            is_default = self.was_forced or outcome.by is None
            assert len(approvals) >= self.request.need or (
                is_default and self.request.on_expiry == "approve"
            )

    def _say(self, by: str, in_group: bool, message: Any, refuse: Any, change: Any) -> bool:
        situation = Situation(
            task_id="task/x",
            request=self.request,
            state=self.state,
            ticket=_ticket(by, ("g:Risk",) if in_group else ()),
            now=self.now,
        )
        is_over = self.state.outcome is not None or (
            situation.expires_at is not None and self.now >= situation.expires_at
        )
        code = _refusal(refuse, situation, message)
        assert (code == "task.closed") == is_over
        if code is not None:
            return False
        self._becomes(change(situation, message))
        return True

    def _becomes(self, state: TaskState) -> None:
        if state.outcome is not None and state.outcome is not self.state.outcome:
            self.outcomes.append(state.outcome)
        assert TaskState.model_validate_json(state.model_dump_json()) == state
        self.state = state


def _refusal(refuse: Any, situation: Situation, message: Any) -> str | None:
    try:
        refuse(situation, message)
    except (PolicyDenied, UsageError) as refusal:
        return refusal.code
    return None


def _ticket(by: str, groups: tuple[str, ...]) -> Ticket:
    return Ticket(
        jti="one",
        sub=by,
        grp=groups,
        act="any",
        task="task/x",
        ph="0" * 64,
        iat=START,
        exp=START,
        pol=NO_POLICY,
        auth=Authentication(method="local"),
    )


TestTasks = Tasks.TestCase
TestTasks.settings = settings(max_examples=120, stateful_step_count=30, deadline=None)
