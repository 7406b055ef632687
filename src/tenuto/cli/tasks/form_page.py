"""A task's form as a person reads it: its fields, what fits them, and how to type them."""

import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue

from tenuto.cli.tables import table
from tenuto.cli.tasks.plain import plain

if TYPE_CHECKING:
    from rich.table import Table

Schema = Mapping[str, JsonValue] | None

_LIMITS = {
    "pattern": "matches {}",
    "format": "a {}",
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "below {}",
    "minLength": "{} letters or more",
    "maxLength": "{} letters at most",
}
"""Keyword of the schema -> what it asks for."""


def form_table(schema: Schema) -> "Table | None":
    """One line per field, a needed one with a star; None where the form names no fields."""
    properties = (schema or {}).get("properties")
    if not isinstance(properties, dict) or not properties:
        return None
    needed = _needed(schema)
    grid = table("Field", "Type", "", folds="")
    for name, told in properties.items():
        known = told if isinstance(told, dict) else {}
        star = "*" if name in needed else ""
        grid.add_row(plain(name) + star, _kind(known), "; ".join(_about(known)))
    return grid


def typed_fields(schema: Schema) -> str:
    """The needed fields as they are typed: ` -f price=...`; empty where none is."""
    return "".join(f" -f {shlex.quote(plain(f'{name}=...'))}" for name in _needed(schema))


def _needed(schema: Schema) -> list[str]:
    named = (schema or {}).get("required")
    return [str(name) for name in named] if isinstance(named, list) else []


def _kind(known: Mapping[str, Any]) -> str:
    values = known.get("enum")
    kind = known.get("type", "any")
    choices = values if isinstance(values, list) else kind if isinstance(kind, list) else [kind]
    return " | ".join(plain(str(each)) for each in choices)


def _about(known: Mapping[str, Any]) -> Iterator[str]:
    about = plain(str(known.get("description") or known.get("title") or ""))
    if about:
        yield about
    for keyword, words in _LIMITS.items():
        if keyword in known:
            yield words.format(plain(str(known[keyword])))
