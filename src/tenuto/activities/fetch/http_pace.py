"""How fast requests follow each other, and how long a busy server is waited for."""

import time
from collections.abc import Callable
from datetime import timedelta

from tenuto.activities import http
from tenuto.activities.fetch.http_ask import Ask
from tenuto.core.errors import TransientError

_BUSY = (429, 503)
_FIRST_PAUSE_S = 1.0
_SLICE_S = 0.25
"""A cancellation reaches a thread between two slices."""


class Pace:
    """Sends requests no faster than allowed, and waits a little where the server asks for it."""

    def __init__(
        self,
        *,
        min_interval: timedelta,
        longest_wait: timedelta,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval_s = min_interval.total_seconds()
        self._longest_wait_s = longest_wait.total_seconds()
        self._clock = clock
        self._sleep = sleep
        self._next_start = clock()

    def send(
        self,
        ask: Ask,
        *,
        timeout: timedelta,
        max_bytes: int,
        beat: Callable[[str], None],
    ) -> http.HttpResponse:
        """The answer. `beat` is called while it waits, with what is waited for.

        After 429 or 503 it waits as long as `Retry-After` says, or 1, 2, 4, ... seconds, and
        asks again. When that would take longer than `longest_wait` in all, the server's last
        error goes on as it is: a TransientError `http.try-later`. Raises as `http.request` does.
        """
        waited_s, pause_s = 0.0, _FIRST_PAUSE_S
        while True:
            self._wait_until(self._next_start, "the next request is due", beat)
            self._next_start = self._clock() + self._interval_s
            try:
                return http.request(
                    ask.method,
                    ask.url,
                    headers=ask.headers,
                    body=ask.body,
                    timeout=timeout,
                    max_bytes=max_bytes,
                    max_redirects=3 if ask.may_redirect else 0,
                )
            except TransientError as busy:
                wait_s = float(busy.details.get("retry_after_s") or pause_s)
                is_over = waited_s + wait_s > self._longest_wait_s
                if busy.details.get("status") not in _BUSY or is_over:
                    busy.details["waited_s"] = waited_s
                    raise
            self._wait_until(self._clock() + wait_s, f"{ask.where} is busy", beat)
            waited_s, pause_s = waited_s + wait_s, pause_s * 2

    def _wait_until(self, moment: float, why: str, beat: Callable[[str], None]) -> None:
        while (left_s := moment - self._clock()) > 0:
            beat(f"{why}: {left_s:.0f} s to wait")
            self._sleep(min(left_s, _SLICE_S))
