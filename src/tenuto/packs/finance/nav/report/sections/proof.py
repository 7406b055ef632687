"""The same figures by a second engine, and against what was to be expected."""

from decimal import Decimal
from typing import Any

from tenuto.activities.documents.figures import (
    NO_VALUE,
    amount,
    count,
    percent,
    places_of,
    shortened,
    trimmed,
    words,
)
from tenuto.activities.documents.tables import column, number, table
from tenuto.core.money import total
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.parts import Causes

CAUSES = {
    "price": "Price",
    "fx": "FX",
    "income": "Income",
    "fees": "Fees",
    "capital": "Capital",
    "other": "Other",
}
_SHOWN_ESTIMATED = 20


def proof(result: NavResult) -> dict[str, Any] | None:
    """What the second engine found; None for a result that was not proved."""
    proved = result.proof
    if proved is None:
        return None
    return {
        "engine": words(proved.engine),
        "positions": count(proved.positions, "position", "positions"),
        "table": table(
            [column("Figure", share=1), number("Struck"), number("Proved"), number("Difference")],
            [
                (
                    words(_figure(each.figure)),
                    trimmed(each.struck, 2),
                    trimmed(each.proved, 2),
                    trimmed(total([each.proved, each.struck.copy_negate()]), 2),
                )
                for each in proved.lines
            ],
            empty="No figure above the positions was proved.",
        ),
    }


def expected_nav(result: NavResult) -> dict[str, Any] | None:
    """The NAV that the market led one to expect, by cause and by class; None without a prior."""
    expected = result.expected_nav
    if expected is None:
        return None
    places = places_of(result.nav)
    per_unit = {each.class_id: each for each in result.classes}
    named = [words(each) for each in expected.estimated[:_SHOWN_ESTIMATED]]
    more = len(expected.estimated) - len(named)
    return {
        "nav": amount(_shown(expected.nav, places), places),
        "struck": amount(result.nav, places),
        "causes": table(
            [
                column("Cause", share=1),
                number(f"Expected, {result.base_currency}"),
                number("Struck less expected"),
            ],
            [
                (
                    label,
                    _cause(expected.causes, name, places),
                    _cause(expected.difference, name, places),
                )
                for name, label in CAUSES.items()
            ],
        ),
        "classes": table(
            [
                column("Class", share=1),
                number("Expected per unit"),
                number("Struck per unit"),
                number("Difference"),
            ],
            [
                (
                    words(each.class_id),
                    trimmed(each.nav_per_unit),
                    trimmed(per_unit[each.class_id].nav_per_unit)
                    if each.class_id in per_unit
                    else NO_VALUE,
                    percent(each.difference, 4),
                )
                for each in expected.classes
            ],
            empty="No class was expected.",
        ),
        "estimated": f"Estimated, having no price today: {', '.join(named)}"
        + (f" and {more:,} more." if more > 0 else ".")
        if named
        else None,
    }


def _figure(name: str) -> str:
    return "NAV" if name == "nav" else name[:1].upper() + name[1:]


def _cause(causes: Causes, name: str, places: int) -> str:
    return amount(_shown(getattr(causes, name), places), places)


def _shown(value: Decimal, places: int) -> Decimal:
    """Without zeros beyond the fund's places; what has more digits keeps them."""
    return value if places_of(value) <= places else shortened(value)
