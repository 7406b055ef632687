"""The bars of a waterfall: from an opening level over its changes to a closing level."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from tenuto.core.money import RoundingMode, divide, total
from tenuto.packs.finance.nav.report.figures import amount, signed

Step = tuple[str, Decimal]
"""A label and a level (of an end) or a change (of a cause)."""

_SCALES = {0: "", 3: "thousand", 6: "million", 9: "billion"}
_DIGITS = 7
"""Before the point of a label: more would touch its neighbour."""
_BELOW = Decimal("0.45")
_ABOVE = Decimal("0.15")
"""Free room, as a part of what is drawn, so that neither bars nor their labels touch an edge."""


def waterfall(
    opening: Step, causes: Sequence[Step], closing: Step, *, currency: str
) -> dict[str, Any]:
    """Bars with their ends as fractions of the height, 0 at the foot, and short labels.

    Where the changes would be too flat to see from zero, the axis starts higher and `is_cut`
    says so.
    """
    levels = [opening[1]]
    for _, change in causes:
        levels.append(total([levels[-1], change]))
    floor, top = _axis([*levels, closing[1]])
    power, scale = _scale(levels, [change for _, change in causes])

    def height(level: Decimal) -> float:
        return float(divide(level - floor, top - floor, places=5, mode=RoundingMode.HALF_EVEN))

    def scaled(value: Decimal) -> Decimal:
        return divide(value, 10**power, places=2, mode=RoundingMode.HALF_EVEN)

    def bar(label: str, text: str, kind: str, start: Decimal, end: Decimal) -> dict[str, Any]:
        low, high = sorted((height(start), height(end)))
        ends = {"low": low, "high": high, "end": height(end)}
        return {"label": label, "text": text, "kind": kind, **ends}

    foot = max(floor, Decimal(0))
    changes = [
        bar(label, signed(scaled(change)), _kind(change), before, after)
        for (label, change), (before, after) in zip(causes, pairwise(levels), strict=True)
    ]
    first, last = (
        bar(label, amount(scaled(level)), "whole", foot, level)
        for label, level in (opening, closing)
    )
    return {
        "unit": f"{currency} {scale}".strip(),
        "is_cut": floor > 0,
        "bars": [first, *changes, last],
    }


def _axis(levels: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    lowest, highest = min(levels), max(levels)
    span = highest - lowest
    if lowest >= 0 and span * 4 >= highest:
        floor = Decimal(0)
    else:
        floor = lowest - (span * _BELOW or Decimal(1))
    return floor, highest + (highest - floor or Decimal(1)) * _ABOVE


def _scale(levels: Sequence[Decimal], changes: Sequence[Decimal]) -> tuple[int, str]:
    """The scale that shows the changes best, if the levels do not get too long for it."""
    longest = max(level.copy_abs() for level in levels)
    largest = max(change.copy_abs() for change in changes)
    powers = list(_SCALES)
    for_changes = max(power for power in powers if largest >= 10**power or power == 0)
    for_levels = next((each for each in powers if longest < 10 ** (each + _DIGITS)), powers[-1])
    power = max(for_changes, for_levels)
    return power, _SCALES[power]


def _kind(change: Decimal) -> str:
    if change == 0:
        return "flat"
    return "up" if change > 0 else "down"
