"""Fees and expenses: what this period cost, what was paid, and what is still owed."""

from typing import Any

from tenuto.activities.documents.figures import (
    NO_VALUE,
    amount,
    count,
    percent,
    places_of,
    words,
)
from tenuto.core.money import total
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.parts import Accrual


def fees(result: NavResult) -> dict[str, Any]:
    """One row per fee and class, base currency, with totals."""
    places = places_of(result.nav)
    return {
        "rows": [_row(each, places) for each in result.accruals],
        **{
            field: amount(total(getattr(each, field) for each in result.accruals), places)
            for field in ("prior_total", "amount", "paid", "total")
        },
    }


def _row(each: Accrual, places: int) -> dict[str, Any]:
    limited = ", at its cap" * each.cap_applied + ", at its floor" * each.floor_applied
    return {
        "fee": words(each.fee_id),
        "bearer": words(each.class_id) if each.class_id else "all classes",
        "terms": f"{each.kind}, {count(each.days, 'day', 'days')}, {each.day_count}{limited}",
        "base": amount(each.base, places),
        "rate": NO_VALUE if each.rate is None else percent(each.rate, 4),
        "prior_total": amount(each.prior_total, places),
        "amount": amount(each.amount, places),
        "paid": amount(each.paid, places),
        "total": amount(each.total, places),
    }
