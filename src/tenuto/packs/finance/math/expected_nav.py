"""The NAV one should expect: the last one moved by markets, rates, and what is known to flow.

It starts from the prior NAV's own book, not from today's files of positions and cash, so that
an error in those shows as a difference between the struck NAV and the expected one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tenuto.core.money import RoundingMode, difference, round_to, total
from tenuto.packs.finance.nav.parts import Causes, Movement


@dataclass(frozen=True, kw_only=True)
class CurrencyOutlook:
    """What is expected of everything held in one currency, in that currency, exact."""

    prior_rate: Fraction
    """Base currency for one unit, at the prior NAV."""
    rate: Fraction
    opening: Fraction
    """Positions and balances of the prior NAV, fees left out."""
    gains: Fraction = Fraction(0)
    """Of prices, on last positions and on trades since."""
    income: Fraction = Fraction(0)
    hedges: Fraction = Fraction(0)
    """Gained by forwards of hedged classes."""


@dataclass(frozen=True, kw_only=True)
class ExactCauses:
    """Expected changes by cause, base currency, before they are rounded; fees are not yet known."""

    price: Fraction
    fx: Fraction
    income: Fraction
    capital: Fraction

    @property
    def together(self) -> Fraction:
        """All of them."""
        return self.price + self.fx + self.income + self.capital


def before_fees(currencies: Sequence[CurrencyOutlook], *, capital: Fraction) -> ExactCauses:
    """How the assets should have changed before any fee accrued. `capital` is what entered."""
    zero = Fraction(0)
    return ExactCauses(
        price=sum((each.gains * each.rate for each in currencies), zero),
        fx=sum(
            (
                each.opening * (each.rate - each.prior_rate) + each.hedges * each.rate
                for each in currencies
            ),
            zero,
        ),
        income=sum((each.income * each.rate for each in currencies), zero),
        capital=capital,
    )


def rounded(causes: ExactCauses, *, fees: Decimal, places: int) -> Causes:
    """The causes with `places` decimals; `fees` are what should have accrued, positive."""
    parts = {
        name: round_to(getattr(causes, name), places, RoundingMode.HALF_EVEN)
        for name in ("price", "fx", "income", "capital")
    }
    return Causes(**parts, fees=difference(0, fees))


def changed(opening: Decimal, causes: Causes) -> Decimal:
    """The NAV that `causes` lead to."""
    return total([opening, *causes.model_dump().values()])


def compared(movement: Movement, expected: Causes) -> Causes:
    """The struck movement less the expected one, by cause."""
    return Causes(
        **{
            name: difference(getattr(movement, name), value)
            for name, value in expected.model_dump().items()
        }
    )


def class_share(
    starts: Sequence[Fraction], own_results: Sequence[Fraction], assets: Fraction
) -> tuple[Fraction, ...]:
    """Each class's part of `assets`: its start, its own result, its share of the fund's."""
    whole = sum(starts, Fraction(0))
    result = assets - whole - sum(own_results, Fraction(0))
    return tuple(
        start + own + (result * start / whole if whole else 0)
        for start, own in zip(starts, own_results, strict=True)
    )


def relative(struck: Fraction, expected: Fraction) -> Decimal:
    """`struck / expected - 1`, 10 decimals, half even."""
    return round_to(struck / expected - 1, 10, RoundingMode.HALF_EVEN)
