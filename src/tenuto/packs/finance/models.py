"""Nouns every fund operation shares: the fund, its classes, its fees, its rules.

A `Fund` is what a user writes as `fund.yaml`. It travels whole in a run's input, so a run
keeps the fund definition it started with.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import Field, NonNegativeInt, StringConstraints, model_validator

from tenuto.core.currency import Currency
from tenuto.core.money import RoundingMode
from tenuto.core.records import Record
from tenuto.core.references import Document
from tenuto.packs.finance.sign_off import SignOff

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


class ReportPack(Record):
    """A report in the two forms people ask for."""

    pdf: Document
    xlsx: Document


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


class PerformanceFee(Record):
    """A share of what a class earns above its high-water mark, and above a hurdle if it has one."""

    fee_id: Identifier
    rate: Annotated[Decimal, Field(gt=0, le=1)]
    """The manager's part of the gain: `0.2` is a fifth."""
    hurdle: Literal["none", "fixed", "index"] = "none"
    """What the high-water mark grows by: nothing, `hurdle_rate` a year, or the benchmark."""
    hurdle_rate: Annotated[Decimal, Field(ge=0, le=1)] | None = None
    day_count: DayCount = "ACT/365"
    crystallisation: Literal["yearly", "half-yearly", "quarterly", "monthly"] = "yearly"
    """How often what has accrued becomes the manager's for good, at month ends."""
    year_end_month: Annotated[int, Field(ge=1, le=12)] = 12
    """The month with whose end the fee's year ends."""
    reference_years: Annotated[int, Field(ge=1)] | None = None
    """Years after which a loss that was not made good is forgotten; None: never."""

    @model_validator(mode="after")
    def _fixed_hurdle_has_a_rate(self) -> Self:
        if (self.hurdle == "fixed") != (self.hurdle_rate is not None):
            raise ValueError(
                f"performance fee {self.fee_id!r}: `hurdle_rate` goes with `hurdle: fixed`, and "
                "only with it"
            )
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
    performance_fee: PerformanceFee | None = None
    hedge_target: Annotated[Decimal, Field(gt=0, le=1)] | None = None
    """The part of the class that forwards hedge against the base currency: 1 is all of it. None:
    not a hedged class."""


_USUAL_LIMITS = {
    "unit-nav-change": "0.02",
    "market-value-change": "0.05",
    "administrator-variance": "0.0003",
    "benchmark-multiple": "1.5",
    "unexplained-movement": "0",
    "units-roll-forward": "0",
    "missing-price": "0.01",
    "open-breaks": "0.0001",
    "position-breaks": "0.0001",
    "expected-nav": "0.00005",
    "hedge-ratio": "0.05",
}
"""What is usual where a rule has a usual limit, in the unit of the rule."""


def _usual_limit(data: dict[str, Any]) -> Decimal:
    rule = data.get("rule", "")
    if rule not in _USUAL_LIMITS:
        raise ValueError(f"tolerance {rule!r} has no usual limit; write its `limit`")
    return Decimal(_USUAL_LIMITS[rule])


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
        "missing-price",
        "open-breaks",
        "position-breaks",
        "expected-nav",
        "hedge-ratio",
    ]
    limit: NonNegativeDecimal = Field(default_factory=_usual_limit)
    """A fraction, a multiple, a number of days, or an amount, as the rule's documentation says;
    left out, the usual one of the rules that have one."""
    units: NonNegativeDecimal | None = None
    """For `position-breaks`: also a break of more than this many units is one."""
    severity: Literal["warn", "block", "four-eyes"] = "warn"
    """`warn` is reported; `block` waits for one person's comment; `four-eyes` for two people's."""


class SwingPolicy(Record):
    """When dealing moves the price of a unit, so that who deals pays for it, and how far."""

    mode: Literal["full", "partial"] = "partial"
    """`full` at every net flow; `partial` at one beyond the threshold."""
    threshold_fraction: NonNegativeDecimal | None = None
    """Net flow as a fraction of the fund's NAV; a flow on it does not swing."""
    threshold_amount: NonNegativeDecimal | None = None
    """Net flow in base currency."""
    method: Literal["factor", "basis"] = "factor"
    """`factor` moves the NAV by a given part; `basis` values the fund at offer or bid prices."""
    factor_up: Annotated[Decimal, Field(ge=0, lt=1)] = Decimal(0)
    """By which part net subscriptions raise the price: `0.005` is half a percent."""
    factor_down: Annotated[Decimal, Field(ge=0, lt=1)] = Decimal(0)
    """By which part net redemptions lower it."""
    cap: Annotated[Decimal, Field(gt=0, lt=1)]
    """The most a price may swing by, as the prospectus says."""

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        limits = [self.threshold_fraction, self.threshold_amount]
        given = sum(each is not None for each in limits)
        if self.mode == "partial" and given != 1:
            raise ValueError("partial swing needs `threshold_fraction` or `threshold_amount`")
        if self.mode == "full" and given:
            raise ValueError("full swing has no threshold; take it out, or write `mode: partial`")
        if self.method == "factor" and not (self.factor_up or self.factor_down):
            raise ValueError("swing by factor needs `factor_up` and `factor_down`")
        return self


class DilutionLevy(Record):
    """A charge on who deals, beside the price, which stays as it is."""

    rate: Annotated[Decimal, Field(gt=0, lt=1)]
    """A fraction of each deal in the direction of the net flow."""
    threshold_fraction: NonNegativeDecimal = Decimal(0)
    """Net flow as a fraction of the fund's NAV; a flow on it is not charged."""


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
    swing: SwingPolicy | None = None
    dilution_levy: DilutionLevy | None = None
    classes: Annotated[tuple[ShareClass, ...], Field(min_length=1)]
    fees: tuple[Fee, ...] = ()
    """Fees every class bears in proportion to its assets."""
    tolerances: tuple[Tolerance, ...] = ()
    recipients: tuple[Recipient, ...] = ()
    sign_off: SignOff = SignOff()
    """Who signs a NAV off, for runs with `sign_off: required`."""

    @model_validator(mode="after")
    def _names_are_used_once(self) -> Self:
        groups: dict[str, list[str]] = {
            "class_id": [each.class_id for each in self.classes],
            "fund fee_id": [fee.fee_id for fee in self.fees],
            "recipient name": [each.name for each in self.recipients],
            "tolerance rule": [each.rule for each in self.tolerances],
        }
        for each in self.classes:
            fee_ids = [fee.fee_id for fee in each.fees]
            if each.performance_fee:
                fee_ids.append(each.performance_fee.fee_id)
            groups[f"fee_id of class {each.class_id}"] = fee_ids
        for what, names in groups.items():
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{what} {twice[0]!r} is used twice")
        if self.swing and self.dilution_levy:
            raise ValueError("swing and a dilution levy would charge dealing twice; keep one")
        return self
