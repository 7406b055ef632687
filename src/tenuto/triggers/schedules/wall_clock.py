"""Wall clocks and moments, where a zone's clock is put forward and back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


class WallClock:
    """The wall clock of one zone, read as the server reads it.

    What a clock shows is a datetime without a zone.
    """

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)

    def shown_at(self, moment: datetime) -> datetime:
        """What the clock shows then."""
        return moment.astimezone(self._zone).replace(tzinfo=None, fold=0)

    def moment_of(self, shown: datetime) -> datetime:
        """The moment, in UTC, at which the clock shows that: the first of two, mostly.

        For what the clock never shows, because it was put forward over it, a moment near by.
        """
        as_utc = shown.replace(tzinfo=UTC)
        return as_utc - self._ahead_at(as_utc - self._ahead_at(as_utc))

    def _ahead_at(self, moment: datetime) -> timedelta:
        ahead = moment.astimezone(self._zone).utcoffset()
        assert ahead is not None  # noqa: S101 (narrowing: the zone is known)
        return ahead
