"""The engine's operations on values, with what they cost and how large they may get."""

import json
from itertools import islice
from typing import Any

from pydantic import JsonValue

from tenuto.definitions.expressions.engine import compiler, encoder, errors, ops, replace
from tenuto.definitions.expressions.limits import (
    ARRAY_LENGTH,
    DATA_DEPTH,
    INTEGER_BITS,
    INTEGER_DIGITS,
    PATH_LENGTH,
    TEXT_LENGTH,
)
from tenuto.definitions.expressions.meter import Stop, copying, running, spend

Number = int | float


def too_deep() -> Stop:
    """Data has too many levels."""
    return Stop(f"It looks into data of more than {DATA_DEPTH} levels.", "Make the data flatter.")


def refuse_long_integer(bits: int) -> None:
    """Raises Stop when an integer of `bits` bits may have too many digits."""
    if bits > INTEGER_BITS:
        raise Stop(
            f"It makes an integer of more than {INTEGER_DIGITS} digits.",
            "Check what is multiplied.",
        )


def refuse_long(length: float, limit: int, what: str) -> None:
    """Raises Stop when a text or array would get too long."""
    if length > limit:
        raise Stop(f"It makes {what} longer than {limit:,}.", "Do this work in an activity.")


def install() -> None:
    """Guards the operations of the engine. Raises ImportError where one is missing."""
    replace(ops, "MAX_DEPTH", PATH_LENGTH)
    replace(ops, "_short", _short)
    for name, guard in (
        ("add_values", _guarded_add),
        ("sub_values", _guarded_cheap),
        ("mul_values", _guarded_mul),
        ("div_values", _guarded_cheap),
        ("mod_values", _guarded_cheap),
        ("neg_value", _guarded_cheap),
        ("index_value", _guarded_cheap),
        ("slice_value", _guarded_slice),
        ("set_path", _guarded_set_path),
        ("del_path", _guarded_del_path),
        ("indices_impl", _guarded_indices),
        ("_cmp", _guarded_comparison),
        ("_contains", _guarded_contains),
        ("_deep_merge", _guarded_merge),
        ("_repeat_string", _guarded_repetition),
    ):
        replace(ops, name, guard(getattr(ops, name)))
    replace(encoder, "_escape_string", _guarded_escaping(encoder._escape_string))
    # The engine would encode the value for a message that nobody reads.
    replace(errors.JqError, "_message", lambda self: "")
    for sign, name in (("+", "add"), ("-", "sub"), ("*", "mul"), ("/", "div"), ("%", "mod")):
        compiler._BINOPS[sign] = getattr(ops, f"{name}_values")


def _guarded_cheap(original: Any) -> Any:
    def operation(*values: JsonValue) -> JsonValue:
        meter = running.meter
        meter.left -= 1
        if meter.left < 0:
            meter.spend(0)
        return original(*values)  # type: ignore[no-any-return]

    return operation


def _guarded_add(original: Any) -> Any:
    def add(a: Any, b: Any) -> JsonValue:
        meter = running.meter
        kind = type(a)
        if kind is str and type(b) is str:
            refuse_long(len(a) + len(b), TEXT_LENGTH, "a text")
            meter.spend(1 + (len(a) + len(b)) // 1024)
        elif kind is list and type(b) is list:
            refuse_long(len(a) + len(b), ARRAY_LENGTH, "an array")
            meter.spend(1 + copying(a) + copying(b))
        elif kind is dict and type(b) is dict:
            meter.spend(1 + copying(a) + copying(b))
        else:
            meter.spend(1)
        return original(a, b)  # type: ignore[no-any-return]

    return add


def _guarded_mul(original: Any) -> Any:
    def multiply(a: JsonValue, b: JsonValue) -> JsonValue:
        running.meter.spend(1)
        if type(a) is int and type(b) is int:
            refuse_long_integer(a.bit_length() + b.bit_length())
        return original(a, b)  # type: ignore[no-any-return]

    return multiply


def _guarded_repetition(original: Any) -> Any:
    def repeat(text: str, times: Number) -> JsonValue:
        if times > 0:
            refuse_long(len(text) * times, TEXT_LENGTH, "a text")
            spend(int(len(text) * times) // 1024)
        return original(text, times)  # type: ignore[no-any-return]

    return repeat


def _guarded_slice(original: Any) -> Any:
    def cut(container: JsonValue, low: JsonValue, high: JsonValue) -> JsonValue:
        for bound in (low, high):
            if bound is not None and (isinstance(bound, bool) or not isinstance(bound, Number)):
                raise errors.JqError("Start and end indices of a slice must be numbers")
        running.meter.spend(1 + copying(container))
        return original(container, low, high)  # type: ignore[no-any-return]

    return cut


def _guarded_set_path(original: Any) -> Any:
    def set_path(root: JsonValue, path: list[Any], value: JsonValue) -> JsonValue:
        spend(1 + copying(root))
        if path and isinstance(path[0], Number):
            refuse_long(path[0] + 1, ARRAY_LENGTH, "an array")
            spend(max(0, int(path[0])) // 256 if path[0] == path[0] else 0)
        return original(root, path, value)  # type: ignore[no-any-return]

    return set_path


def _guarded_del_path(original: Any) -> Any:
    def del_path(root: JsonValue, path: list[Any]) -> JsonValue:
        spend(1 + copying(root))
        return original(root, path)  # type: ignore[no-any-return]

    return del_path


def _guarded_indices(original: Any) -> Any:
    def indices(container: JsonValue, wanted: JsonValue) -> JsonValue:
        if isinstance(container, str):
            spend(len(container) // 8)
        return original(container, wanted)  # type: ignore[no-any-return]

    return indices


def _guarded_comparison(original: Any) -> Any:
    def compare(a: JsonValue, b: JsonValue, depth: int, message: str) -> int:
        if depth > DATA_DEPTH:
            raise too_deep()
        running.meter.spend(1 + len(a) // 8 if type(a) is dict else 1)
        return original(a, b, depth, message)  # type: ignore[no-any-return]

    return compare


def _guarded_contains(original: Any) -> Any:
    def contains(a: JsonValue, b: JsonValue, depth: int) -> bool:
        if depth > DATA_DEPTH:
            raise too_deep()
        spend(1 + len(a) // 64 if type(a) is str else 1)
        return original(a, b, depth)  # type: ignore[no-any-return]

    return contains


def _guarded_merge(original: Any) -> Any:
    def merge(a: JsonValue, b: JsonValue, depth: int = 0) -> JsonValue:
        if depth > DATA_DEPTH:
            raise too_deep()
        spend(1 + copying(a) + copying(b))
        return original(a, b, depth)  # type: ignore[no-any-return]

    return merge


def _guarded_escaping(original: Any) -> Any:
    def escape(text: str, ascii: bool = False) -> str:  # noqa: A002 (the engine's name)
        spend(len(text) // 16)
        return original(text, ascii)  # type: ignore[no-any-return]

    return escape


def _short(value: JsonValue) -> str:
    """The beginning of a value, for a message, without writing out all of it."""
    if isinstance(value, str):
        return json.dumps(value if len(value) <= 24 else value[:24] + "...", ensure_ascii=False)
    if isinstance(value, list | dict):
        text = "".join(islice(json.JSONEncoder(ensure_ascii=False).iterencode(value), 24))
        return text if len(text) < 30 else text[:26] + "..."
    return encoder.encode(value)  # type: ignore[no-any-return]
