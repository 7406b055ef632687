"""What the break desk of one reconciliation holds, and what people may do at it.

A break is found by a run and lives here until it is closed: owner, words, evidence, resolution.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from tenuto.core.records import Record
from tenuto.core.references import Reference
from tenuto.packs.finance.models import Identifier
from tenuto.packs.finance.reconciliation.kinds import BreakClass, Category, Level
from tenuto.packs.finance.reconciliation.models import Outcome, Priority
from tenuto.packs.finance.reconciliation.rules import NoticeRecipient, RecRules

Words = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"\S")]
Person = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
BreakId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]

CaseStatus = Literal[
    "DETECTED", "ANALYZING", "ROOT_CAUSE_IDENTIFIED", "ESCALATED", "RESOLVED", "ACCEPTED"
]
Resolution = Literal[
    "CONFIG_FIX",
    "TIMING_DIFFERENCE",
    "CORRECTION_JE",
    "DATA_FIX",
    "ACCEPTED_DIFFERENCE",
    "MANUAL_OVERRIDE",
]
Step = Literal["watch", "notify", "escalate"]

ACCEPTING: tuple[Resolution, ...] = (
    "ACCEPTED_DIFFERENCE",
    "TIMING_DIFFERENCE",
    "MANUAL_OVERRIDE",
)
"""Resolutions after which the difference may still be found; after the others it must be gone."""

DESK_LIMIT = 10_000
"""Open breaks that one desk holds: the most important ones, by priority, then amount."""


class StoryLine(Record):
    """One thing that happened to a break."""

    at: datetime
    """UTC."""
    by: str
    """A person, or `run <run id>`, or `desk`."""
    what: str


class ProposedResolution(Record):
    """A person's resolution, and who checked it."""

    kind: Resolution
    reason: str
    by: str
    """The maker."""
    at: datetime
    checker: str | None = None
    """None while a second person is still needed."""


class BreakCase(Record):
    """One break as the desk knows it."""

    break_id: BreakId
    items: tuple[str, ...]
    """The items behind it: one per side that has it."""
    key: str
    break_class: BreakClass
    category: Category
    level: Level
    priority: Priority
    outcome: Outcome
    field: str
    ours: str
    theirs: str
    variance_base: Decimal | None
    """Base currency; None when not convertible, which counts as above every limit."""
    first_seen: date
    last_seen: date
    settle_date: date | None = None
    """For a pending timing break: it is silent until then."""
    notify_at: datetime | None = None
    escalate_at: datetime | None = None
    """UTC, by the calendar; None once closed or when already sent."""
    fingerprint: str = ""
    """Of the values on all sides: another one reopens an accepted break."""
    status: CaseStatus = "DETECTED"
    closed_at: datetime | None = None
    owner: str = ""
    step: Step = "watch"
    """How far its age has taken it."""
    muted_until: date | None = None
    resolution: ProposedResolution | None = None
    evidence: tuple[Reference, ...] = ()
    story: tuple[StoryLine, ...] = ()
    """Oldest first."""
    lives: PositiveInt = 1


class ManualMatch(Record):
    """A person's decision that breaks belong together; once closed, later runs heed it."""

    break_ids: tuple[BreakId, ...]
    items: tuple[str, ...]
    reason: str
    by: str
    at: datetime


class DueNotice(Record):
    """One break that has become old enough to be told about."""

    break_id: str
    key: str
    break_class: str
    priority: str
    owner: str
    variance_base: Decimal | None
    first_seen: date
    due: datetime


class Notice(Record):
    """What one recipient is told."""

    rec_id: Identifier
    step: Step
    recipient: NoticeRecipient
    breaks: tuple[DueNotice, ...]
    idempotency_key: str
    """The same for every attempt at this notice: a hash of the breaks and the step."""


class DeskState(Record):
    """All a desk knows, as it travels through continue-as-new."""

    version: Literal[1] = 1
    cases: tuple[BreakCase, ...] = ()
    manual_matches: tuple[ManualMatch, ...] = ()
    undelivered: tuple[Notice, ...] = ()
    """Notices that are tried again."""
    runs: tuple[str, ...] = ()
    """The last runs taken, the latest last."""
    last_date: date | None = None
    beyond: NonNegativeInt = 0
    """Open breaks of the last run that found no room."""


class DeskRequest(Record):
    """Keep the open breaks of one reconciliation."""

    rules: RecRules
    state: DeskState = DeskState()
    """What the desk knew when its previous history ended; a large one travels by reference."""


class DeskResult(Record):
    """What a closed desk answers."""

    state: DeskState


# --- from a run -----------------------------------------------------------------------------


class ClosedBreak(Record):
    """A break that a run no longer found."""

    break_id: BreakId
    reason: str


class TakeBreaks(Record):
    """A run's breaks, to be merged into what the desk knows."""

    run_id: str
    date: date
    rules: RecRules
    cases: tuple[BreakCase, ...]
    """The most important open breaks."""
    closed: tuple[ClosedBreak, ...]
    """Breaks the desk holds and the run no longer found."""
    beyond: NonNegativeInt
    """Further open breaks, which stay in the run's dataset alone."""


class TakenBreaks(Record):
    """How the merge went."""

    open: NonNegativeInt
    closed: NonNegativeInt
    """By this run."""
    beyond: NonNegativeInt
    is_stale: bool = False
    """The desk knows a later date, so nothing was merged."""


# --- from people ----------------------------------------------------------------------------


class Assign(Record):
    """Gives breaks an owner."""

    break_ids: Annotated[tuple[BreakId, ...], Field(min_length=1, max_length=500)]
    owner: Person
    by: Person


class Remark(Record):
    """Says something about a break, and optionally how far its analysis is."""

    break_id: BreakId
    text: Words
    by: Person
    status: Literal["ANALYZING", "ROOT_CAUSE_IDENTIFIED"] | None = None


class AttachEvidence(Record):
    """Adds an artifact to a break's story."""

    break_id: BreakId
    evidence: Reference
    by: Person


class Resolve(Record):
    """Proposes or makes an end: above the four-eyes limit a second person must accept it."""

    break_ids: Annotated[tuple[BreakId, ...], Field(min_length=1, max_length=500)]
    kind: Resolution
    reason: Words
    by: Person


class Accept(Record):
    """The second person's yes to a proposed resolution."""

    break_id: BreakId
    by: Person


class Reopen(Record):
    """Takes back a resolution, proposed or made."""

    break_id: BreakId
    reason: Words
    by: Person


class MatchByHand(Record):
    """Declares that breaks belong together; they are resolved, and later runs match them."""

    break_ids: Annotated[tuple[BreakId, ...], Field(min_length=2, max_length=50)]
    reason: Words
    by: Person


class Mute(Record):
    """No notices about a break until a date."""

    break_id: BreakId
    until: date
    reason: Words
    by: Person


class Find(Record):
    """Which breaks to list; what is left out does not narrow."""

    owner: str | None = None
    priority: Priority | None = None
    status: CaseStatus | None = None
    min_age_days: NonNegativeInt = 0
    """Calendar days since first seen, by the last run's date."""
    include_closed: bool = False
    offset: NonNegativeInt = 0
    limit: Annotated[int, Field(ge=1, le=500)] = 100


class Found(Record):
    """A page of breaks, most important first."""

    total: NonNegativeInt
    cases: tuple[BreakCase, ...]
    """Without their stories; `story` tells one break's."""


class DeskSummary(Record):
    """How the desk stands."""

    rec_id: Identifier
    open: NonNegativeInt
    awaiting_check: NonNegativeInt
    """Resolutions that need a second person."""
    by_priority: dict[Priority, NonNegativeInt]
    by_owner: dict[str, NonNegativeInt]
    by_status: dict[CaseStatus, NonNegativeInt]
    last_run: str | None
    last_date: date | None
    next_notice: datetime | None
    """UTC."""
    undelivered: NonNegativeInt
    """Notices that are tried again every hour."""
    beyond: NonNegativeInt


class OpenCases(Record):
    """Answer to a change: how many breaks it touched and how many are open."""

    touched: NonNegativeInt
    open: NonNegativeInt


class CloseDesk(Record):
    """Ends the desk of a reconciliation that is no longer run."""

    reason: Words
    by: Person
