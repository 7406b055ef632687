"""What a break is worth in base currency."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from tenuto.core.money import exact
from tenuto.packs.finance.reconciliation.activities.breaks.rates import in_base, rounded
from tenuto.packs.finance.reconciliation.activities.breaks.raw import RawBreak


def worth(found: RawBreak, rates: Mapping[str, Fraction]) -> Decimal | None:
    """The difference in value, each side in its own currency, 8 decimals of base currency.

    A side that lacks the item is worth 0. Where a side has the item but not its value, the value
    of the other side is taken pro rata of the measure. None when it cannot be known.
    """
    field = found.rules.value
    if field is None:
        return None
    values = [_value(found, field, suffix, rates) for suffix in found.farthest]
    if values[0] is None or values[1] is None:
        return None
    return rounded(values[0] - values[1])


def _value(
    found: RawBreak, field: str, suffix: str, rates: Mapping[str, Fraction]
) -> Fraction | None:
    if suffix not in found.present:
        return Fraction(0)
    own = found.value(field, suffix)
    currency = found.value("currency", suffix) or found.first("currency")
    if own is not None:
        return in_base(own, currency, rates, found.rules.base_currency)
    one, other = found.farthest
    elsewhere = other if suffix == one else one
    whole, measure = found.value(field, elsewhere), found.measure(suffix)
    its_measure = found.measure(elsewhere)
    if whole is None or measure is None or not its_measure:
        return None
    value = in_base(whole, currency, rates, found.rules.base_currency)
    return None if value is None else value * exact(measure) / exact(its_measure)
