"""What the steps of Pricing hand to each other, and what people say to a run.

Rows never appear here, only references to them. Exceptions are few and travel as records, so
that a history shows them.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from tenuto.core.records import Record
from tenuto.core.references import Dataset, Document, Sha256
from tenuto.packs.finance.models import PositiveDecimal, Problem, ReportPack
from tenuto.packs.finance.pricing.models import (
    Decision,
    Override,
    PriceException,
    PricingCounts,
    PricingRequest,
    SourceFile,
    Words,
)
from tenuto.packs.finance.pricing.policy import PricingPolicy, RuleId

# --- collecting ------------------------------------------------------------------------


class CollectQuotesRequest(Record):
    """Read the files of one set."""

    request: PricingRequest


class CollectedQuotes(Record):
    """The same files as typed tables; one that was not given is None.

    Nothing may be priced from it while `count` is not 0.
    """

    instruments: Dataset
    quotes: Dataset
    """As `PricingAudit.quotes`."""
    fx: Dataset | None = None
    holdings: Dataset | None = None
    corporate_actions: Dataset | None = None
    history: Dataset | None = None
    """`instrument_id, date, price` of earlier days, from the file or earlier sets."""
    series: Dataset | None = None
    model_inputs: Dataset | None = None
    curves: Dataset | None = None
    prior: Document | None = None
    """The audit document of the set this one is compared with."""
    prior_prices: Dataset | None = None
    """Its `PriceSet`."""
    overrides: tuple[Override, ...] = ()
    """In force on the date."""
    expired_overrides: tuple[Override, ...] = ()
    files: tuple[SourceFile, ...]
    policy_sha256: Sha256
    cut_off: datetime | None = None
    """The policy's cut-off on the date, UTC."""
    count: NonNegativeInt = 0
    """All problems of all files."""
    problems: tuple[Problem, ...] = ()
    """The first 100 of them."""
    all_problems: Document | None = None
    """All of them, a JSON list; None when there are none."""


class Exclusion(Record):
    """A source that a person decided not to price an instrument from."""

    instrument_id: str
    source: str


class Pricing(Record):
    """What every later step needs to know: which set it is, and which data it is made from."""

    policy: PricingPolicy
    date: date
    version: PositiveInt
    inputs: CollectedQuotes
    exclusions: tuple[Exclusion, ...] = ()

    @property
    def pricing_id(self) -> str:
        """`pricing/<policy>/<date>/v<version>`."""
        return f"pricing/{self.policy.policy_id}/{self.date}/v{self.version}"


# --- checking and selecting ------------------------------------------------------------


class CheckedQuotes(Record):
    """Every quote that some rung may ask for, with what speaks against it."""

    quotes: Dataset
    """`(n, 13): quote_ref, instrument_id, date, source, field, price [instrument currency and
    unit], given_price, given_unit, age_days [trading days], received_at, is_late, fault` (why it
    cannot be used, or null), `detail`."""
    findings: Dataset
    """As `PricingAudit.checks`, about quotes and exchange rates."""


class SelectPricesRequest(Record):
    """Walk every instrument's waterfall."""

    pricing: Pricing
    checked: CheckedQuotes


class SelectedPrices(Record):
    """One proposed price for every instrument that has one."""

    candidates: Dataset
    """As `PricingAudit.candidates`."""
    prices: Dataset
    """One row per instrument, sorted: as `PriceSet` without what checks and people add; `price` is
    null where nothing is usable."""


class FairValueRequest(Record):
    """Find prices where the waterfall gave none."""

    pricing: Pricing
    checked: CheckedQuotes
    selected: SelectedPrices


class FairValued(Record):
    """The proposed prices, as far as anything can be said."""

    prices: Dataset
    """As `SelectedPrices.prices`, with those of fair value."""
    findings: Dataset
    """As `PricingAudit.checks`: the rungs of fair value that were tried."""


class CheckPricesRequest(Record):
    """Question the proposed prices."""

    pricing: Pricing
    checked: CheckedQuotes
    selected: SelectedPrices
    valued: FairValued


class CheckedPrices(Record):
    """A proposed set with everything that speaks against it."""

    prices: Dataset
    """As `PriceSet`."""
    candidates: Dataset
    checks: Dataset
    """As `PricingAudit.checks`."""
    count: NonNegativeInt
    """Exceptions in all."""
    exceptions: tuple[PriceException, ...]
    """The first 500 of them, sorted by instrument."""
    all_exceptions: Document
    """All of them, a JSON list."""


# --- releasing -------------------------------------------------------------------------


class FinaliseRequest(Record):
    """Put people's decisions into the proposed set."""

    pricing: Pricing
    checked: CheckedQuotes
    proposed: CheckedPrices
    exceptions: tuple[PriceException, ...]
    """As the run knows them, with owners and remarks; answered ones of earlier rounds too."""
    decisions: tuple[Decision, ...]
    overrides: tuple[Override, ...]
    """Made in this run."""
    released_at: datetime


class FinalPrices(Record):
    """A set that may be published."""

    pricing_id: str
    prices: Document
    """With the columns of `DailyNavRequest.prices`."""
    price_set: Dataset
    checks: Dataset
    candidates: Dataset
    quotes: Dataset
    report: Document
    audit: Document
    counts: PricingCounts
    missing: tuple[str, ...]
    """The first 100."""
    pack: ReportPack | None = None
    """The report to read; None until it is rendered."""


class RenderReportRequest(Record):
    """Make the report of one set readable."""

    report: Document
    """The `PricingReport`."""
    price_set: Dataset
    """As `PricingAudit.price_set`."""


class PublishedPrices(Record):
    """The names under which the set can be found from now on."""

    names: tuple[str, ...]


class EvidenceRequest(Record):
    """Find out whether a person's evidence is in the store, whole."""

    evidence: Document


class EvidenceFound(Record):
    """It is."""

    evidence: Document


# --- people ----------------------------------------------------------------------------


class AcceptPrice(Record):
    """A person's decision that the proposed price is right."""

    instrument_id: Words
    by: Words
    reason: Words
    approver: Words | None = None
    """Only in runs from before there were tasks. Now a second person decides the task."""


class OverridePrice(Record):
    """A person's price in place of the proposed one."""

    instrument_id: Words
    price: PositiveDecimal
    """In the instrument's currency and unit."""
    reason: Words
    evidence: Document
    """What the price rests on, as a stored file."""
    by: Words
    approver: Words | None = None
    """Only in runs from before there were tasks. Now a second person decides the task."""
    expires_on: date
    """The last valuation date it may be used on."""


class UseNextSource(Record):
    """A person's decision to price from the next rung instead."""

    instrument_id: Words
    by: Words
    reason: Words


class ChallengeVendor(Record):
    """A question to a source about its price. Sending it is the desk's; the run records it."""

    instrument_id: Words
    by: Words
    reason: Words
    meanwhile: Literal["wait", "next_source"] = "wait"
    """Keep the exception open until somebody answers it, or price from the next rung."""


class SubmitAnswers(Record):
    """Asks a second person about what was answered so far, though more is open."""

    by: Words


class CommentException(Record):
    """Something worth knowing about an exception; it stays open."""

    instrument_id: Words
    by: Words
    text: Words


class AssignException(Record):
    """Who looks after an exception."""

    instrument_id: Words
    owner: Words
    by: Words


class OpenException(Record):
    """An exception as somebody who asks is shown it."""

    instrument_id: str
    severity: Literal["review", "committee"]
    rules: tuple[RuleId, ...]
    """The checks that need an answer."""
    price: Decimal | None
    """What is proposed."""
    suggestion: str
    """In words: what the figures speak for."""
    owner: str | None
    age_s: Annotated[int, Field(ge=0)]
    """Seconds since it was raised."""
    exception: PriceException
    """All that is known about it."""
    is_answered: bool = False
    """It waits for a second person only."""


class StillOpen(Record):
    """What the run keeps waiting for."""

    count: NonNegativeInt
    instrument_ids: tuple[str, ...]
    """The first 100, sorted."""
    answered: NonNegativeInt = 0
    """Those of them that wait for a second person only."""


class Progress(Record):
    """Where a run stands, for the console."""

    done: NonNegativeInt
    total: PositiveInt
    current: str
    """What happens now, in words."""
    waiting_until: datetime | None = None
    """When the run gives up waiting for people, UTC; None when it does not wait."""
    open: NonNegativeInt = 0
    """Exceptions that wait for an answer, or for a second person."""
    decided: NonNegativeInt = 0
    task: str | None = None
    """Workflow id of the task that waits for a second person."""
