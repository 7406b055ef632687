"""When a monitor looks: an exact distance, or cron."""

from datetime import timedelta
from zoneinfo import available_timezones

from tenuto.core.durations import read_spoken_duration
from tenuto.definitions.check.limits.cron import cron_mistake

LEAST = timedelta(minutes=1)

_EXPECTED = (
    "expected an exact distance such as `6 hours`, `90 minutes`, or `2 days`, or cron with five"
    " fields such as `0 9 * * mon-fri`"
)


def distance(text: str) -> timedelta | None:
    """The distance of two checks that the text means; None where it is cron."""
    words = text.strip()
    return read_spoken_duration(words.removeprefix("every "))


def checked_schedule(text: str) -> str:
    """The schedule as it was written. Raises ValueError for one that is none."""
    written = text.strip()
    every = distance(written)
    if every is not None:
        if every < LEAST:
            raise ValueError(f"checks {written} apart are too many; the least is one minute")
        return written
    mistake = cron_mistake(written)
    if mistake is not None:
        raise ValueError(f"{mistake} {_EXPECTED[0].upper()}{_EXPECTED[1:]}")
    return written


def checked_zone(name: str) -> str:
    """The name of a time zone as it stands. Raises ValueError for one that is none."""
    if name not in available_timezones():
        raise ValueError("is no time zone of the IANA database; write for example Europe/London")
    return name


def spoken(every: timedelta) -> str:
    """The distance in words that `distance` reads back, for example `1 day 6 hours`."""
    left = int(every.total_seconds())
    parts = []
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        count, left = divmod(left, seconds)
        if count:
            parts.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return " ".join(parts)
