"""Why the NAV changed since the prior one."""

from decimal import Decimal
from typing import Any

from tenuto.activities.documents.figures import amount, day, places_of, short_day
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.parts import Movement
from tenuto.packs.finance.report.waterfall import waterfall


def movement(result: NavResult) -> dict[str, Any] | None:
    """Table and chart in base currency; None for the first strike of a fund."""
    moved, since = result.movement, result.prior_date
    if moved is None or since is None:
        return None
    places = places_of(result.nav)
    causes = causes_of(moved)
    return {
        "since": day(since),
        "until": day(result.date),
        "opening": amount(moved.opening, places),
        "causes": [{"label": label, "amount": amount(part, places)} for label, part in causes],
        "total": amount(moved.total, places),
        "closing": amount(moved.closing, places),
        "chart": waterfall(
            (short_day(since), moved.opening),
            causes,
            (short_day(result.date), moved.closing),
            unit=result.base_currency,
            what="the net asset value",
        ),
    }


def causes_of(moved: Movement) -> list[tuple[str, Decimal]]:
    """The parts of a movement under their names, in the order of the report."""
    return [
        ("Price", moved.price),
        ("FX", moved.fx),
        ("Income", moved.income),
        ("Fees", moved.fees),
        ("Capital", moved.capital),
        ("Other", moved.other),
    ]
