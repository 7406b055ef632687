"""Schedules that the project's Python code makes: `modules = ["mine.plans:schedules"]`."""

from collections.abc import Iterable

from tenuto.core.errors import UsageError
from tenuto.core.pack import resolve
from tenuto.triggers.schedules.file import Read, Written
from tenuto.triggers.schedules.findings import InModule
from tenuto.triggers.schedules.flat import written
from tenuto.triggers.schedules.model import ScheduledStart


def read_schedule_modules(references: Iterable[str]) -> Read:
    """The schedules that each `module:attribute` names: a list of `ScheduledStart`, or a function
    without arguments that returns one.

    Raises UsageError `schedule.module` for anything else, as `resolve` does for what cannot be
    imported.
    """
    starts = [
        Written(start, written(start), InModule(reference, start.id))
        for reference in references
        for start in _starts(reference)
    ]
    return Read(tuple(starts), (), tuple(each.start.id for each in starts))


def _starts(reference: str) -> list[ScheduledStart]:
    found = resolve(reference)
    made = found() if callable(found) else found
    if isinstance(made, list | tuple) and all(isinstance(each, ScheduledStart) for each in made):
        return list(made)
    raise UsageError(
        f"`{reference}` (`[schedules] modules`) is a {type(made).__name__}, expected a list of"
        " tenuto.triggers.schedules.model.ScheduledStart.",
        code="schedule.module",
        details={"reference": reference},
    )
