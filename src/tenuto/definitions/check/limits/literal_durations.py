"""Durations that are written out rather than calculated."""

from pydantic import JsonValue

from tenuto.core.errors import UsageError
from tenuto.definitions.compiling.durations import seconds


def length_s(value: JsonValue) -> float | None:
    """Length in seconds; None where the value is an expression, or no duration."""
    try:
        return seconds(value, "duration")
    except UsageError:
        return None
