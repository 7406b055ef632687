"""What each exit code of `tenuto` means. Tested, and never renumbered."""

from typing import Final

OK: Final = 0
"""The command did what was asked."""
FAILED: Final = 1
"""The run failed or was cancelled or terminated, or an error that has no code of its own."""
USAGE: Final = 2
"""The command, an input, a setting, or a definition is written wrong; nothing was started."""
TIMED_OUT: Final = 3
"""The run timed out, or `--timeout` passed while it was going on."""
NOT_FOUND: Final = 4
"""What was named does not exist."""
UNREACHABLE: Final = 5
"""No server answers, or it does not accept who is asking."""
WAITING: Final = 6
"""The run waits for a person, and `run --wait --no-block-on-approval` was told not to."""
DIFFERENT: Final = 7
"""A check found something: `doctor`, `audit`, `artifacts verify`, `replay`."""
INTERRUPTED: Final = 130
"""Ctrl-C. A run that was being watched goes on."""


def of_run(status: str) -> int:
    """The exit code of a command that waited for a run which ended as `status`."""
    return {"completed": OK, "timed-out": TIMED_OUT}.get(status, FAILED)
