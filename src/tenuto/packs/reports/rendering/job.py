"""What the rendering process is told and answers: JSON, since it shares nothing with anybody."""

from typing import Literal

from pydantic import Field, JsonValue

from tenuto.core.records import Record

Kind = Literal["bool", "int", "decimal", "float", "date", "datetime", "text"]
Escape = Literal["html", "slack", "markdown", "plain", "json"]


class TablePart(Record):
    """The rows of one query that are shown, cells as JSON."""

    columns: dict[str, Kind]
    rows: tuple[tuple[JsonValue, ...], ...]
    total: int
    sums: dict[str, JsonValue] = Field(default_factory=dict)
    """Column -> sum over all rows; null where no row has a value."""


class Part(Record):
    """One text to be made."""

    text: str
    name: str
    """File, for errors."""
    line: int
    """Where the text begins in it."""
    escape: Escape
    is_mjml: bool = False


class Picture(Record):
    """A chart that an e-mail shows."""

    name: str
    title: str
    alt: str
    src: str


class Job(Record):
    """Everything that a channel's texts are made of."""

    parts: dict[str, Part]
    files: dict[str, str]
    report: dict[str, JsonValue]
    params: dict[str, JsonValue]
    param_kinds: dict[str, Kind]
    tables: dict[str, TablePart]
    pictures: tuple[Picture, ...] = ()
    locale: str
    time_zone: str
    currency: str | None
    missing: str
    most_chars: int = 400_000
    extra: dict[str, JsonValue] = Field(default_factory=dict)
    """Names that templates see besides."""


class Flaw(Record):
    """Why a text could not be made."""

    code: Literal["template", "too-long", "mjml"]
    message: str
    place: str
    """`file:line`."""


class Answer(Record):
    """The texts, or why there are none."""

    parts: dict[str, str] = Field(default_factory=dict)
    flaw: Flaw | None = None
