"""The bars of a waterfall: from an opening level over its changes to a closing level."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from tenuto.activities.documents.figures import amount, signed
from tenuto.core.money import RoundingMode, divide, total

Step = tuple[str, Decimal]
"""A label and a level (of an end) or a change (of a cause)."""

_SCALES = {0: "", 3: "thousand", 6: "million", 9: "billion"}
_DIGITS = 7
"""Before the point of a label: more would touch its neighbour."""
_BELOW = Decimal("0.45")
_ABOVE = Decimal("0.15")
"""Free room, as a part of what is drawn, so that neither bars nor their labels touch an edge."""


def waterfall(
    opening: Step,
    causes: Sequence[Step],
    closing: Step,
    *,
    unit: str,
    what: str,
    places: int = 2,
    is_rise_good: bool = True,
    from_zero: bool = False,
) -> dict[str, Any]:
    """Bars with their ends as fractions of the height, 0 at the foot, and short labels.

    `unit` is a currency, or what is counted; labels have `places` decimals; `what` says what the
    chart shows.
    Rises and falls have the colours of good and bad, or the other way round.

    Where the changes would be too flat to see from zero, the axis starts higher and `is_cut`
    says so.
    """
    levels = [opening[1]]
    for _, change in causes:
        levels.append(total([levels[-1], change]))
    floor, top = _axis([*levels, closing[1]], from_zero=from_zero)
    power, scale = _scale(levels, [change for _, change in causes])
    decimals = places if power == 0 else 2

    def height(level: Decimal) -> float:
        return float(divide(level - floor, top - floor, places=5, mode=RoundingMode.HALF_EVEN))

    def scaled(value: Decimal) -> Decimal:
        return divide(value, 10**power, places=decimals, mode=RoundingMode.HALF_EVEN)

    def bar(label: str, text: str, kind: str, start: Decimal, end: Decimal) -> dict[str, Any]:
        low, high = sorted((height(start), height(end)))
        ends = {"low": low, "high": high, "end": height(end)}
        is_good = (kind == "up") == is_rise_good
        tone = kind if kind in ("whole", "flat") else "good" if is_good else "bad"
        return {"label": label, "text": text, "kind": kind, "tone": tone, **ends}

    foot = max(floor, Decimal(0))
    changes = [
        bar(label, signed(scaled(change), decimals), _kind(change), before, after)
        for (label, change), (before, after) in zip(causes, pairwise(levels), strict=True)
    ]
    first, last = (
        bar(label, amount(scaled(level), decimals), "whole", foot, level)
        for label, level in (opening, closing)
    )
    drawn = [first, *changes, last]
    shown_unit = f"{unit} {scale}".strip()
    said = ", ".join(f"{each['label']} {each['text']}" for each in drawn)
    return {
        "unit": shown_unit,
        "is_cut": floor > 0,
        "bars": drawn,
        "alt": f"Waterfall of {what}, in {shown_unit}: {said}",
    }


def _axis(levels: Sequence[Decimal], *, from_zero: bool) -> tuple[Decimal, Decimal]:
    lowest, highest = min(levels), max(levels)
    span = highest - lowest
    if lowest >= 0 and (from_zero or span * 4 >= highest):
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
