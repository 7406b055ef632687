"""The input fields of a catalog entry, in the words of the command line."""

import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tenuto.core.references import Dataset, Document


@dataclass(frozen=True, slots=True)
class Field:
    """One input field as a person types it."""

    name: str
    kind: str
    """What to type: `FILE`, `YYYY-MM-DD`, `NUMBER`, `official|tax|shadow`, ..."""
    is_required: bool
    is_flag: bool
    default: str
    """As text; empty where there is none to show."""
    summary: str
    """First paragraph of its documentation."""

    @property
    def option(self) -> str:
        """`on_missing` -> `--on-missing`."""
        return "--" + self.name.replace("_", "-")

    @property
    def example(self) -> str:
        """The option with a placeholder, for an example command."""
        return self.option if self.is_flag else f"{self.option} {self.kind}"


def fields_of(model: type[BaseModel]) -> list[Field]:
    """Every field of `model`, in its order."""
    return [_field(name, info) for name, info in model.model_fields.items()]


def _field(name: str, info: FieldInfo) -> Field:
    kind = _without_none(info.annotation)
    return Field(
        name=name,
        kind=_kind(kind),
        is_required=info.is_required(),
        is_flag=kind is bool,
        default=_default(info),
        summary=" ".join((info.description or "").split("\n\n")[0].split()),
    )


def kind_of(annotation: Any) -> str:
    """The type in a word or two, for a table: `DailyNavResult`, `str`, `list of Balance`."""
    plain = _without_none(annotation)
    if plain is Any:
        return "any"
    origin = typing.get_origin(plain)
    if origin in (list, tuple, set, frozenset):
        inner = [each for each in typing.get_args(plain) if each is not Ellipsis]
        return "list of " + " or ".join(kind_of(each) for each in inner[:1])
    if origin is not None:
        return str(plain).removeprefix("typing.")
    return getattr(plain, "__name__", str(plain))


LIST = "LIST"
"""What a field takes that may be typed several times, an item each time."""

_WORDS: Mapping[type, str] = {
    bool: "true|false",
    int: "NUMBER",
    float: "NUMBER",
    Decimal: "NUMBER",
    str: "TEXT",
    datetime: "YYYY-MM-DDTHH:MM",
    date: "YYYY-MM-DD",
    time: "HH:MM",
    timedelta: "DURATION",
    Document: "FILE",
    Dataset: "DATASET",
    dict: "MAP",
    list: LIST,
    tuple: LIST,
    set: LIST,
    frozenset: LIST,
}


def _kind(annotation: Any) -> str:
    plain = _without_none(annotation)
    origin = typing.get_origin(plain) or plain
    if origin is typing.Literal:
        return "|".join(str(each) for each in typing.get_args(plain))
    if origin in _WORDS:
        return _WORDS[origin]
    if isinstance(origin, type) and issubclass(origin, Enum):
        return "|".join(str(each.value) for each in origin)
    if isinstance(origin, type) and issubclass(origin, BaseModel):
        return "FILE.yaml"
    return "VALUE"


def _without_none(annotation: Any) -> Any:
    if typing.get_origin(annotation) is typing.Annotated:
        return _without_none(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        rest = [part for part in typing.get_args(annotation) if part is not type(None)]
        return _without_none(rest[0]) if len(rest) == 1 else annotation
    return annotation


def _default(info: FieldInfo) -> str:
    value = None if info.is_required() else info.get_default()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return str(value.value)
    return str(value) if isinstance(value, str | int | Decimal | date | float) else ""
