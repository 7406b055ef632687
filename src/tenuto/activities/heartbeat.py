"""Signs of life from long bodies, which also run outside of an activity in tests."""

from temporalio import activity
from temporalio.exceptions import CancelledError


def beat(what: str) -> None:
    """Tells the engine that the body is alive and what it does.

    Raises as `stop_if_cancelled`.
    """
    stop_if_cancelled()
    if activity.in_activity():
        activity.heartbeat(what)


def stop_if_cancelled() -> None:
    """Raises the SDK's CancelledError when the run was cancelled.

    The SDK raises it in the thread by itself, but once, and where that happens within a
    destructor Python drops it.
    """
    if activity.in_activity() and activity.is_cancelled():
        raise CancelledError("Cancelled")
