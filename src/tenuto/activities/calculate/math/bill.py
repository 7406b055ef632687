"""US Treasury bills: price, discount rate, investment rate. 31 CFR 356, appendix B, section VI.

Everything is exact until it is rounded once; the investment rate of a long bill is the root of a
quadratic, to 50 digits.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from fractions import Fraction

from tenuto.core.errors import DataError
from tenuto.core.money import exact

_ROOTS = Context(prec=50)
_FACE = 100
_DISCOUNT_YEAR = 360


@dataclass(frozen=True)
class Bill:
    """A bill between settlement and maturity."""

    settlement: date
    maturity: date

    @property
    def days(self) -> int:
        """To maturity."""
        return (self.maturity - self.settlement).days

    @property
    def year(self) -> int:
        """Days from settlement to the same date a year on: 366 across a 29 February."""
        start = self.settlement
        is_leap_day = (start.month, start.day) == (2, 29)
        end = start.replace(year=start.year + 1, day=28 if is_leap_day else start.day)
        return (end - start).days

    @property
    def is_long(self) -> bool:
        """Whether it has more than half a year to go, so that interest would be paid once."""
        return 2 * self.days > self.year


def price_from_discount(bill: Bill, rate: Decimal) -> Fraction:
    """Per 100: `100 (1 - d r / 360)`."""
    return _positive(_FACE * (1 - exact(rate) * Fraction(bill.days, _DISCOUNT_YEAR)))


def discount_from_price(bill: Bill, price: Fraction) -> Fraction:
    """`(100 - P) / 100 x 360 / r`."""
    return (1 - price / _FACE) * Fraction(_DISCOUNT_YEAR, bill.days)


def price_from_investment_rate(bill: Bill, rate: Decimal) -> Fraction:
    """Per 100, by one factor of simple interest, or two in a long bill."""
    first, second = _periods(bill)
    return _positive(_FACE / ((1 + first * exact(rate)) * (1 + second * exact(rate))))


def investment_rate(bill: Bill, price: Fraction) -> Decimal:
    """The coupon-equivalent yield at `price` per 100, to 50 digits."""
    if not bill.is_long:
        return _decimal((_FACE / price - 1) * Fraction(bill.year, bill.days))
    a = Fraction(bill.days, 2 * bill.year) - Fraction(1, 4)
    b = Fraction(bill.days, bill.year)
    c = 1 - _FACE / price
    root = _decimal(b * b - 4 * a * c).sqrt(_ROOTS)
    return _ROOTS.divide(_ROOTS.subtract(root, _decimal(b)), _decimal(2 * a))


def modified_duration(bill: Bill, rate: Decimal) -> Fraction:
    """Years; of the price by the investment rate."""
    return sum(_shares(bill, rate), Fraction(0))


def convexity(bill: Bill, rate: Decimal) -> Fraction:
    """Years squared."""
    shares = _shares(bill, rate)
    return sum(shares, Fraction(0)) ** 2 + sum((share**2 for share in shares), Fraction(0))


def _periods(bill: Bill) -> tuple[Fraction, Fraction]:
    """The parts of a year over which simple interest runs, one after the other."""
    if bill.is_long:
        return Fraction(2 * bill.days - bill.year, 2 * bill.year), Fraction(1, 2)
    return Fraction(bill.days, bill.year), Fraction(0)


def _shares(bill: Bill, rate: Decimal) -> list[Fraction]:
    return [period / (1 + period * exact(rate)) for period in _periods(bill)]


def _positive(price: Fraction) -> Fraction:
    if price <= 0:
        raise DataError(
            f"That rate gives a price of {float(price):.6f}; a rate is a yearly fraction, so 5 % "
            "is 0.05.",
            code="calculate.bond-not-priced",
        )
    return price


def _decimal(value: Fraction) -> Decimal:
    return _ROOTS.divide(Decimal(value.numerator), Decimal(value.denominator))
