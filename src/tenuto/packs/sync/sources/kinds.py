"""What each kind of source is told in `sync.yaml`: its `config` and `secrets`, without dlt."""

import re
from datetime import date, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PositiveInt,
    StrictBool,
    StrictInt,
    StrictStr,
    model_validator,
)

from tenuto.catalog.library.fetch.sql import Identifier
from tenuto.core.durations import read_spoken_duration
from tenuto.core.records import Record
from tenuto.packs.sync.configuration import SourceKind
from tenuto.triggers.definition_timetable import known_zone

_URL = re.compile(r"https?://[^\s/@?#]+[^\s@?#]*")


def _span(value: Any) -> Any:
    spoken = read_spoken_duration(value) if isinstance(value, str) else None
    return value if spoken is None else spoken


def _plain_url(value: str) -> str:
    if not _URL.fullmatch(value):
        raise ValueError(
            "is not http:// or https:// with a host; keys and passwords belong to `secrets`"
        )
    return value


Span = Annotated[timedelta, BeforeValidator(_span), Field(ge=timedelta(0))]
"""`1 second`, `250 ms` is `0.25`."""
Url = Annotated[str, AfterValidator(_plain_url)]
Zone = Annotated[str, AfterValidator(known_zone)]
Text = Annotated[str, Field(min_length=1)]
ColumnType = Literal["text", "bigint", "double", "decimal", "bool", "date", "timestamp"]


class Access(Record):
    """How a key is shown to an API. dlt, its logs, and its errors never see it."""

    kind: Literal["bearer", "header", "query", "basic"]
    """`query` only where the API takes its key nowhere else: servers write URLs into logs."""
    secret: Text
    """A name in `secrets`."""
    name: str = ""
    """Of the header or the query parameter."""
    user: str = ""
    """For `basic`."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.kind in ("header", "query") and not self.name:
            raise ValueError(f"`{self.kind}` needs `name`")
        if self.kind == "basic" and not self.user:
            raise ValueError("`basic` needs `user`")
        return self


class Manners(Record):
    """How an API is asked."""

    pause: Span = timedelta(0)
    """Between two requests."""
    patience: Span = timedelta(seconds=30)
    """How long in all one request waits for a busy server (429, 503) before the load is tried
    again later: as long as `Retry-After` says, or 1, 2, 4, ... seconds."""
    timeout: Span = timedelta(seconds=60)
    """Of one request."""


class RestApiClient(Record):
    """Where an API is, and how its pages follow each other."""

    base_url: Url
    headers: dict[str, str] = Field(default_factory=dict)
    paginator: str | dict[str, JsonValue] | None = None
    """As dlt's `rest_api` has it. `auto` is refused: where it guesses wrong, only the first page
    is loaded."""


class RestApiConfig(Manners):
    """dlt's `rest_api`, guarded."""

    client: RestApiClient
    auth: Access | None = None
    resource_defaults: dict[str, JsonValue] = Field(default_factory=dict)
    resources: Annotated[tuple[dict[str, JsonValue], ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _says_how_pages_follow(self) -> Self:
        default = self.client.paginator or _paginator(self.resource_defaults)
        for each in self.resources:
            if "name" not in each:
                raise ValueError("each of `resources` needs a `name`")
            if (_paginator(each) or default) in (None, "auto", {"type": "auto"}):
                raise ValueError(
                    f"`{each['name']}` does not say how its pages follow each other; give"
                    " `client.paginator` or `endpoint.paginator`, `single_page` where there is"
                    " only one"
                )
        return self


def _paginator(resource: dict[str, JsonValue]) -> JsonValue:
    endpoint = resource.get("endpoint")
    return endpoint.get("paginator") if isinstance(endpoint, dict) else None


class SqlTable(Record):
    """One table, view, or query."""

    name: Identifier
    """Of the table that is loaded into, and of the one that is read unless `query` is given."""
    schema_name: Identifier | None = None
    query: str | None = None
    """A SELECT with `:name` for each parameter. Where there is a cursor, it is wrapped."""
    parameters: dict[str, StrictBool | StrictInt | StrictStr | None] = Field(default_factory=dict)
    """Bound, never put into the text."""
    columns: tuple[Identifier, ...] = ()
    """All where none is given."""
    primary_key: tuple[Identifier, ...] = ()
    """That of the table where none is given. With one, rows are merged by it."""
    cursor: Identifier | None = None
    """The column that grows: only rows from its last value on are read."""
    initial: StrictInt | StrictStr | None = None
    """Where the first load starts."""
    time_zone: Zone = "UTC"
    """Whose days a backfill means, where the cursor is a moment with a zone."""
    lag: StrictInt | None = None
    """How far before the last value each load begins again, for corrections: days, seconds of a
    moment, or units of a number."""


class SqlConfig(Record):
    """Any database that SQLAlchemy knows; it is read in a transaction that cannot write."""

    connection: str
    """A URL without a password."""
    tables: Annotated[tuple[SqlTable, ...], Field(min_length=1)]
    batch: PositiveInt = 5_000
    """Rows that are held at once."""
    timeout: Span = timedelta(minutes=30)
    """Of one table."""


class FilesConfig(Record):
    """CSV files of a folder or a bucket, a table for each prefix."""

    url: Text
    """Folder, relative to the project's root, or an fsspec URL such as `s3://bucket`."""
    prefixes: Annotated[tuple[Text, ...], Field(min_length=1)]
    """Folders below it; `orders-create` becomes the table `orders_create`."""
    pattern: Text = "**/*.csv"
    """Below each prefix."""
    date_in_name: str = r"(\d{4}-\d{2}-\d{2})"
    """A regular expression whose first group is a file's date."""
    max_files: PositiveInt | None = None
    """Files of one load and prefix. The oldest come first; the others come with the next load."""
    min_age: Span = timedelta(0)
    """A file that changed more recently is taken for unfinished and waits."""
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    encoding: str = "utf-8-sig"
    columns: dict[str, ColumnType] = Field(default_factory=dict)
    """Types, for columns that are not text."""

    @model_validator(mode="after")
    def _pattern_has_a_group(self) -> Self:
        try:
            groups = re.compile(self.date_in_name).groups
        except re.error as error:
            raise ValueError(f"`date_in_name` is no regular expression: {error}") from error
        if groups < 1:
            raise ValueError("`date_in_name` needs a group, in parentheses, around the date")
        return self


class Report(Manners):
    """What reports by day have in common."""

    time_zone: Zone
    """In which the report's days begin and end."""
    initial: date
    """The first day that is ever asked for."""
    again: Annotated[int, Field(ge=0, le=366)] = 3
    """So many days before the last one are asked for again, for corrections."""


class EverflowFilter(Record):
    """Only rows with one of these values; asked of the API, and looked at again here."""

    column: Text
    """One of `columns`."""
    ids: Annotated[tuple[str, ...], Field(min_length=1)]


class EverflowConfig(Report):
    """A table of entities from Everflow's reporting API, or one that answers like it."""

    base_url: Url = "https://api.eflow.team"
    path: str = "/v1/networks/reporting/entity/table"
    resource: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] = "entity_table"
    """Table that is loaded into."""
    columns: Annotated[tuple[Text, ...], Field(min_length=1)] = ("offer", "affiliate")
    """Rows are asked for by day, so `date` need not be here."""
    timezone_id: int
    """Number of `time_zone` in the API."""
    currency_id: Text = "USD"
    filters: tuple[EverflowFilter, ...] = ()
    page_size: Annotated[int, Field(ge=1, le=10_000)] = 2_000


class RedtrackConfig(Report):
    """A report from RedTrack, or an API that answers like it: one call per day."""

    base_url: Url = "https://api.redtrack.io"
    path: str = "/report"
    resource: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] = "report"
    group: Annotated[tuple[Text, ...], Field(min_length=1)] = ("campaign",)
    """What the rows are grouped by."""
    key: tuple[Text, ...] = ()
    """Columns that make a row of a day one; those of `group` where none are given."""
    auth: Access = Access(kind="query", name="api_key", secret="api_key")  # noqa: S106 (its name)
    page_size: Annotated[int, Field(ge=1, le=10_000)] = 1_000
    first_of: dict[str, tuple[Text, ...]] = Field(default_factory=dict)
    """Column -> columns to take it from: the first that is there. Zero is there."""
    pause: Span = timedelta(seconds=1)


class PythonConfig(Record):
    """Arguments of the project's own function."""

    model_config = ConfigDict(**{**Record.model_config, "extra": "allow"})


CONFIGS: dict[SourceKind, type[Record]] = {
    "rest_api": RestApiConfig,
    "sql": SqlConfig,
    "files": FilesConfig,
    "everflow": EverflowConfig,
    "redtrack": RedtrackConfig,
    "python": PythonConfig,
}
"""Every kind that there is; each of them loads."""
