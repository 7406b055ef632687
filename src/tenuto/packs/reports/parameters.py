"""The parameters of a run: what was given over what the report says, each of its type."""

import difflib
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from tenuto.core.errors import UsageError
from tenuto.packs.reports.definition import Param, Report

Values = dict[str, JsonValue]
"""Dates as ISO text, numbers as decimal text; the rest as it is."""

_AGO = re.compile(r"([0-9]{1,4}) days? ago")
_DATE = Param(type="date", default="yesterday", description="The day the report is about.")


def params_of(report: Report) -> dict[str, Param]:
    """What the report takes: its own parameters, and `date`."""
    own = dict(report.params)
    if "date" in own and own["date"].type == "date" and own["date"].default is None:
        own["date"] = own["date"].model_copy(update={"default": "yesterday"})
    return {"date": _DATE, **own}


def merged(report: Report, given: Mapping[str, JsonValue], due: datetime, zone: ZoneInfo) -> Values:
    """Every parameter with its value; `yesterday` is the day before `due` in `zone`.

    Raises UsageError `reports.param-unknown`, `reports.param-missing`, `reports.param-invalid`.
    """
    known = params_of(report)
    unknown = sorted(set(given) - set(known))
    if unknown:
        close = difflib.get_close_matches(unknown[0], known, n=1)
        hint = f"did you mean `{close[0]}`?" if close else f"it has {', '.join(known)}"
        raise UsageError(
            f"Report `{report.name}` has no parameter `{unknown[0]}`; {hint}.",
            code="reports.param-unknown",
        )
    today = due.astimezone(zone).date()
    return {
        name: _value(report, name, param, given.get(name, param.default), today)
        for name, param in known.items()
    }


def typed(report: Report, values: Mapping[str, JsonValue]) -> dict[str, Any]:
    """The same as Python values: `date`, `Decimal`, `int`, `bool`, `str`, None."""
    known = params_of(report)
    return {name: _typed(known[name], value) for name, value in values.items()}


def _typed(param: Param, value: JsonValue) -> Any:
    if value is None:
        return None
    if param.type == "date":
        return date.fromisoformat(str(value))
    return Decimal(str(value)) if param.type == "number" else value


def _value(report: Report, name: str, param: Param, given: JsonValue, today: date) -> JsonValue:
    if given is None:
        if param.is_optional:
            return None
        raise UsageError(
            f"Report `{report.name}` needs the parameter `{name}` ({param.type}); give it, or a "
            "`default` in the report.",
            code="reports.param-missing",
        )
    value = _read(param, given, today)
    if value is None:
        raise UsageError(
            f"Parameter `{name}` of report `{report.name}` is {given!r}; expected "
            f"{_WANTED[param.type]}.",
            code="reports.param-invalid",
        )
    return value


_WANTED = {
    "text": "text",
    "integer": "a whole number",
    "number": "a number",
    "date": "a date such as 2024-01-31, `today`, `yesterday`, or `7 days ago`",
    "boolean": "true or false",
}


def _read(param: Param, given: Any, today: date) -> JsonValue:
    match param.type:
        case "text":
            return str(given) if isinstance(given, str | int | float) else None
        case "boolean":
            return {"true": True, "false": False}.get(str(given).lower())
        case "date":
            found = _day(str(given).strip(), today)
            return None if found is None else found.isoformat()
        case "integer":
            number = _number(given)
            whole = number is not None and number == number.to_integral_value()
            return int(number) if number is not None and whole else None
        case "number":
            number = _number(given)
            return None if number is None else format(number, "f")


def _day(text: str, today: date) -> date | None:
    ago = _AGO.fullmatch(text)
    days = {"today": 0, "yesterday": 1}.get(text, int(ago[1]) if ago else None)
    if days is not None:
        return today - timedelta(days=days)
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _number(given: Any) -> Decimal | None:
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return None
    try:
        number = Decimal(str(given).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < 40 else None
