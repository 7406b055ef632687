"""Names for steps and documents that had none of their own."""

import re

_DIRECTIVES = frozenset({"continue", "exit", "end"})
_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LONGEST = 63


class Names:
    """Step names of one document, each once, since the context keeps results by name."""

    def __init__(self) -> None:
        # A step of such a name could not be told from where a flow goes on.
        self._taken = set(_DIRECTIVES)

    def new(self, wanted: str) -> str:
        """`wanted`, or with the first number that makes it new: `fetch`, `fetch-2`."""
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}-{number}"
        self._taken.add(name)
        return name


def document_name(title: str) -> str:
    """A name as definitions have it, of a name as people write it: `DailyNAV run` is
    `daily-nav-run`."""
    words = re.sub(r"[^A-Za-z0-9]+", "-", _BOUNDARY.sub("-", title)).strip("-").lower()
    return words[:_LONGEST].rstrip("-") or "converted"
