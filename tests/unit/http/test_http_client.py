"""What the HTTP client returns, and which error each failure becomes."""

import gzip
import itertools
import os
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from tenuto.activities.http import HttpResponse, request
from tenuto.activities.http_guard import AllowedTargets
from tenuto.core.errors import DataError, TransientError, UnreachableError, UsageError
from tenuto.testing.loopback import Answer, LoopbackServer, Received

CERTIFICATES = Path(__file__).parent / "certificates"


def ask(server: LoopbackServer, path: str = "/", **options: Any) -> HttpResponse:
    allowed = AllowedTargets.parse(f"127.0.0.1:{server.port}")
    options.setdefault("method", "GET")
    return request(url=f"{server.url}{path}", allowed=allowed, **options)


def answering(**answer: Any) -> LoopbackServer:
    return LoopbackServer(lambda _: Answer(**answer))


def test_a_success_is_returned_whole() -> None:
    with answering(status=201, headers={"X-Kind": "demo"}, body=b'{"price": "1.10"}') as server:
        answer = ask(
            server, "/q?isin=US0378331005", method="POST", body=b"hello", headers={"x-run": "7"}
        )
    assert (answer.status, answer.headers["x-kind"]) == (201, "demo")
    assert answer.json() == {"price": "1.10"}
    (received,) = server.received
    assert (received.method, received.path) == ("POST", "/q?isin=US0378331005")
    assert (received.body, received.headers["x-run"]) == (b"hello", "7")
    assert received.headers["user-agent"].startswith("tenuto/")


def test_an_answer_that_is_not_json_says_so() -> None:
    with answering(body=b"<html>") as server, pytest.raises(DataError) as wrong:
        ask(server).json()
    assert wrong.value.code == "http.not-json"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_a_passing_failure_is_transient(status: int) -> None:
    with answering(status=status) as server, pytest.raises(TransientError) as failure:
        ask(server)
    assert failure.value.code == "http.try-later"
    assert failure.value.details == {"status": status}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 413, 418, 422])
def test_a_refusal_is_not_retried(status: int) -> None:
    with answering(status=status) as server, pytest.raises(DataError) as failure:
        ask(server)
    assert failure.value.code == "http.refused"
    assert failure.value.details["status"] == status


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [("7", 7), ("0", 0), ("999999999999", 3600), ("soon", None), ("-3", None)],
)
def test_retry_after_in_seconds_is_passed_on(header: str, wait_s: int | None) -> None:
    with (
        answering(status=429, headers={"Retry-After": header}) as server,
        pytest.raises(TransientError) as failure,
    ):
        ask(server)
    assert failure.value.details.get("retry_after_s") == wait_s


def test_retry_after_as_a_date_is_turned_into_seconds() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=120), usegmt=True)
    with (
        answering(status=503, headers={"Retry-After": moment}) as server,
        pytest.raises(TransientError) as failure,
    ):
        ask(server)
    assert 60 <= failure.value.details["retry_after_s"] <= 120


def test_redirects_are_followed_three_times_and_no_further() -> None:
    def hop(received: Received) -> Answer:
        left = int(received.path.strip("/"))
        headers = {"location": f"/{left - 1}"} if left else {}
        return Answer(status=302 if left else 200, headers=headers, body=b"there")

    with LoopbackServer(hop) as server:
        answer = ask(server, "/3")
        assert (answer.body, answer.url) == (b"there", f"{server.url}/0")
        with pytest.raises(DataError) as failure:
            ask(server, "/4")
    assert failure.value.code == "http.too-many-redirects"


def test_no_redirect_is_followed_when_none_is_wanted() -> None:
    with (
        answering(status=307, headers={"location": "/elsewhere"}) as server,
        pytest.raises(DataError) as failure,
    ):
        ask(server, method="POST", max_redirects=0)
    assert failure.value.code == "http.redirected"
    assert len(server.received) == 1


def test_a_body_over_the_limit_is_not_read_to_its_end() -> None:
    def endless(_: Received) -> Answer:
        return Answer(body=itertools.repeat(b"x" * 65536))

    with LoopbackServer(endless) as server, pytest.raises(DataError, match="100,000") as failure:
        ask(server, max_bytes=100_000)
    assert failure.value.code == "http.response-too-large"


def test_a_compressed_body_is_unpacked_and_measured_unpacked() -> None:
    bomb = gzip.compress(b"\0" * 10_000_000, mtime=0)
    with answering(headers={"content-encoding": "gzip"}, body=bomb) as server:
        assert len(ask(server).body) == 10_000_000
        with pytest.raises(DataError) as failure:
            ask(server, max_bytes=1_000_000)
    assert len(bomb) < 20_000
    assert failure.value.code == "http.response-too-large"


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("br", b"\x0b\x02\x80hello\x03"),
        ("gzip", b"not gzip"),
        ("gzip", gzip.compress(b"cut off", mtime=0)[:-4]),
        ("gzip", gzip.compress(b"one", mtime=0) + gzip.compress(b"two", mtime=0)),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_an_error(encoding: str, body: bytes) -> None:
    with (
        answering(headers={"content-encoding": encoding}, body=body) as server,
        pytest.raises(DataError) as failure,
    ):
        ask(server)
    assert failure.value.code == "http.encoding"


def test_a_body_shorter_than_announced_is_broken_off() -> None:
    with (
        answering(headers={"content-length": "100"}, body=b"short") as server,
        pytest.raises(TransientError) as failure,
    ):
        ask(server)
    assert failure.value.code == "http.broken-off"


def test_nobody_listening_is_unreachable() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # taken, but not listening
        target = f"127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(UnreachableError) as failure:
            request("GET", f"http://{target}/", allowed=AllowedTargets.parse(target))
    assert failure.value.code == "http.unreachable"


def test_a_body_that_drips_meets_the_deadline() -> None:
    done = threading.Event()

    def drip(_: Received) -> Answer:
        return Answer(body=(b"." for _ in iter(lambda: done.wait(0.02), True)))

    with LoopbackServer(drip) as server, pytest.raises(TransientError) as failure:
        ask(server, timeout=timedelta(seconds=0.3))
    done.set()
    assert failure.value.code == "http.timeout"


def test_headers_that_drip_meet_the_deadline() -> None:
    """Each byte comes well within any timeout per read."""
    done = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nx-slow: ")
            while not done.wait(0.02):
                connection.sendall(b".")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        target = f"127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(TransientError) as failure:
            request(
                "GET",
                f"http://{target}/",
                timeout=timedelta(seconds=0.3),
                allowed=AllowedTargets.parse(target),
            )
        done.set()
        thread.join()
    assert failure.value.code == "http.timeout"


@pytest.mark.parametrize("value", ["two\r\nlines: 1", "\u20ac"])
def test_a_header_that_is_no_header_is_an_error(value: str) -> None:
    with answering() as server, pytest.raises(UsageError) as failure:
        ask(server, headers={"x-kind": value})
    assert failure.value.code == "http.request-invalid"
    assert server.received == []


def test_messages_leave_out_the_query_where_tokens_are() -> None:
    with answering(status=404) as server, pytest.raises(DataError) as failure:
        ask(server, "/prices?token=hunter2")
    assert "/prices" in str(failure.value)
    assert "hunter2" not in str(failure.value)


def test_messages_hold_no_line_break_of_the_servers() -> None:
    def hop(received: Received) -> Answer:
        if received.path == "/":
            return Answer(status=302, headers={"location": "/x%0aERROR%20all%20is%20lost"})
        return Answer(status=404)

    with LoopbackServer(hop) as server, pytest.raises(DataError) as failure:
        ask(server)
    assert "/x%0aERROR" in str(failure.value)
    assert "\n" not in str(failure.value)


HTTPS_CLIENT = """
import sys
from tenuto.activities.http import request
from tenuto.activities.http_guard import AllowedTargets
from tenuto.core.errors import TenutoError
port = sys.argv[1]
for host in ("ledger.example", "other.example"):
    try:
        print(request("GET", f"https://{host}:{port}/", resolver=lambda *_: ["127.0.0.1"],
                      allowed=AllowedTargets.parse(f"{host}:{port}")).body.decode())
    except TenutoError as error:
        print(error.code)
"""


@pytest.mark.parametrize(
    ("authority", "printed"),
    [
        ("authority.pem", ["over TLS", "http.unreachable"]),
        (None, ["http.unreachable", "http.unreachable"]),
    ],
)
def test_the_certificate_is_checked_against_the_name_though_an_address_is_connected(
    authority: str | None, printed: list[str]
) -> None:
    """`SSL_CERT_FILE` names a firm's own authority; it is read once per process."""
    environment = {k: v for k, v in os.environ.items() if k != "SSL_CERT_FILE"}
    if authority:
        environment["SSL_CERT_FILE"] = str(CERTIFICATES / authority)
    certificate = CERTIFICATES / "ledger.example.pem"
    with LoopbackServer(lambda _: Answer(body=b"over TLS"), certificate=certificate) as server:
        done = subprocess.run(
            [sys.executable, "-c", HTTPS_CLIENT, str(server.port)],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
    assert done.stdout.splitlines() == printed
