"""What Pricing takes and what remains: the golden prices, and everything that explains them.

Tables never appear here: `Dataset` and `Document` references do. Every price is a `Decimal` in
the currency and unit that its instrument is kept in.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from tenuto.core.currency import Currency
from tenuto.core.records import Record
from tenuto.core.references import ArtifactUri, Dataset, Document, Sha256
from tenuto.packs.finance.models import Identifier, PositiveDecimal, ReportPack
from tenuto.packs.finance.pricing.policy import PricingPolicy, RuleId, Severity, SourceKind

Day = date
"""For fields below one that is itself called `date`, and hides the type from a type checker."""

Words = Annotated[str, Field(min_length=1)]
Level = Literal[1, 2, 3]
"""Of the fair value hierarchy (IFRS 13, ASC 820)."""

Method = Literal["source", "prior", "broker", "model", "override"]
"""`source`: a rung of the waterfall; `prior`: the earlier price, the market being closed;
`broker` and `model`: fair value; `override`: a person's price."""

Action = Literal["accept", "override", "next_source", "challenge_vendor"]


class Override(Record):
    """A person's price, with who stands behind it and until when."""

    override_id: str
    """`<date>/<instrument_id>/<n>`, given by the run that took it."""
    instrument_id: str
    price: PositiveDecimal
    currency: Currency
    unit: str
    reason: Words
    evidence: Document
    """What the price rests on, as a stored file."""
    by: Words
    approver: Words
    made_at: datetime
    effective: date
    """The first valuation date it prices."""
    expires_on: date
    """The last valuation date it prices."""
    old_price: Decimal | None = None
    """What the waterfall had offered instead."""


class PricingRequest(Record):
    """Price one list of instruments for one date under one policy."""

    policy: PricingPolicy
    """The policy as it is written in `pricing.yaml`."""
    date: date
    """Valuation date."""
    instruments: Document
    """`instrument_id, type, currency` and optionally `isin, sedol, cusip, name, unit` (`unit`,
    `per100`, `GBX`), `country, calendar, sector, benchmark, peer, level_hint, model` (`bond`,
    `option`, `fx_forward`), `maturity, coupon_rate, convention` (as `calculate.bond` has them),
    `dated, curve, underlying, strike, option_type` (`call`, `put`)."""
    quotes: Annotated[tuple[Document, ...], Field(min_length=1)]
    """One or more files, `date, source, field` (`close`, `bid`, `mid`, `ask`)`, price`, either
    `instrument_id` or `identifier` (an ISIN, SEDOL, or CUSIP), and optionally `currency, unit,
    received_at` (UTC, `2024-01-31T17:30:00Z`)."""
    fx: Document | None = None
    """`date, base, quote, rate` and optionally `source`: one unit of `base` buys `rate` units of
    `quote`. Checked, not published."""
    holdings: Document | None = None
    """`instrument_id, weight`: the share of the portfolio, `0.0125` being 1.25 %."""
    corporate_actions: Document | None = None
    """`ca_id, instrument_id, type` (`dividend` or `split`), `ex_date` and optionally `pay_date,
    rate, currency, ratio, withholding_rate`."""
    history: Document | None = None
    """`instrument_id, date, price` of earlier days, in the instrument's currency and unit; by
    default the published sets in the artifact store."""
    series: Document | None = None
    """`series_id, date, level` of the benchmarks that instruments name."""
    model_inputs: Document | None = None
    """`instrument_id, name, value` and optionally `source, level`: `yield`, `spread`,
    `volatility`, `rate`, `dividend_yield`, `foreign_rate` for a model; every rate as a fraction
    per year."""
    curves: Document | None = None
    """`curve_id, years, rate` and optionally `source, level`: yearly yields by maturity, from
    which a bond is priced with its spread."""
    prior: Document | None = None
    """The audit document of an earlier set; by default the last one published before `date`."""
    overrides: tuple[Override, ...] = ()
    """Overrides to use beside those that the prior set hands on; expired ones are reported."""
    version: PositiveInt | None = None
    """Assigned at start: the first number not yet used for this policy and date."""
    on_exception: Literal["wait", "fail", "report"] = "wait"
    """What a questioned price does: wait for a person until the policy's cut-off, end the run, or
    be published with a flag (a missing price stays missing)."""


class CheckFinding(Record):
    """One check that did not pass."""

    rule: RuleId
    severity: Severity
    value: Decimal | None
    """What was measured; None where there is nothing to measure."""
    limit: Decimal | None
    """What it was held against."""
    evidence: str
    """In words, with the figures and sources a person needs to judge it."""


class Suggestion(Record):
    """What the figures speak for; a person decides."""

    action: Literal["accept", "next_source"] | None
    """None: nothing can be suggested, a person must find a price."""
    price: Decimal | None = None
    source: str | None = None
    reason: str


class Remark(Record):
    """What somebody said about an exception."""

    by: Words
    text: Words
    at: datetime


class PriceException(Record):
    """A price, or an exchange rate, that a person must decide on."""

    instrument_id: str
    """The instrument, or `FX:EUR/USD` for an exchange rate of the `fx` file."""
    name: str = ""
    severity: Literal["review", "committee"]
    """The highest of its findings."""
    findings: tuple[CheckFinding, ...]
    price: Decimal | None
    """What is proposed; None when there is no price at all."""
    currency: Currency | None
    unit: str | None
    source: str | None
    method: Method | None
    price_date: date | None
    prior_price: Decimal | None = None
    weight: Decimal | None = None
    """Share of the portfolio; None when holdings were not given."""
    suggestion: Suggestion
    opened_at: datetime | None = None
    """UTC; None in the list of a step, before the run has taken it over."""
    owner: str | None = None
    remarks: tuple[Remark, ...] = ()
    challenged: tuple[str, ...] = ()
    """Sources that were asked to explain or correct their price."""


class Decision(Record):
    """What was decided on an exception."""

    instrument_id: str
    action: Action
    by: Words
    """A name, or `policy` where the deadline took the suggestion."""
    approver: str | None = None
    reason: Words
    at: datetime
    is_suggestion_taken_at_deadline: bool = False
    source: str | None = None
    """The source that was skipped or challenged."""
    price: Decimal | None = None
    """The price that was accepted or set."""
    override_id: str | None = None


class SourceFile(Record):
    """One file a set was made from."""

    input: str
    """`quotes`, `instruments`, `fx`, ..."""
    name: str
    uri: ArtifactUri
    sha256: Sha256
    bytes: NonNegativeInt
    rows: NonNegativeInt


class LevelTransfer(Record):
    """An instrument that moved within the fair value hierarchy since the prior set."""

    instrument_id: str
    prior_level: Level
    level: Level
    reason: str


class LevelCount(Record):
    """How many instruments are at one level."""

    level: Level
    instruments: NonNegativeInt
    weight: Decimal | None
    """Share of the portfolio; None when holdings were not given."""


class SourceUse(Record):
    """What one source delivered, and how good it was."""

    source: str
    kind: SourceKind | None
    """None for a source the policy does not know; its quotes are kept and never used."""
    expected: NonNegativeInt
    """Instruments whose waterfall asks it."""
    covered: NonNegativeInt
    """Of these, with a quote in the look-back."""
    used: NonNegativeInt
    """Instruments priced from it."""
    stale: NonNegativeInt
    """Covered, but not with a quote of the last trading day."""
    late: NonNegativeInt
    """Quotes received after the cut-off."""
    corrected: NonNegativeInt
    """Quotes that a later one of the same day replaced."""
    failed: NonNegativeInt
    """Quotes that a check kept from being used."""
    challenged: NonNegativeInt
    score: Decimal | None
    """From 0 to 1, four decimals: 1 less the share of expected instruments that were missing,
    stale, failed, corrected, or challenged; never below 0. None where nothing was expected."""


class PricingCounts(Record):
    """The set in figures."""

    instruments: NonNegativeInt
    priced: NonNegativeInt
    missing: NonNegativeInt
    flagged: NonNegativeInt
    """Priced with at least one flag."""
    quotes: NonNegativeInt
    exceptions: NonNegativeInt
    """All that were raised, answered or not."""
    unanswered: NonNegativeInt
    """Published without an answer (`on_exception: report`), or missing."""
    overrides: NonNegativeInt
    by_method: dict[Method, NonNegativeInt]


class PricingReport(Record):
    """All a report on one set needs, as one JSON document: no other artifact must be opened."""

    version: Literal[1] = 1
    """Of this record's shape."""
    pricing_id: str
    """`pricing/<policy>/<date>/v<n>`."""
    policy_id: Identifier
    policy_name: str
    policy_sha256: Sha256
    date: date
    prior_date: Day | None
    """Of the set this one is compared with."""
    counts: PricingCounts
    exceptions: tuple[PriceException, ...]
    """All that were raised, sorted by instrument."""
    decisions: tuple[Decision, ...]
    """In the order they were made."""
    warning_count: NonNegativeInt
    warnings: tuple["PriceWarning", ...]
    """The first 500 findings that nobody had to answer, sorted by instrument and rule."""
    missing: tuple[str, ...]
    """Instruments without a price, sorted."""
    sources: tuple[SourceUse, ...]
    """Sorted by name: what each vendor delivered, and its score."""
    files: tuple[SourceFile, ...]
    levels: tuple[LevelCount, ...]
    transfers: tuple[LevelTransfer, ...]
    overrides: tuple[Override, ...]
    """Used by this set."""
    expired_overrides: tuple[Override, ...]
    """No longer used: their last day is past, or their instrument has left or changed."""
    fair_values: tuple["FairValue", ...]
    """Prices that no source of the waterfall gave, sorted by instrument."""
    changes: tuple["PriceChange", ...]
    """The 50 largest changes since the prior set, largest first."""


class PriceWarning(Record):
    """A finding that is published as a flag."""

    instrument_id: str
    finding: CheckFinding


class FairValue(Record):
    """How a price came about that no source of the waterfall gave."""

    instrument_id: str
    method: Method
    price: Decimal
    level: Level
    inputs: dict[str, str]
    """Input -> its value and where it comes from."""
    reason: str
    approver: str | None
    """Who approved it; None where it was not material and the policy's rule sufficed."""


class PriceChange(Record):
    """How far one price moved since the prior set."""

    instrument_id: str
    name: str
    type: str
    prior_price: Decimal
    price: Decimal
    change: Decimal
    """A fraction of the prior price, adjusted for corporate actions, eight decimals."""


class PricingAudit(Record):
    """The whole chain behind one published set; its name is bound last, and makes it published."""

    version: Literal[1] = 1
    """Of this record's shape."""
    pricing_id: str
    policy: PricingPolicy
    policy_sha256: Sha256
    """Of the policy as canonical JSON: the version of the rules."""
    date: date
    strike: PositiveInt
    """The version of this set."""
    code_version: str
    released_at: datetime
    """UTC."""
    files: tuple[SourceFile, ...]
    prior: Document | None
    """The audit document of the set this one was compared with."""
    price_set: Dataset
    """`PriceSet`: `(n, 20): instrument_id, type, date, price, currency, unit, source, field, rule,
    method, level, age_days, flags, override_id, quote_ref, received_at, prior_price, change,
    approver, inputs`. `date` is the price's own date, `flags` are rule ids with `,` between,
    `quote_ref` is `<sha256 of the file>:<row>` (two with `,` for a mid made of bid and ask, the
    evidence for an override), `inputs` a JSON object for a fair value."""
    prices: Document
    """The same prices with the columns that `DailyNavRequest.prices` takes (Parquet)."""
    quotes: Dataset
    """All quotes as they arrived: `(n, 12): quote_ref, file, row, identifier, instrument_id,
    date, source, field, price, currency, unit, received_at`."""
    candidates: Dataset
    """Every rung of every waterfall: `(n, 13): instrument_id, rule, rank, source, field,
    outcome` (`used`, `spare`, `skipped`), `reason, quote_ref, date, price, age_days, received_at,
    detail`."""
    checks: Dataset
    """Every check that ran: `(n, 7): instrument_id, rule, outcome` (`pass`, `warn`, `review`,
    `committee`), `value, limit, evidence, quote_ref`."""
    exceptions: tuple[PriceException, ...]
    decisions: tuple[Decision, ...]
    overrides: tuple[Override, ...]
    """Every override that is still in force, for the next set to use."""
    expired_overrides: tuple[Override, ...]
    report: Document
    """The `PricingReport`."""


class PricingResult(Record):
    """What a finished Pricing run answers."""

    pricing_id: str
    """`pricing/<policy>/<date>/v<n>`."""
    policy_id: Identifier
    date: date
    version: PositiveInt
    status: Literal["published"] = "published"
    prices: Document
    """Parquet with the columns of `DailyNavRequest.prices`: hand it to a NAV as its prices."""
    price_set: Dataset
    """As `PricingAudit.price_set`."""
    counts: PricingCounts
    exceptions: tuple[PriceException, ...]
    """The first 100 of those that were raised; the report has all."""
    decisions: tuple[Decision, ...]
    missing: tuple[str, ...]
    """The first 100 instruments without a price."""
    expired_overrides: tuple[Override, ...]
    report: Document
    """The `PricingReport` as JSON."""
    audit: Document
    """The `PricingAudit` as JSON."""
    pack: ReportPack | None = None
    """The report as PDF and workbook."""
