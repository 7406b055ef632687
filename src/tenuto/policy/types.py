"""The types that rules know, and how a JSON value becomes one of them, exactly or not at all."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Context, Decimal, InvalidOperation, localcontext
from typing import Any

from pydantic import JsonValue

from tenuto.core.people import group, principal

SMALLEST, LARGEST = -(2**63), 2**63 - 1
PLACES = 4
"""Digits after the point of a `decimal`; it is stored as a whole number of ten-thousandths."""
_LONGEST_NUMBER = 60
_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


class DoesNotFitError(ValueError):
    """A value that has no exact form for rules. The message says where and why."""


@dataclass(frozen=True, slots=True)
class Text:
    """`String`; one of `values` where there are any."""

    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Name:
    """`String`: a person or a group as it is compared, for example `u:ann`."""


@dataclass(frozen=True, slots=True)
class Whole:
    """`Long`."""


@dataclass(frozen=True, slots=True)
class Exact:
    """`decimal`."""


@dataclass(frozen=True, slots=True)
class Flag:
    """`Bool`."""


@dataclass(frozen=True, slots=True)
class Moment:
    """`datetime`, from ISO 8601 text with a zone."""


@dataclass(frozen=True, slots=True)
class Many:
    """`Set` of one type."""

    item: "Type"


@dataclass(frozen=True, slots=True)
class Fields:
    """A record."""

    fields: Mapping[str, "Field"]

    def only(self, names: frozenset[str]) -> "Fields":
        """The same without fields that are not called by one of `names`, at any depth."""
        kept = {name: each.only(names) for name, each in self.fields.items() if name in names}
        return Fields(kept)


Type = Text | Name | Whole | Exact | Flag | Moment | Many | Fields


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record."""

    type: Type
    optional: bool = False
    """Whether it may be null, and rules have to ask with `has`."""
    must_be_said: bool = False
    """Whether leaving it out is an error, though it may be null."""
    default: JsonValue = field(default=None, hash=False)
    """What stands for it where it is left out."""

    def only(self, names: frozenset[str]) -> "Field":
        """The same, with only those fields below it that are called by one of `names`."""
        return Field(_only(self.type, names), self.optional, self.must_be_said, self.default)


def _only(kind: Type, names: frozenset[str]) -> Type:
    if isinstance(kind, Many):
        return Many(_only(kind.item, names))
    return kind.only(names) if isinstance(kind, Fields) else kind


def schema_text(kind: Type) -> str:
    """The type as a Cedar schema writes it."""
    if isinstance(kind, Many):
        return f"Set<{schema_text(kind.item)}>"
    if isinstance(kind, Fields):
        inner = ", ".join(
            f"{quoted(name)}{'?' if each.optional else ''}: {schema_text(each.type)}"
            for name, each in kind.fields.items()
        )
        return f"{{{inner}}}"
    return _PLAIN[type(kind)]


_PLAIN: dict[type, str] = {
    Text: "String",
    Name: "String",
    Whole: "Long",
    Exact: "decimal",
    Flag: "Bool",
    Moment: "datetime",
}


def quoted(text: str) -> str:
    """`text` as Cedar writes a string."""
    escaped = "".join(_escaped(letter) for letter in text)
    return f'"{escaped}"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return "\\" + letter
    return letter if letter.isprintable() else f"\\u{{{ord(letter):x}}}"


def record_value(kind: Fields, value: JsonValue, where: str) -> dict[str, Any]:
    """The record as the engine reads it; fields that `kind` does not have are left out.

    Raises DoesNotFitError for a missing field, and for what has no exact form.
    """
    if not isinstance(value, dict):
        raise DoesNotFitError(f"`{where}` is {_found(value)}, expected an object")
    converted: dict[str, Any] = {}
    for name, each in kind.fields.items():
        place = f"{where}.{name}"
        if each.must_be_said and name not in value:
            raise DoesNotFitError(f"`{place}` is missing")
        given = value.get(name, each.default)
        if given is not None:
            converted[name] = engine_value(each.type, given, place)
        elif not each.optional:
            raise DoesNotFitError(f"`{place}` is missing")
    return converted


def engine_value(kind: Type, value: JsonValue, where: str) -> Any:
    """The value as the engine reads it. Raises DoesNotFitError."""
    match kind:
        case Fields():
            return record_value(kind, value, where)
        case Many(item=item):
            if not isinstance(value, list):
                raise DoesNotFitError(f"`{where}` is {_found(value)}, expected a list")
            return [engine_value(item, each, f"{where}[{n}]") for n, each in enumerate(value)]
        case Exact():
            return _decimal(value, where)
        case Whole():
            return _whole(value, where)
        case Flag():
            if not isinstance(value, bool):
                raise DoesNotFitError(f"`{where}` is {_found(value)}, expected true or false")
            return value
        case Moment():
            return _moment(value, where)
        case Name():
            return compared(_text(value, where))
        case Text(values=values):
            text = _text(value, where)
            if values and text not in values:
                raise DoesNotFitError(f"`{where}` is {text!r:.80}, not one of {', '.join(values)}")
            return text


def compared(word: str) -> str:
    """`u:ann`, `g:desk`, `s:nightly`, `a:scribe` as they are compared: case makes no other name."""
    return group(word) if word[:2].casefold() == "g:" else principal(word)


def _text(value: JsonValue, where: str) -> str:
    if not isinstance(value, str):
        raise DoesNotFitError(f"`{where}` is {_found(value)}, expected text")
    return value


def _whole(value: JsonValue, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise DoesNotFitError(f"`{where}` is {_found(value)}, expected a whole number")
    if not SMALLEST <= value <= LARGEST:
        raise DoesNotFitError(f"`{where}` is beyond 64 bits; rules cannot compare it")
    return value


def _decimal(value: JsonValue, where: str) -> dict[str, Any]:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise DoesNotFitError(f"`{where}` is {_found(value)}, expected a number as text")
    text = str(value)
    if len(text) > _LONGEST_NUMBER or (isinstance(value, str) and not _DECIMAL.fullmatch(text)):
        raise DoesNotFitError(f"`{where}` is {text!r:.80}, expected a number like 12.5")
    with localcontext(Context(prec=2 * _LONGEST_NUMBER)):
        return {"__extn": {"fn": "decimal", "arg": _four_digits(text, where)}}


def _four_digits(text: str, where: str) -> str:
    try:
        stored = Decimal(text).scaleb(PLACES)
    except InvalidOperation:
        raise DoesNotFitError(f"`{where}` is too large or too small for rules") from None
    if not stored.is_finite() or not SMALLEST <= stored <= LARGEST:
        raise DoesNotFitError(f"`{where}` is beyond what a decimal of rules can hold")
    if stored != stored.to_integral_value():
        raise DoesNotFitError(
            f"`{where}` has more than {PLACES} digits after the point; rules cannot compare it"
        )
    return f"{stored.scaleb(-PLACES):.{PLACES}f}"


def _moment(value: JsonValue, where: str) -> dict[str, Any]:
    text = _text(value, where)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise DoesNotFitError(f"`{where}` is {text!r:.80}, expected an ISO 8601 moment") from None
    if moment.tzinfo is None:
        raise DoesNotFitError(f"`{where}` has no time zone, so it is no moment")
    utc = moment.astimezone(UTC)
    arg = f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"
    return {"__extn": {"fn": "datetime", "arg": arg}}


def _found(value: JsonValue) -> str:
    kinds = {dict: "an object", list: "a list", str: "text", bool: "true or false"}
    return "null" if value is None else kinds.get(type(value), f"the number {value}")
