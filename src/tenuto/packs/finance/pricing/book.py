"""The exceptions of a run and what people said: who may answer what, and what stays open.

No clock in here: whoever calls says what time it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from tenuto.core.errors import UsageError
from tenuto.packs.finance.pricing import refusals
from tenuto.packs.finance.pricing.checking import Answer, Batch
from tenuto.packs.finance.pricing.handoffs import (
    AcceptPrice,
    AssignException,
    ChallengeVendor,
    CommentException,
    Exclusion,
    OpenException,
    OverridePrice,
    StillOpen,
    UseNextSource,
)
from tenuto.packs.finance.pricing.models import Decision, Override, PriceException, Remark
from tenuto.packs.finance.pricing.policy import PricingPolicy

POLICY = "policy"
"""Who decided, when the deadline did."""

_SHOWN = 100

_Settled = tuple[Decimal | None, frozenset[str]]


@dataclass
class ExceptionBook:
    """What was raised, what was answered, and what is still open."""

    policy: PricingPolicy
    day: date
    raised: dict[str, PriceException] = field(default_factory=dict)
    """Everything that was ever raised, in its last form."""
    open: dict[str, PriceException] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)
    exclusions: list[Exclusion] = field(default_factory=list)
    is_checked_by_task: bool = False
    """Whether a second person is somebody who decides a task, not a name that the maker gives."""
    proposed: dict[str, Answer] = field(default_factory=dict)
    """Answers that wait for that person."""
    _accepted: dict[str, _Settled] = field(default_factory=dict)

    def take(self, exceptions: Iterable[PriceException], at: datetime) -> None:
        """Takes over the exceptions of an examination; answered ones do not open again.

        An accepted price opens again when the price, or what speaks against it, has changed.
        """
        before, self.open = self.open, {}
        for each in exceptions:
            name = each.instrument_id
            if self._is_settled(each):
                continue
            known = self.raised.get(name, each)
            kept = each.model_copy(
                update={
                    "opened_at": known.opened_at or at,
                    "owner": known.owner,
                    "remarks": known.remarks,
                    "challenged": known.challenged,
                }
            )
            self.open[name] = self.raised[name] = kept
        self.proposed = {
            name: answer
            for name, answer in self.proposed.items()
            if name in self.open and _settled(self.open[name]) == _settled(before[name])
        }

    # Whether somebody may say something: each raises UsageError if not

    def refuse_accepting(self, answer: AcceptPrice) -> None:
        """There must be a price, and for the committee's an approver."""
        exception = self._asked(answer.instrument_id, answer.by, answer.reason)
        if exception.price is None and not _is_rate(exception):
            raise refusals.nothing_to_accept(exception)
        self._refuse_approver(answer, is_needed=exception.severity == "committee")

    def refuse_overriding(self, answer: OverridePrice) -> None:
        """There must be an approver who is somebody else, and an expiry the policy allows."""
        exception = self._asked(answer.instrument_id, answer.by, answer.reason)
        _raise(refusals.bad_override(answer, exception, self.policy, self.day))
        self._refuse_approver(answer, is_needed=True)

    def refuse_skipping(self, answer: UseNextSource | ChallengeVendor) -> None:
        """The price must come from a source."""
        exception = self._asked(answer.instrument_id, answer.by, answer.reason)
        if _is_rate(exception):
            raise refusals.not_a_price(exception)
        if exception.method not in ("source", "broker") or exception.source is None:
            raise refusals.no_next_source(exception)

    def refuse_submitting(self) -> None:
        """There must be an answer that waits for a second person."""
        if not self.proposed:
            raise refusals.nothing_to_submit()

    def refuse_noting(self, note: CommentException | AssignException) -> None:
        """The exception must be open, and the words must say something."""
        said = note.text if isinstance(note, CommentException) else note.owner
        self._asked(note.instrument_id, note.by, said)

    # What people say

    def accept(self, answer: AcceptPrice, at: datetime) -> None:
        """The proposed price is right."""
        self.refuse_accepting(answer)
        name = answer.instrument_id
        if self.is_checked_by_task and self.open[name].severity == "committee":
            self.proposed[name] = answer
            return
        self.proposed.pop(name, None)
        self._accept(name, answer.by, answer.approver, answer.reason, at)

    def override(self, answer: OverridePrice, at: datetime) -> None:
        """Another price instead, until its last day."""
        self.refuse_overriding(answer)
        exception = self.open[answer.instrument_id]
        if exception.currency is None or exception.unit is None:
            raise refusals.not_a_price(exception)
        if self.is_checked_by_task:
            self.proposed[exception.instrument_id] = answer
        else:
            self._override(answer, answer.approver or "", at)

    def batch(self) -> Batch:
        """Every answer that waits for a second person."""
        answers = dict(self.proposed)
        return Batch(answers=answers, exceptions={name: self.open[name] for name in answers})

    def is_still(self, batch: Batch) -> bool:
        """Whether these answers wait as they did when the batch was made."""
        return all(self.proposed.get(name) is each for name, each in batch.answers.items())

    def approve(self, batch: Batch, by: str, at: datetime) -> None:
        """The second person agrees, to all of them."""
        for name, answer in sorted(batch.answers.items()):
            del self.proposed[name]
            if isinstance(answer, OverridePrice):
                self._override(answer, by, at)
            else:
                self._accept(name, answer.by, by, answer.reason, at)

    def decline(self, batch: Batch, reason: str, by: str, at: datetime) -> None:
        """The second person does not agree: all of them are open again, with the reason."""
        for name in sorted(batch.answers):
            del self.proposed[name]
            exception = self.open[name]
            said = Remark(by=by, text=f"rejected: {reason}", at=at)
            self._keep(exception, remarks=(*exception.remarks, said))

    def _override(self, answer: OverridePrice, approver: str, at: datetime) -> None:
        exception = self.open.pop(answer.instrument_id)
        if exception.currency is None or exception.unit is None:
            raise refusals.not_a_price(exception)
        number = len(self.overrides) + 1
        override = Override(
            override_id=f"{self.day}/{exception.instrument_id}/{number}",
            instrument_id=exception.instrument_id,
            price=answer.price,
            currency=exception.currency,
            unit=exception.unit,
            reason=answer.reason,
            evidence=answer.evidence,
            by=answer.by,
            approver=approver,
            made_at=at,
            effective=self.day,
            expires_on=answer.expires_on,
            old_price=exception.price,
        )
        self.overrides.append(override)
        self._decided(
            Decision(
                instrument_id=exception.instrument_id,
                action="override",
                by=answer.by,
                approver=approver,
                reason=answer.reason,
                at=at,
                price=answer.price,
                override_id=override.override_id,
            )
        )

    def skip_source(self, answer: UseNextSource, at: datetime) -> None:
        """Price it from the next rung: what follows needs a new examination."""
        self.refuse_skipping(answer)
        self._skip(answer.instrument_id, answer.by, answer.reason, at)

    def challenge(self, answer: ChallengeVendor, at: datetime) -> None:
        """The source is asked; the exception stays open, or the next rung prices it meanwhile."""
        self.refuse_skipping(answer)
        exception = self.open[answer.instrument_id]
        source = exception.source or ""
        self._keep(exception, challenged=tuple(sorted({*exception.challenged, source})))
        self._decided(
            Decision(
                instrument_id=answer.instrument_id,
                action="challenge_vendor",
                by=answer.by,
                reason=answer.reason,
                at=at,
                source=source,
                price=exception.price,
            )
        )
        if answer.meanwhile == "next_source":
            self._skip(answer.instrument_id, answer.by, answer.reason, at)

    def comment(self, note: CommentException, at: datetime) -> None:
        """Words beside the exception."""
        self.refuse_noting(note)
        exception = self.open[note.instrument_id]
        said = Remark(by=note.by, text=note.text, at=at)
        self._keep(exception, remarks=(*exception.remarks, said))

    def assign(self, note: AssignException, at: datetime) -> None:
        """A name beside the exception."""
        self.refuse_noting(note)
        exception = self.open[note.instrument_id]
        said = Remark(by=note.by, text=f"assigned to {note.owner}", at=at)
        self._keep(exception, owner=note.owner, remarks=(*exception.remarks, said))

    def take_suggestions(self, at: datetime) -> bool:
        """Decides every open exception as suggested; False, and nothing, when one cannot be.

        The committee's are not decided by a clock, and neither is one without a suggestion.
        """
        undecidable = any(
            each.severity == "committee" or each.suggestion.action is None
            for each in self.open.values()
        )
        if undecidable:
            return False
        self.proposed = {}
        for name, each in sorted(self.open.items()):
            reason = f"deadline: {each.suggestion.reason}"
            if each.suggestion.action == "accept":
                self._accept(name, POLICY, None, reason, at, by_deadline=True)
            else:
                self._skip(name, POLICY, reason, at, by_deadline=True)
        return True

    # What is shown

    def still_open(self) -> StillOpen:
        """What the run keeps waiting for."""
        return StillOpen(
            count=len(self.open),
            instrument_ids=tuple(sorted(self.open)[:_SHOWN]),
            answered=len(self.proposed),
        )

    def shown(self, at: datetime) -> list[OpenException]:
        """Every open exception with its age, the oldest first."""
        aged = [
            _shown_to_a_person(each, at, is_answered=name in self.proposed)
            for name, each in sorted(self.open.items())
        ]
        return sorted(aged, key=lambda each: -each.age_s)

    def _refuse_approver(self, answer: Answer, *, is_needed: bool) -> None:
        if not self.is_checked_by_task:
            board = self.policy.committee
            _raise(refusals.bad_approver(answer.by, answer.approver, board, is_needed=is_needed))
        elif answer.approver is not None:
            raise refusals.approver_named()

    def _asked(self, name: str, *words: str) -> PriceException:
        if name not in self.open:
            raise refusals.no_such_exception(name, self.open)
        _raise(refusals.empty_words(*words))
        return self.open[name]

    def _accept(
        self,
        name: str,
        by: str,
        approver: str | None,
        reason: str,
        at: datetime,
        *,
        by_deadline: bool = False,
    ) -> None:
        exception = self.open.pop(name)
        self._accepted[name] = _settled(exception)
        self._decided(
            Decision(
                instrument_id=name,
                action="accept",
                by=by,
                approver=approver,
                reason=reason,
                at=at,
                is_suggestion_taken_at_deadline=by_deadline,
                source=exception.source,
                price=exception.price,
            )
        )

    def _skip(
        self, name: str, by: str, reason: str, at: datetime, *, by_deadline: bool = False
    ) -> None:
        source = self.open[name].source or ""
        self.proposed.pop(name, None)
        self.exclusions.append(Exclusion(instrument_id=name, source=source))
        self._decided(
            Decision(
                instrument_id=name,
                action="next_source",
                by=by,
                reason=reason,
                at=at,
                is_suggestion_taken_at_deadline=by_deadline,
                source=source,
                price=self.open[name].price,
            )
        )

    def _is_settled(self, exception: PriceException) -> bool:
        name = exception.instrument_id
        if any(each.instrument_id == name for each in self.overrides):
            return True
        return self._accepted.get(name) == _settled(exception)

    def _keep(self, exception: PriceException, **changed: object) -> None:
        kept = exception.model_copy(update=changed)
        self.open[kept.instrument_id] = self.raised[kept.instrument_id] = kept

    def _decided(self, decision: Decision) -> None:
        self.decisions.append(decision)


def _shown_to_a_person(
    exception: PriceException, at: datetime, *, is_answered: bool
) -> OpenException:
    suggested = exception.suggestion
    action = f"{suggested.action.replace('_', ' ')}: " if suggested.action else ""
    return OpenException(
        instrument_id=exception.instrument_id,
        severity=exception.severity,
        rules=tuple(each.rule for each in exception.findings if each.severity != "warn"),
        price=exception.price,
        suggestion=action + suggested.reason,
        owner=exception.owner,
        age_s=int((at - (exception.opened_at or at)).total_seconds()),
        exception=exception,
        is_answered=is_answered,
    )


def _settled(exception: PriceException) -> _Settled:
    rules = [each.rule for each in exception.findings if each.severity != "warn"]
    return exception.price, frozenset(rules)


def _is_rate(exception: PriceException) -> bool:
    return exception.instrument_id.startswith("FX:")


def _raise(error: UsageError | None) -> None:
    if error is not None:
        raise error
