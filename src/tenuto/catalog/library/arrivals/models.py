"""What a look for files is asked, what it remembers, and what it found."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, JsonValue

from tenuto.catalog.library.fetch.secret_reference import SecretReference
from tenuto.core.records import Record

MOST_STARTS = 200
"""Runs that one look starts; the next look starts the rest."""


class WatchRequest(Record):
    """Where to look, and what each file starts."""

    name: str
    url: str
    credentials: dict[str, SecretReference] = Field(default_factory=dict)
    stable_for: timedelta = timedelta(seconds=10)
    max_files: Annotated[int, Field(ge=1, le=10_000)] = 1_000
    filter: str | None = None
    run: str
    input: JsonValue = "${ . }"
    id: str | None = None


class FoundVersion(Record):
    """A file as it lies there now."""

    path: str
    """Below nothing: as a step that fetches it names it."""
    name: str
    size: int
    modified: AwareDatetime | None = None
    version: str
    """Digest of path, size, time, and tag: another content is another version."""


class SeenFile(Record):
    """What is remembered of a file."""

    path: str
    version: str
    since: AwareDatetime
    """When it was first seen like this."""
    state: Literal["waiting", "started", "filtered", "refused"] = "waiting"
    problem: str = ""
    """Why it was refused; it is not tried again before the file or the trigger changes."""


class LookRequest(Record):
    """One look, and what the one before remembers."""

    watch: WatchRequest
    seen: tuple[SeenFile, ...] = ()


class Look(Record):
    """What lies there."""

    files: tuple[SeenFile, ...]
    """What is to be remembered, sorted by path: what is gone is forgotten."""
    arrived: tuple[FoundVersion, ...]
    """What has been the same for long enough and was not started."""


class StartForFile(Record):
    """A run for one version of one file."""

    watch: WatchRequest
    file: FoundVersion


class FileOutcome(Record):
    """What became of it."""

    status: Literal["started", "duplicate", "filtered"]
    workflow_id: str | None = None


class Watched(Record):
    """The outcome of a look; the next look begins with it."""

    watch: str = ""
    """Digest of what was asked; with another one, what was refused is tried again."""
    files: tuple[SeenFile, ...] = ()
    started: int = 0
    """Runs that this look started."""
    refused: int = 0
    """Files that lie there and were refused."""
    postponed: int = 0
    """Files that the next look tries again."""
