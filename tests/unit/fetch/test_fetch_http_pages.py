"""SIG-6: every style of pagination brings every row, once, in order, with every digit."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from paged_table import Respond, asked, body, by_cursor, by_link, by_number, by_offset, records
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.fetch.columns import ColumnSpec
from tenuto.catalog.library.fetch.http import FetchHttpResult
from tenuto.catalog.library.fetch.http_pages import Cursors, NextLinks, NumberedPages, Offsets
from tenuto.core.errors import DataError
from tenuto.testing.loopback import Answer, LoopbackServer, Received

Fetch = Callable[..., FetchHttpResult]
ROWS = 25_000
TYPED = (ColumnSpec(name="id", kind="integer"), ColumnSpec(name="price", kind="decimal", scale=20))

STYLES: dict[str, tuple[Respond, dict[str, Any]]] = {
    "page-until-empty": (
        by_number(records(ROWS), most=1000),
        {"pagination": NumberedPages(), "records": "data.items"},
    ),
    "page-until-total": (
        by_number(records(ROWS), most=1000),
        {"pagination": NumberedPages(total_path="data.total"), "records": "data.items"},
    ),
    "page-until-short": (
        by_number(records(ROWS), most=999),
        {
            "pagination": NumberedPages(size_parameter="size", size=999, ends_on_short_page=True),
            "records": "data.items",
        },
    ),
    "page-in-body": (
        by_number(records(ROWS), most=5000),
        {
            "method": "POST",
            "body": {"columns": ["id"], "query": {"filters": []}},
            "records": "data.items",
            "pagination": NumberedPages(
                parameter="query.page", size_parameter="query.size", size=5000, place="body"
            ),
        },
    ),
    "offset-server-gives-less-than-asked": (
        by_offset(records(ROWS), most=1000),
        {"pagination": Offsets(size=10_000)},
    ),
    "cursor": (
        by_cursor(records(ROWS), most=1000),
        {"pagination": Cursors(next_path="meta.next"), "records": "rows"},
    ),
    "link-header": (
        by_link(records(ROWS), most=1000),
        {"pagination": NextLinks(), "records": "rows"},
    ),
    "link-in-body": (
        by_link(records(ROWS), most=1000, in_body=True),
        {"pagination": NextLinks(next_path="next"), "records": "rows"},
    ),
}


@pytest.mark.parametrize("style", STYLES)
def test_sig_6_25000_rows_arrive_as_25000(
    style: str, fetch_http: Fetch, store: ArtifactStore
) -> None:
    respond, fields = STYLES[style]
    with LoopbackServer(respond) as server:
        result = fetch_http(server, columns=TYPED, **fields)
    assert result.rows == ROWS
    assert result.pages == len(server.received)
    assert result.dataset is not None
    assert [column.dtype for column in result.dataset.columns] == ["Int64", "Decimal(38, 20)"]
    table = store.get_table(result.dataset)
    assert table["id"].to_list() == list(range(ROWS))
    assert table["price"][7] == Decimal("7.10000000000000000001")


def test_the_dataset_does_not_depend_on_how_pages_were_cut(fetch_http: Fetch) -> None:
    sizes = (10, 37)
    found = []
    for most in sizes:
        with LoopbackServer(by_offset(records(100), most=most)) as server:
            found.append(fetch_http(server, pagination=Offsets()).dataset)
    assert found[0] == found[1] is not None


def test_without_pagination_there_is_one_request(fetch_http: Fetch) -> None:
    with LoopbackServer(lambda _: Answer(body=body(records(3)))) as server:
        result = fetch_http(server)
    assert (result.rows, result.pages, len(server.received)) == (3, 1, 1)
    assert result.bytes == len(body(records(3)))


def test_parameters_join_those_of_the_url(fetch_http: Fetch) -> None:
    with LoopbackServer(by_offset(records(3), most=10)) as server:
        fetch_http(server, "/t?a=1&a=2", params={"b": "x y&z"}, pagination=Offsets(size=10))
    assert server.received[0].path == "/t?a=1&a=2&b=x+y%26z&offset=0&limit=10"


def test_more_pages_than_allowed_is_an_error_not_a_shorter_table(fetch_http: Fetch) -> None:
    with (
        LoopbackServer(by_offset(records(100), most=10)) as server,
        refused("fetch.too-many-pages"),
    ):
        fetch_http(server, pagination=Offsets(), max_pages=9)


def test_more_bytes_than_allowed_in_all_is_an_error(fetch_http: Fetch) -> None:
    with (
        LoopbackServer(by_offset(records(100), most=10)) as server,
        refused("fetch.too-many-bytes"),
    ):
        fetch_http(server, pagination=Offsets(), max_bytes=1500)
    assert len(server.received) < 10


def test_more_bytes_than_allowed_in_one_answer_is_an_error(fetch_http: Fetch) -> None:
    with (
        LoopbackServer(lambda _: Answer(body=body(records(100)))) as server,
        refused("http.response-too-large"),
    ):
        fetch_http(server, max_page_bytes=1000)


@pytest.mark.parametrize("stated", [99, 101])
def test_a_total_that_is_not_what_came_is_an_error(stated: int, fetch_http: Fetch) -> None:
    def respond(request: Received) -> Answer:
        start = int(asked(request)["offset"])
        return Answer(body=body({"rows": records(100)[start : start + 10], "total": stated}))

    with LoopbackServer(respond) as server, refused("fetch.total-differs"):
        fetch_http(server, records="rows", pagination=Offsets(total_path="total"))


@pytest.mark.parametrize(
    ("pagination", "answer"),
    [
        (NumberedPages(), {"rows": records(10)}),
        (Offsets(), {"rows": records(10)}),
        (Cursors(next_path="next"), {"rows": records(10), "next": "again"}),
        (NextLinks(next_path="next"), {"rows": records(10), "next": "/table"}),
    ],
    ids=lambda each: getattr(each, "kind", ""),
)
def test_a_server_that_never_turns_the_page_is_found_out(
    pagination: Any, answer: Any, fetch_http: Fetch
) -> None:
    with (
        LoopbackServer(lambda _: Answer(body=body(answer))) as server,
        refused("fetch.page-repeats"),
    ):
        fetch_http(server, records="rows", pagination=pagination)
    assert len(server.received) <= 2


def test_a_cursor_goes_on_after_a_page_without_rows(fetch_http: Fetch) -> None:
    pages = {"": ([1], "a"), "a": ([], "b"), "b": ([2], "")}

    def respond(request: Received) -> Answer:
        ids, following = pages[asked(request).get("cursor", "")]
        return Answer(body=body({"rows": [{"id": n} for n in ids], "next": following}))

    with LoopbackServer(respond) as server:
        result = fetch_http(server, records="rows", pagination=Cursors(next_path="next"))
    assert (result.rows, result.pages) == (2, 3)


def test_a_number_as_cursor_is_sent_back_as_a_number(fetch_http: Fetch) -> None:
    sent = []

    def respond(request: Received) -> Answer:
        sent.append(request.body)
        return Answer(body=body({"rows": records(1), "next": 42 if len(sent) == 1 else None}))

    with LoopbackServer(respond) as server:
        fetch_http(
            server,
            method="POST",
            body={},
            records="rows",
            pagination=Cursors(next_path="next", parameter="after.id", place="body"),
        )
    assert sent == [b"{}", b'{"after": {"id": 42}}']


def refused(code: str) -> Any:
    """A DataError with this code."""
    return pytest.raises(DataError, check=lambda error: error.code == code)
