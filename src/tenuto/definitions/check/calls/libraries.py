"""Where a check looks up definitions that are kept, asked with names alone that can be kept."""

import re
from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from pydantic import JsonValue

from tenuto.definitions.check.structure.kinds.text import NAME, VERSION
from tenuto.definitions.versions import LATEST

_NAME = re.compile(NAME["pattern"].removeprefix("^").removesuffix("$"))
_VERSION = re.compile(VERSION["pattern"].removeprefix("^").removesuffix("$"))


class HasValue(Protocol):
    """A stored definition."""

    @property
    def value(self) -> JsonValue:
        """The definition as read."""
        ...


class Library(Protocol):
    """Where stored definitions are found."""

    def find(self, namespace: str, name: str, version: str) -> HasValue | None:
        """That version, or the highest for `latest`; None when there is none."""
        ...


@runtime_checkable
class ListsNames(Protocol):
    """A library that can tell what it holds, so that a misspelt name gets a suggestion."""

    def names(self) -> Iterable[str]:
        """`namespace/name` of every definition."""
        ...


def is_name(text: JsonValue) -> bool:
    """Whether `text` can be the namespace or the name of a definition."""
    return isinstance(text, str) and _NAME.fullmatch(text) is not None


def is_version(text: JsonValue) -> bool:
    """Whether `text` is one version, or `latest`."""
    if not isinstance(text, str) or len(text) > VERSION["maxLength"]:
        return False
    return text == LATEST or _VERSION.fullmatch(text) is not None


def known_names(library: object) -> list[str]:
    """`namespace/name` of what is kept; empty where the library cannot tell."""
    return sorted(library.names()) if isinstance(library, ListsNames) else []


def definition_in(
    library: Library | None, namespace: str, name: str, version: str = LATEST
) -> JsonValue:
    """The definition of that name as read; None when there is none, or no library to ask."""
    if library is None or not (is_name(namespace) and is_name(name) and is_version(version)):
        return None
    found = library.find(namespace, name, version)
    return None if found is None else found.value
