"""JSON read so that no digit is lost, and written back the same way."""

import json
import re
from collections.abc import Callable
from typing import Any

from tenuto.activities.http import HttpResponse
from tenuto.core.errors import DataError

_SHORT_INTEGER = re.compile(r"-?[0-9]{1,18}")


class Digits(str):
    """A JSON number, as it was written."""

    __slots__ = ()


Json = dict[str, Any] | list[Any] | str | Digits | bool | None
"""What `read_json` gives: like `json.loads`, but with `Digits` for every number."""


def read_json(answer: HttpResponse, where: str) -> Json:
    """The body of an answer; `where` names it in errors.

    Raises DataError `http.not-json`, also for NaN, for an object that has a key twice, and for
    nesting deeper than Python can follow.
    """
    try:
        value: Json = json.loads(
            answer.body,
            parse_float=Digits,
            parse_int=Digits,
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as exc:
        raise DataError(
            f"{where} did not answer with JSON ({exc}); check the address and what it serves, or "
            "declare another `format`",
            code="http.not-json",
        ) from exc
    return value


def as_text(value: Json) -> str | None:
    """A cell: text and numbers as they were sent, `true` or `false`, nested values as JSON.

    Raises DataError `fetch.nested-too-deep`.
    """
    if value is None or isinstance(value, str):
        return value
    try:
        return written(value)
    except RecursionError as exc:
        raise DataError(
            "A record holds lists or objects inside of each other, hundreds deep; declare "
            "`columns` that leave that field out",
            code="fetch.nested-too-deep",
        ) from exc


def written(value: Json) -> str:
    """Compact JSON with every number as it was read."""
    match value:
        case Digits():
            return str(value)
        case dict():
            return _braced(
                "{}", value.items(), lambda item: f"{_quoted(item[0])}:{written(item[1])}"
            )
        case list():
            return _braced("[]", value, written)
        case _:
            return _quoted(value)


def at_path(value: Json, path: str) -> Json:
    """What stands at a dotted path, `data.items` or `pages.0.next`. Raises KeyError.

    The empty path is the value itself. A key that itself contains dots is found as a whole.
    """
    if not path:
        return value
    if isinstance(value, dict) and path in value:
        return value[path]  # type: ignore[no-any-return]
    head, _, rest = path.partition(".")
    if isinstance(value, dict) and head in value:
        return at_path(value[head], rest)
    if isinstance(value, list) and head.isdecimal() and int(head) < len(value):
        return at_path(value[int(head)], rest)
    raise KeyError(path)


def short_integer(value: Json) -> int | None:
    """The integer that a JSON number is, if it has at most 18 digits."""
    is_one = isinstance(value, Digits) and _SHORT_INTEGER.fullmatch(value)
    return int(str(value)) if is_one else None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object has the same key twice")
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _braced(marks: str, items: Any, one: Callable[[Any], str]) -> str:
    return marks[0] + ",".join(one(item) for item in items) + marks[1]
