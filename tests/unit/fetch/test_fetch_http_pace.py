"""SIG-7: not faster than allowed, patient with a busy server, and never for ever."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from paged_table import body, records
from tenuto.activities.fetch.http_ask import Ask
from tenuto.activities.fetch.http_pace import Pace
from tenuto.catalog.library.fetch.http import FetchHttpResult
from tenuto.core.errors import DataError, TransientError
from tenuto.testing.loopback import Answer, LoopbackServer

Fetch = Callable[..., FetchHttpResult]
ROWS = Answer(body=body(records(3)))


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.slept_s: list[float] = []

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, duration_s: float) -> None:
        self.slept_s.append(duration_s)
        self.now_s += duration_s


def sending(
    answers: Iterable[Answer], monkeypatch: pytest.MonkeyPatch, **limits: Any
) -> tuple[list[float], list[str], Exception | None]:
    """When each request started, what was said while waiting, and how it ended."""
    clock = Clock()
    starts: list[float] = []
    beats: list[str] = []
    left = iter(answers)

    def respond(_: Any) -> Answer:
        starts.append(clock.now_s - 100)
        return next(left)

    limits = {"min_interval": timedelta(0), "longest_wait": timedelta(seconds=30)} | limits
    pace = Pace(clock=clock, sleep=clock.sleep, **limits)
    with LoopbackServer(respond) as server:
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        ask = Ask("GET", server.url, {}, None, may_redirect=False)
        try:
            pace.send(ask, timeout=timedelta(seconds=5), max_bytes=10_000, beat=beats.append)
        except TransientError as error:
            return starts, beats, error
        return starts, beats, None


def busy(status: int = 429, **headers: str) -> Answer:
    return Answer(status=status, headers={name.replace("_", "-"): v for name, v in headers.items()})


def test_sig_7_429_twice_then_200(fetch_http: Fetch) -> None:
    answers = [busy(retry_after="1"), busy(503, retry_after="0"), ROWS]
    with LoopbackServer(lambda _: answers.pop(0)) as server:
        result = fetch_http(server)
    assert result.rows == 3
    assert len(fetch_http.beats) >= 3  # type: ignore[attr-defined]


def test_sig_7_without_retry_after_the_waits_double(monkeypatch: pytest.MonkeyPatch) -> None:
    starts, beats, error = sending([busy(), busy(), busy(), ROWS], monkeypatch)
    assert starts == [0, 1, 3, 7]
    assert error is None
    assert "is busy" in beats[0]


@pytest.mark.parametrize("status", [429, 503])
def test_sig_7_busy_for_ever_ends_with_the_servers_own_error(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [busy(status)] * 10
    starts, _, error = sending(answers, monkeypatch, longest_wait=timedelta(seconds=7))
    assert starts == [0, 1, 3, 7]
    assert isinstance(error, TransientError)
    assert error.code == "http.try-later"
    assert str(status) in error.message
    assert error.details["waited_s"] == 7


def test_a_long_retry_after_goes_back_to_the_engine_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starts, _, error = sending([busy(retry_after="120")], monkeypatch)
    assert starts == [0]
    assert isinstance(error, TransientError)
    assert error.details["retry_after_s"] == 120  # the engine's delay before the next attempt


def test_retry_after_may_be_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    starts, _, error = sending([busy(503, retry_after=until), ROWS], monkeypatch)
    assert error is None
    assert starts[1] == pytest.approx(20, abs=2)


def test_sleep_is_cut_into_slices_so_that_cancelling_gets_through(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock()
    pace = Pace(
        min_interval=timedelta(seconds=10),
        longest_wait=timedelta(0),
        clock=clock,
        sleep=clock.sleep,
    )
    with LoopbackServer(lambda _: ROWS) as server:
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        ask = Ask("GET", server.url, {}, None, may_redirect=False)
        for _ in range(3):
            pace.send(ask, timeout=timedelta(seconds=5), max_bytes=10_000, beat=lambda _: None)
    assert clock.now_s - 100 == pytest.approx(20)
    assert max(clock.slept_s) <= 0.25


@pytest.mark.parametrize(("status", "error"), [(500, TransientError), (404, DataError)])
def test_other_failures_are_not_waited_for(
    status: int, error: type[Exception], fetch_http: Fetch
) -> None:
    with LoopbackServer(lambda _: busy(status)) as server, pytest.raises(error):
        fetch_http(server)
    assert len(server.received) == 1
