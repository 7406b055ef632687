"""Names of people and groups, as they are written and as they are compared."""

import re
import unicodedata
from typing import Annotated, Any

from pydantic import BeforeValidator, StringConstraints, WithJsonSchema

_BLANKS = re.compile(r"\s+")
_LONGEST = 200
WHO_PATTERN = r"^\s*[uUgG]:\s*\S"
"""What a person or a group is recognised by; the names are up to whoever runs Tenuto."""


def person(name: str) -> str:
    """A person's name as it is compared, with the word `u:` before it.

    Case, blanks, and the several ways Unicode writes one letter do not make another person.
    """
    return "u:" + _plain(name).removeprefix("u:").strip()


def group(name: str) -> str:
    """A group's name as it is compared, with the word `g:` before it."""
    return "g:" + _plain(name).removeprefix("g:").strip()


def principal(name: str) -> str:
    """The name of whoever does something, as it is compared: `s:` and a service, `a:` and an
    agent keep their word; everybody else is a person."""
    kind, rest = _plain(name)[:2], _plain(name)[2:].strip()
    return kind + rest if kind in ("s:", "a:") else person(name)


def how_to_name(word: object) -> str:
    """What to write for `word`, which says neither that it is a person nor that it is a group."""
    name = word.rpartition(":")[2].strip()[:_LONGEST] if isinstance(word, str) else ""
    name = name or "ann"
    return f"Write `u:{name}` for a person, `g:{name}` for a group."


def _plain(name: str) -> str:
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", name)).strip().casefold()


def _read_who(word: Any) -> str:
    if isinstance(word, str):
        kind = _plain(word)[:2]
        read = person(word) if kind == "u:" else group(word)
        if kind in ("u:", "g:") and len(read) > len(kind):
            return read
    raise ValueError(
        f"expected `u:` and a person's name, or `g:` and a group's. {how_to_name(word)}"
    )


def _read_person(name: Any) -> str:
    if isinstance(name, str) and not _plain(name).startswith("g:") and person(name) != "u:":
        return person(name)
    raise ValueError("expected a person's name")


Who = Annotated[
    str,
    BeforeValidator(_read_who),
    StringConstraints(max_length=_LONGEST),
    WithJsonSchema({"type": "string", "pattern": WHO_PATTERN, "maxLength": _LONGEST}),
]
"""`u:` and a person's name, or `g:` and a group's."""
Person = Annotated[
    str,
    BeforeValidator(_read_person),
    StringConstraints(max_length=_LONGEST),
    WithJsonSchema({"type": "string", "pattern": r"\S", "maxLength": _LONGEST}),
]
"""A person's name, with or without `u:` before it."""
