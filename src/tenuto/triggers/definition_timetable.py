"""When runs of a definition are started: its `schedule`, with Temporal's own settings."""

import typing
from datetime import timedelta
from functools import cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, JsonValue, ValidationError

from tenuto.catalog.check import explain
from tenuto.core.errors import UsageError
from tenuto.core.problem import Fault
from tenuto.core.records import Record
from tenuto.workflows.interpreter.durations import duration


@cache
def zones() -> frozenset[str]:
    """All names of the IANA database; kept, because each is a file that is opened to find out."""
    return frozenset(available_timezones())


def known_zone(name: str) -> str:
    """The name of a time zone as it stands. Raises ValueError for one that is none."""
    if name not in zones():
        raise ValueError("is no time zone of the IANA database; write for example Europe/London")
    return name


def _length(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    try:
        return duration(value)
    except Fault as wrong:
        raise ValueError(str(wrong)) from wrong


Length = Annotated[timedelta, BeforeValidator(_length)]
"""ISO 8601 text or the specification's object of units."""

Overlap = Literal["allowAll", "skip", "bufferOne", "bufferAll", "cancelOther", "terminateOther"]
"""What happens when a run is due while one that the schedule started is still open."""
OVERLAPS: tuple[str, ...] = typing.get_args(Overlap)


class _Options(Record):
    """`document.metadata.temporal.schedule`."""

    timeZone: Annotated[str, AfterValidator(known_zone)] = "UTC"  # noqa: N815 (as documents say)
    overlap: Overlap = "allowAll"
    catchup: Length = timedelta(days=365)
    jitter: Length = timedelta(0)


OPTIONS = tuple(_Options.model_fields)
"""What `document.metadata.temporal.schedule` may hold."""


class Timetable(Record):
    """When runs of a definition are started."""

    every: timedelta | None = None
    """Distance of two starts, counted from 1970-01-01."""
    cron: str | None = None
    time_zone: str
    """Of `cron`."""
    overlap: Overlap
    """The specification starts a run whether or not the one before is still in progress, so
    `allowAll` unless the document says otherwise."""
    catchup: timedelta
    """Starts that were missed while the server was down are made up for up to so long after."""
    jitter: timedelta
    """Each start is delayed by a random time up to this."""


def timetable_of(definition: JsonValue) -> Timetable | None:
    """The timetable of a checked definition, or None for one that has no `schedule`.

    Raises UsageError for options that are not Temporal's.
    """
    if not isinstance(definition, dict) or not isinstance(
        schedule := definition.get("schedule"), dict
    ):
        return None
    every, cron = schedule.get("every"), schedule.get("cron")
    if every is None and cron is None:
        raise UsageError(
            f"The schedule has {', '.join(f'`{key}`' for key in schedule) or 'nothing'}; expected"
            " `every` or `cron`.",
            code="definition.schedule",
        )
    options = _options(definition)
    return Timetable(
        every=None if every is None else _length(every),
        cron=None if cron is None else str(cron),
        time_zone=options.timeZone,
        overlap=options.overlap,
        catchup=options.catchup,
        jitter=options.jitter,
    )


def _options(definition: dict[str, JsonValue]) -> _Options:
    found: Any = definition
    for key in ("document", "metadata", "temporal", "schedule"):
        found = found.get(key) if isinstance(found, dict) else None
    try:
        return _Options.model_validate(found or {})
    except ValidationError as wrong:
        lines = "\n".join(f"  {line}" for line in explain(wrong, _Options))
        raise UsageError(
            f"`document.metadata.temporal.schedule` is wrong:\n{lines}", code="definition.schedule"
        ) from wrong
