"""European options by Black, Scholes and Merton (1973)."""

from dataclasses import dataclass
from math import erf, exp, log, sqrt
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class European:
    """One option on an asset with a continuous yield."""

    kind: Literal["call", "put"]
    underlying: float
    strike: float
    years: float
    """To expiry; 0 on the day of expiry."""
    rate: float
    """Continuous, a fraction a year."""
    dividend_yield: float
    volatility: float


def option_price(option: European) -> float:
    """Per unit of the underlying, in its currency; the intrinsic value at expiry."""
    sign = 1 if option.kind == "call" else -1
    spot = option.underlying * exp(-option.dividend_yield * option.years)
    strike = option.strike * exp(-option.rate * option.years)
    deviation = option.volatility * sqrt(option.years)
    if deviation == 0:
        return max(sign * (spot - strike), 0.0)
    upper = log(spot / strike) / deviation + deviation / 2
    return sign * (spot * _normal(sign * upper) - strike * _normal(sign * (upper - deviation)))


def _normal(value: float) -> float:
    return (1 + erf(value / sqrt(2))) / 2
