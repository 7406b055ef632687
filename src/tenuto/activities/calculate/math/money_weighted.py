"""XIRR: the yearly rate at which dated payments have no present value together, ACT/365.

The one return here that is computed in floating point: a power of the rate has no exact decimal.
The answer is the root rounded to 9 decimals; Excel, which stops earlier, documents values that
differ in the last of them.
"""

import math
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from pyxirr import InvalidPaymentsError
from pyxirr import xirr as solve

from tenuto.activities.calculate.math.floats import rounded
from tenuto.core.errors import DataError

XIRR_PLACES = 9
_DAYS_PER_YEAR = 365
_LOWEST, _HIGHEST = -0.9999, 10_000.0
_GRID = 4_000

Payment = tuple[date, Decimal]


def xirr(payments: Sequence[Payment]) -> Decimal:
    """The rate as a yearly fraction, 9 decimals.

    Raises DataError `calculate.xirr-no-root` when payments never change sign or nothing solves
    them, and `calculate.xirr-several-roots` when more than one rate does. With one change of sign
    there is exactly one rate (Descartes); with more, rates from -99.99 % to 1,000,000 % are
    searched.
    """
    dated = _by_date(payments)
    changes = _sign_changes(dated)
    if changes == 0 or len(dated) < 2:
        raise _no_root("they never change sign")
    if changes > 1:
        return rounded(_only_root(dated), XIRR_PLACES)
    days, amounts = zip(*dated, strict=True)
    try:
        rate = solve(days, [float(amount) for amount in amounts])
    except InvalidPaymentsError as exc:
        raise _no_root(str(exc)) from exc
    if rate is None or not math.isfinite(rate):  # it gives up on some rates near -100 %
        rate = _only_root(dated)
    return rounded(rate, XIRR_PLACES)


def _by_date(payments: Sequence[Payment]) -> list[Payment]:
    """One payment per day, in order; payments of nothing say nothing."""
    sums: dict[date, Decimal] = {}
    for day, amount in payments:
        sums[day] = sums.get(day, Decimal(0)) + amount
    return sorted((day, amount) for day, amount in sums.items() if amount)


def _sign_changes(payments: Sequence[Payment]) -> int:
    return sum((one > 0) != (other > 0) for (_, one), (_, other) in pairwise(payments))


def _only_root(payments: Sequence[Payment]) -> float:
    first = payments[0][0]
    terms = [((day - first).days / _DAYS_PER_YEAR, float(amount)) for day, amount in payments]

    def value(log_growth: float) -> float:
        return math.fsum(amount * math.exp(-years * log_growth) for years, amount in terms)

    low, high = math.log1p(_LOWEST), math.log1p(_HIGHEST)
    points = [low + (high - low) * n / _GRID for n in range(_GRID + 1)]
    values = [value(point) for point in points]
    brackets = [
        (left, right)
        for (left, at_left), (right, at_right) in pairwise(zip(points, values, strict=True))
        if (at_left > 0) != (at_right > 0)
    ]
    if not brackets:
        raise _no_root("no rate between -99.99 % and 1,000,000 % solves them")
    roots = [math.expm1(_bisected(value, *bracket)) for bracket in brackets]
    if len(roots) > 1:
        raise DataError(
            f"{len(roots)} rates solve these payments: "
            f"{', '.join(f'{root:.6f}' for root in roots)}; none of them is the return. Measure "
            "a shorter period, or use the time-weighted return.",
            code="calculate.xirr-several-roots",
            details={"roots": [f"{root:.9f}" for root in roots]},
        )
    return roots[0]


def _bisected(value: Callable[[float], float], left: float, right: float) -> float:
    is_positive = value(left) > 0
    for _ in range(200):
        middle = (left + right) / 2
        if middle in (left, right):
            break
        if (value(middle) > 0) == is_positive:
            left = middle
        else:
            right = middle
    return (left + right) / 2


def _no_root(why: str) -> DataError:
    return DataError(
        f"No rate of return solves these payments: {why}. A return needs money paid in and money "
        "received or left; check the signs.",
        code="calculate.xirr-no-root",
    )
