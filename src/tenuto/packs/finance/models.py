"""Nouns every fund operation shares: the fund, its classes, its fees, its rules.

A `Fund` is what a user writes as `fund.yaml`. It travels whole in a run's input, so a run
keeps the fund definition it started with.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeInt, StringConstraints, model_validator

from tenuto.core.currency import Currency
from tenuto.core.money import RoundingMode
from tenuto.core.records import Record

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""A short name that is safe in a run id, a file name, and a search attribute."""

DayCount = Literal["ACT/365", "ACT/360", "ACT/ACT"]
PositiveDecimal = Annotated[Decimal, Field(gt=0)]
NonNegativeDecimal = Annotated[Decimal, Field(ge=0)]


class Problem(Record):
    """One thing wrong with an input, said so that it can be fixed."""

    code: str
    """Stable, for example `nav.price-missing` or `table.not-a-date`."""
    file: str
    row: int | None = None
    """1-based line of the file, the header being line 1."""
    field: str | None = None
    found: str
    """What is there, in words."""
    remedy: str
    """What to do about it."""
    instrument_id: str | None = None


class RoundingPolicy(Record):
    """Where and how a fund rounds money in its base currency."""

    mode: RoundingMode = RoundingMode.HALF_EVEN
    position_places: Annotated[int, Field(ge=0, le=8)] = 2
    """Decimals of each valued position, when `level` is `position`."""
    nav_places: Annotated[int, Field(ge=0, le=8)] = 2
    """Decimals of every fund and class total."""
    level: Literal["position", "total"] = "position"
    """Round each position and add, or add exactly and round the total once."""


class FeeTier(Record):
    """One step of a tiered fee."""

    above: NonNegativeDecimal
    """Assets, in base currency, from which `rate` applies."""
    rate: Annotated[Decimal, Field(ge=0, le=1)]


class Fee(Record):
    """One fee or expense that accrues every day, weekends included."""

    fee_id: Identifier
    kind: Literal["percentage", "fixed", "tiered", "budget"]
    """`percentage` of assets; `fixed` amount a year; `tiered` by size; `budget`: a yearly
    amount whose remainder is spread over the days left in the year."""
    rate: Annotated[Decimal, Field(ge=0, le=1)] | None = None
    """Yearly fraction of assets, for `percentage`."""
    amount: NonNegativeDecimal | None = None
    """Base currency per year, for `fixed` and `budget`."""
    tiers: tuple[FeeTier, ...] = ()
    tier_method: Literal["absolute", "cumulative"] = "cumulative"
    """`absolute`: the reached tier's rate on everything; `cumulative`: each slice at its own."""
    day_count: DayCount = "ACT/365"
    cap: NonNegativeDecimal | None = None
    """At most this much a year in base currency, pro rata by day."""
    floor: NonNegativeDecimal | None = None
    """At least this much a year in base currency, pro rata by day."""

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> Self:
        needed = {
            "percentage": self.rate is not None,
            "fixed": self.amount is not None,
            "budget": self.amount is not None,
            "tiered": bool(self.tiers),
        }
        field = {"percentage": "rate", "tiered": "tiers"}.get(self.kind, "amount")
        if not needed[self.kind]:
            raise ValueError(f"fee {self.fee_id!r} of kind {self.kind!r} needs `{field}`")
        starts = [tier.above for tier in self.tiers]
        if starts and (starts[0] != 0 or starts != sorted(set(starts))):
            raise ValueError(f"fee {self.fee_id!r}: tiers start at 0 and rise")
        if self.cap is not None and self.floor is not None and self.floor > self.cap:
            raise ValueError(f"fee {self.fee_id!r}: floor {self.floor} is above cap {self.cap}")
        return self


class ShareClass(Record):
    """One class of units."""

    class_id: Identifier
    name: str = ""
    isin: str | None = None
    currency: Currency
    kind: Literal["accumulation", "income"] = "accumulation"
    launch_date: date
    launch_price: PositiveDecimal
    """Class currency per unit."""
    units: NonNegativeDecimal
    """Units in issue at launch; later strikes roll forward from the prior NAV."""
    unit_places: Annotated[int, Field(ge=0, le=8)] = 3
    nav_places: Annotated[int, Field(ge=0, le=8)] = 4
    """Decimals of the NAV per unit."""
    fees: tuple[Fee, ...] = ()
    """Fees this class alone bears."""


class Tolerance(Record):
    """A check with its limit, and what a breach does."""

    rule: Literal[
        "unit-nav-change",
        "market-value-change",
        "administrator-variance",
        "benchmark-multiple",
        "unexplained-movement",
        "stale-prices",
        "price-change",
        "stale-fx",
        "units-roll-forward",
    ]
    limit: NonNegativeDecimal
    """A fraction, a multiple, a number of days, or an amount, as the rule's documentation says."""
    severity: Literal["warn", "block", "four-eyes"] = "warn"
    """`warn` is reported; `block` waits for one person's comment; `four-eyes` for two people's."""


class Recipient(Record):
    """Somebody who gets the NAV pack, and how."""

    name: Identifier
    channel: Literal["file", "webhook"]
    target: str
    """A folder (any fsspec URL) for `file`; an https or loopback URL for `webhook`."""
    secret: str | None = None
    """For `webhook`: a reference such as `secret://env/NAME`; the value never enters a history."""


class FxPolicy(Record):
    """Which rates value the fund, and how old one may be."""

    source: str = "ECB"
    max_age_days: NonNegativeInt = 5
    """Calendar days between the valuation date and the last fixing; older is an error."""


class PricePolicy(Record):
    """How old a price may be."""

    max_age_days: NonNegativeInt = 5
    """Calendar days between the valuation date and the price date; older is an error."""


class Fund(Record):
    """A fund as its operations team writes it down."""

    version: Literal[1] = 1
    fund_id: Identifier
    name: str
    base_currency: Currency
    inception: date
    dealing_calendar: str = "ECB"
    """A market of the `holidays` package (`ECB`, `NYSE`, `XLON`, ...), or `WEEKDAYS`."""
    cut_off: Annotated[str, StringConstraints(pattern=r"^\d{2}:\d{2} \S+/\S+$")] | None = None
    """Until when a strike waits for what is missing, for example `18:00 Europe/Luxembourg`."""
    rounding: RoundingPolicy = RoundingPolicy()
    fx: FxPolicy = FxPolicy()
    prices: PricePolicy = PricePolicy()
    classes: Annotated[tuple[ShareClass, ...], Field(min_length=1)]
    fees: tuple[Fee, ...] = ()
    """Fees every class bears in proportion to its assets."""
    tolerances: tuple[Tolerance, ...] = ()
    recipients: tuple[Recipient, ...] = ()

    @model_validator(mode="after")
    def _names_are_used_once(self) -> Self:
        groups: dict[str, list[str]] = {
            "class_id": [each.class_id for each in self.classes],
            "fund fee_id": [fee.fee_id for fee in self.fees],
            "recipient name": [each.name for each in self.recipients],
            "tolerance rule": [each.rule for each in self.tolerances],
        }
        for each in self.classes:
            groups[f"fee_id of class {each.class_id}"] = [fee.fee_id for fee in each.fees]
        for what, names in groups.items():
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{what} {twice[0]!r} is used twice")
        return self
