"""OPS-16: an attempt that follows another goes on after the last page that was stored."""

import threading
from typing import Any

import pytest
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from paged_table import asked, by_cursor, by_link, by_number, by_offset, records
from tenuto.activities.fetch.http import fetch
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.fetch.http import FetchHttpRequest
from tenuto.catalog.library.fetch.http_pages import Cursors, NextLinks, NumberedPages, Offsets
from tenuto.core.errors import TransientError
from tenuto.testing.loopback import Answer, LoopbackServer, Received

ROWS = records(100)
STYLES: dict[str, Any] = {
    "page": (by_number, {"pagination": NumberedPages(), "records": "data.items"}),
    "offset": (by_offset, {"pagination": Offsets()}),
    "cursor": (by_cursor, {"pagination": Cursors(next_path="meta.next"), "records": "rows"}),
    "link": (by_link, {"pagination": NextLinks(), "records": "rows"}),
}


@pytest.mark.parametrize("style", STYLES)
def test_ops_16_a_failure_at_page_6_of_10_repeats_no_page_before(
    style: str, fetch_http: Any, store: ArtifactStore
) -> None:
    respond_for, fields = STYLES[style]
    answer = respond_for(ROWS, most=10)

    def fails_once_at_6(request: Received) -> Answer:
        return Answer(status=500) if len(server.received) == 6 else answer(request)

    with LoopbackServer(fails_once_at_6) as server:
        request = FetchHttpRequest(url=f"{server.url}/table", **fields)
        with pytest.raises(TransientError):
            fetch_http.attempt(request, server)
        told = fetch_http.beats[-1]
        assert told[0] == {"rows": 50, "message": "page 5 stored"}
        result = fetch_http.attempt(request, server, told)
        paths = [each.path for each in server.received]
        complete = fetch_http.attempt(request, server)
    assert paths[5] == paths[6]
    assert not set(paths[:5]) & set(paths[5:])
    assert result == complete
    assert result.rows == 100
    assert store.get_table(result.dataset)["id"].to_list() == [str(n) for n in range(100)]


def test_an_attempt_after_the_last_page_asks_for_nothing(fetch_http: Any) -> None:
    with LoopbackServer(by_offset(ROWS, most=50)) as server:
        request = FetchHttpRequest(url=server.url, pagination=Offsets())
        first = fetch_http.attempt(request, server)
        requests = len(server.received)
        again = fetch_http.attempt(request, server, fetch_http.beats[-1])
    assert again == first
    assert len(server.received) == requests == 3


def test_cancelling_ends_the_waiting_and_leaves_no_table(
    store: ArtifactStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = ActivityEnvironment()

    def busy_at_second(request: Received) -> Answer:
        if asked(request)["offset"] == "0":
            return by_offset(ROWS, most=10)(request)
        threading.Timer(0.3, environment.cancel).start()
        return Answer(status=429, headers={"retry-after": "60"})

    with LoopbackServer(busy_at_second) as server:
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        request = FetchHttpRequest(url=server.url, pagination=Offsets(), longest_wait="PT2M")
        with pytest.raises(CancelledError):
            environment.run(fetch, request)
    assert len(server.received) == 2
    assert store.totals().blobs == 2  # the first page and its link in the chain
