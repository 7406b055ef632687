"""Why Pricing says no, in words that say what to do next."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from tenuto.core.errors import DataError, UsageError
from tenuto.core.people import person
from tenuto.packs.finance.pricing.handoffs import CollectedQuotes, OverridePrice
from tenuto.packs.finance.pricing.models import PriceException, PricingRequest
from tenuto.packs.finance.pricing.policy import Committee, PricingPolicy
from tenuto.packs.finance.words import SHOWN, details, lines, moment, names


def no_version(request: PricingRequest) -> UsageError:
    """A run was started around the starter, which assigns versions."""
    return UsageError(
        f"The request for {request.policy.policy_id} on {request.date} has no version; start it "
        "with `tenuto run pricing` or the API, which take the first free one, or set `version`.",
        code="pricing.no-version",
    )


def invalid_inputs(collected: CollectedQuotes) -> DataError:
    """The files cannot be priced from; the message has the first problems, `details` more."""
    return DataError(
        f"The inputs have {collected.count} problem(s); nothing was published:\n"
        + lines(collected.problems, collected.count),
        code="pricing.input-invalid",
        details=details(collected.problems, collected.count, collected.all_problems),
    )


def exceptions_found(exceptions: Iterable[PriceException], count: int) -> DataError:
    """The request says that a questioned price ends the run."""
    listed = list(exceptions)
    asked = [f"  {_asked(each)}" for each in listed[:SHOWN]]
    return DataError(
        f"{count} price(s) are questioned, and the request says `on_exception: fail`; nothing was "
        "published. Correct the quotes, or start again and answer them:\n" + "\n".join(asked),
        code="pricing.exceptions-found",
        details=_details(listed),
    )


def too_many(count: int, most: int) -> DataError:
    """More exceptions than people can answer."""
    return DataError(
        f"{count} prices are questioned, and a run waits for at most {most}: the wrong file was "
        "probably sent, or the limits of the policy do not fit. Compare the quote files with those "
        "of the day before, or start with `on_exception: report` to see all of them.",
        code="pricing.too-many-exceptions",
        details={"count": count},
    )


def not_answered(exceptions: Iterable[PriceException], until: datetime | None) -> DataError:
    """Nobody answered the exceptions in time."""
    listed = list(exceptions)
    return DataError(
        f"Nobody answered {names(each.instrument_id for each in listed)} until {moment(until)}; "
        "nothing was published. Start again and answer them in time, or correct the quotes.",
        code="pricing.exception-wait-expired",
        details=_details(listed),
    )


def no_such_exception(instrument_id: str, is_open: Iterable[str]) -> UsageError:
    """An answer to something that is not asked."""
    asked = sorted(is_open)
    if not asked:
        return UsageError(
            "The run does not wait for answers; `progress` says what it does.",
            code="pricing.not-waiting",
        )
    return UsageError(
        f"`{instrument_id[:80]}` is no open exception; open are {names(asked)}.",
        code="pricing.no-such-exception",
    )


def empty_words(*words: str) -> UsageError | None:
    """A name or a reason of blanks says nothing to an auditor."""
    if all(each.strip() for each in words):
        return None
    return UsageError(
        "An answer needs words and a name; both are in the audit trail.",
        code="pricing.empty-answer",
    )


def nothing_to_accept(exception: PriceException) -> UsageError:
    """There is no price."""
    return UsageError(
        f"`{exception.instrument_id}` has no price that could be accepted; set one with "
        "`override`.",
        code="pricing.nothing-to-accept",
    )


def no_next_source(exception: PriceException) -> UsageError:
    """There is no source to skip."""
    return UsageError(
        f"`{exception.instrument_id}` is not priced from a source that could be skipped "
        f"(method {exception.method or 'none'}); accept the price, or set one with `override`.",
        code="pricing.no-next-source",
    )


def not_a_price(exception: PriceException) -> UsageError:
    """An exchange rate is checked here and published elsewhere."""
    return UsageError(
        f"`{exception.instrument_id}` is an exchange rate, which Pricing checks and does not "
        "publish; accept it with a reason, or start again with a corrected file.",
        code="pricing.not-a-price",
    )


def approver_named() -> UsageError:
    """A maker wrote down who approves."""
    return UsageError(
        "Who approves is not written down by whoever proposes: leave `approver` out. A second "
        "person decides the run's task, `tenuto tasks approve`.",
        code="pricing.approver-decides-the-task",
    )


def nothing_to_submit() -> UsageError:
    """No answer waits for a second person."""
    return UsageError(
        "No answer waits for a second person; give one with `override`, or `accept` one that is "
        "the committee's.",
        code="pricing.nothing-to-submit",
    )


def bad_approver(
    by: str, approver: str | None, committee: Committee, *, is_needed: bool
) -> UsageError | None:
    """Why a decision is not approved, or None when it is."""
    if approver is None:
        if not is_needed:
            return None
        return UsageError(
            "The committee's exceptions need an `approver` beside the person who proposes.",
            code="pricing.approver-needed",
        )
    if person(approver) == person(by):
        return UsageError(
            f"{by} proposes and approves; somebody else must approve.",
            code="pricing.same-person",
        )
    if committee.members and person(approver) not in {person(each) for each in committee.members}:
        return UsageError(
            f"{approver} is not on the pricing committee; its members are "
            f"{names(committee.members)}.",
            code="pricing.not-on-committee",
        )
    return None


def bad_override(
    answer: OverridePrice, exception: PriceException, policy: PricingPolicy, day: date
) -> UsageError | None:
    """Why an override cannot be taken, or None when it can."""
    if exception.instrument_id.startswith("FX:"):
        return not_a_price(exception)
    latest = day + timedelta(days=policy.overrides.longest_days)
    if not day <= answer.expires_on <= latest:
        return UsageError(
            f"The override would end on {answer.expires_on}; it may end from {day} to {latest} "
            "(`overrides.longest_days` of the policy).",
            code="pricing.bad-expiry",
        )
    if _decimals(answer.price) > _PRICE_PLACES:
        return UsageError(
            f"The price {answer.price} has more than {_PRICE_PLACES} decimals; round it.",
            code="pricing.bad-price",
        )
    return None


_PRICE_PLACES = 10


def _decimals(price: Decimal) -> int:
    exponent = price.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _asked(exception: PriceException) -> str:
    findings = ", ".join(
        f"{each.rule}: {each.evidence}" for each in exception.findings if each.severity != "warn"
    )
    return f"{exception.instrument_id} {findings}"


def _details(exceptions: list[PriceException]) -> dict[str, object]:
    return {
        "count": len(exceptions),
        "exceptions": [
            {
                "instrument_id": each.instrument_id,
                "severity": each.severity,
                "rules": [finding.rule for finding in each.findings],
                "owner": each.owner,
            }
            for each in exceptions[:100]
        ],
    }
