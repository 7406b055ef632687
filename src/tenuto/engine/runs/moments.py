"""Protocol times as aware moments and durations; the protocol's zeros mean `not set`."""

from datetime import UTC, datetime, timedelta

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp


def moment(stamp: Timestamp) -> datetime | None:
    """The UTC moment, or None where the server set none."""
    return stamp.ToDatetime(UTC) if stamp.seconds > 0 else None


def period(duration: Duration) -> timedelta | None:
    """The duration, or None where the server set none."""
    return duration.ToTimedelta() if duration.seconds or duration.nanos else None


def now() -> datetime:
    """This moment, UTC."""
    return datetime.now(UTC)
