"""What a pricing desk writes down as `pricing.yaml`: sources, waterfall, limits, committee.

A `PricingPolicy` travels whole in a run's input, so a run keeps the rules it started with.
"""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeInt, PositiveInt, StringConstraints, model_validator

from tenuto.core.currency import Currency
from tenuto.core.records import Record
from tenuto.packs.finance.models import Identifier, PositiveDecimal

InstrumentType = Literal[
    "equity", "fund", "bond", "bill", "option", "future", "fx_forward", "fx", "other"
]
"""`fx` is an exchange rate priced as an instrument; `bill` pays no coupon."""

QuoteField = Literal["close", "bid", "mid", "ask"]
SourceKind = Literal["exchange", "evaluated", "broker", "administrator"]
"""`exchange`: prices of a market where the instrument trades, whoever delivers them;
`evaluated`: a vendor's estimate from observable data; `broker`: a quote that may not bind."""

Severity = Literal["warn", "review", "committee"]
"""`warn` is published with a flag; `review` waits for one person; `committee` for a maker and a
different approver."""

RuleId = Literal[
    "missing",
    "not-positive",
    "stale",
    "unchanged",
    "own-change",
    "volatility",
    "benchmark",
    "peer",
    "sector",
    "source-spread",
    "bid-over-ask",
    "outside-spread",
    "currency",
    "unit",
    "unit-change",
    "corporate-action",
    "yield-range",
    "two-prices",
    "fx-change",
    "fx-triangle",
    "fair-value",
    "override-expired",
]
"""Every check there is; the README of the pack says what each one looks at."""


Share = Annotated[Decimal, Field(ge=0, decimal_places=8)]
"""A fraction: `0.05` is 5 %."""


class Source(Record):
    """Somebody who sends quotes."""

    source: Identifier
    """As the `source` column of the quote files names it."""
    kind: SourceKind


class SourceStep(Record):
    """One rung of a waterfall."""

    source: Identifier
    field: QuoteField | None = None
    """By default the rule's."""
    look_back_days: NonNegativeInt | None = None
    """By default the rule's."""


class WaterfallRule(Record):
    """Which sources price which instruments, best first.

    An empty list of types, currencies, countries, or instruments means any.
    """

    rule_id: Identifier
    types: tuple[InstrumentType, ...] = ()
    currencies: tuple[Currency, ...] = ()
    countries: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    field: QuoteField = "close"
    """`mid` is made of bid and ask where a source sends only these."""
    look_back_days: NonNegativeInt = 5
    """Trading days of the instrument's calendar that a quote may be old and still be taken, as
    stale; an older one is skipped."""
    steps: Annotated[tuple[SourceStep, ...], Field(min_length=1)]


class PriceLimits(Record):
    """From where on a price is questioned. A value at exactly the limit passes.

    Every limit but those in days, observations, or multiples is a fraction: `0.05` is 5 %.
    """

    stale_days: NonNegativeInt = 0
    """Trading days a price may be older than the valuation date without a question."""
    unchanged_days: PositiveInt | None = 5
    """Published prices in a row that may be equal; None switches the check off."""
    change: dict[InstrumentType, Share] = Field(
        default={"equity": Decimal("0.05"), "fx": Decimal("0.05")}
    )
    """Change since the prior price, by type."""
    other_change: Share = Decimal("0.01")
    """Change since the prior price, for every type that `change` does not name."""
    volatility_multiple: PositiveDecimal | None = Decimal(6)
    """Change as a multiple of the standard deviation of earlier changes; None: off."""
    volatility_observations: Annotated[int, Field(ge=5, le=250)] = 20
    """Earlier changes the standard deviation is measured over; with fewer there is no check."""
    relative_change: Share | None = Decimal("0.05")
    """Difference from the change of the benchmark, peer, or sector; None switches it off."""
    sector_members: Annotated[int, Field(ge=3)] = 5
    """Other instruments of a sector needed to speak of its change (the median)."""
    spread_flag: Share = Decimal("0.005")
    """Largest difference to another source's price of the same day that is not worth a flag."""
    spread_primary: Share = Decimal("0.01")
    """Largest difference with which the primary source is taken as it is."""
    spread_verify: Share = Decimal("0.05")
    """Largest difference that a second source, within `spread_primary` of the first, can settle;
    a larger one goes to the committee."""
    yield_low: Annotated[Decimal, Field(decimal_places=8)] = Decimal("-0.02")
    yield_high: Annotated[Decimal, Field(decimal_places=8)] = Decimal("0.25")
    """Range of a bond's yield to maturity."""
    fx_change: Share = Decimal("0.05")
    """Change of an exchange rate since the day before."""
    fx_triangle: Share = Decimal("0.001")
    """Difference of a rate from the product of two others."""

    @model_validator(mode="after")
    def _bands_rise(self) -> Self:
        if not self.spread_flag <= self.spread_primary <= self.spread_verify:
            raise ValueError("spread_flag, spread_primary, and spread_verify must rise")
        if self.yield_low >= self.yield_high:
            raise ValueError("yield_low must be below yield_high")
        return self


class Committee(Record):
    """Who decides on what matters, and from where on something matters."""

    members: tuple[str, ...] = ()
    """People, and with `g:` groups, that may approve; empty: the group `g:price-approvers`. Never
    the maker."""
    material_weight: Share = Decimal("0.01")
    """Share of the portfolio above which a missing or fair-valued price is the committee's."""
    two_approvers_weight: Share | None = None
    """Share of the portfolio above which two people must approve; None: never."""


class OverrideRules(Record):
    """How long a person's price may stand."""

    longest_days: PositiveInt = 5
    """Calendar days from the valuation date to the latest expiry."""


class PricingPolicy(Record):
    """A pricing policy as its desk writes it down."""

    version: Literal[1] = 1
    """Of this record's shape."""
    policy_id: Identifier
    name: str = ""
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    waterfall: Annotated[tuple[WaterfallRule, ...], Field(min_length=1)]
    """Read from top to bottom; the first rule that fits an instrument prices it."""
    brokers: tuple[Identifier, ...] = ()
    """Broker sources asked when no rung of the waterfall holds, best first."""
    broker_look_back_days: NonNegativeInt = 0
    """Trading days a broker quote may be old."""
    limits: PriceLimits = PriceLimits()
    severities: dict[RuleId, Severity] = Field(default_factory=dict)
    """Severities that differ from the ones in the README of the pack."""
    committee: Committee = Committee()
    overrides: OverrideRules = OverrideRules()
    calendars: dict[str, str] = Field(default_factory=dict)
    """Country -> calendar, for instruments without a calendar of their own: a market of the
    `holidays` package (`NYSE`, `XLON`, ...) or `WEEKDAYS`."""
    default_calendar: str = "WEEKDAYS"
    cut_off: Annotated[str, StringConstraints(pattern=r"^\d{2}:\d{2} \S+/\S+$")] | None = None
    """Until when exceptions may be answered and quotes are in time, for example
    `18:00 Europe/Luxembourg`."""
    on_deadline: Literal["fail", "take_suggestion"] = "fail"
    """What happens to exceptions nobody answered: the run fails, or each suggestion is taken and
    recorded as the policy's. The committee's exceptions are never decided by a clock."""

    @model_validator(mode="after")
    def _names_are_known_and_used_once(self) -> Self:
        groups = {
            "source": [each.source for each in self.sources],
            "waterfall rule": [each.rule_id for each in self.waterfall],
            "broker": list(self.brokers),
        }
        for rule in self.waterfall:
            # Two fields of one source are two rungs; the same rung twice is a slip.
            groups[f"step of rule {rule.rule_id}"] = [
                f"{step.source} {step.field or rule.field}" for step in rule.steps
            ]
        for what, names in groups.items():
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{what} {twice[0]!r} is used twice")
        kinds = {each.source: each.kind for each in self.sources}
        used = [step.source for rule in self.waterfall for step in rule.steps]
        unknown = sorted({*used, *self.brokers} - set(kinds))
        if unknown:
            raise ValueError(f"source {unknown[0]!r} is not among `sources`")
        wrong = sorted(name for name in self.brokers if kinds[name] != "broker")
        if wrong:
            raise ValueError(f"{wrong[0]!r} is in `brokers` and not of kind `broker`")
        return self

    def rule_limit(self, instrument_type: str) -> Decimal:
        """The largest change since the prior price that passes for a type."""
        return {str(name): limit for name, limit in self.limits.change.items()}.get(
            instrument_type, self.limits.other_change
        )

    def kind_of(self, source: str) -> SourceKind | None:
        """The kind of a source; None when the policy does not know it."""
        return next((each.kind for each in self.sources if each.source == source), None)
