"""Where secrets stand in a call, and how the environment of a worker names them.

A run stores references only (`secret://env/NAME`). A call lists the places of its references,
which only its author can: text that comes as data and looks like a reference is never resolved.
"""

import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import JsonValue, StringConstraints

REFERENCE = re.compile(r"secret://[a-z]+/[^\s]+")
"""What a reference looks like, as a whole value."""

Place = Annotated[str, StringConstraints(pattern=r"^(/[^/]*)+$")]
"""JSON pointer into the call, for example `/headers/X-Api-Key`."""


def secret_reference(name: str, member: str | None = None) -> str:
    """The reference to the secret that a definition calls `name`, or to one member of it.

    `priceFeed` and `token` give `secret://env/PRICEFEED_TOKEN`.
    """
    words = name if member is None else f"{name}_{member}"
    return "secret://env/" + re.sub(r"[^A-Z0-9]", "_", words.upper())


def secret_places(call: JsonValue) -> tuple[str, ...]:
    """The places in `call`, as its author wrote it, whose whole value is a reference.

    For a definition that is compiled: before any expression has brought data in.
    """
    return tuple(_places(call, ""))


def pointed(place: str, key: str) -> str:
    """The place of `key` within `place`."""
    return f"{place}/{key.replace('~', '~0').replace('/', '~1')}"


def _places(value: JsonValue, place: str) -> Iterator[str]:
    match value:
        case str() if REFERENCE.fullmatch(value):
            yield place
        case dict():
            for key, each in value.items():
                yield from _places(each, pointed(place, key))
        case list():
            for index, each in enumerate(value):
                yield from _places(each, f"{place}/{index}")
