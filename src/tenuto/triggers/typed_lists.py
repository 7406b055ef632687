"""A list as it is typed: an item each time, or a JSON or YAML list at once."""

import typing
from collections.abc import Sequence
from datetime import date
from enum import Enum
from types import UnionType
from typing import Any, Union

from pydantic import BaseModel

from tenuto.core.errors import UsageError
from tenuto.core.yaml12 import read_yaml

LISTS = (list, tuple, set, frozenset)
WRITTEN_OUT = ("[", "- ")
"""How a list begins in JSON and YAML. No other text is taken for one."""


def read_list(name: str, texts: Sequence[str], annotation: Any) -> list[Any]:
    """The items of the list field `name` of the type `annotation`.

    A text that begins as a JSON or YAML list is one. Any other is one item: as it is where the
    items are texts or files, else read as YAML. Only items that cannot hold a comma, such as
    dates and fixed words, may be typed in one text with commas between them. Raises UsageError
    for a text with a comma that could mean either.
    """
    kind = _item_kind(annotation)
    return [item for text in texts for item in _items(name, text, kind)]


def _items(name: str, text: str, kind: Any) -> list[Any]:
    if text.lstrip().startswith(WRITTEN_OUT):
        value = read_yaml(text, f"`{name}`")
        return value if isinstance(value, list) else [value]
    if _is_word(kind):
        return [part.strip() for part in text.split(",")]
    if not _is_text(kind) or (kind is not str and text.lstrip().startswith("{")):
        return [read_yaml(text, f"`{name}`")]
    if "," in text:
        raise _ambiguous(name, text)
    return [text]


def _item_kind(annotation: Any) -> Any:
    """Of what the list is; None where it does not say."""
    plain = _plain(annotation)
    inner = [each for each in typing.get_args(plain) if each is not Ellipsis]
    return _plain(inner[0]) if inner else None


def _plain(annotation: Any) -> Any:
    if typing.get_origin(annotation) is typing.Annotated:
        return _plain(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (Union, UnionType):
        rest = [part for part in typing.get_args(annotation) if part is not type(None)]
        return _plain(rest[0]) if len(rest) == 1 else annotation
    return annotation


def _is_word(kind: Any) -> bool:
    """Whether no value of the kind has a comma in it. Numbers may: `1,000`."""
    if typing.get_origin(kind) is typing.Literal:
        return not any("," in str(each) for each in typing.get_args(kind))
    if not isinstance(kind, type):
        return False
    if issubclass(kind, Enum):
        return not any("," in str(each.value) for each in kind)
    return issubclass(kind, date)


def _is_text(kind: Any) -> bool:
    """Texts, and records, for which a person types the name of a file."""
    return kind is str or (isinstance(kind, type) and issubclass(kind, BaseModel))


def _ambiguous(name: str, text: str) -> UsageError:
    option = "--" + name.replace("_", "-")
    parts = " ".join(f"{option} {part.strip()}" for part in text.split(",") if part.strip())
    return UsageError(
        f"`{option} {text}` is one text with a comma, or several. Write several as"
        f" `{parts}`, and one with a comma as JSON: `{option} '[\"{text}\"]'`.",
        code="input.ambiguous-list",
        details={"field": name},
    )
