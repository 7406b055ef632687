"""Signs of life from long bodies, which also run outside of an activity in tests."""

from temporalio import activity


def beat(what: str) -> None:
    """Tells the engine that the body is alive and what it does."""
    if activity.in_activity():
        activity.heartbeat(what)
