"""How much a break matters and how old it is."""

from collections.abc import Sequence
from decimal import Decimal

from tenuto.core.money import multiply
from tenuto.packs.finance.reconciliation.models import Priority
from tenuto.packs.finance.reconciliation.rules import PriorityLimits


def priority_of(
    limits: PriorityLimits,
    *,
    variance: Decimal,
    larger: Decimal | None,
    amount: Decimal | None,
) -> Priority:
    """The priority of a difference: `variance` against the larger magnitude of the two values
    (None when it has no share, as where one side is missing and ranks by amount), or `amount` in
    base currency (None when it cannot be converted).

    Over a limit, not at it. A difference of unknown worth is never lower than high.
    """
    steps: tuple[tuple[Priority, Decimal, Decimal], ...] = (
        ("critical", limits.critical_relative, limits.critical_amount),
        ("high", limits.high_relative, limits.high_amount),
        ("medium", limits.medium_relative, limits.medium_amount),
    )
    for name, share, most in steps:
        if larger is not None and abs(variance) > multiply(share, larger):
            return name
        if amount is not None and abs(amount) > most:
            return name
        if name == "high" and amount is None:
            return name
    return "low"


def bucket_of(age: int, ageing: Sequence[int]) -> str:
    """The age bucket of `age` dealing days, for example `2-5`."""
    return next(
        (name for name, last in zip(bucket_names(ageing), ageing, strict=False) if age <= last),
        bucket_names(ageing)[-1],
    )


def bucket_names(ageing: Sequence[int]) -> list[str]:
    """All buckets, youngest first: `0-1`, `2-5`, `6-10`, `11-30`, `30+`."""
    starts = [0, *(last + 1 for last in ageing)]
    return [
        *(f"{start}-{last}" for start, last in zip(starts, ageing, strict=False)),
        f"{ageing[-1]}+",
    ]
