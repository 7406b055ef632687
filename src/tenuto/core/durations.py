"""How long: a duration as people write it, in one grammar for whoever reads one."""

import re
from datetime import timedelta

from pydantic import JsonValue

LONGEST = timedelta(days=36525)
"""A hundred years. Longer ones are mistakes, and moments beyond the calendar cannot be written."""

UNITS = ("days", "hours", "minutes", "seconds", "milliseconds")
"""Members of a duration that is written as an object, each a whole number."""

EXPECTED = (
    "ISO 8601 text of weeks, days, hours, minutes, and seconds such as `PT1M30S`, or an object of"
    f" {', '.join(f'`{unit}`' for unit in UNITS)} in whole numbers; a hundred years at most"
)
"""What to tell whoever wrote something else."""

_NUMBER = r"[0-9]+(\.[0-9]+)?"
ISO_PATTERN = (
    rf"P(?=[0-9T])({_NUMBER}W)?({_NUMBER}D)?"
    rf"(T(?=[0-9])({_NUMBER}H)?({_NUMBER}M)?({_NUMBER}S)?)?"
)
"""ISO 8601 without months and years, which have no fixed length; for a JSON Schema too."""

_ISO = re.compile(ISO_PATTERN)
_PART = re.compile(rf"({_NUMBER})([WDHMS])")
_WORDS = {"W": "weeks", "D": "days", "H": "hours", "M": "minutes", "S": "seconds"}


def read_duration(value: JsonValue) -> timedelta | None:
    """The length that an ISO 8601 text (`PT1M30S`) or an object of units (`minutes: 1`) means.

    None for anything that is not a duration of zero to a hundred years.
    """
    if isinstance(value, str):
        amounts = _from_text(value)
    elif isinstance(value, dict):
        amounts = _from_object(value)
    else:
        return None
    try:
        length = timedelta(**amounts) if amounts else None
    except OverflowError:
        return None
    return None if length is None or length > LONGEST else length


def _from_text(text: str) -> dict[str, float]:
    if not _ISO.fullmatch(text):
        return {}
    return {_WORDS[unit]: float(number) for number, _, unit in _PART.findall(text)}


def _from_object(units: dict[str, JsonValue]) -> dict[str, float]:
    amounts: dict[str, float] = {}
    for unit, amount in units.items():
        if not isinstance(amount, int) or isinstance(amount, bool):
            return {}
        if unit not in UNITS or amount < 0:
            return {}
        amounts[unit] = amount
    return amounts


_SPOKEN = re.compile(
    r"([0-9]+)\s*(weeks?|w|days?|d|hours?|h|minutes?|mins?|min|m|seconds?|secs?|s)(?![a-z])[\s,]*",
    re.IGNORECASE,
)


def read_spoken_duration(value: JsonValue) -> timedelta | None:
    """The length that a person's text means: `6 hours`, `90 minutes`, `1h 30m`, `2 days`, or what
    `read_duration` takes; always exact.

    None for anything that is not a duration of zero to a hundred years.
    """
    if not isinstance(value, str) or value[:1] == "P":
        return read_duration(value)
    parts = _SPOKEN.findall(value)
    if not parts or _SPOKEN.sub("", value).strip():
        return None
    amounts: dict[str, float] = {}
    for number, unit in parts:
        word = _WORDS[unit[0].upper()]
        amounts[word] = amounts.get(word, 0) + int(number)
    try:
        length = timedelta(**amounts)
    except OverflowError:
        return None
    return None if length > LONGEST else length
