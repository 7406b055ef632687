"""How an HTTP interface hands out a long table: one model per style of pagination."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from tenuto.core.records import Record

Place = Literal["query", "body"]


class OnePage(Record):
    """The first answer is all there is."""

    kind: Literal["none"] = "none"


class NumberedPages(Record):
    """Pages are asked for by number, until one is empty or the stated total has arrived."""

    kind: Literal["page"] = "page"
    parameter: str = "page"
    """The parameter that takes the page number; in a JSON body a dotted path, `query.page`."""
    first: NonNegativeInt = 1
    """The number of the first page."""
    size_parameter: str | None = None
    """The parameter that takes the page size."""
    size: PositiveInt | None = None
    """Rows to ask for on each page."""
    total_path: str | None = None
    """Where the JSON answer states how many rows there are in all, as a dotted path. With it the
    fetch ends there, and fewer rows are an error."""
    ends_on_short_page: bool = False
    """Whether a page with fewer than `size` rows is the last one. Only for servers that never
    give less than they are asked for: one that does would cut the table short."""
    place: Place = "query"
    """Where the parameters go: into the URL, or into the JSON body."""


class Offsets(Record):
    """Rows are asked for by how many came before; ends as `NumberedPages` does."""

    kind: Literal["offset"] = "offset"
    parameter: str = "offset"
    """The parameter that takes the number of rows to skip."""
    size_parameter: str | None = "limit"
    """The parameter that takes the number of rows wanted."""
    size: PositiveInt | None = None
    """Rows to ask for in each request. The offset moves on by the rows that really came."""
    total_path: str | None = None
    """Where the JSON answer states how many rows there are in all, as a dotted path."""
    ends_on_short_page: bool = False
    """Whether an answer with fewer than `size` rows is the last one."""
    place: Place = "query"
    """Where the parameters go: into the URL, or into the JSON body."""


class Cursors(Record):
    """Each answer names the cursor of the next; one without a cursor is the last."""

    kind: Literal["cursor"] = "cursor"
    parameter: str = "cursor"
    """The parameter that takes the cursor. The first request goes without."""
    next_path: str
    """Where the JSON answer has the next cursor, as a dotted path. The last answer has null, an
    empty text, or nothing there."""
    place: Place = "query"
    """Where the parameter goes: into the URL, or into the JSON body."""


class NextLinks(Record):
    """Each answer links to the next, on the same host; one without a link is the last."""

    kind: Literal["link"] = "link"
    next_path: str | None = None
    """Where the JSON answer has the next URL, as a dotted path; without it, the `Link` header
    with `rel="next"` is followed."""


Pagination = Annotated[
    OnePage | NumberedPages | Offsets | Cursors | NextLinks, Field(discriminator="kind")
]
