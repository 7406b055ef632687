"""Forward exchange rates by covered interest parity."""

from datetime import date
from fractions import Fraction

_DAYS_A_YEAR = 360


def forward_rate(
    spot: Fraction, rate: Fraction, foreign_rate: Fraction, on: date, maturity: date
) -> Fraction:
    """Units of the quote currency for one of the base currency, delivered at `maturity`.

    `rate` is the quote currency's, `foreign_rate` the base currency's: simple, ACT/360. The two
    ways from today's base currency to tomorrow's quote currency must pay the same.
    """
    years = Fraction((maturity - on).days, _DAYS_A_YEAR)
    return spot * (1 + rate * years) / (1 + foreign_rate * years)
