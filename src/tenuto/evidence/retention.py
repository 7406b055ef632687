"""Whether the server keeps closed runs long enough for the exporter to read them."""

from datetime import timedelta

from tenuto.core.errors import UsageError

FACTOR = 3
"""How many exports have to fit into the retention."""


def retention_problem(retention: timedelta, every: timedelta) -> str | None:
    """What is wrong, in a sentence; None where closed runs are kept for three exports or more."""
    if retention >= FACTOR * every:
        return None
    return (
        f"The server keeps closed runs for {retention}, and they are exported every {every}: an"
        f" export that fails twice loses evidence. Keep them for {FACTOR * every} at least, or"
        " lower `evidence.export_every_s`."
    )


def refuse_short_retention(retention: timedelta, every: timedelta) -> None:
    """Raises UsageError `evidence.retention-too-short` for a retention below three exports."""
    problem = retention_problem(retention, every)
    if problem is not None:
        raise UsageError(problem, code="evidence.retention-too-short")
