"""Dates without a clock, a time zone, or a language: UTC, and English names.

The engine asks the C library, whose answers depend on the process's locale and on the system.
"""

import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import JsonValue

from tenuto.definitions.expressions.engine import builtins, errors, ops
from tenuto.definitions.expressions.operations import Number

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_SHORTHANDS = {"%T": "%H:%M:%S", "%D": "%m/%d/%y", "%F": "%Y-%m-%d", "%R": "%H:%M"}
_READ = {
    "Y": r"(?P<Y>\d{4})",
    "m": r"(?P<m>1[0-2]|0?[1-9])",
    "d": r"(?P<d>3[01]|[12]\d|0?[1-9])",
    "e": r" ?(?P<d>3[01]|[12]\d|0?[1-9])",
    "H": r"(?P<H>2[0-3]|[01]?\d)",
    "I": r"(?P<I>1[0-2]|0?[1-9])",
    "M": r"(?P<M>[0-5]?\d)",
    "S": r"(?P<S>6[01]|[0-5]?\d)",
    "j": r"(?P<j>\d{1,3})",
    "y": r"(?P<y>\d{2})",
    "p": r"(?P<p>AM|PM|am|pm)",
    "B": f"(?P<B>{'|'.join(_MONTHS)})",
    "b": f"(?P<b>{'|'.join(name[:3] for name in _MONTHS)})",
    "A": f"(?:{'|'.join(_DAYS)})",
    "a": f"(?:{'|'.join(name[:3] for name in _DAYS)})",
    "Z": r"(?:UTC|GMT|Z)",
    "z": r"(?P<z>Z|[+-]\d{2}:?\d{2})",
    "s": r"(?P<s>-?\d{1,11})",
    "n": r"\s+",
    "t": r"\s+",
    "%": "%",
}


def install() -> None:
    """Puts these functions in the place of the engine's."""
    for key, function in (
        (("gmtime", 0), _gmtime),
        (("mktime", 0), _mktime),
        (("strftime", 1), _strftime),
        (("strptime", 1), _strptime),
    ):
        if key not in builtins.PY_BUILTINS:
            raise ImportError(f"purejq has no function `{key[0]}/{key[1]}`.")
        builtins.PY_BUILTINS[key] = function


def _gmtime(data: JsonValue, env: Any) -> Iterator[JsonValue]:
    yield _broken_down(_from_seconds(data), data)


def _mktime(data: JsonValue, env: Any) -> Iterator[int]:
    yield _seconds(_from_broken_down(data, "mktime"))


def _strftime(data: JsonValue, env: Any, formats: Any) -> Iterator[str]:
    for wanted in formats.vals(data):
        if not isinstance(wanted, str):
            raise errors.JqError("strftime/1 requires a string format")
        is_number = isinstance(data, Number) and not isinstance(data, bool)
        moment = _from_seconds(data) if is_number else _from_broken_down(data, "strftime/1")
        yield _write(moment, wanted)


def _strptime(data: JsonValue, env: Any, formats: Any) -> Iterator[JsonValue]:
    for wanted in formats.vals(data):
        if not isinstance(data, str) or not isinstance(wanted, str):
            raise errors.JqError("strptime/1 requires string inputs and arguments")
        yield _broken_down(_read(data, wanted), 0)


def _from_seconds(seconds: JsonValue) -> datetime:
    if isinstance(seconds, bool) or not isinstance(seconds, Number):
        raise errors.JqError(f"{ops.describe(seconds)} is not a number of seconds")
    try:
        return _EPOCH + timedelta(seconds=math.floor(seconds))
    except (OverflowError, ValueError):
        raise errors.JqError(f"{seconds} is not a time in the years 1 to 9999") from None


def _broken_down(moment: datetime, seconds: JsonValue) -> list[JsonValue]:
    fraction = seconds - math.floor(seconds) if isinstance(seconds, float) else 0
    return [
        moment.year,
        moment.month - 1,
        moment.day,
        moment.hour,
        moment.minute,
        moment.second + fraction,
        moment.isoweekday() % 7,
        _day_of_year(moment) - 1,
    ]


def _from_broken_down(parts: JsonValue, function: str) -> datetime:
    problem = errors.JqError(f"{function} requires parsed datetime inputs")
    if not isinstance(parts, list) or not parts:
        raise problem
    numbers: list[int] = []
    for part in parts[:6]:
        if isinstance(part, bool) or not isinstance(part, Number) or not math.isfinite(part):
            raise problem
        numbers.append(math.floor(part))
    year, month, *rest = numbers + [0, 0, 1, 0, 0, 0][len(numbers) :]
    try:
        first = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        day, hour, minute, second = rest
        return first + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)
    except (OverflowError, ValueError):
        raise errors.JqError(f"{function}: not a time in the years 1 to 9999") from None


def _seconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(seconds=1)


def _day_of_year(moment: datetime) -> int:
    return moment.timetuple().tm_yday


def _write(moment: datetime, wanted: str) -> str:
    hour = moment.hour % 12 or 12
    month, day = _MONTHS[moment.month - 1], _DAYS[moment.weekday()]
    year, week, _weekday = moment.isocalendar()
    values = {
        "Y": f"{moment.year:04}",
        "C": f"{moment.year // 100:02}",
        "y": f"{moment.year % 100:02}",
        "m": f"{moment.month:02}",
        "d": f"{moment.day:02}",
        "e": f"{moment.day:2}",
        "H": f"{moment.hour:02}",
        "k": f"{moment.hour:2}",
        "I": f"{hour:02}",
        "l": f"{hour:2}",
        "M": f"{moment.minute:02}",
        "S": f"{moment.second:02}",
        "j": f"{_day_of_year(moment):03}",
        "p": "AM" if moment.hour < 12 else "PM",
        "B": month,
        "b": month[:3],
        "h": month[:3],
        "A": day,
        "a": day[:3],
        "u": str(moment.isoweekday()),
        "w": str(moment.isoweekday() % 7),
        "G": f"{year:04}",
        "V": f"{week:02}",
        "s": str(_seconds(moment)),
        "Z": "UTC",
        "z": "+0000",
        "n": "\n",
        "t": "\t",
        "%": "%",
    }

    def value(match: re.Match[str]) -> str:
        if match[1] not in values:
            raise errors.JqError(f"strftime/1: `{match[0]}` is not supported")
        return values[match[1]]

    return re.sub(r"%(.?)", value, _without_shorthands(wanted), flags=re.DOTALL)


def _read(text: str, wanted: str) -> datetime:
    pattern = ""
    for literal, letter in re.findall(r"([^%]+)|%(.?)", _without_shorthands(wanted), re.DOTALL):
        if literal:
            pattern += r"\s*".join(re.escape(part) for part in re.split(r"\s+", literal))
        elif letter not in _READ or f"(?P<{letter}>" in pattern:
            raise errors.JqError(f"strptime/1: `%{letter}` is not supported here")
        else:
            pattern += _READ[letter]
    match = re.fullmatch(pattern, text, re.ASCII) if len(text) <= 200 else None
    mismatch = errors.JqError(
        f"date {ops.describe(text)} does not match format {ops.describe(wanted)}"
    )
    if match is None:
        raise mismatch
    try:
        return _moment({key: found for key, found in match.groupdict().items() if found})
    except (ValueError, OverflowError):
        raise mismatch from None


def _moment(found: dict[str, str]) -> datetime:
    if "s" in found:
        return _EPOCH + timedelta(seconds=int(found["s"]))
    year = int(found.get("Y", 1900))
    if "y" in found:
        year = int(found["y"]) + (1900 if int(found["y"]) >= 69 else 2000)
    hour = int(found.get("H", 0))
    if "I" in found:
        hour = int(found["I"]) % 12 + (12 if found.get("p", "").upper() == "PM" else 0)
    moment = datetime(year, _month(found), int(found.get("d", 1)), hour, tzinfo=UTC)
    if "j" in found:
        moment = moment.replace(month=1, day=1) + timedelta(days=int(found["j"]) - 1)
    return moment + timedelta(minutes=int(found.get("M", 0)), seconds=int(found.get("S", 0)))


def _month(found: dict[str, str]) -> int:
    if "B" in found:
        return _MONTHS.index(found["B"]) + 1
    if "b" in found:
        return [name[:3] for name in _MONTHS].index(found["b"]) + 1
    return int(found.get("m", 1))


def _without_shorthands(wanted: str) -> str:
    if len(wanted) > 200:
        raise errors.JqError("a date format has at most 200 characters")
    return re.sub("%[TDFR]", lambda match: _SHORTHANDS[match[0]], wanted)
