"""The forms that a checked definition has, said to the type checker and held to."""

from typing import NoReturn, TypeVar

from pydantic import JsonValue

from tenuto.core.errors import UsageError

WordT = TypeVar("WordT", bound=str)


def mapping(value: JsonValue, at: str) -> dict[str, JsonValue]:
    """`value`, which is an object. Raises UsageError `definition.unchecked` when it is none."""
    return value if isinstance(value, dict) else _unchecked(value, at, "an object")


def optional_mapping(value: JsonValue, at: str) -> dict[str, JsonValue]:
    """`value` as an object; empty where it is not given."""
    return {} if value is None else mapping(value, at)


def items(value: JsonValue, at: str) -> list[JsonValue]:
    """`value`, which is a list."""
    return value if isinstance(value, list) else _unchecked(value, at, "a list")


def text(value: JsonValue, at: str) -> str:
    """`value`, which is text."""
    return value if isinstance(value, str) else _unchecked(value, at, "text")


def optional_text(value: JsonValue, at: str) -> str | None:
    """`value` as text; None where it is not given."""
    return None if value is None else text(value, at)


def whole_number(value: JsonValue, at: str) -> int:
    """`value`, which is a whole number."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number else _unchecked(value, at, "a whole number")  # type: ignore[return-value]


def number(value: JsonValue, at: str) -> float:
    """`value`, which is a number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return _unchecked(value, at, "a number")


def one_of(value: JsonValue, allowed: tuple[WordT, ...], at: str) -> WordT:
    """`value`, which is one of these words."""
    for word in allowed:
        if value == word:
            return word
    return _unchecked(value, at, f"one of {', '.join(f'`{word}`' for word in allowed)}")


def named(value: JsonValue, at: str) -> tuple[str, dict[str, JsonValue]]:
    """Name and body of a list's item, an object with one property."""
    item = mapping(value, at)
    if len(item) != 1:
        _unchecked(value, at, "an object with one property")
    name, body = next(iter(item.items()))
    return name, mapping(body, f"{at}/{name}")


def _unchecked(value: JsonValue, at: str, expected: str) -> NoReturn:
    raise UsageError(
        f"`{at}` is {_described(value)}, expected {expected}. The definition was not checked, or"
        " has errors; run `tenuto definition check` and correct what it names.",
        code="definition.unchecked",
        details={"path": at},
    )


def _described(value: JsonValue) -> str:
    if value is None:
        return "missing"
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."
