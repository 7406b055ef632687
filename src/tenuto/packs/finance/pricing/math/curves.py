"""Yields between the points of a curve."""

from bisect import bisect_left
from collections.abc import Sequence
from fractions import Fraction

Point = tuple[Fraction, Fraction]
"""Years to maturity and yearly yield, a fraction."""


def rate_at(points: Sequence[Point], years: Fraction) -> Fraction:
    """The yield at `years`: linear between points, flat beyond the first and the last.

    `points` is not empty and rises in years.
    """
    at = bisect_left([each for each, _ in points], years)
    if at == 0:
        return points[0][1]
    if at == len(points):
        return points[-1][1]
    (left, low), (right, high) = points[at - 1], points[at]
    return low + (high - low) * (years - left) / (right - left)
