"""A duration in a running definition."""

from datetime import timedelta

from pydantic import JsonValue

from tenuto.core.durations import EXPECTED, read_duration
from tenuto.core.problem import Fault, problem


def duration(value: JsonValue) -> timedelta:
    """What an ISO 8601 text (`PT1M30S`) or an object of units (`minutes: 1`) means.

    Raises Fault `configuration` 400 for anything that is not a duration of zero to a hundred
    years.
    """
    length = read_duration(value)
    if length is None:
        raise Fault(problem("configuration", f"{value!r} is no duration. Expected is {EXPECTED}."))
    return length
