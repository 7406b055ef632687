"""Why a fund's NAV moved: prices, exchange rates, income, fees, capital, and nothing else.

The opening book is revalued at today's rates (`fx`); what entered since is valued at today's
rates too, so the rest of the change is prices. Cash and quantities that no trade, dividend,
deal, or payment explains are `other`, exactly. `price` carries the smallest units lost to the
rounding of single positions, and is checked against its own direct computation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tenuto.core.money import Exact, RoundingMode, difference, exact, round_to, total
from tenuto.packs.finance.models import RoundingPolicy
from tenuto.packs.finance.nav.parts import Movement


@dataclass(frozen=True, kw_only=True)
class CurrencyMovement:
    """Everything the fund holds in one currency, before and after, in that currency.

    Amounts are exact sums, not yet rounded. `prior` is at the prior NAV, `since` happened
    after it, up to and with this one.
    """

    currency: str
    prior_rate: Exact
    """Base currency for one unit, at the prior NAV; today's where there was none."""
    rate: Exact
    """Base currency for one unit, today."""
    prior_positions: Decimal = Decimal(0)
    """Positions with accrued interest."""
    positions: Decimal = Decimal(0)
    prior_balances: Decimal = Decimal(0)
    """Cash, receivables, and payables; all but fees."""
    balances: Decimal = Decimal(0)
    trades: Decimal = Decimal(0)
    """Net amounts of trades since: sales less purchases."""
    cash_income: Decimal = Decimal(0)
    """Net dividends that went ex, and coupons that were paid, since."""
    accrued_income: Decimal = Decimal(0)
    """Accrued interest in `positions` less that in `prior_positions`, without what was traded."""
    capital: Decimal = Decimal(0)
    """Subscriptions less redemptions that entered since."""
    fees_paid: Decimal = Decimal(0)
    """Fees paid since."""
    hedges: Decimal = Decimal(0)
    """What forwards of hedged classes gained since, settled or not."""
    unexplained_quantity: Decimal = Decimal(0)
    """Today's value of quantities that no trade or corporate action explains."""


def explain(
    currencies: Sequence[CurrencyMovement],
    *,
    opening: Decimal,
    closing: Decimal,
    fees: Decimal,
    capital: Decimal,
    rounding: RoundingPolicy,
    rounded_amounts: int,
) -> Movement:
    """The movement from `opening` to `closing` NAV; its parts add up to the last digit.

    `fees` are this period's accruals and `capital` what the classes received, base currency.
    `rounded_amounts` counts the positions and balances of both NAVs that were rounded one by
    one: as many smallest units may separate the exact parts from the total, and belong to
    `price`. A larger difference is not rounding, and is added to `other`.
    """
    parts = {
        name: round_to(part, rounding.nav_places, RoundingMode.HALF_EVEN)
        for name, part in _exact_parts(currencies).items()
    }
    parts |= {"fees": difference(0, fees), "capital": capital}
    change = difference(closing, opening)
    rest = difference(change, *parts.values())
    is_rounding = abs(exact(rest)) <= _smallest_unit(rounding) * (rounded_amounts + _TOTALS)
    bearer = "price" if is_rounding else "other"
    parts[bearer] = total([parts[bearer], rest])
    return Movement(opening=opening, **parts, total=change, closing=closing)


_TOTALS = 8
"""Fund totals and parts of the movement that are rounded as well."""


def _exact_parts(currencies: Sequence[CurrencyMovement]) -> dict[str, Fraction]:
    parts = {"price": Fraction(0), "fx": Fraction(0), "income": Fraction(0), "other": Fraction(0)}
    for each in currencies:
        rate = exact(each.rate)
        parts["price"] += exact(_price_gain(each)) * rate
        parts["fx"] += exact(_opening_book(each)) * (rate - exact(each.prior_rate))
        parts["fx"] += exact(each.hedges) * rate
        parts["income"] += exact(total([each.cash_income, each.accrued_income])) * rate
        parts["other"] += exact(_unexplained(each)) * rate
    return parts


def _opening_book(each: CurrencyMovement) -> Decimal:
    return total([each.prior_positions, each.prior_balances])


def _price_gain(each: CurrencyMovement) -> Decimal:
    gained = difference(each.positions, each.prior_positions)
    return difference(total([gained, each.trades]), each.accrued_income, each.unexplained_quantity)


def _unexplained(each: CurrencyMovement) -> Decimal:
    flows = total([each.trades, each.cash_income, each.capital, each.hedges])
    cash = difference(total([each.balances, each.fees_paid]), each.prior_balances, flows)
    return total([cash, each.unexplained_quantity])


def _smallest_unit(rounding: RoundingPolicy) -> Fraction:
    return Fraction(1, 10 ** min(rounding.position_places, rounding.nav_places))
