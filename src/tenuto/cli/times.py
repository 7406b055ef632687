"""Times, durations, and counts as a person reads them."""

from datetime import UTC, datetime, timedelta


def span(period: timedelta) -> str:
    """`24 ms`, `2.40 s`, `12.0 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`."""
    seconds = period.total_seconds()
    if 0 < seconds < 0.9995:
        return f"{1000 * seconds:.0f} ms"
    if round(seconds, 1) < 60:
        places = 0 if seconds == int(seconds) else 2 if round(seconds, 2) < 10 else 1
        return f"{seconds:.{places}f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return _two(minutes, "min", rest, "s")
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _two(hours, "h", minutes, "min")
    days, hours = divmod(hours, 24)
    return _two(days, "d", hours, "h")


def ago(moment: datetime, now: datetime | None = None) -> str:
    """`5 s ago`, `3 min ago`, `2 h ago`; from two days on the date and time, UTC."""
    passed = (now or datetime.now(UTC)) - moment
    if passed >= timedelta(days=2):
        return stamp(moment)
    return f"{coarse(max(passed, timedelta()))} ago"


def coarse(period: timedelta) -> str:
    """The largest unit alone: `5 s`, `3 min`, `2 h`, `1 d`."""
    seconds = int(period.total_seconds())
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def about(period: timedelta) -> str:
    """As `span`, to the minute from an hour on and to the hour from a day on: `17 s`, `42 min`,
    `3 h 50 min`, `2 d 23 h`."""
    seconds = round(period.total_seconds())
    if seconds < 60:
        return span(timedelta(seconds=seconds))
    minutes = round(seconds / 60)
    if minutes < 24 * 60:
        return span(timedelta(minutes=minutes))
    return span(timedelta(hours=round(minutes / 60)))


def stamp(moment: datetime) -> str:
    """`2026-11-20 17:09:12 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def counted(number: int, noun: str) -> str:
    """`1 artifact`, `2 artifacts`, `1,000 artifacts`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _two(large: int, unit: str, small: int, small_unit: str) -> str:
    return f"{large} {unit} {small} {small_unit}" if small else f"{large} {unit}"
