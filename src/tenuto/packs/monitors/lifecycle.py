"""Which state a monitor may go to from which."""

from tenuto.core.errors import UsageError
from tenuto.packs.monitors.models import State

ALLOWED: frozenset[tuple[State, State]] = frozenset(
    {
        ("active", "paused"),
        ("paused", "active"),
        ("active", "completed"),
        ("completed", "active"),
    }
)


def check_transition(monitor_id: str, now: State, wanted: State) -> bool:
    """Whether there is anything to change. Raises UsageError `monitors.no-way` for a change that
    there is none of: a completed monitor is not paused, and a paused one does not complete."""
    if now == wanted:
        return False
    if (now, wanted) in ALLOWED:
        return True
    raise UsageError(
        f"Monitor `{monitor_id}` is {now} and cannot become {wanted} from there. Resume it first:"
        f" `tenuto monitor resume {monitor_id}`.",
        code="monitors.no-way",
        details={"monitor": monitor_id, "state": now, "wanted": wanted},
    )
