"""Reaching into a definition that may have any form: what is not there is None or empty."""

from collections.abc import Iterator

from pydantic import JsonValue

from tenuto.definitions.loaded import escaped


def part(value: JsonValue, *keys: str) -> JsonValue:
    """The member that `keys` lead to; None where a step is missing or is no mapping."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def mapping(value: JsonValue, *keys: str) -> dict[str, JsonValue]:
    """The mapping that `keys` lead to; empty when there is none."""
    found = part(value, *keys)
    return found if isinstance(found, dict) else {}


def every(
    value: JsonValue, path: tuple[str, ...], pointer: str = ""
) -> Iterator[tuple[str, JsonValue]]:
    """Pointer and value of all that `path` leads to; `*` stands for each member or element."""
    if not path:
        yield pointer, value
        return
    key, rest = path[0], path[1:]
    for name, member in children(value):
        if key in ("*", name):
            yield from every(member, rest, f"{pointer}/{escaped(name)}")


def texts(value: JsonValue, pointer: str) -> Iterator[tuple[str, str]]:
    """Pointer and text of every string in `value`."""
    if isinstance(value, str):
        yield pointer, value
    for name, member in children(value):
        yield from texts(member, f"{pointer}/{escaped(name)}")


def children(value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    """Name and value of each member, or index and value of each element."""
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from ((str(index), element) for index, element in enumerate(value))
