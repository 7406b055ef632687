"""What the steps of a reconciliation hand to each other: one request and one result per step."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from tenuto.core.records import Record
from tenuto.core.references import Dataset, Document, Reference
from tenuto.packs.finance.models import Identifier, ReportPack
from tenuto.packs.finance.reconciliation.cases import (
    BreakCase,
    ManualMatch,
    Resolution,
)
from tenuto.packs.finance.reconciliation.models import (
    Agreement,
    AutoResolved,
    Drill,
    PassCount,
    ProofCheck,
    ReconciliationRequest,
    RecReport,
    Resources,
    RollForward,
    SideTotals,
)
from tenuto.packs.finance.reconciliation.rules import RecRules
from tenuto.packs.finance.reconciliation.side_rules import FieldName, SideName

# --- what people decided ---------------------------------------------------------------------


class ClosedByPeople(Record):
    """A break that somebody closed, and what it looked like then."""

    break_id: str
    fingerprint: str
    status: Literal["RESOLVED", "ACCEPTED"]
    resolution: Resolution
    items: tuple[str, ...]


class DeskDecisions(Record):
    """What the desk said; nothing when there is none yet."""

    manual_matches: tuple[ManualMatch, ...] = ()
    closed: tuple[ClosedByPeople, ...] = ()
    """An item of these is not carried forward, and a break that is still the same stays closed
    where its resolution accepts the difference."""


# --- collecting -----------------------------------------------------------------------------


class CollectRequest(Record):
    """Read the sources of one run, and find what it rolls forward from."""

    request: ReconciliationRequest
    supplied: dict[SideName, Reference] = Field(default_factory=dict)
    """Sides that arrived while the run waited."""
    decisions: DeskDecisions = DeskDecisions()


class CollectedSide(Record):
    """One side as a typed table."""

    name: SideName
    records: Dataset
    """The side's rows, typed, not yet normalised."""
    columns: dict[FieldName, str]
    """Field -> its column in `records`; a field that is not here, the side does not have."""
    row_column: str | None
    """The column with the row number in the file; None where it is the position."""
    file: str
    """What a person calls the source."""
    source: Reference | None
    problems: Dataset | None
    """Cells that could not be typed: as `RecReport.exceptions`."""
    carried: Dataset | None = None
    """Items of earlier runs that are still open, normalised: every field, sorted."""
    is_estimated: bool = False


class CollectedSources(Record):
    """Everything one run works from, pinned."""

    run_id: str
    sides: tuple[CollectedSide, ...]
    """In the rules' order; empty when sides are late."""
    late: tuple[SideName, ...]
    """Sides that were not delivered, and cannot be estimated."""
    prior: Document | None
    """A `RecReport`."""
    inputs: dict[str, str]
    decisions: Document | None = None
    """The `DeskDecisions` to heed, or None."""


# --- matching -------------------------------------------------------------------------------


class MatchRequest(Record):
    """Run the passes over the collected sides."""

    rules: RecRules
    date: date
    collected: CollectedSources
    resources: Resources


class MatchedSides(Record):
    """What matched, and what did not."""

    totals: tuple[SideTotals, ...]
    passes: tuple[PassCount, ...]
    matches: Dataset
    found: Dataset
    """Raw breaks: one row each, not yet classified, dated, or valued."""
    write_offs: Dataset
    """Matches within tolerance that leave a difference: what is to be written off."""
    items: Dataset
    suggestions: Dataset
    exceptions: Dataset
    sums: Dataset
    """`(n, 5): side, account, currency, rows, amount` of the measure, carried items left out."""
    agreement: tuple[Agreement, ...]
    drill_down: tuple[Drill, ...]
    not_compared: tuple[FieldName, ...]


# --- classifying ----------------------------------------------------------------------------


class ClassifyRequest(Record):
    """Give every raw break its class, value, priority, and life."""

    request: ReconciliationRequest
    collected: CollectedSources
    matched: MatchedSides


class ClassifiedBreaks(Record):
    """Breaks as the report has them."""

    breaks: Dataset
    closed: Dataset
    ended: Dataset
    auto_resolved: tuple[AutoResolved, ...]
    roll: RollForward


class ProveRequest(Record):
    """Hold the statements' balances against the items and breaks."""

    request: ReconciliationRequest
    collected: CollectedSources
    matched: MatchedSides
    classified: ClassifiedBreaks


class ProvenStatements(Record):
    """Every proof that could be tried."""

    proofs: tuple[ProofCheck, ...]


# --- reporting ------------------------------------------------------------------------------


class ReportRequest(Record):
    """Put the report together."""

    request: ReconciliationRequest
    collected: CollectedSources
    matched: MatchedSides
    classified: ClassifiedBreaks
    proven: ProvenStatements


class ReportedRec(Record):
    """The report, as a value and as a document."""

    report: RecReport
    document: Document


class RenderReportRequest(Record):
    """Make the break report of one run readable."""

    report: Document
    """The `RecReport`, which names the tables it rests on."""


class PublishRequest(Record):
    """Bind the names of one run: the moment of release."""

    run_id: str
    document: Document
    breaks: Dataset
    pack: ReportPack | None = None


class PublishedRec(Record):
    """The names under which the run can be found from now on."""

    names: tuple[str, ...]


# --- the break desk -------------------------------------------------------------------------


class AskDeskRequest(Record):
    """Which decisions of people a run must heed."""

    rec_id: Identifier


class TellDeskRequest(Record):
    """Hand a run's breaks to the desk, which is opened if it is not there."""

    run_id: str
    date: date
    rules: RecRules
    breaks: Dataset
    closed: Dataset


class ToldDesk(Record):
    """Which desk took them."""

    workflow_id: str
    open: NonNegativeInt
    closed: NonNegativeInt
    beyond: NonNegativeInt


class ArchiveRequest(Record):
    """Keep cases that were closed long ago, with their whole stories."""

    rec_id: Identifier
    cases: tuple[BreakCase, ...]


class ArchivedCases(Record):
    """Where they are."""

    name: str
    document: Document


class NoticeReceipt(Record):
    """What became of a notice."""

    recipient: Identifier
    detail: str
    """A path, or the HTTP status."""


# --- people ---------------------------------------------------------------------------------


class SupplySource(Record):
    """The records of a side that was late."""

    side: SideName
    source: Reference


class StillLate(Record):
    """The sides a run keeps waiting for."""

    sides: tuple[SideName, ...] = ()


class Progress(Record):
    """Where a run stands, for the console."""

    done: NonNegativeInt
    total: PositiveInt
    current: str
    """What happens now, in words."""
    waiting_until: datetime | None = None
    """When the run gives up waiting for a late side, UTC; None when it does not wait."""
    late: tuple[SideName, ...] = ()


# --- rules ----------------------------------------------------------------------------------


class CompareRulesRequest(Record):
    """Run two sets of rules over the same sources and compare, item by item."""

    request: ReconciliationRequest
    """With the rules in force."""
    proposed: RecRules


class RulesMove(Record):
    """Items that go from one fate to another."""

    side: SideName
    old: str
    new: str
    count: PositiveInt


class RulesDifference(Record):
    """What the proposed rules would do otherwise."""

    unchanged: NonNegativeInt
    changed: NonNegativeInt
    old_passes: tuple[PassCount, ...]
    new_passes: tuple[PassCount, ...]
    moves: tuple[RulesMove, ...]
    """The largest first."""
    items: Dataset
    """`(changed, 5): side, row, key, old, new`: the pass that matched each item, `differs` or
    `open`, before and after."""
