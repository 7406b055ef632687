"""`fetch.http`: a table, or one file, from an HTTP interface."""

import re
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    JsonValue,
    NonNegativeInt,
    PositiveInt,
    field_validator,
    model_validator,
)
from temporalio.common import RetryPolicy

from tenuto.catalog import SideEffect, activity
from tenuto.catalog.library.fetch.columns import ColumnSpec, refuse_twice_named
from tenuto.catalog.library.fetch.http_auth import HEADER_NAME, Auth, HeaderKey
from tenuto.catalog.library.fetch.http_pages import OnePage, Pagination
from tenuto.core.records import Record
from tenuto.core.references import Dataset, Document

QUEUE = "integration"

MIB = 1024 * 1024

_CREDENTIAL_HEADERS = ("authorization", "cookie", "proxy-authorization")
_FRAMING_HEADERS = ("content-length", "host", "transfer-encoding", "connection", "accept-encoding")

_Longest = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(minutes=10))]


class FetchHttpRequest(Record):
    """What to ask for, how to turn the pages, and what the answer is made of."""

    url: str
    """`https://host/path?query`, without credentials. A private address must be in the worker's
    `TENUTO_HTTP_ALLOW`."""
    method: Literal["GET", "POST"] = "GET"
    params: dict[str, str] = Field(default_factory=dict)
    """Query parameters, added to those of `url`."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Request headers. Credentials go into `auth`."""
    body: JsonValue = None
    """JSON body, for POST."""
    auth: Auth | None = None
    """Who is asking. With it, or with POST, redirects are not followed."""
    pagination: Pagination = OnePage()
    format: Literal["json", "csv"] = "json"
    """What the answers are. CSV is UTF-8 with a header line."""
    records: str = ""
    """Where the JSON answer has its list of records, as a dotted path such as `data.items`; empty
    when the answer is the list."""
    separator: Annotated[str, Field(min_length=1, max_length=1)] = ","
    """What separates the cells of a CSV line."""
    columns: Annotated[tuple[ColumnSpec, ...], AfterValidator(refuse_twice_named)] = ()
    """The columns wanted, typed. Without any, every field becomes a text column, numbers with the
    digits they were sent with, nested values as JSON."""
    as_document: bool = False
    """Whether to keep the one answer as it came, as a document."""
    name: str = "fetched records"
    """What a person calls the result."""
    timeout: _Longest = timedelta(seconds=30)
    """For each request."""
    min_interval: Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(minutes=5))] = timedelta(
        0
    )
    """From the start of one request to the start of the next."""
    longest_wait: Annotated[timedelta, Field(ge=timedelta(0), le=timedelta(minutes=5))] = timedelta(
        seconds=30
    )
    """In all, for one page, when the server says it is busy (429, 503). A longer wait goes back
    to the engine, which tries again where this attempt stopped."""
    max_page_bytes: PositiveInt = 64 * MIB
    """Of one answer, decompressed. One page is held in memory."""
    max_bytes: PositiveInt = 1024 * MIB
    """Of all answers together."""
    max_pages: PositiveInt = 10_000

    @field_validator("headers")
    @classmethod
    def _no_credentials(cls, headers: dict[str, str]) -> dict[str, str]:
        for name in headers:
            if re.match(HEADER_NAME, name) is None:
                raise ValueError(f"{name[:40]!r} is not a header's name")
            if name.lower() in _CREDENTIAL_HEADERS:
                raise ValueError(
                    f"header `{name}` carries credentials, which would be stored in the run; use "
                    "`auth` with a secret:// reference"
                )
            if name.lower() in _FRAMING_HEADERS:
                raise ValueError(f"header `{name}` is set by the client itself; leave it out")
        return headers

    @model_validator(mode="after")
    def _options_fit(self) -> Self:
        problem = next((what for is_wrong, what in self._misfits() if is_wrong), None)
        if problem:
            raise ValueError(problem)
        return self

    def _misfits(self) -> list[tuple[bool, str]]:
        pages = self.pagination
        given = {name.lower() for name in self.headers}
        in_body = getattr(pages, "place", "query") == "body"
        reads_json = bool(getattr(pages, "next_path", None) or getattr(pages, "total_path", None))
        counts = getattr(pages, "ends_on_short_page", False)
        return [
            (self.body is not None and self.method == "GET", "`body` needs method POST"),
            (
                in_body and not (self.method == "POST" and isinstance(self.body, dict)),
                "pagination in the body needs method POST and a `body` that is an object",
            ),
            (
                isinstance(self.auth, HeaderKey) and self.auth.name.lower() in given,
                "the header of `auth` is given in `headers` too; leave it out there",
            ),
            (
                counts and getattr(pages, "size", None) is None,
                "`ends_on_short_page` needs the `size` of a full page",
            ),
            (
                getattr(pages, "size", None) is not None
                and getattr(pages, "size_parameter", None) is None,
                "`size` needs the `size_parameter` that asks for it",
            ),
            (
                self.format == "csv" and (reads_json or bool(self.records)),
                "a dotted path into the answer needs format `json`",
            ),
            (
                self.as_document
                and (pages.kind != "none" or bool(self.columns) or bool(self.records)),
                "`as_document` keeps one answer as it is: no pagination, columns, or records",
            ),
        ]


class FetchHttpResult(Record):
    """What came, pinned by its content."""

    dataset: Dataset | None = None
    """The records of all pages in the order in which they came; none with `as_document`."""
    document: Document | None = None
    """The answer as it came, with `as_document`."""
    pages: PositiveInt
    """Answers read."""
    rows: NonNegativeInt
    """Records in all answers."""
    bytes: NonNegativeInt
    """Of all answers, decompressed."""


fetch_http = activity(
    "fetch.http",
    request=FetchHttpRequest,
    result=FetchHttpResult,
    summary="Fetch a table, page by page, or one file from an HTTP interface.",
    queue=QUEUE,
    start_to_close=timedelta(hours=2),
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=1),
        backoff_coefficient=2.0,
        maximum_interval=timedelta(minutes=1),
        maximum_attempts=6,
    ),
    side_effect=SideEffect.ARTIFACTS,
    idempotency="It only reads; a repeated attempt goes on after the last page that was stored.",
)
