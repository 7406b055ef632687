"""Which NAV this is, whether it may be relied on, and the figures asked for first."""

from typing import Any

from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.report.figures import amount, day, places_of, words

_NAV_TYPES = {"official": "Official NAV", "tax": "Tax NAV", "shadow": "Shadow NAV"}


def cover(result: NavResult) -> dict[str, Any]:
    """Fund, date, status, and the fund's figures in its base currency."""
    places = places_of(result.nav)
    prior = result.prior_date
    return {
        "fund": words(result.fund_name or result.fund_id),
        "date": day(result.date),
        "nav_type": _NAV_TYPES[result.nav_type],
        "strike": str(result.strike),
        "nav_id": words(result.nav_id),
        "status": result.status,
        "currency": result.base_currency,
        "nav": amount(result.nav, places),
        "gav": amount(result.gav, places),
        "liabilities": amount(result.liabilities, places),
        "prior": f"Prior NAV {day(prior)}" if prior else "First strike: no prior NAV",
    }
