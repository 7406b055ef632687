"""What a sync is asked, and what it answers. Rows never appear here: they go to the destination."""

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, JsonValue, NonNegativeInt, PositiveInt, StringConstraints

from tenuto.catalog.library.notify.audience import Recipient
from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.core.records import Record

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""Of a source, a destination, or a dataset: it becomes part of table, file, and run names."""

WriteDisposition = Literal["append", "replace", "merge"]


class SyncSourceRequest(Record):
    """Which source is synced, and who is told."""

    source_name: str
    """As `sync.yaml` calls it."""
    source_kwargs: dict[str, JsonValue] = Field(default_factory=dict)
    """Overrides keys of the source's `config` for this run; never a secret."""
    resources: tuple[str, ...] = ()
    """Only these of the source's resources; empty takes those `sync.yaml` names, or all."""
    notify_on_failure: bool = True
    notify_on_success: bool = False


class ScheduledSyncRequest(Record):
    """Several sources, one after the other unless they may run side by side."""

    sources: Annotated[tuple[SyncSourceRequest, ...], Field(min_length=1, max_length=200)]
    """The `notify_on_*` of each are not used: one summary is sent for all."""
    parallel: bool = False
    """Whether the sources run side by side."""
    notify_on_failure: bool = True
    notify_on_success: bool = False


class Window(Record):
    """The days that a backfill loads, without moving the cursor of the source's regular syncs."""

    start: date
    """First day, in the source's own time zone."""
    end: date
    """Last day, which is loaded too."""


class LoadRequest(Record):
    """One load of one source, as the activity is asked."""

    source_name: str
    source_kwargs: dict[str, JsonValue] = Field(default_factory=dict)
    resources: tuple[str, ...] = ()
    window: Window | None = None
    """The days of a backfill; None for a regular sync, which goes on where the last one ended."""


class MergeCounts(Record):
    """What a merge did to one table."""

    inserted: NonNegativeInt
    updated: NonNegativeInt
    """Rows whose key was there before."""


class LoadResult(Record):
    """What one load brought."""

    pipeline_name: str
    """The source's name; with `__backfill` for loads of a window."""
    load_id: str
    """dlt's id of the load, as in the column `_dlt_load_id`; of the last, where an earlier attempt
    had left a package behind; empty where there was nothing to load."""
    row_counts: dict[str, NonNegativeInt] = Field(default_factory=dict)
    """Table -> rows that were loaded, dlt's own tables not among them."""
    merged: dict[str, MergeCounts] = Field(default_factory=dict)
    """Table -> what became of those rows, for tables that are merged by key."""
    warnings: tuple[str, ...] = ()
    """What is odd about this load: no rows, or far more or fewer than usual."""
    destination: str = ""
    """Where the rows are, in words, without credentials."""


class SyncSourceResult(LoadResult):
    """What a finished sync answers. A sync that failed is a failed run and has no result."""

    success: bool = True
    """Always true, for programs that read it."""
    error_message: str | None = None
    """Always None, for programs that read it."""
    notices: tuple[DeliveryReceipt, ...] = ()


class SourceOutcome(Record):
    """How one source of a scheduled sync ended."""

    source_name: str
    outcome: Literal["loaded", "failed", "timed-out", "skipped"]
    """`skipped`: another sync of this source was running."""
    result: SyncSourceResult | None = None
    error_message: str | None = None
    run_id: str
    """Workflow id of the source's own run."""


class ScheduledSyncResult(Record):
    """What became of every source. Where none was loaded, the run fails instead."""

    state: Literal["complete", "partial"]
    """`partial`: at least one source was not loaded; also the run's `TenutoStatus`."""
    sources: tuple[SourceOutcome, ...]
    """In the order that was asked."""
    failed: tuple[str, ...]
    """The sources that were not loaded."""
    notices: tuple[DeliveryReceipt, ...] = ()


class PrepareRequest(Record):
    """Which source is about to be loaded."""

    source_name: str
    resources: tuple[str, ...] = ()


class PreparedSource(Record):
    """What a run needs to know of `sync.yaml` before it loads."""

    pipeline_name: str
    timeout: timedelta
    """Of one attempt."""
    attempts: PositiveInt
    wait: timedelta
    """Before the second attempt; doubled for each further one."""
    missed_after: timedelta | None = None
    """Silence of a worker after which another takes over; None for the catalog's."""


class RecipientsRequest(Record):
    """Asks whom the project tells about its syncs."""


class Recipients(Record):
    """Whom `notify` of `sync.yaml` names."""

    notify: tuple[Recipient, ...] = ()


class ResourcePlan(Record):
    """What a sync would do with one resource."""

    resource: str
    table: str
    write_disposition: WriteDisposition
    primary_key: tuple[str, ...] = ()
    cursor: str | None = None
    """The field that tells what is new; None loads everything each time."""
    cursor_from: str | None = None
    """Where the next load starts, as text; None at the beginning of the data."""
    cursor_to: str | None = None
    """The highest value among the sampled rows."""
    sampled_rows: NonNegativeInt
    """How many rows the source gave before the look ended."""
    is_all: bool
    """Whether the source had no more than the sampled rows."""
    columns: tuple[str, ...] = ()
    """Of the sampled rows."""


class SyncPlan(Record):
    """What a sync would do; nothing was written."""

    source_name: str
    pipeline_name: str
    destination: str
    dataset: str
    resources: tuple[ResourcePlan, ...]
    pending_packages: NonNegativeInt
    """Packages that an earlier attempt left behind and that are loaded first."""


class PastLoad(Record):
    """One load that the destination remembers."""

    load_id: str
    loaded_at: AwareDatetime
    rows: dict[str, NonNegativeInt] = Field(default_factory=dict)
