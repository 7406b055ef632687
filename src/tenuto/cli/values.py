"""Any JSON value for a person: scalars in a block, lists of records as tables, the rest folded."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Group

from tenuto.cli.references import size
from tenuto.cli.tables import block, heading, table

if TYPE_CHECKING:
    from rich.console import RenderableType

MOST_COLUMNS = 6
MOST_ROWS = 50


def drawn(value: Any) -> "RenderableType":
    """The value, drawn; nothing is invented and what is left out is counted."""
    if isinstance(value, Mapping):
        return _mapping(value)
    if _is_records(value):
        return _records(value)
    return str(_short(value))


def _mapping(value: Mapping[str, Any]) -> "RenderableType":
    tables = {name: each for name, each in value.items() if _is_records(each)}
    plain = [(name, _short(each)) for name, each in value.items() if name not in tables]
    parts: list[RenderableType] = [block(plain)] if plain else []
    for name, records in tables.items():
        parts += ["", heading(name), _records(records)]
    return Group(*parts)


def _records(records: list[Mapping[str, Any]]) -> "RenderableType":
    names = list(dict.fromkeys(name for each in records for name in each))
    shown = [name for name in names if _is_telling(name, records)][:MOST_COLUMNS]
    grid = table(*shown, folds=shown[-1] if shown else "")
    for each in records[:MOST_ROWS]:
        grid.add_row(*(str(_short(each.get(name))) for name in shown))
    left = len(records) - MOST_ROWS
    return Group(grid, f"... and {left} more (--json has all)") if left > 0 else grid


def _short(value: Any) -> Any:
    """One line at most; a reference by its name and size, a nested value by its length."""
    if value is None:
        return ""
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
    if {"uri", "sha256", "bytes"} <= value.keys():
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
    """Whether a column has anything to show, and fits a cell."""
    values = [each.get(name) for each in records]
    return any(value not in (None, "", [], {}) for value in values) and not any(
        isinstance(value, Mapping | list) and value for value in values
    )
