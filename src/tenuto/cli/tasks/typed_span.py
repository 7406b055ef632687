"""A length of time as people type it."""

import re
from datetime import timedelta

from pydantic import TypeAdapter, ValidationError

from tenuto.core.errors import UsageError

_SHORT = re.compile(r"(\d{1,6})\s*(m|min|h|d|w)")
_UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = TypeAdapter(timedelta)


def read_span(text: str) -> timedelta:
    """`30m`, `4h`, `2d`, `1w`, or ISO 8601 (`PT4H`). Raises UsageError `task.span`."""
    short = _SHORT.fullmatch(text.strip())
    if short:
        return timedelta(**{_UNITS[short[2]]: int(short[1])})
    try:
        return _SPAN.validate_python(text)
    except ValidationError:
        raise UsageError(
            f"{text!r} is no length of time; write `30m`, `4h`, `2d`, or ISO 8601 such as `PT4H`.",
            code="task.span",
        ) from None
