"""Which NAV this is, whether it may be relied on, and the figures asked for first."""

from typing import Any

from tenuto.activities.documents.figures import amount, day, moment, places_of, prose, words
from tenuto.packs.finance.nav.models import NavResult

_NAV_TYPES = {"official": "Official NAV", "tax": "Tax NAV", "shadow": "Shadow NAV"}

_STANDINGS = {
    "final": "Final",
    "candidate": "Candidate, not released",
    "estimate": "Estimate, not released",
}
_WARNINGS = {
    "candidate": "This net asset value is a candidate: it has not been released.",
    "estimate": "This net asset value is an estimate: nobody has accepted it yet.",
}


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
        "standing": _STANDINGS[result.status],
        "warning": _WARNINGS.get(result.status),
        "currency": result.base_currency,
        "nav": amount(result.nav, places),
        "gav": amount(result.gav, places),
        "liabilities": amount(result.liabilities, places),
        "prior": f"Prior NAV {day(prior)}" if prior else "First strike: no prior NAV",
        "accepted": _accepted(result),
    }


def _accepted(result: NavResult) -> str | None:
    given = result.acceptance
    if given is None:
        return None
    comment = f": {prose(given.comment).rstrip('.')}" if given.comment else ""
    return (
        f"Accepted by {words(given.by)}, {moment(given.at)}{comment}. "
        f"Result SHA-256 {prose(given.result_sha256)}"
    )
