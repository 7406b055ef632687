"""Credentials go where they were meant to go, and nowhere else."""

import base64
import json
import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.converter import PayloadConverter

from paged_table import body, records
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.fetch.http import FetchHttpResult
from tenuto.catalog.library.fetch.http_auth import BasicPassword, BearerToken, HeaderKey
from tenuto.catalog.library.fetch.http_pages import NextLinks
from tenuto.core.errors import DataError, NotFoundError, TenutoError, UsageError
from tenuto.engine.converter import TenutoFailureConverter
from tenuto.testing.loopback import Answer, LoopbackServer, Received

Fetch = Callable[..., FetchHttpResult]
SECRET = "s3cr3t-7f21c0"
REFERENCE = "secret://env/PRICES_KEY"
EVERY_WAY = (
    BearerToken(secret=REFERENCE),
    HeaderKey(name="X-Api-Key", secret=REFERENCE),
    BasicPassword(user="desk", secret=REFERENCE),
)


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICES_KEY", SECRET)


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        (EVERY_WAY[0], "authorization", f"Bearer {SECRET}"),
        (EVERY_WAY[1], "x-api-key", SECRET),
        (
            EVERY_WAY[2],
            "authorization",
            "Basic " + base64.b64encode(f"desk:{SECRET}".encode()).decode(),
        ),
    ],
)
def test_every_page_says_who_asks(auth: Any, header: str, value: str, fetch_http: Fetch) -> None:
    links = [{"link": '</two>; rel="next"'}, {}]
    with LoopbackServer(lambda _: Answer(headers=links.pop(0), body=body(records(1)))) as server:
        fetch_http(server, auth=auth, pagination=NextLinks())
    assert [each.headers[header] for each in server.received] == [value, value]
    assert not any(SECRET in each.path for each in server.received)


@pytest.mark.parametrize("auth", EVERY_WAY, ids=lambda each: each.kind)
@pytest.mark.parametrize("in_body", [True, False])
def test_a_next_link_to_another_host_is_refused(
    auth: Any, in_body: bool, fetch_http: Fetch
) -> None:
    with LoopbackServer(lambda _: Answer(body=body([]))) as other:
        elsewhere = f"http://localhost:{other.port}/steal"
        rows = {"rows": records(1), "next": elsewhere}
        answer = Answer(headers={"link": f'<{elsewhere}>; rel="next"'}, body=body(rows))
        with LoopbackServer(lambda _: answer) as server, pytest.raises(DataError) as refused:
            fetch_http(
                server,
                auth=auth,
                records="rows",
                pagination=NextLinks(next_path="next" if in_body else None),
            )
    assert refused.value.code == "fetch.next-page-elsewhere"
    assert other.received == []


@pytest.mark.parametrize(
    "link",
    [
        "http://169.254.169.254/latest",
        "//10.0.0.1/x",
        "http://127.0.0.1:1/x",
        "https://127.0.0.1/x",
        "file:///etc/passwd",
        "http://[bad",
    ],
)
def test_a_next_link_that_leaves_the_server_is_refused(link: str, fetch_http: Fetch) -> None:
    answer = Answer(body=body({"rows": records(1), "next": link}))
    with LoopbackServer(lambda _: answer) as server, pytest.raises(DataError) as refused:
        fetch_http(server, records="rows", pagination=NextLinks(next_path="next"))
    assert refused.value.code == "fetch.next-page-elsewhere"


def test_a_next_link_with_a_password_in_it_is_refused(fetch_http: Fetch) -> None:
    def respond(request: Received) -> Answer:
        link = f"http://u:p@{request.headers['host']}/x"
        return Answer(body=body({"rows": records(1), "next": link}))

    with LoopbackServer(respond) as server, pytest.raises(DataError):
        fetch_http(server, records="rows", pagination=NextLinks(next_path="next"))


@pytest.mark.parametrize("auth", EVERY_WAY, ids=lambda each: each.kind)
def test_a_redirect_is_not_followed_with_credentials(auth: Any, fetch_http: Fetch) -> None:
    with LoopbackServer(lambda _: Answer(body=body([]))) as other:
        moved = Answer(status=302, headers={"location": f"http://localhost:{other.port}/steal"})
        with LoopbackServer(lambda _: moved) as server, pytest.raises(DataError) as refused:
            fetch_http(server, auth=auth)
    assert refused.value.code == "http.redirected"
    assert other.received == []


def test_a_redirect_to_a_private_address_is_refused(fetch_http: Fetch) -> None:
    with LoopbackServer(lambda _: Answer(body=body([]))) as private:
        moved = Answer(status=302, headers={"location": private.url})
        with LoopbackServer(lambda _: moved) as server, pytest.raises(UsageError) as refused:
            fetch_http(server)
    assert refused.value.code == "http.address-refused"
    assert private.received == []


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=401),
        Answer(status=500),
        Answer(body=b"<html>"),
        Answer(body=b'[{"a": 1}]'),
        Answer(status=302, headers={"location": "/x"}),
    ],
)
@pytest.mark.parametrize("auth", EVERY_WAY, ids=lambda each: each.kind)
def test_the_secret_is_in_no_result_log_heartbeat_or_failure(
    answer: Answer,
    auth: Any,
    fetch_http: Fetch,
    store: ArtifactStore,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    told = ""
    with LoopbackServer(lambda _: answer) as server:
        try:
            told += fetch_http(server, auth=auth).model_dump_json()
        except TenutoError as error:
            told += shown_by_the_engine(error)
    told += caplog.text + str(fetch_http.beats)  # type: ignore[attr-defined]
    told += "".join(str(store.get_bytes(blob.uri)) for blob in store.list_blobs())
    assert server.received
    assert SECRET not in told
    assert base64.b64encode(f"desk:{SECRET}".encode()).decode() not in told


@pytest.mark.parametrize(
    "value", [f"{SECRET}\n", f"{SECRET}\r\nX-Evil: 1", f"{SECRET}é", f" {SECRET}"]
)
def test_a_secret_that_is_no_header_value_is_not_repeated_in_the_error(
    value: str, fetch_http: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRICES_KEY", value)
    with LoopbackServer(lambda _: Answer()) as server, pytest.raises(UsageError) as refused:
        fetch_http(server, auth=EVERY_WAY[1])
    assert refused.value.code == "fetch.secret-unusable"
    assert SECRET not in shown_by_the_engine(refused.value)
    assert server.received == []


def test_a_secret_that_is_not_set_is_named(
    fetch_http: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PRICES_KEY")
    with LoopbackServer(lambda _: Answer()) as server, pytest.raises(NotFoundError, match="PRICES"):
        fetch_http(server, auth=EVERY_WAY[0])


def shown_by_the_engine(error: BaseException) -> str:
    """The failure as it is written to history, and the traceback as it is logged."""
    failure = Failure()
    TenutoFailureConverter().to_failure(error, PayloadConverter.default, failure)
    return json.dumps(str(failure)) + "".join(traceback.format_exception(error))
