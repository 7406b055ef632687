"""A schedule as it is written: what is started, when, and what happens when starts collide."""

from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    WithJsonSchema,
    model_validator,
)

from tenuto.core.durations import read_spoken_duration
from tenuto.core.records import Record
from tenuto.triggers.definition_timetable import Overlap, known_zone


def _length(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    length = read_spoken_duration(value)
    if length is None:
        raise ValueError("is no length of time; write for example `6 hours`, `90 minutes`, `PT5M`")
    return length


def _no_flag(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("is no number, range, or list of them: `5`, `1-5`")  # noqa: TRY004 (pydantic)
    return value


Length = Annotated[
    timedelta,
    BeforeValidator(_length),
    WithJsonSchema({"type": "string", "examples": ["6 hours", "90 minutes", "PT5M"]}),
]
"""How long, as people write it: `6 hours`, `1h 30m`, or ISO 8601."""
Zone = Annotated[str, AfterValidator(known_zone)]
"""A time zone of the IANA database."""
Numbers = Annotated[int | str, BeforeValidator(_no_flag)]
"""Of a calendar's field: `5`, `1-5`, `0-23/2`, `1,15`, `mon-fri`, or `*`."""


class Calendar(Record):
    """Moments that a wall clock and a calendar show; a field that is not given means any, but for
    the time of day, which means 0."""

    year: Numbers = "*"
    month: Numbers = "*"
    day_of_month: Numbers = "*"
    day_of_week: Numbers = "*"
    hour: Numbers = 0
    minute: Numbers = 0
    second: Numbers = 0
    comment: str = ""


class Day(Record):
    """A whole day, or the same day of each year, on which nothing starts."""

    year: Numbers = "*"
    month: Numbers = "*"
    day_of_month: Numbers = "*"
    day_of_week: Numbers = "*"
    comment: str = ""


def _one_or_many(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


class Timing(Record):
    """When starts are due."""

    cron: Annotated[tuple[str, ...], BeforeValidator(_one_or_many)] = ()
    """Five fields each, as in crontab; where both fields for days are given, a day matches both."""
    every: Length | None = None
    """Distance of two starts."""
    offset: Length = timedelta(0)
    """Shifts the starts of `every`, which are counted from 1970-01-01T00:00Z."""
    calendars: tuple[Calendar, ...] = ()
    skip: tuple[Day, ...] = ()
    """Days without starts."""
    time_zone: Zone = "UTC"
    """Of `cron`, `calendars`, and `skip`."""
    start_at: AwareDatetime | None = None
    end_at: AwareDatetime | None = None
    jitter: Length = timedelta(0)
    """Each start is delayed by a random time up to this."""

    @model_validator(mode="after")
    def _has_something(self) -> Self:
        if not (self.cron or self.every or self.calendars):
            raise ValueError("says nothing of when; give `cron`, `every`, or `calendars`")
        return self


class Pace(Record):
    """When the next run is, decided by the result of each."""

    model_config = ConfigDict(
        validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )

    path: Annotated[str, Field(min_length=1)] = Field(alias="from")
    """Where in the result it stands, `plan.next_check` or `dates.0`: a time with its offset, or a
    length of time after the run ended."""
    at_least: Annotated[Length, Field(ge=timedelta(seconds=5))] = timedelta(minutes=1)
    """Never sooner than this after a run has ended."""
    at_most: Length
    """Never later, and what is taken where a run fails or its result names no moment."""

    @model_validator(mode="after")
    def _has_room(self) -> Self:
        if self.at_most <= self.at_least:
            raise ValueError("`at_most` is not longer than `at_least`")
        return self


class ScheduledStart(Record):
    """One schedule: its id, what it starts, when, and how."""

    id: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\w.:/-]+$")]
    run: str
    """Catalog name of the workflow, or a deployed definition: `namespace/name[:version]`."""
    input: dict[str, JsonValue] = Field(default_factory=dict)
    run_id: str = ""
    """What its runs are called, over fields of the input (`sync/{source}`); the schedule's id by
    default. The engine adds the moment that each start was due."""
    when: Timing
    next_run: Pace | None = None
    """Lets each run decide when the next one is; then `when` has no `cron`, `every`, `calendars`,
    and it starts the first run within `at_most`."""
    overlap: Overlap = "skip"
    """What happens when a start is due while a run of this schedule is still open."""
    catchup_window: Length = timedelta(hours=1)
    """Starts that were missed while the server was down are made up for up to so long after."""
    pause_on_failure: bool = False
    """Whether a run that fails pauses the schedule."""
    paused: bool = False
    """Whether it is created paused; afterwards people pause and resume it, and applying keeps
    what they did."""
    note: str = ""
    search_attributes: dict[str, JsonValue] = Field(default_factory=dict)
    sets: tuple[str, ...] = ()
    """Where it belongs, for example `production`; none means everywhere."""

    @model_validator(mode="before")
    @classmethod
    def _falls_back(cls, said: Any) -> Any:
        """A schedule whose runs decide falls back on the longest distance that they may choose."""
        if not isinstance(said, dict) or not isinstance(when := said.get("when", {}), dict):
            return said
        pace = said.get("next_run")
        at_most = pace.get("at_most") if isinstance(pace, dict) else getattr(pace, "at_most", None)
        return said if at_most is None else {**said, "when": {"every": at_most, **when}}

    @model_validator(mode="after")
    def _is_decided_once(self) -> Self:
        if self.next_run is None:
            return self
        when = self.when
        if when.cron or when.calendars or when.offset or when.every != self.next_run.at_most:
            raise ValueError(
                "`next_run` decides when: leave out `cron`, `every`, `offset`, and `calendars`"
            )
        return self
