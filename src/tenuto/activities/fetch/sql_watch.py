"""Stopping a query that a thread waits for: at its deadline, or when the run is cancelled."""

import contextvars
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import sqlalchemy as sa
from temporalio import activity
from temporalio.exceptions import CancelledError

from tenuto.core.errors import TransientError

_POLL_S = 0.2


@contextmanager
def watched(connection: sa.Connection, timeout: timedelta) -> Iterator[Callable[[], None]]:
    """Stops the connection's query when `timeout` is over or the activity is cancelled.

    A cancellation cannot reach a thread that waits for a database, so another thread watches for
    it. The block ends with `CancelledError` then, and with TransientError `fetch.sql-timeout` at
    the deadline; calling what it yields, between two reads, ends it as well. PostgreSQL and
    SQLite stop working on the query; other databases find out when the connection closes.
    """
    watch = _Watch(_stop_for(connection), timeout)
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(watch.run,), daemon=True)
    thread.start()
    try:
        yield watch.raise_reason
    except (sa.exc.SQLAlchemyError, ConnectionError, TimeoutError) as exc:
        if watch.reason is not None:
            raise watch.reason from exc
        raise
    finally:
        watch.done.set()
        thread.join()
    watch.raise_reason()


@contextmanager
def shielded() -> Iterator[None]:
    """A cancellation waits for the end of the block; else it surfaces anywhere inside a driver."""
    if activity.in_activity():
        with activity.shield_thread_cancel_exception():
            yield
    else:
        yield


class _Watch:
    def __init__(self, stop: Callable[[], None], timeout: timedelta) -> None:
        self._stop = stop
        self._timeout = timeout
        self._deadline = time.monotonic() + timeout.total_seconds()
        self.done = threading.Event()
        self.reason: Exception | None = None

    def run(self) -> None:
        while self.reason is None and not self.done.wait(_POLL_S):
            self.reason = self._found()
        if self.reason is not None:
            # Where even this fails, the query ends at the database's own time limit.
            with suppress(sa.exc.SQLAlchemyError, OSError):
                self._stop()

    def raise_reason(self) -> None:
        if self.reason is not None:
            raise self.reason

    def _found(self) -> Exception | None:
        if activity.in_activity() and activity.is_cancelled():
            return CancelledError("the query was stopped because the step was cancelled")
        if time.monotonic() > self._deadline:
            return TransientError(
                f"The query and its rows took longer than {self._timeout}, so it was stopped. It "
                "is tried again; if it always takes this long, raise `timeout`, or ask for less.",
                code="fetch.sql-timeout",
            )
        return None


def _stop_for(connection: sa.Connection) -> Callable[[], None]:
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        return driver.interrupt
    if connection.dialect.name == "postgresql":
        pid = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar_one()
        return lambda: _cancel_backend(connection.engine, pid)
    return lambda: None


def _cancel_backend(engine: sa.Engine, pid: int) -> None:
    with engine.connect() as other:
        other.execute(sa.text("SELECT pg_cancel_backend(:pid)"), {"pid": pid})
