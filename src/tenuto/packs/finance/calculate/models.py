"""What the calculations of fund accounting take and give."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from tenuto.core.currency import Currency
from tenuto.core.money import RoundingMode
from tenuto.core.records import Record
from tenuto.core.references import Dataset
from tenuto.packs.finance.math.day_count import BondDayCount, Frequency
from tenuto.packs.finance.models import (
    Fee,
    Identifier,
    NonNegativeDecimal,
    PositiveDecimal,
    RoundingPolicy,
    ShareClass,
)
from tenuto.packs.finance.nav.parts import Accrual

MOST_INLINE = 1000
Places = Annotated[int, Field(ge=0, le=8)]


class BondPosition(Record):
    """A nominal of a bond within one coupon period."""

    instrument_id: Annotated[str, Field(min_length=1)]
    currency: Currency
    nominal: Decimal
    """Negative for a short position."""
    coupon_rate: NonNegativeDecimal
    """A yearly fraction."""
    day_count: BondDayCount
    coupon_frequency: Frequency = 1
    """Coupons a year."""
    last_coupon_date: date
    """Or the day interest starts."""
    next_coupon_date: date
    maturity: date | None = None
    """Makes an odd last period recognised when it is the next coupon date."""
    pool_factor: PositiveDecimal = Decimal(1)


class AccrualsRequest(Record):
    """Accrue interest of positions given inline or as a table, not both."""

    on: date
    """Interest is earned up to this day, without it."""
    positions: Annotated[tuple[BondPosition, ...], Field(max_length=MOST_INLINE)] = ()
    table: Dataset | None = None
    """Columns as the fields of `BondPosition`."""
    places: Places = 2
    mode: RoundingMode = RoundingMode.HALF_EVEN

    @model_validator(mode="after")
    def _is_given_once(self) -> Self:
        if bool(self.positions) == (self.table is not None):
            raise ValueError("give either `positions` or `table`")
        return self


class CurrencyAmount(Record):
    """An amount of money."""

    currency: Currency
    amount: Decimal


class AccrualsResult(Record):
    """Interest earned and not yet paid."""

    accrued: Dataset
    """`(n, 3): instrument_id, currency, accrued_interest [currency]`, in the order given."""
    totals: tuple[CurrencyAmount, ...]
    """The rounded positions added up, by currency."""


class FeeBalance(Record):
    """What is known of a fee at the start of the period, base currency."""

    fee_id: Identifier
    total: Decimal = Decimal(0)
    """Accrued and unpaid."""
    year_to_date: Decimal = Decimal(0)
    """Accrued in the calendar year of `after`, paid or not."""
    paid: Decimal = Decimal(0)
    """Paid within the period."""


class FeesRequest(Record):
    """Accrue fees on the same assets for the days after `after`, up to and with `through`."""

    fees: Annotated[tuple[Fee, ...], Field(min_length=1, max_length=100)]
    assets: Decimal
    currency: Currency
    after: date
    through: date
    brought_forward: Annotated[tuple[FeeBalance, ...], Field(max_length=100)] = ()
    places: Places = 2
    mode: RoundingMode = RoundingMode.HALF_EVEN

    @model_validator(mode="after")
    def _names_are_used_once(self) -> Self:
        fees = [fee.fee_id for fee in self.fees]
        balances = [balance.fee_id for balance in self.brought_forward]
        for what, names in (("fees", fees), ("brought_forward", balances)):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{what} has {twice[0]!r} twice")
        unknown = sorted(set(balances) - set(fees))
        if unknown:
            raise ValueError(f"brought_forward has {unknown[0]!r}, which is not one of the fees")
        return self


class FeesResult(Record):
    """The accruals, in the order of the fees."""

    accruals: tuple[Accrual, ...]
    amount: Decimal
    """All of this period, base currency."""
    liabilities: Decimal
    """Accrued and unpaid at the end, base currency."""


class ClassState(Record):
    """A class before its share of the result is known."""

    share_class: ShareClass
    prior_nav: NonNegativeDecimal
    """Base currency; at the first strike the launch units at the launch price."""
    opening_units: NonNegativeDecimal
    subscribed_units: NonNegativeDecimal = Decimal(0)
    redeemed_units: NonNegativeDecimal = Decimal(0)
    capital: Decimal = Decimal(0)
    """Subscriptions less redemptions, base currency."""
    own_fees: NonNegativeDecimal = Decimal(0)
    """This period's fees of the class alone, base currency."""
    base_per_class: PositiveDecimal | None = None
    """Base currency for one unit of the class's currency; give one of the two."""
    class_per_base: PositiveDecimal | None = None
    """Or the other way round, and neither when the currencies are the same."""


class ShareClassesRequest(Record):
    """Share net assets among classes and divide by units."""

    assets: Decimal
    """Base currency, before any class's own fees, with no more decimals than the totals."""
    base_currency: Currency
    classes: Annotated[tuple[ClassState, ...], Field(min_length=1, max_length=100)]
    rounding: RoundingPolicy = RoundingPolicy()

    @model_validator(mode="after")
    def _rates_are_given(self) -> Self:
        names = [each.share_class.class_id for each in self.classes]
        if len(set(names)) < len(names):
            raise ValueError("a class is given twice")
        for each in self.classes:
            given = sum(rate is not None for rate in (each.base_per_class, each.class_per_base))
            needed = 0 if each.share_class.currency == self.base_currency else 1
            if given != needed:
                raise ValueError(
                    f"class {each.share_class.class_id!r} in {each.share_class.currency} needs "
                    f"{needed} exchange rate to {self.base_currency}, found {given}"
                )
        return self


class ClassResult(Record):
    """One class's part."""

    class_id: Identifier
    weight: Decimal
    """Share in the result, 18 decimals; all weights add up to 1."""
    gross: Decimal
    """Before its own fees, base currency; all classes add up to the assets."""
    nav_base: Decimal
    """After its own fees, base currency."""
    nav: Decimal
    """Class currency."""
    units: Decimal
    nav_per_unit: Decimal
    """Class currency, rounded as the class rounds."""
    nav_per_unit_exact: Decimal
    """12 decimals."""


class ShareClassesResult(Record):
    """The classes, in the order given."""

    nav: Decimal
    """All classes, base currency."""
    classes: tuple[ClassResult, ...]
