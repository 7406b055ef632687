"""What a reconciliation takes, what remains of it, and what it answers.

Rows never appear here, only `Dataset` references; the break report is written from `RecReport`
and the datasets it names. Ours is the first side of the rules, theirs the second.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from tenuto.core.currency import Currency
from tenuto.core.records import Record
from tenuto.core.references import Dataset, Document, Reference
from tenuto.packs.finance.models import Identifier, PositiveDecimal, ReportPack
from tenuto.packs.finance.reconciliation.kinds import BreakClass, Category, Level, RecKind
from tenuto.packs.finance.reconciliation.rules import RecRules
from tenuto.packs.finance.reconciliation.side_rules import FieldName, SideName

Day = date
"""For fields below one that is itself called `date`."""

Priority = Literal["critical", "high", "medium", "low"]
Outcome = Literal["New", "Confirmed", "Changed", "Resolved"]
"""Against the previous run: first seen, same values, other values, no longer there."""


class Resources(Record):
    """What matching may use; more than fits is spilled to a temporary folder."""

    memory_mb: Annotated[int, Field(ge=128)] = 1200
    threads: Annotated[int, Field(ge=1, le=64)] = 2
    """The result does not depend on either."""


class ReconciliationRequest(Record):
    """Reconcile one business date by one set of rules."""

    rules: RecRules
    """As written in `rec.yaml`."""
    date: date
    """Business date."""
    sources: dict[SideName, Reference] = Field(default_factory=dict)
    """Side -> its records: a CSV, TSV or Parquet document, or a dataset as `fetch.statements`
    makes it. A side that is not given is late: `rules.on_late` says what happens."""
    movements: dict[SideName, Reference] = Field(default_factory=dict)
    """Side -> known movements since the prior day, in the side's own columns; used when the side
    is late and `on_late` is `estimate`."""
    statements: dict[SideName, Reference] = Field(default_factory=dict)
    """Side -> statement headers `account, currency, opening, closing` and optionally `number`,
    for integrity and proof of account."""
    fx: Document | None = None
    """`date, base, quote, rate`: one unit of `base` buys `rate` units of `quote`. Needed when an
    item is not in the base currency."""
    nav: PositiveDecimal | None = None
    """Net assets in base currency, to express breaks in basis points."""
    prior: Document | None = None
    """The `RecReport` of an earlier run; by default the last published one before `date`."""
    version: PositiveInt | None = None
    """Assigned at start: the first number not yet used for this reconciliation and date."""
    resources: Resources = Resources()
    use_desk: bool = True
    """Whether open breaks go to the reconciliation's break desk, and its decisions are heeded."""


class SideTotals(Record):
    """Every row of one side, accounted for: the parts add up to the total, in rows and amount."""

    side: SideName
    rows: NonNegativeInt
    matched: NonNegativeInt
    unmatched: NonNegativeInt
    """In breaks: paired with a difference, alone, ambiguous, or unreadable."""
    excluded: NonNegativeInt
    """Set aside by an exclusion rule."""
    carried: NonNegativeInt = 0
    """Of `rows`: items of earlier runs that are still open."""
    unreadable: NonNegativeInt
    """Of `unmatched`: rows with a value that could not be normalised."""
    amount: Decimal
    """Sum of the measure over all rows that have one."""
    matched_amount: Decimal
    unmatched_amount: Decimal
    excluded_amount: Decimal
    source: Reference | None
    """The records as they were given; None for a side that is estimated from nothing."""
    is_estimated: bool = False
    """Prior day plus known movements, because the side was late."""


class PassCount(Record):
    """What one pass achieved for one pair of sides."""

    name: Identifier
    kind: str
    sides: tuple[SideName, SideName]
    matches: NonNegativeInt
    ours: NonNegativeInt
    """Items of the first of `sides`."""
    theirs: NonNegativeInt
    difference: Decimal
    """Sum of the measure's differences that stayed within tolerance, ours - theirs."""


class ClassCount(Record):
    """Open breaks of one class."""

    break_class: BreakClass
    category: Category
    count: NonNegativeInt
    amount: Decimal
    """Sum of the magnitudes of `variance_base`, over breaks that have one."""


class PriorityCount(Record):
    """Open breaks of one priority."""

    priority: Priority
    count: NonNegativeInt
    amount: Decimal


class AgeCount(Record):
    """Open breaks of one age bucket."""

    bucket: str
    """Dealing days, for example `2-5`; the last is `30+`."""
    count: NonNegativeInt
    amount: Decimal


class BreakLine(Record):
    """One break in short. The dataset `breaks` has every break whole."""

    break_id: str
    break_class: BreakClass
    priority: Priority
    outcome: Outcome
    key: str
    """What identifies it to a person, for example `isin=US0378331005`."""
    field: str
    """The field that differs, or empty when one side is missing."""
    ours: str
    theirs: str
    """The values as text; empty where there is none."""
    variance: Decimal | None
    """Of the measure, ours - theirs; a side that lacks the item counts as 0."""
    variance_base: Decimal | None
    """Base currency; None when it cannot be converted, and `problems` says why."""
    bp_of_nav: Decimal | None
    first_seen: date
    age: NonNegativeInt
    """Dealing days since `first_seen`."""
    owner: str


class AutoResolved(Record):
    """What one auto-resolve rule, or one pass with a tolerance, closed or set aside."""

    rule: str
    action: Literal["write-off", "pending"]
    owner: str
    expires: date | None
    """None for a tolerance, which lives as long as its rule."""
    count: NonNegativeInt
    amount: Decimal
    """Sum of magnitudes in base currency."""


class RollForward(Record):
    """From the previous run's open breaks to this one's: opening + new - resolved = closing."""

    prior_date: date | None
    """None when there was no earlier run."""
    opening: NonNegativeInt
    new: NonNegativeInt
    confirmed: NonNegativeInt
    changed: NonNegativeInt
    resolved: NonNegativeInt
    closing: NonNegativeInt
    returned: NonNegativeInt
    """Of `new`: breaks that had been closed before, linked to their earlier life."""


class ProofCheck(Record):
    """One arithmetic statement about an account or a class, and whether it holds."""

    kind: Literal["statement-integrity", "proof-of-account", "units-roll-forward"]
    side: str
    subject: str
    """Account and currency, or the class."""
    expected: Decimal | None
    found: Decimal | None
    difference: Decimal | None
    """`found - expected`; None when one of them is missing."""
    is_proven: bool
    note: str = ""


class Agreement(Record):
    """How often three sides agreed, item by item."""

    outcome: Literal[
        "all-agree", "one-differs", "none-agree", "partly-agree", "one-missing", "two-missing"
    ]
    """`partly-agree`: two pairs agree within their margins, and the third pair does not."""
    side: SideName | None = None
    """The one that differs or is missing; for `two-missing` the only one that has the item."""
    count: NonNegativeInt


class Drill(Record):
    """A difference on one level, and how much of it the next level explains."""

    subject: str
    level: Level
    ours: Decimal | None
    theirs: Decimal | None
    difference: Decimal
    explained: Decimal | None
    """Sum of the differences one level down; None when nothing is given there."""


class RootCause(Record):
    """Breaks that probably have one reason, to be worked as one task."""

    cause: str
    """The class and what they share, for example `corporate-action US0378331005`."""
    break_ids: tuple[str, ...]
    """The first 100."""
    count: PositiveInt
    amount: Decimal


class RecReport(Record):
    """One reconciliation, whole: the facts from which the break report is written."""

    version: Literal[1] = 1
    """Of this record's shape."""
    run_id: str
    """`reconciliation/<rec_id>/<date>/v<n>`."""
    rec_id: Identifier
    name: str
    kind: RecKind
    date: date
    base_currency: Currency
    measure: FieldName
    prior: str | None
    """The `run_id` this one rolls forward from."""
    inputs: dict[str, str]
    """Input name -> SHA-256 of its content."""
    code_version: str
    is_estimated: bool
    """Whether a side was late and estimated."""
    sides: tuple[SideTotals, ...]
    passes: tuple[PassCount, ...]
    """In the order they ran."""
    classes: tuple[ClassCount, ...]
    priorities: tuple[PriorityCount, ...]
    ages: tuple[AgeCount, ...]
    """Every bucket, also an empty one, youngest first."""
    open_breaks: NonNegativeInt
    """Without the ones that were auto-resolved by write-off."""
    open_amount: Decimal
    """Sum of the magnitudes of `variance_base`."""
    open_bp: Decimal | None
    """`open_amount` in basis points of the NAV; None without `nav`."""
    unconverted: NonNegativeInt
    """Open breaks without `variance_base`: they count in no amount."""
    oldest_age: NonNegativeInt
    """Dealing days of the oldest open break; 0 without any."""
    biggest: tuple[BreakLine, ...]
    """The 20 biggest open breaks by magnitude in base currency; unconverted ones first."""
    auto_resolved: tuple[AutoResolved, ...]
    roll: RollForward
    proofs: tuple[ProofCheck, ...]
    agreement: tuple[Agreement, ...]
    """For three sides; empty for two."""
    drill_down: tuple[Drill, ...]
    """For kind `nav`; empty for others."""
    root_causes: tuple[RootCause, ...]
    not_compared: tuple[FieldName, ...]
    """Fields of `compare` that a side does not have, so that nothing is said about them."""
    problems: NonNegativeInt
    """Rows or values that could not be normalised; the dataset `exceptions` lists them."""
    matches: Dataset
    """`(n, ...): pass, group_no, score, explanation`, then per field of the partition, the
    identity and `compare` that a side has `<field>_ours, <field>_theirs` (and `<field>_third`). A
    row is a match; of a group it is one line, with its `group_no` and nulls where a side has fewer
    items."""
    write_offs: Dataset
    """`(n, 8): pass, account, instrument, currency, ours, theirs, difference` of the measure,
    `matches`: differences within tolerance, to be written off."""
    ended: Dataset
    """`(n, 5): break_id, first_seen, last_seen, closed_on, lives` of every break that ended in the
    last two years, to recognise one that returns."""
    breaks: Dataset
    """`(open + auto-resolved, ...)`: see `BREAK_COLUMNS`."""
    closed: Dataset
    """Breaks of the previous run that are gone, with `reason`; columns as `breaks`."""
    suggestions: Dataset
    """`(n, 7): item, side, candidate, candidate_side, pass, score, explanation`: what could match
    but is not certain; for an ambiguous item its first ten candidates."""
    exceptions: Dataset
    """`(n, 7): side, file, row, field, code, found, remedy`: what could not be normalised. The only
    table that depends on the order of the rows in a file."""
    items: Dataset
    """`(n, ...): item, side` and every field: the items behind the breaks, as normalised."""


BREAK_COLUMNS: tuple[tuple[str, str], ...] = (
    ("break_id", "stable: hash of reconciliation and key"),
    ("ours_item", "id of our item; null when missing"),
    ("theirs_item", "id of their item; null when missing"),
    ("third_item", "id of the third side's item; null when missing, or with two sides"),
    ("key", "the key in words, for example `isin=US0378331005`"),
    ("sides", "the sides compared, for example `ours:custodian`"),
    ("break_class", "see `BreakClass`"),
    ("category", "TIMING, METHODOLOGY, DATA, PRICING, CONFIGURATION or ROUNDING"),
    ("level", "L0_NAV, L1_GL, L2_SUBLEDGER or L3_TRANSACTION"),
    ("position_type", "A quantity differs, B only ours, C only theirs, D both zero; else empty"),
    ("priority", "critical, high, medium or low"),
    ("is_material", "above the rules' `material_above`"),
    ("status", "DETECTED; RESOLVED when written off by rule; ACCEPTED when people accepted it"),
    ("resolution", "`auto:<rule>` or `desk:<resolution>`, else empty"),
    ("field", "the first compared field that differs; empty when one side is missing"),
    ("differs", "all compared fields that differ, comma separated"),
    ("account", "where there is one"),
    ("instrument", "isin, or the next identifier there is"),
    ("currency", "of the item"),
    ("description", "name or description of the item"),
    ("item_date", "the item's own date, where it has one"),
    ("settle_date", "until which a pending break is not escalated"),
    ("ours", "value of `field` (of the measure when one side is missing) as text"),
    ("theirs", "the same of the other side"),
    ("third", "the same of the third side, where there are three"),
    ("agreement", "for three sides: the outcome, for example `one-differs custodian`"),
    ("ours_measure", "the measure of our side; null when missing"),
    ("theirs_measure", "the measure of their side; null when missing"),
    ("variance", "of the measure, ours - theirs, missing as 0"),
    (
        "relative",
        "difference in `field` (no number: in the measure) over the larger value; null for 0/0",
    ),
    ("variance_base", "difference in value, base currency, 8 decimals; null when not convertible"),
    ("bp_of_nav", "magnitude of variance_base in basis points of NAV, 4 decimals"),
    ("ours_items", "number of our items"),
    ("theirs_items", "number of their items"),
    ("candidates", "number of candidates of an ambiguous item, else 0"),
    ("is_estimated", "a side was estimated"),
    ("outcome", "New, Confirmed, Changed or Resolved"),
    ("first_seen", "business date"),
    ("last_seen", "business date"),
    ("age", "dealing days since first_seen"),
    ("bucket", "age bucket, for example `2-5`"),
    ("lives", "1, or more for a break that came back"),
    ("earlier_life", "first_seen of the life before, where there was one"),
    ("owner", "from the rules, until the desk assigns somebody"),
    ("reason", "for a closed break: why"),
    ("fingerprint", "of both sides' values: another one is outcome `Changed`"),
)
"""The columns of `RecReport.breaks` and `closed`, in order, with their meaning."""


class ReconciliationResult(Record):
    """What a finished reconciliation answers."""

    run_id: str
    rec_id: Identifier
    date: date
    kind: RecKind
    base_currency: Currency
    is_estimated: bool
    matches: NonNegativeInt
    open_breaks: NonNegativeInt
    new_breaks: NonNegativeInt
    resolved_breaks: NonNegativeInt
    priorities: tuple[PriorityCount, ...]
    classes: tuple[ClassCount, ...]
    oldest_age: NonNegativeInt
    """Dealing days; 0 without open breaks."""
    open_amount: Decimal
    """Sum of magnitudes, base currency."""
    open_bp: Decimal | None
    """Basis points of NAV, for a strike's gate; None without `nav`."""
    unconverted: NonNegativeInt
    """Open breaks that `open_amount` does not hold: a gate must not take them for 0."""
    problems: NonNegativeInt
    unproven: NonNegativeInt
    """Proofs of account, statement integrity, or units that do not hold."""
    biggest: tuple[BreakLine, ...]
    """The 5 biggest."""
    report: Document
    """The `RecReport` as JSON."""
    breaks: Dataset
    """As `RecReport.breaks`."""
    desk: str | None
    """Workflow id of the break desk that holds the open breaks; None without one."""
    beyond_desk: NonNegativeInt = 0
    """Open breaks that the desk did not take, because it holds the 10,000 most important."""
    pack: ReportPack | None = None
    """The break report as PDF and workbook."""
