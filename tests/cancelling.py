"""Cancelling an activity from within its own heartbeat."""

import threading

from temporalio.testing import ActivityEnvironment


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
