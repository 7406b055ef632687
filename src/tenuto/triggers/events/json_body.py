"""JSON of strangers: read once, strictly, and refused where others would read it in another way."""

import json
import math
from typing import Any, NoReturn

from pydantic import JsonValue

from tenuto.core.errors import DataError

MOST_DEPTH = 64
MOST_VALUES = 100_000


def read_body(body: bytes) -> JsonValue:
    """The value of a JSON text in UTF-8.

    Raises DataError `triggers.not-json`: also for a key given twice, NaN, a number that is too
    large for a float, half a surrogate pair, more than 64 levels, and more than 100,000 values.
    """
    try:
        value: JsonValue = json.loads(
            body.decode(), parse_constant=_no_constant, object_pairs_hook=_object
        )
    except UnicodeDecodeError as wrong:
        raise _not_json("it is not UTF-8") from wrong
    except RecursionError as wrong:
        raise _not_json(f"it is nested deeper than {MOST_DEPTH} levels") from wrong
    except json.JSONDecodeError as wrong:
        raise _not_json(f"{wrong.msg} at character {wrong.pos}") from wrong
    except ValueError as wrong:  # Python reads no integer of more than 4,300 digits
        raise _not_json("a number is too long") from wrong
    refuse_odd(value)
    return value


def refuse_odd(value: JsonValue) -> None:
    """Raises DataError `triggers.not-json` for what is too deep, too much, or no JSON for others.

    Without recursion: how deep Python may go depends on who calls.
    """
    layer, depth, count = [value], 0, 0
    while layer:
        depth += 1
        count += len(layer)
        if depth > MOST_DEPTH:
            raise _not_json(f"it is nested deeper than {MOST_DEPTH} levels")
        if count > MOST_VALUES:
            raise _not_json(f"it has more than {MOST_VALUES:,} values")
        inside: list[Any] = []
        for each in layer:
            match each:
                case dict():
                    inside += each.keys()
                    inside += each.values()
                case list():
                    inside += each
                case str():
                    _refuse_surrogates(each)
                case float() if not math.isfinite(each):
                    raise _not_json("a number is too large")
        layer = inside


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _not_json("a key is given twice")
    return found


def _refuse_surrogates(text: str) -> None:
    if not text.isascii() and any("\ud800" <= each <= "\udfff" for each in text):
        raise _not_json("half of a surrogate pair stands alone")


def _no_constant(name: str) -> NoReturn:
    raise _not_json(f"`{name}` is no JSON")


def _not_json(why: str) -> DataError:
    return DataError(f"The body is no JSON that is taken: {why}.", code="triggers.not-json")
