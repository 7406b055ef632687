"""Answers that need a second person: what is asked about them, all together, in one task.

Pure: the book keeps the answers, and the moment comes from the run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from pydantic import JsonValue, TypeAdapter, ValidationError

from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.core.canonical import canonical_sha256
from tenuto.core.errors import UsageError
from tenuto.core.people import Person, Who, person
from tenuto.core.references import Sha256
from tenuto.packs.finance.pricing.handoffs import AcceptPrice, OverridePrice
from tenuto.packs.finance.pricing.models import PriceException
from tenuto.packs.finance.pricing.policy import Committee, PricingPolicy

EXCEPTION = "pricing.exception"
"""Kind of the task that asks whether the committee's prices may be published as proposed."""
OVERRIDE = "pricing.override"
"""Kind of the task where somebody's own price is among the answers."""
APPROVERS = "g:price-approvers"
"""Who decides where the policy's committee names nobody."""

_SHOWN = 100
_SOONEST = timedelta(seconds=1)
_WHO: TypeAdapter[str] = TypeAdapter(Who)
_PERSON: TypeAdapter[str] = TypeAdapter(Person)

Answer = AcceptPrice | OverridePrice


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Answers that are checked together."""

    answers: Mapping[str, Answer]
    exceptions: Mapping[str, PriceException]
    """What they answer, by instrument as well."""

    @property
    def seen(self) -> Sha256:
        """Names exactly these answers to exactly these questions."""
        told = [
            [answer.model_dump(mode="json"), _price(self.exceptions[name])]
            for name, answer in sorted(self.answers.items())
        ]
        return canonical_sha256(told)


def check_task(batch: Batch, policy: PricingPolicy, day: date, left: timedelta) -> TaskRequest:
    """Asks whether the answers of `batch` may be published; `left` is the time to the cut-off.

    Raises UsageError `pricing.no-approver` for a committee that names nobody who can decide.
    """
    answers = [batch.answers[name] for name in sorted(batch.answers)]
    overrides = [each for each in answers if isinstance(each, OverridePrice)]
    makers = tuple(dict.fromkeys(person(each.by) for each in answers))
    left = max(left, _SOONEST)
    return TaskRequest(
        title=f"Publish {len(answers)} price(s) of {policy.policy_id} on {day} as answered?",
        description="\n".join(_line(each) for each in answers[:_SHOWN])[:20_000],
        kind=OVERRIDE if overrides else EXCEPTION,
        subject=f"{policy.policy_id} {day}",
        shown={"answers": [_shown(each, batch) for each in answers[:_SHOWN]]},
        seen=batch.seen,
        evidence=tuple(dict.fromkeys(each.evidence for each in overrides[:_SHOWN])),
        risk=7 if overrides else 5,
        requester=makers[0],
        preparers=makers,
        watchers=makers,
        candidates=_candidates(policy.committee),
        need=2 if _needs_two(batch, policy.committee) else 1,
        due=left,
        expire=left,
    )


def _candidates(committee: Committee) -> tuple[str, ...]:
    if not committee.members:
        return (APPROVERS,)
    known = []
    for member in committee.members:
        kind = _WHO if member.strip().casefold().startswith("g:") else _PERSON
        try:
            known.append(kind.validate_python(member))
        except ValidationError as wrong:
            raise UsageError(
                f"The policy's committee names `{member[:100]}`, expected a person or, with `g:`, a"
                " group. Correct `committee.members` and start again.",
                code="pricing.no-approver",
            ) from wrong
    return tuple(dict.fromkeys(known))


def _needs_two(batch: Batch, committee: Committee) -> bool:
    limit = committee.two_approvers_weight
    if limit is None:
        return False
    weights = [each.weight for each in batch.exceptions.values()]
    return any(weight is None or weight > limit for weight in weights)


def _shown(answer: Answer, batch: Batch) -> dict[str, JsonValue]:
    exception = batch.exceptions[answer.instrument_id]
    override = answer if isinstance(answer, OverridePrice) else None
    return {
        "instrument_id": answer.instrument_id,
        "action": "override" if override else "accept",
        "proposed": _price(exception),
        "price": str(override.price) if override else _price(exception),
        "prior": None if exception.prior_price is None else str(exception.prior_price),
        "weight": None if exception.weight is None else str(exception.weight),
        "rules": [each.rule for each in exception.findings],
        "by": answer.by,
        "reason": answer.reason[:2000],
        "expires_on": override.expires_on.isoformat() if override else None,
    }


def _line(answer: Answer) -> str:
    if isinstance(answer, OverridePrice):
        return f"{answer.instrument_id}: {answer.price} instead, says {answer.by}: {answer.reason}"
    return f"{answer.instrument_id}: accepted by {answer.by}: {answer.reason}"


def _price(exception: PriceException) -> str | None:
    return None if exception.price is None else str(exception.price)
