"""How long: a duration as a definition writes it, as a `timedelta`."""

import re
from datetime import timedelta

from pydantic import JsonValue

from tenuto.core.problem import Fault, problem

LONGEST = timedelta(days=36525)
"""A hundred years. Longer ones are mistakes, and moments beyond the calendar cannot be written."""

_UNITS = ("days", "hours", "minutes", "seconds", "milliseconds")
_ISO = re.compile(
    r"P(?:(?P<weeks>N)W)?(?:(?P<days>N)D)?"
    r"(?:T(?=\d)(?:(?P<hours>N)H)?(?:(?P<minutes>N)M)?(?:(?P<seconds>N)S)?)?".replace(
        "N", r"\d+(?:\.\d+)?"
    ),
    re.ASCII,
)


def duration(value: JsonValue) -> timedelta:
    """What an ISO 8601 text (`PT1M30S`) or an object of units (`minutes: 1`) means.

    Months and years have no fixed length and are refused. Raises Fault `configuration` 400 for
    anything that is not a duration of zero to a hundred years.
    """
    if isinstance(value, str):
        amounts = _from_text(value)
    elif isinstance(value, dict):
        amounts = _from_object(value)
    else:
        amounts = None
    try:
        length = None if amounts is None else timedelta(**amounts)
    except OverflowError:
        length = None
    if length is None or length > LONGEST:
        raise Fault(
            problem(
                "configuration",
                f"{value!r} is no duration. Expected is ISO 8601 text of weeks, days, hours,"
                " minutes, and seconds such as `PT1M30S`, or an object of"
                f" {', '.join(f'`{unit}`' for unit in _UNITS)} in whole numbers; a hundred years"
                " at most.",
            )
        )
    return length


def _from_text(text: str) -> dict[str, float] | None:
    match = _ISO.fullmatch(text)
    found = {unit: float(n) for unit, n in match.groupdict().items() if n} if match else None
    return found or None


def _from_object(units: dict[str, JsonValue]) -> dict[str, float] | None:
    amounts: dict[str, float] = {}
    for unit, amount in units.items():
        is_whole = isinstance(amount, int) and not isinstance(amount, bool)
        if unit not in _UNITS or not is_whole or amount < 0:  # type: ignore[operator]
            return None
        amounts[unit] = amount  # type: ignore[assignment]
    return amounts or None
