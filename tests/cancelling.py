"""Cancelling an activity from within its own heartbeat."""

import threading

import pytest
from temporalio.testing import ActivityEnvironment

may_be_dropped_once = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""For tests that cancel a thread: raised inside a callback of the garbage collector, the
cancellation is dropped by Python with this warning, and the next heartbeat looks again."""


def cancel_soon(environment: ActivityEnvironment) -> None:
    """Cancels from another thread, and not before that thread has been started in full.

    The cancellation is raised in the activity's thread wherever that is; inside `Thread.start` it
    would leave the thread half known to the interpreter.
    """
    is_started = threading.Event()

    def cancel() -> None:
        is_started.wait()
        environment.cancel()

    threading.Thread(target=cancel).start()
    is_started.set()
