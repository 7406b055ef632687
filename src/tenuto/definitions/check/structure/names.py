"""The property that somebody meant who wrote another: typing errors, and words of other systems."""

from collections.abc import Iterable

from tenuto.definitions.check.nearest import listed, nearest

_OTHER_WORDS: dict[str, tuple[str, ...]] = {
    "action": ("call",),
    "activity": ("call",),
    "args": ("with", "arguments"),
    "arguments": ("with",),
    "assign": ("set",),
    "backoffcoefficient": ("backoff",),
    "choice": ("switch",),
    "condition": ("if", "when"),
    "data": ("body",),
    "delay": ("wait",),
    "else": ("then",),
    "error": ("raise",),
    "event": ("emit", "with"),
    "fail": ("raise",),
    "foreach": ("for",),
    "function": ("call",),
    "goto": ("then",),
    "inputs": ("input",),
    "interval": ("delay", "every"),
    "items": ("in",),
    "join": ("fork",),
    "json": ("body",),
    "loop": ("for",),
    "maxattempts": ("limit",),
    "next": ("then",),
    "outputs": ("output",),
    "parallel": ("fork",),
    "params": ("with", "query", "parameters"),
    "parameters": ("with",),
    "pass": ("set",),
    "pause": ("wait",),
    "payload": ("body",),
    "queryparameters": ("query",),
    "queryparams": ("query",),
    "sequence": ("do",),
    "sleep": ("wait",),
    "steps": ("do",),
    "subflow": ("run",),
    "tasks": ("do", "branches"),
    "throw": ("raise",),
    "transition": ("then",),
    "uri": ("endpoint",),
    "url": ("endpoint", "uri"),
    "uses": ("call",),
    "variable": ("as",),
    "workflow": ("run",),
}
"""Word, folded -> what the specification calls it, likeliest first."""


def suggestion(found: str, known: Iterable[str]) -> str | None:
    """The known name that `found` stands for, or None."""
    names = {_folded(name): name for name in known}
    folded = _folded(found)
    if folded in names:
        return names[folded]
    for word in _OTHER_WORDS.get(folded, ()):
        if word in names:
            return word
    return nearest(found, names.values())


def instead(found: str, known: Iterable[str]) -> str:
    """A remedy for an unknown property."""
    names = list(known)
    meant = suggestion(found, names)
    if meant is not None:
        return f"Did you mean `{meant}`?"
    return f"Known here: {listed(names)}." if names else "Take it away."


def _folded(name: str) -> str:
    return name.replace("_", "").replace("-", "").lower()
