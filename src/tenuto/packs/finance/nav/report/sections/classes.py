"""NAV per unit and returns of every class, with a footnote for each return that is missing."""

from typing import Any

from tenuto.activities.documents.figures import (
    amount,
    percent,
    places_of,
    prose,
    trimmed,
    words,
)
from tenuto.core.money import RoundingMode, divide
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.parts import ClassNav, Return


def classes(result: NavResult) -> dict[str, Any]:
    """One row per class, the total, and the footnotes the rows refer to by number, from 1."""
    footnotes: list[str] = []
    places = places_of(result.nav)
    return {
        "rows": [_row(each, result, places, footnotes) for each in result.classes],
        "total": amount(result.nav, places),
        "footnotes": footnotes,
    }


def _row(each: ClassNav, result: NavResult, places: int, footnotes: list[str]) -> dict[str, Any]:
    returns = each.performance
    return {
        "name": words(each.name or each.class_id),
        "id": words(each.class_id),
        "currency": each.currency,
        "units": trimmed(each.units),
        "nav": amount(each.nav),
        "nav_base": amount(each.nav_base, places),
        "share": percent(divide(each.nav_base, result.nav, places=6, mode=RoundingMode.HALF_EVEN)),
        "nav_per_unit": amount(each.nav_per_unit),
        "returns": [
            _return(measured, footnotes)
            for measured in (
                returns.daily,
                returns.month_to_date,
                returns.year_to_date,
                returns.since_inception,
            )
        ],
    }


def _return(measured: Return, footnotes: list[str]) -> dict[str, Any]:
    if measured.value is not None:
        return {"text": percent(measured.value), "note": None}
    reason = prose(measured.missing or "The result does not say why.")
    if reason not in footnotes:
        footnotes.append(reason)
    return {"text": "missing", "note": footnotes.index(reason) + 1}
