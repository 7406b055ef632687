"""Horizontal bars, also stacked ones and such to the left of zero, for `template/bars.typ`."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from tenuto.activities.documents.figures import brief
from tenuto.core.money import RoundingMode, divide, total

Tone = Literal["accent", "light", "good", "warn", "bad", "soft"]
"""A colour of `template/style.typ`."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar: its name, its length or the lengths of its parts, and what stands beside it."""

    label: str
    parts: Sequence[Decimal | int]
    """One per series. More than one: none of them negative."""
    text: str


@dataclass(frozen=True, kw_only=True)
class Series:
    """What the parts at one place of every bar have in common."""

    name: str
    tone: Tone


def bars(
    rows: Sequence[Bar],
    *,
    what: str,
    series: Sequence[Series] = (),
    full: Decimal | int = 0,
    longest: int = 34,
) -> dict[str, Any] | None:
    """Where every part begins and how wide it is, as fractions of the width, and an alt text.

    `what` says what the chart shows; `full` is a length that the width holds at least; labels are
    cut after `longest` characters. None where there is nothing to draw: no bars, or none that has
    a length.
    """
    sizes = [total(_decimal(part) for part in row.parts) for row in rows]
    if not any(sizes):
        return None
    low, high = min([Decimal(0), *sizes]), max([Decimal(full), *sizes])

    def place(level: Decimal) -> float:
        return float(divide(level - low, high - low, places=5, mode=RoundingMode.HALF_EVEN))

    said = "; ".join(f"{brief(row.label, longest)}: {row.text}" for row in rows)
    return {
        "zero": place(Decimal(0)),
        "rows": [
            {"label": brief(row.label, longest), "text": row.text, "parts": _parts(row, place)}
            for row in rows
        ],
        "series": [{"name": each.name, "tone": each.tone} for each in series],
        "alt": f"Bar chart: {what}. {said}".replace("\u200b", ""),
    }


def _parts(row: Bar, place: Any) -> list[dict[str, Any]]:
    """Where each part starts and ends; parts without a length are left out."""
    found, start = [], Decimal(0)
    for number, part in enumerate(row.parts):
        end = start + _decimal(part)
        if end != start:
            near, far = sorted((place(start), place(end)))
            found.append(
                {"start": near, "width": far - near, "series": number, "falls": end < start}
            )
        start = end
    return found


def _decimal(part: Decimal | int) -> Decimal:
    return Decimal(part)
