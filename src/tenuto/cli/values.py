"""Any JSON value for a person: scalars in a block, lists of records as tables, the rest folded."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Group

from tenuto.cli.references import size
from tenuto.cli.tables import block, heading, table

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

MOST_COLUMNS = 6
MOST_SIDE_BY_SIDE = 4
"""Records that are drawn as columns when they have too many fields to be rows."""
MOST_ROWS = 50


def drawn(value: Any) -> "RenderableType":
    """The value, drawn; nothing is invented and what is left out is counted."""
    if isinstance(value, Mapping):
        return _mapping(value)
    if _is_records(value):
        return _records(value)
    return str(_short(value))


def is_folded(value: Any) -> bool:
    """Whether `drawn` leaves something out that is nested deeper than its tables."""
    if isinstance(value, Mapping):
        return any(_is_records(each) and is_folded(each) for each in value.values()) or any(
            _is_counted(each) for each in value.values() if not _is_records(each)
        )
    if _is_records(value):
        return any(_is_nested(member) for each in value for member in each.values())
    return _is_counted(value)


def _is_counted(value: Any) -> bool:
    """Whether `_short` gives no more than how much there is."""
    if not isinstance(value, Mapping | list | tuple):
        return False
    return _short(value) in (f"({len(value)} fields)", f"({len(value)} items)")


def _mapping(value: Mapping[str, Any]) -> "RenderableType":
    tables = {name: each for name, each in value.items() if _is_records(each)}
    plain = [(name, _short(each)) for name, each in value.items() if name not in tables]
    parts: list[RenderableType] = [block(plain)] if plain else []
    for name, records in tables.items():
        parts += ["", heading(name), _records(records)]
    return Group(*parts)


def _records(records: list[Mapping[str, Any]]) -> "RenderableType":
    names = list(dict.fromkeys(name for each in records for name in each))
    nested = [name for name in names if any(_is_nested(each.get(name)) for each in records)]
    plain = [name for name in names if name not in nested and _is_telling(name, records)]
    left_out = list(nested)
    if len(plain) <= MOST_COLUMNS:
        grid = _as_rows(plain, records)
    elif len(records) <= MOST_SIDE_BY_SIDE:
        grid = _as_columns(plain, records)
    else:
        grid = _as_rows(plain[:MOST_COLUMNS], records)
        left_out = plain[MOST_COLUMNS:] + nested
    parts: list[RenderableType] = [grid]
    if len(records) > MOST_ROWS:
        parts.append(f"... and {len(records) - MOST_ROWS} more")
    if left_out:
        parts.append(f"... and of each {', '.join(left_out)}")
    return Group(*parts)


def _as_rows(names: list[str], records: list[Mapping[str, Any]]) -> "Table":
    grid = table(*names, folds=names)
    for each in records[:MOST_ROWS]:
        grid.add_row(*(str(_short(each.get(name))) for name in names))
    return grid


def _as_columns(names: list[str], records: list[Mapping[str, Any]]) -> "Table":
    """The first field as the heading, a row for each other field."""
    first, *rest = names
    headings = [str(_short(each.get(first))) for each in records]
    grid = table(first, *headings, folds=headings)
    for name in rest:
        grid.add_row(name, *(str(_short(each.get(name))) for each in records))
    return grid


def _short(value: Any) -> Any:
    """One line at most; a reference by its name and size, a nested value by its length."""
    if value is None:
        return ""
    if value in ([], {}):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return _folded(value)
    if isinstance(value, list | tuple):
        if any(isinstance(each, Mapping | list) for each in value):
            return f"({len(value)} items)"
        return ", ".join(str(each) for each in value)
    return value


def _folded(value: Mapping[str, Any]) -> str:
    if _is_reference(value):
        name = value.get("name") or "artifact"
        return f"{name} ({size(value['bytes'])}, {value['sha256'][:12]})"
    scalars = {
        k: v for k, v in value.items() if not isinstance(v, Mapping | list) and v is not None
    }
    if len(scalars) == len(value) <= 3:
        return ", ".join(f"{name} {each}" for name, each in scalars.items())
    return f"({len(value)} fields)" if value else ""


def _is_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, Mapping) for v in value)


def _is_telling(name: str, records: Iterable[Mapping[str, Any]]) -> bool:
    return any(each.get(name) not in (None, "", [], {}) for each in records)


def _is_nested(value: Any) -> bool:
    return bool(value) and isinstance(value, Mapping | list) and not _is_reference(value)


def _is_reference(value: Any) -> bool:
    return isinstance(value, Mapping) and {"uri", "sha256", "bytes"} <= value.keys()
