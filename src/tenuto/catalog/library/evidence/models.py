"""What the exporter is asked, what it knows, and what one export did."""

from pydantic import AwareDatetime, NonNegativeInt, PositiveInt

from tenuto.catalog.library.notify.audience import Recipient
from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.core.records import Record
from tenuto.core.references import Sha256


class Head(Record):
    """How far the ledger is: a second copy of its newest checkpoint, in the exporter's history."""

    size: PositiveInt
    """Records."""
    root: str
    """Root of the Merkle tree, base64."""
    head: Sha256
    """Hash of the last record."""


class Kept(Record):
    """Content in the ledger."""

    sha256: Sha256
    stored: Sha256
    """Of the compressed file."""
    bytes: NonNegativeInt


class Progress(Record):
    """What was exported so far."""

    head: Head | None = None
    """None before the first record."""
    closed_until: AwareDatetime | None = None
    """The latest close of an exported run, by the server's clock."""
    counted_until: AwareDatetime | None = None
    """The end of the last span of time whose runs were counted."""
    policy: Sha256 | None = None
    """Digest of the policy whose texts were recorded last; None where policy was never on."""
    awaited: Kept | None = None
    """The runs that were open or permitted at the last count: each has to be exported some day."""


class ExportStep(Record):
    """One export, after what is known already."""

    every_s: PositiveInt
    known: Progress
    counts_now: bool = False
    """Counts up to the last closed run, and does not wait for the hour to end."""


class ExportReport(Record):
    """What one export did."""

    known: Progress
    runs: NonNegativeInt
    """Closed runs that are in the ledger now and were not before."""
    tasks: NonNegativeInt
    """Tasks for people among them."""
    spooled: NonNegativeInt
    """Records that waited on this machine: decisions, reads, refusals, changes."""
    alarms: tuple[str, ...] = ()
    """What somebody has to look at, in sentences."""
    gaps: tuple[str, ...] | None = None
    """What is missing by the count, in sentences; None where nothing was counted."""


class ExportRequest(Record):
    """The exporter of one namespace."""

    namespace: str
    every_s: PositiveInt = 300
    known: Progress = Progress()
    """What a run before this one knew."""
    gaps: tuple[str, ...] = ()
    """What was missing at the last count of a run before this one."""
    exports: NonNegativeInt = 0
    alarm_to: tuple[Recipient, ...] = ()
    """Who is told of an alarm, once, and when all are over."""
    told: tuple[str, ...] = ()
    """What they have been told of by a run before this one, and is not over."""


class AlarmNotice(Record):
    """What people are told."""

    namespace: str
    alarms: tuple[str, ...]
    """What is new, in sentences; empty: all that was told of is over."""
    recipients: tuple[Recipient, ...]


class AlarmTold(Record):
    """Who got it."""

    receipts: tuple[DeliveryReceipt, ...]


class ExporterView(Record):
    """How the exporter stands: the query `view`."""

    exports: NonNegativeInt
    """Exports that were finished, since ever."""
    asked: NonNegativeInt
    """Which of them will have begun after the last signal `export_now`."""
    known: Progress
    last: ExportReport | None
    """None until the first export of this run is finished."""
    alarms: tuple[str, ...]
