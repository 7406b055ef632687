"""Durations that the engine needs in seconds before a run begins."""

import re

from pydantic import JsonValue

from tenuto.core.errors import UsageError

_ISO_8601 = re.compile(
    r"P(?=.)(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_SECONDS = {
    "weeks": 604_800.0,
    "days": 86_400.0,
    "hours": 3_600.0,
    "minutes": 60.0,
    "seconds": 1.0,
    "milliseconds": 0.001,
}


def seconds(value: JsonValue, at: str) -> float:
    """Length in seconds of a duration: ISO 8601 text, or an object of units.

    Years and months have no fixed length and are refused. Raises UsageError
    `definition.bad-duration` with the place `at`.
    """
    units = _units(value)
    if units is None:
        raise UsageError(
            f"`{at}` is {value!r}, which is no duration; write ISO 8601 in weeks to seconds"
            " (`PT5M`, `P1DT12H`) or an object of units (`minutes: 5`).",
            code="definition.bad-duration",
            details={"path": at},
        )
    return sum(_SECONDS[unit] * amount for unit, amount in units.items())


def _units(value: JsonValue) -> dict[str, float] | None:
    if isinstance(value, str):
        match = _ISO_8601.fullmatch(value)
        if match is None:
            return None
        return {unit: float(amount) for unit, amount in match.groupdict().items() if amount}
    if not isinstance(value, dict) or not value:
        return None
    amounts = {
        unit: amount
        for unit, amount in value.items()
        if unit in _SECONDS and isinstance(amount, int | float) and not isinstance(amount, bool)
    }
    return {unit: float(n) for unit, n in amounts.items()} if len(amounts) == len(value) else None
