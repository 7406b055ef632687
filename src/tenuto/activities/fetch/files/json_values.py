"""JSON values as text cells: every digit as written, no number turned into a float."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from tenuto.core.errors import DataError

_MOST_PLACES = 100


class Number(str):
    """A number as the document writes it."""

    __slots__ = ()


def parse_json(text: str, where: str) -> Any:
    """The value, its numbers as `Number`.

    Raises DataError `files.not-json` for text that is not JSON, for NaN and Infinity, for a key
    that is given twice, and for nesting that no table has.
    """
    try:
        return _DECODER.decode(text)
    except ValueError as exc:
        found = f"not JSON: {exc}"
        raise _not_json(where, found) from exc
    except RecursionError as exc:
        raise _not_json(where, "nested deeper than any table") from exc


def as_cell(value: Any, decimal_mark: str = ".") -> str | None:
    """The cell: text as it is, numbers with `decimal_mark`, lists and objects as JSON."""
    match value:
        case None:
            return None
        case Number():
            return plain_number(value).replace(".", decimal_mark)
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case _:
            return as_json(value)


def as_json(value: Any) -> str:
    """Compact JSON with the numbers as they were written."""
    match value:
        case Number():
            return str(value)
        case dict():
            pairs = (f"{json.dumps(key)}:{as_json(each)}" for key, each in value.items())
            return "{" + ",".join(pairs) + "}"
        case list():
            return "[" + ",".join(as_json(each) for each in value) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def plain_number(text: str) -> str:
    """A number without exponent where that is short; else as it is."""
    if "e" not in text and "E" not in text:
        return str(text)
    try:
        number = Decimal(text)
    except InvalidOperation:
        return str(text)
    return f"{number:f}" if abs(number.adjusted()) <= _MOST_PLACES else str(text)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:60]!r} is given twice")
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


_DECODER = json.JSONDecoder(
    parse_int=Number,
    parse_float=Number,
    parse_constant=_refuse_constant,
    object_pairs_hook=_once_each,
)


def _not_json(where: str, found: str) -> DataError:
    return DataError(
        f"{where}: {found}; have the file sent again, complete, or correct `format`",
        code="files.not-json",
        details={"where": where},
    )
