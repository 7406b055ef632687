"""What `sync.yaml` says: sources, destinations, and who is told.

Read by `tenuto.packs.sync.sources.file`. A secret stands here as a reference only.
"""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, JsonValue, PositiveInt, StringConstraints

from tenuto.catalog.library.fetch.secret_reference import SecretReference
from tenuto.catalog.library.notify.audience import Recipient
from tenuto.core.records import Record
from tenuto.packs.sync.models import Name

SourceKind = Literal["rest_api", "sql", "files", "everflow", "redtrack", "python"]

Fraction = Annotated[float, Field(gt=0)]
"""0.5 is half as much again, or half as much."""


class DuckDB(Record):
    """A DuckDB file: one writer at a time, which syncs queue for."""

    kind: Literal["duckdb"]
    path: str = ""
    """Relative to the project's root; by default `sync/<dataset>.duckdb` in the state folder."""


class PostgreSQL(Record):
    """A PostgreSQL database."""

    kind: Literal["postgres"]
    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 5432
    database: str
    user: str
    password: SecretReference
    tls: bool = True
    """Whether the connection is encrypted and the server's certificate checked; only a server on
    this machine is reached without."""


class SqlAlchemy(Record):
    """Any database that SQLAlchemy knows and whose driver is installed."""

    kind: Literal["sqlalchemy"]
    url: str
    """Without a password."""
    password: SecretReference | None = None


class Filesystem(Record):
    """Files in a folder or a bucket, a folder per table; rows are appended, never merged."""

    kind: Literal["filesystem"]
    url: str
    """Folder relative to the project's root, or an fsspec URL without credentials."""
    options: dict[str, SecretReference | str] = Field(default_factory=dict)
    """Credentials and settings of the file system, for example `key`, `secret`, `endpoint_url`."""


Destination = Annotated[DuckDB | PostgreSQL | SqlAlchemy | Filesystem, Field(discriminator="kind")]

LOCAL = DuckDB(kind="duckdb")
"""Where a source that names no destination goes."""


class Checks(Record):
    """What a load is measured against; what fails is a warning, never a failed run."""

    min_rows: int = Field(default=1, ge=0)
    """A load of fewer rows is reported; 0 for a source that may well be empty."""
    max_change: Fraction | None = None
    """How far the number of rows may be from the median of the last loads; 0.5 is 50 %."""


class Retry(Record):
    """How often a load is tried."""

    attempts: PositiveInt = 3
    wait: timedelta = timedelta(seconds=5)
    """Before the second attempt; doubled for each further one. In words: `5 seconds`."""


class Source(Record):
    """One source, and where its rows go."""

    kind: SourceKind
    function: str | None = None
    """For `python`: `module:function`, which returns a dlt source or resource."""
    config: dict[str, JsonValue] = Field(default_factory=dict)
    """What the kind needs; see the page of the kind."""
    secrets: dict[str, SecretReference] = Field(default_factory=dict)
    """Name that the kind gives a secret -> `secret://env/NAME`."""
    client_id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    """Whose data it is: the column `_client_id` of each row."""
    destination: Name | None = None
    """One of `destinations`; without one, a DuckDB file in the state folder."""
    dataset: Name | None = None
    """Schema (or file) of the tables; by default the source's name."""
    resources: tuple[str, ...] = ()
    """What of the source is loaded; empty for all."""
    checks: Checks = Checks()
    timeout: timedelta = timedelta(minutes=30)
    """Of one attempt. In words: `30 minutes`."""
    retry: Retry = Retry()


class SyncFile(Record):
    """The whole of `sync.yaml`."""

    version: Literal[1] = 1
    notify: tuple[Recipient, ...] = ()
    """Who is told of failures, and of successes where a run asks for it."""
    destinations: dict[Name, Destination] = Field(default_factory=dict)
    sources: dict[Name, Source] = Field(default_factory=dict)
