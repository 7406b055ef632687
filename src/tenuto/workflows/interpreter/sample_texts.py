"""A text for a JSON Schema: of its format, pattern, and length, where that is simple."""

import re
from collections.abc import Mapping

from pydantic import JsonValue

_TEXT = "text"
_FORMATS = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T12:00:00Z",
    "time": "12:00:00",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.com/",
    "duration": "PT1H",
    "decimal": "1.00",
}
_CLASSES = {"d": "1", "w": "a", "s": " ", "D": "a", "W": "-", "S": "a"}
_PART = re.compile(
    r"(?:\\(?P<escaped>.)|(?P<set>\[\^?(?:\\.|[^\]\\])+\])|(?P<plain>[^\\\[\](){}|*+?^$]))"
    r"(?:\{(?P<least>\d{1,4})(?:,\d*)?\}|(?P<many>[*+?]))?"
)
"""One character of a pattern, or a set of them, and how often it stands there."""
_TRIED = "A1a0-_. /:"
"""For a set: the first of these that is in it."""
_LONGEST = 10_000


def sample_text(schema: Mapping[str, JsonValue]) -> str:
    """The same text for the same schema each time.

    A pattern is followed where it is a row of characters and sets with counts, `^[A-Z]{6}$`;
    one with groups or alternatives is not.
    """
    usual = _FORMATS.get(str(schema.get("format")), _TEXT)
    pattern = schema.get("pattern")
    if not isinstance(pattern, str):
        return _of_length(usual, schema)
    candidates = (usual, _like(pattern))
    return next((each for each in candidates if each and _fits(each, pattern)), usual)


def _of_length(text: str, schema: Mapping[str, JsonValue]) -> str:
    least, most = schema.get("minLength"), schema.get("maxLength")
    if isinstance(least, int) and least > len(text):
        text = text.ljust(min(least, _LONGEST), "x")
    return text[:most] if isinstance(most, int) else text


def _like(pattern: str) -> str | None:
    """The shortest text or so that a simple pattern describes; None for another pattern."""
    rest = pattern.removeprefix("^")
    rest = rest.removesuffix("$") if not rest.endswith(r"\$") else rest
    parts: list[str] = []
    while rest:
        part = _PART.match(rest)
        character = _character(part) if part else None
        if part is None or character is None:
            return None
        parts.append(character * _times(part))
        rest = rest[part.end() :]
    return "".join(parts)[:_LONGEST]


def _times(part: re.Match[str]) -> int:
    if part["least"] is not None:
        return int(part["least"])
    return 0 if part["many"] in ("*", "?") else 1


def _character(part: re.Match[str]) -> str | None:
    if part["plain"]:
        return "a" if part["plain"] == "." else part["plain"]
    if part["escaped"]:
        escaped = part["escaped"]
        return _CLASSES.get(escaped, None if escaped.isalnum() else escaped)
    literal = part["set"].strip("[]^")[:1]
    return next((each for each in (*_TRIED, literal) if _fits(each, part["set"])), None)


def _fits(text: str, pattern: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False  # Another kind of pattern than Python's.
