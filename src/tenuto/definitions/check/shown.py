"""Values as messages show them: short, and without line breaks."""

import json

from pydantic import JsonValue

_LONGEST = 60


def shown(value: JsonValue) -> str:
    """`value` between backticks, cut after 60 characters: `"0.1"`, `{"seconds": 3}`."""
    return f"`{_cut(json.dumps(value, ensure_ascii=False))}`"


def named(name: str) -> str:
    """A name between backticks, cut after 60 characters."""
    return f"`{_cut(json.dumps(name, ensure_ascii=False)[1:-1])}`"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
