"""Statistics of periodic returns, in floating point.

Sums are exact before they are rounded to a float (`math.fsum`), so the order of terms does not
matter; answers are good to about 1e-14 and are published with 10 decimals. Definitions as in
C. Bacon, Practical Portfolio Performance Measurement and Attribution, on risk.
"""

import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from tenuto.activities.calculate.math.floats import rounded
from tenuto.catalog.library.calculate.risk import Drawdown

PLACES = 10

Deviation = Literal["sample", "population"]


def mean(values: Sequence[float]) -> float:
    """The arithmetic mean of one value or more."""
    return math.fsum(values) / len(values)


def deviation(values: Sequence[float], kind: Deviation) -> float | None:
    """The standard deviation; None for a sample of one."""
    divisor = len(values) - 1 if kind == "sample" else len(values)
    if divisor == 0:
        return None
    centre = mean(values)
    return math.sqrt(math.fsum((value - centre) ** 2 for value in values) / divisor)


def downside_deviation(values: Sequence[float], target: float) -> float:
    """Root of the mean of squared shortfalls below `target`, over all values, not only those."""
    return math.sqrt(math.fsum(min(value - target, 0.0) ** 2 for value in values) / len(values))


def beta(values: Sequence[float], benchmark: Sequence[float]) -> float | None:
    """Covariance over the benchmark's variance; None when the benchmark never varies."""
    spread = _products(benchmark, benchmark)
    return _products(values, benchmark) / spread if spread else None


def correlation(values: Sequence[float], benchmark: Sequence[float]) -> float | None:
    """Pearson's; None when either never varies."""
    spread = _products(values, values) * _products(benchmark, benchmark)
    return _products(values, benchmark) / math.sqrt(spread) if spread else None


def drawdown(returns: Sequence[tuple[date, Decimal]]) -> Drawdown:
    """The deepest fall of the value that the returns compound to.

    Of equal depths the first. The start, before the first return, counts as a peak without a date.
    """
    level = peak = 1.0
    peak_day: date | None = None
    depth, at_peak = 0.0, 1.0
    from_day: date | None = None
    trough: date | None = None
    recovered: date | None = None
    for day, value in returns:
        level *= 1 + float(value)
        if level >= peak:
            peak, peak_day = level, day
        if trough and not recovered and level >= at_peak:
            recovered = day
        if level / peak - 1 < depth:
            depth, at_peak = level / peak - 1, peak
            from_day, trough, recovered = peak_day, day, None
    return Drawdown(depth=rounded(depth, PLACES), peak=from_day, trough=trough, recovered=recovered)


def _products(one: Sequence[float], other: Sequence[float]) -> float:
    centre, other_centre = mean(one), mean(other)
    return math.fsum(
        (value - centre) * (against - other_centre)
        for value, against in zip(one, other, strict=True)
    )
