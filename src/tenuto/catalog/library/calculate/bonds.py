"""Bonds and bills: price from yield, yield from price, and what moves them."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tenuto.catalog import SideEffect, activity
from tenuto.catalog.library.calculate.series import LONG, MOST_INLINE, QUEUE, SAME_BYTES, Day
from tenuto.core.records import Record
from tenuto.core.references import Dataset

Convention = Literal[
    "us-street", "us-treasury", "us-corporate", "uk-gilt", "icma-annual", "us-bill"
]
"""How price and yield are tied.

`us-street`: semi-annual, ACT/ACT ICMA, compounded also in a part period. `us-treasury`: the same
with simple interest in a part period (31 CFR 356, appendix B). `us-corporate`: the street with
30/360. `uk-gilt`: semi-annual, ACT/ACT ICMA, compounded, ex-dividend from the sixth business day
before a coupon. `icma-annual`: annual, ACT/ACT ICMA, compounded. `us-bill`: discount, ACT/360.
"""


class BondTerms(Record):
    """One bond on one settlement date, with exactly one of price, yield, or discount rate."""

    bond_id: Annotated[str, Field(min_length=1)]
    convention: Convention
    settlement: Day
    maturity: Day
    coupon_rate: Annotated[Decimal, Field(ge=0, le=1)] = Decimal(0)
    """A yearly fraction; 0 for a bill."""
    dated: Day | None = None
    """The day interest starts; needed in an odd first period only."""
    first_coupon: Day | None = None
    """Needed for a long first period only."""
    clean_price: Annotated[Decimal, Field(gt=0)] | None = None
    """Per 100 nominal, without accrued interest."""
    yield_rate: Decimal | None = None
    """A yearly fraction, compounded as coupons are paid; the investment rate of a bill."""
    discount_rate: Decimal | None = None
    """A yearly fraction, bills only."""

    @model_validator(mode="after")
    def _is_one_question(self) -> Self:
        given = [self.clean_price, self.yield_rate, self.discount_rate]
        if sum(each is not None for each in given) != 1:
            raise ValueError("give exactly one of `clean_price`, `yield_rate`, `discount_rate`")
        if self.convention == "us-bill" and self.coupon_rate:
            raise ValueError("a bill pays no coupon; leave `coupon_rate` out")
        if self.convention != "us-bill" and self.discount_rate is not None:
            raise ValueError("a discount rate is for `us-bill`")
        if self.first_coupon is not None and self.dated is None:
            raise ValueError("`first_coupon` needs `dated`")
        return self


class BondRequest(Record):
    """Price bonds given inline or as a table, not both."""

    bonds: Annotated[tuple[BondTerms, ...], Field(max_length=MOST_INLINE)] = ()
    table: Dataset | None = None
    """Columns as the fields of `BondTerms`; those nothing is said in may be left out."""

    @model_validator(mode="after")
    def _is_given_once(self) -> Self:
        if bool(self.bonds) == (self.table is not None):
            raise ValueError("give either `bonds` or `table`")
        return self


class BondValue(Record):
    """One priced bond, per 100 nominal. Prices have 8 decimals, rates and sensitivities 10."""

    bond_id: str
    settlement: Day
    clean_price: Decimal
    accrued_interest: Decimal
    """Negative while the next coupon belongs to the seller."""
    dirty_price: Decimal
    """Clean price and accrued interest, added."""
    yield_rate: Decimal
    discount_rate: Decimal | None
    """Bills only."""
    macaulay_duration: Decimal
    """Years."""
    modified_duration: Decimal
    """Relative change of the dirty price for a yield change of 1, sign turned."""
    convexity: Decimal
    """Years squared."""
    dv01: Decimal
    """Fall of the dirty price when the yield rises by one basis point."""


class BondResult(Record):
    """The priced bonds, in the order they were given."""

    bonds: tuple[BondValue, ...]
    """Empty when they were given as a table."""
    table: Dataset | None
    """`(n, 11)`: the fields of `BondValue`; None when they were given inline."""


bond = activity(
    "calculate.bond",
    request=BondRequest,
    result=BondResult,
    summary="Price bonds and bills: yield, accrued interest, duration, convexity, DV01.",
    queue=QUEUE,
    start_to_close=LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)
