"""Covered interest parity: what a currency costs later, from what it costs now and two rates."""

from decimal import Context, Decimal
from fractions import Fraction

from tenuto.core.errors import DataError
from tenuto.core.money import exact

_POWERS = Context(prec=50)


def simple_forward(
    spot: Decimal,
    base_rate: Decimal,
    quote_rate: Decimal,
    base_years: Fraction,
    quote_years: Fraction,
) -> Fraction:
    """`S (1 + q t) / (1 + b t)`, exact, each rate over its own currency's years.

    Raises DataError `calculate.bad-rate` when a rate leaves nothing of the money it is paid on.
    """
    base_growth = 1 + exact(base_rate) * base_years
    quote_growth = 1 + exact(quote_rate) * quote_years
    if base_growth <= 0 or quote_growth <= 0:
        raise DataError(
            f"Rates of {base_rate} and {quote_rate} leave nothing of the money they are paid on; a "
            "rate is a yearly fraction, so 5 % is 0.05.",
            code="calculate.bad-rate",
        )
    return exact(spot) * quote_growth / base_growth


def continuous_forward(
    spot: Decimal,
    base_rate: Decimal,
    quote_rate: Decimal,
    base_years: Fraction,
    quote_years: Fraction,
) -> Fraction:
    """`S exp(q t - b t)`, to 50 digits."""
    exponent = exact(quote_rate) * quote_years - exact(base_rate) * base_years
    power = _POWERS.divide(Decimal(exponent.numerator), Decimal(exponent.denominator))
    return exact(spot) * Fraction(power.exp(_POWERS))
