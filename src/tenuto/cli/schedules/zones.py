"""Moments in the zone of whoever wrote a schedule, and of whoever looks at it."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, available_timezones

import click


def at(moment: datetime, zone: str | tzinfo) -> str:
    """`Mon 2026-11-23 18:30:00 CET`."""
    here = moment.astimezone(ZoneInfo(zone) if isinstance(zone, str) else zone)
    return f"{here:%a %Y-%m-%d %H:%M:%S} {here.tzname()}"


def own_zone() -> tzinfo:
    """The zone of this machine."""
    return datetime.now(UTC).astimezone().tzinfo or UTC


class Zone(click.ParamType[str]):
    """A time zone of the IANA database."""

    name = "zone"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name as it stands."""
        if value not in available_timezones():
            self.fail(f"{value!r} is no time zone; write for example Europe/London.", param, ctx)
        return value


class Moment(click.ParamType[datetime]):
    """A moment, or a day, by a wall clock unless it names its own offset."""

    name = "moment"

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """As it is written; without a zone where none is written."""
        try:
            return value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} is no moment; write 2026-06-01, 2026-06-01T18:30, or"
                " 2026-06-01T18:30Z.",
                param,
                ctx,
            )


def in_zone(moment: datetime, zone: str) -> datetime:
    """The moment; by the clock of `zone` where it names no offset."""
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
