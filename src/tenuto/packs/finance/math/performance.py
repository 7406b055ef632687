"""Time-weighted returns of a class, from an index chained through its published NAVs.

The index is 1 at launch, and grows with the NAV per unit, distributions reinvested at the NAV
of their ex-date; a return over any period is the ratio of two index levels less 1, which is the
geometric link of the daily returns between. A return whose starting NAV was never struck is
missing, with the reason; it is never taken from a neighbouring day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tenuto.core.money import RoundingMode, divide, exact
from tenuto.packs.finance.nav.parts import Performance, Return

LAUNCH_INDEX = Decimal(1)
INDEX_PLACES = 18
RETURN_PLACES = 10


@dataclass(frozen=True, kw_only=True)
class ReferenceDays:
    """The dealing days returns are measured from."""

    previous: date
    """The dealing day before the valuation date."""
    month_end: date
    """The last dealing day of the month before."""
    year_end: date
    """The last dealing day of the year before."""


def next_index(
    prior_index: Decimal,
    *,
    prior_nav_per_unit: Decimal,
    nav_per_unit: Decimal,
    distribution: Decimal = Decimal(0),
) -> Decimal:
    """The index after a period that ends at `nav_per_unit`, 18 decimals, half even.

    All per unit in class currency. From launch to the first NAV the prior index is 1 and the
    prior NAV per unit is the launch price. Raises DataError `money.division-by-zero`.
    """
    reached = exact(nav_per_unit) + exact(distribution)
    return divide(
        exact(prior_index) * reached,
        prior_nav_per_unit,
        places=INDEX_PLACES,
        mode=RoundingMode.HALF_EVEN,
    )


def measure(
    index: Decimal,
    *,
    on: date,
    launched: date,
    history: Mapping[date, Decimal],
    days: ReferenceDays,
) -> Performance:
    """Returns up to `on`, 10 decimals, half even.

    `history` holds the index by valuation date, before `on`. A class launched after a
    reference day is measured from its launch.
    """

    def since(day: date) -> Return:
        if day < launched:
            return _return(index, LAUNCH_INDEX, launched)
        if day not in history:
            return Return(value=None, since=day, missing=f"No NAV for {day}; strike it first.")
        return _return(index, history[day], day)

    return Performance(
        daily=_first_day(launched) if days.previous < launched else since(days.previous),
        month_to_date=since(days.month_end),
        year_to_date=since(days.year_end),
        since_inception=_return(index, LAUNCH_INDEX, launched),
    )


def _return(index: Decimal, start: Decimal, since: date) -> Return:
    growth = divide(
        exact(index) - exact(start), start, places=RETURN_PLACES, mode=RoundingMode.HALF_EVEN
    )
    return Return(value=growth, since=since)


def _first_day(launched: date) -> Return:
    return Return(value=None, missing=f"Launched on {launched}; there is no NAV before this one.")
