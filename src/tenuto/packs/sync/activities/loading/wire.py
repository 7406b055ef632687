"""What the worker and the process that loads tell each other: one JSON line each.

The first line the process reads is its `Job`; each line it writes is one `Said`.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, TypeAdapter

from tenuto.core.records import Record
from tenuto.packs.sync.models import LoadRequest, LoadResult, PastLoad, SyncPlan


class Job(Record):
    """What the process does."""

    kind: Literal["load", "plan", "history"]
    request: LoadRequest
    root: Path
    """The project's root."""
    file: Path
    """Its `sync.yaml`."""
    state: Path
    """Its state folder."""
    run: str
    """Which run asks: attempts of one run are one job, and others wait for it."""
    name: str
    """The run as people know it."""
    loaded_at: AwareDatetime
    """For `_loaded_at`."""
    import_path: tuple[str, ...] = ()
    """Where the worker imports from."""


class Progress(Record):
    """Where the process stands."""

    said: Literal["progress"] = "progress"
    text: str


class Loaded(Record):
    """The load is done."""

    said: Literal["loaded"] = "loaded"
    result: LoadResult


class Planned(Record):
    """The dry run is done."""

    said: Literal["planned"] = "planned"
    plan: SyncPlan


class Remembered(Record):
    """What the destination knows of earlier loads."""

    said: Literal["remembered"] = "remembered"
    loads: tuple[PastLoad, ...]


class Failed(Record):
    """It could not be done."""

    said: Literal["failed"] = "failed"
    kind: Literal["UsageError", "NotFoundError", "DataError", "TransientError"]
    code: str
    message: str
    retry_after_s: float | None = None


Said = Annotated[Progress | Loaded | Planned | Remembered | Failed, Field(discriminator="said")]
SAID: TypeAdapter[Said] = TypeAdapter(Said)
