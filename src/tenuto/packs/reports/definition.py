"""What a report's file says, once it is read: every text with the place it stands at."""

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    JsonValue,
    PositiveInt,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from tenuto.catalog.library.fetch.secret_reference import SecretReference
from tenuto.catalog.library.notify.requests import EventType
from tenuto.catalog.library.notify.requests import SecretReference as SigningSecret
from tenuto.catalog.library.notify.storms import Audience
from tenuto.core.durations import read_spoken_duration
from tenuto.core.records import Record
from tenuto.packs.reports.models import Channel, ReportName

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
MAIN = "rows"
"""The query that `query` gives, as templates and charts know it."""
MOST_SHOWN = 1000


def _length(value: Any) -> Any:
    spoken = read_spoken_duration(value) if isinstance(value, str) else None
    return value if spoken is None else spoken


Length = Annotated[timedelta, BeforeValidator(_length), Field(gt=timedelta(0))]


class Text(Record):
    """A template or a query, and where it stands."""

    text: str
    name: str
    """The file, as errors call it."""
    line: PositiveInt = 1
    """The line of the file that the text begins in."""


class Param(Record):
    """A value that queries bind as `:name` and templates read as `params.name`."""

    type: Literal["text", "integer", "number", "date", "boolean"] = "text"
    default: JsonValue = None
    """Left out, the parameter has to be given; but for `date`, which is yesterday."""
    is_optional: bool = Field(default=False, alias="optional")
    """Whether null is a value."""
    description: str = ""


class Source(Record):
    """Where a query reads: one of a database, a DuckDB file, and a stored table."""

    connection: str | None = None
    """A SQLAlchemy URL without a password, or `secret://env/NAME` of a whole URL."""
    password: SecretReference | None = None
    duckdb: str | None = None
    """A DuckDB file, relative to the project; the sync pack writes such."""
    artifact: str | None = None
    """A table in the artifact store, by name or `artifact://`; `{date}` stands for a parameter.
    A query reads it as the table `data`."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if sum(each is not None for each in (self.connection, self.duckdb, self.artifact)) != 1:
            raise ValueError("give exactly one of `connection`, `duckdb`, and `artifact`")
        if self.password is not None and self.connection is None:
            raise ValueError("`password` belongs to `connection`")
        return self


class Query(Record):
    """One table of a report."""

    query: Text | None = None
    """Left out, a stored table is taken whole."""
    source: Source | None = None
    """By default the report's."""


class EmailTemplate(Record):
    """An e-mail: HTML made of MJML, the same as text, and files."""

    subject: Text
    mjml: Text
    text: Text | None = None
    """For readers without HTML; made of the HTML where it is left out."""
    attach: tuple[Literal["pdf", "xlsx"], ...] = ()


class ChatTemplate(Record):
    """A message in the service's markup."""

    title: Text
    text: Text


class WebhookTemplate(Record):
    """An event for a program."""

    type: EventType = "tenuto.report"
    json_: Text | None = Field(default=None, alias="json")
    """Template of the facts as JSON; by default parameters and rows."""


class FileTemplate(Record):
    """Files for somebody to pick up."""

    formats: Annotated[tuple[Literal["pdf", "xlsx"], ...], Field(min_length=1)] = ("pdf", "xlsx")


class Templates(Record):
    """A template for each channel that the report goes out by."""

    email: EmailTemplate | None = None
    slack: ChatTemplate | None = None
    teams: ChatTemplate | None = None
    chat: ChatTemplate | None = None
    sms: Text | None = None
    webhook: WebhookTemplate | None = None
    file: FileTemplate | None = None

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Those that have a template, in the order of this class."""
        names: tuple[Any, ...] = tuple(type(self).model_fields)
        return tuple(each for each in names if getattr(self, each) is not None)

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if not self.channels:
            known = ", ".join(type(self).model_fields)
            raise ValueError(f"a report needs a template for at least one of {known}")
        return self


class Chart(Record):
    """A picture of one query."""

    name: Identifier
    kind: Literal["bar", "line"]
    title: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    query: Identifier = MAIN
    label: str
    """Column that names the bars, or stands below the line, in the order of the rows."""
    value: str
    """Column that is drawn."""
    format: Literal["number", "currency", "percent"] = "number"


class To(Record):
    """One recipient, as a report names it."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    target: str = ""
    secrets: Annotated[tuple[SigningSecret, ...], Field(max_length=4)] = ()


def _named(value: Any) -> Any:
    """`ann@example.com` is a recipient of that name; of a secret only the variable is the name."""
    if isinstance(value, str):
        return {"name": value.rpartition("/")[2] or value, "target": value}
    return value


class Guard(Record):
    """How much one audience hears of a report before the storm guard holds it back."""

    window: Length = timedelta(hours=1)
    cap: PositiveInt = 5
    """Messages in one window; the same content goes out once in it."""
    audience: Audience | None = None
    """Who shares the guard; by default the recipients of this report in this channel."""


class Report(Record):
    """A report."""

    name: ReportName
    title: str = ""
    """By default the name."""
    description: str = ""
    time_zone: str = ""
    """Of `yesterday` and of moments; by default the project's."""
    locale: str = ""
    """How numbers and dates are written, for example `de_CH`; by default the project's."""
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    """Of amounts whose template names none."""
    missing: Annotated[str, StringConstraints(min_length=1, max_length=40)] = "n/a"
    """What stands in the place of a value that is not there."""
    params: dict[Identifier, Param] = Field(default_factory=dict)
    source: Source | None = None
    query: Text | None = None
    queries: dict[Identifier, Query] = Field(default_factory=dict)
    charts: Annotated[tuple[Chart, ...], Field(max_length=8)] = ()
    templates: Templates
    recipients: dict[Channel, tuple[Annotated[To, BeforeValidator(_named)], ...]] = Field(
        default_factory=dict
    )
    """By default those of the project for this channel."""
    guard: Guard | Literal["off"] = Guard()
    rows_shown: Annotated[int, Field(ge=1, le=MOST_SHOWN)] = 100
    """Templates get no more rows; how many more there are is said."""
    max_rows: Annotated[int, Field(ge=1, le=5_000_000)] = 1_000_000
    """A query that has more is an error."""
    timeout: Annotated[Length, Field(le=timedelta(hours=1))] = timedelta(minutes=5)
    """Of each query."""
    cron: str = ""
    """When it is meant to go out; `schedules.yaml` makes it so."""

    @field_validator("params", mode="before")
    @classmethod
    def _defaults_say_their_type(cls, value: Any) -> Any:
        return (
            {name: _param(given) for name, given in value.items()}
            if isinstance(value, dict)
            else value
        )

    @field_validator("queries")
    @classmethod
    def _main_is_apart(cls, value: dict[str, Query], info: ValidationInfo) -> dict[str, Query]:
        if MAIN in value:
            raise ValueError(f"`{MAIN}` is the query that `query` gives; call this one otherwise")
        return value

    @model_validator(mode="after")
    def _every_query_has_a_source(self) -> Self:
        queries = self.every_query
        if not queries:
            raise ValueError("a report needs a `query`, or a `source` that is an artifact")
        for name, query in queries.items():
            source = query.source or self.source
            if source is None:
                raise ValueError(f"query `{name}` has no `source`")
            if query.query is None and source.artifact is None:
                raise ValueError(f"query `{name}` has no `query`")
        unknown = [each.query for each in self.charts if each.query not in queries]
        if unknown:
            known = ", ".join(queries)
            raise ValueError(f"a chart draws query `{unknown[0]}`; there are {known}")
        return self

    @property
    def every_query(self) -> dict[str, Query]:
        """All queries, the main one first, as `rows`."""
        has_main = self.query is not None or (
            self.source is not None and self.source.artifact is not None
        )
        main = {MAIN: Query(query=self.query, source=self.source)} if has_main else {}
        return {**main, **self.queries}

    @property
    def heading(self) -> str:
        """The title, or else the name."""
        return self.title or self.name


class Bundle(Record):
    """A report with everything it needs: what a run is made of, and nothing else."""

    report: Report
    files: dict[str, str] = Field(default_factory=dict)
    """Files beside it that templates include: name -> text."""
    time_zone: str
    locale: str


def _param(given: Any) -> Any:
    """A bare value is a default that says its type."""
    if isinstance(given, dict):
        return given
    if isinstance(given, bool):
        return {"type": "boolean", "default": given}
    if isinstance(given, int):
        return {"type": "integer", "default": given}
    if isinstance(given, float):
        return {"type": "number", "default": str(given)}
    return {"type": "text", "default": given}
