"""Durations that the engine needs in seconds before a run begins."""

from pydantic import JsonValue

from tenuto.core.durations import EXPECTED, read_duration
from tenuto.core.errors import UsageError


def seconds(value: JsonValue, at: str) -> float:
    """Length in seconds of a duration: ISO 8601 text, or an object of units.

    Raises UsageError `definition.bad-duration` with the place `at`.
    """
    length = read_duration(value)
    if length is None:
        raise UsageError(
            f"`{at}` is {value!r}, which is no duration. Expected is {EXPECTED}.",
            code="definition.bad-duration",
            details={"path": at},
        )
    return length.total_seconds()
