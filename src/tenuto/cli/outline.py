"""Nested JSON for a person: every value on a line of its own, under what it belongs to."""

from collections.abc import Iterator, Mapping
from typing import Any

_STEP = "  "


def outlined(value: Any) -> str:
    """All of the value, indented; a list's items begin with a dash. Nothing is left out."""
    return "\n".join(_lines(value))


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for name, each in value.items():
            yield from _member(str(name), each)
    elif isinstance(value, list | tuple) and value:
        for each in value:
            yield from _item(each)
    else:
        yield from _plain(value).splitlines() or [""]


def _member(name: str, value: Any) -> Iterator[str]:
    if not _is_nested(value):
        first, *rest = _plain(value).splitlines() or [""]
        yield f"{name}: {first}"
        yield from (f"{_STEP}{line}" for line in rest)
        return
    yield f"{name}:"
    yield from (f"{_STEP}{line}" for line in _lines(value))


def _item(value: Any) -> Iterator[str]:
    first, *rest = _lines(value)
    yield f"- {first}"
    yield from (f"{_STEP}{line}" for line in rest)


def _is_nested(value: Any) -> bool:
    """Whether it takes lines of its own; a list of plain values stands on one."""
    if isinstance(value, Mapping):
        return bool(value)
    is_list = isinstance(value, list | tuple)
    return is_list and any(isinstance(each, Mapping | list | tuple) for each in value)


def _plain(value: Any) -> str:
    if value is None or value in ([], {}, ()):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    return str(value)
