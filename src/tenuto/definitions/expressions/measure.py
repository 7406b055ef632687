"""How deep a program is nested, found without recursion: before parsing, and before compiling.

Python's recursion limit leaves less room the deeper the caller already is, so it must decide
nothing. What parsing, compiling, and running take at most is reckoned here, from form alone.
"""

import re
from typing import Any

from tenuto.definitions.expressions.engine import errors
from tenuto.definitions.expressions.limits import (
    INTEGER_DIGITS,
    INTERPOLATIONS,
    PROGRAM_DEPTH,
    PROGRAM_FRAMES,
    PROGRAM_LENGTH,
    STACK,
)

_OPENERS = {"(", "[", "{", "if"}
_CLOSERS = {")", "]", "}", "end"}
_LEVEL = 15
"""Frames of the parser for a bracket, a block, or an interpolation."""
_CHAINED = {
    "|": 1,
    "//": 1,
    "-": 1,
    "def": 3,
    "label": 4,
    "as": 5,
    "try": 6,
    "catch": 6,
    "reduce": 12,
    "foreach": 12,
}
"""Frames of the parser for what follows without a bracket."""


def refuse_large_text(text: str) -> None:
    """Raises the engine's syntax error when `text` is too long to be an expression."""
    if len(text) > PROGRAM_LENGTH:
        raise errors.JqParseError(
            f"An expression has at most {PROGRAM_LENGTH:,} characters, this one {len(text):,}"
        )
    if text.count("\\(") > INTERPOLATIONS:
        raise errors.JqParseError(f"An expression has at most {INTERPOLATIONS} interpolations")
    if re.search(rf"[0-9]{{{INTEGER_DIGITS + 1}}}", text):
        raise errors.JqParseError(f"A number has at most {INTEGER_DIGITS} digits")


def refuse_deep_tokens(tokens: list[Any]) -> None:
    """Raises the engine's syntax error when parsing `tokens` could take too many frames."""
    pending = [(tokens, 0)]
    while pending:
        level, base = pending.pop()
        open_ = [base]
        for kind, value, *_ in level:
            if kind == "STR":
                nested = open_[-1] + 2 * _LEVEL
                pending += [(part[1], nested) for part in value if not isinstance(part, str)]
            elif kind not in ("OP", "KW"):
                continue
            elif value in _OPENERS:
                open_.append(open_[-1] + _LEVEL)
            elif value in _CLOSERS and len(open_) > 1:
                open_.pop()
            else:
                open_[-1] += _CHAINED.get(value, 0)
            if open_[-1] > PROGRAM_FRAMES:
                raise _too_deep()


def refuse_deep_tree(tree: Any) -> None:
    """Raises the engine's syntax error when `tree` has too many levels or takes too many frames."""
    pending = [(tree, 0)]
    while pending:
        node, depth = pending.pop()
        if isinstance(node, tuple) and node and isinstance(node[0], str):
            depth += 1
            if depth > PROGRAM_DEPTH:
                raise _too_deep()
        if isinstance(node, tuple | list):
            pending += [(child, depth) for child in node]
    if frames(tree) > STACK // 2:
        raise _too_deep()


def frames(tree: Any) -> int:
    """Python frames that running `tree` takes at most, without the functions that it calls."""
    deepest = 0
    pending = [(tree, 0)]
    while pending:
        node, used = pending.pop()
        if isinstance(node, tuple) and node and isinstance(node[0], str):
            used += _own_frames(node)
            deepest = max(deepest, used)
        if isinstance(node, tuple) and node and node[0] == "funcdef":
            pending.append((node[4], used))
        elif isinstance(node, tuple | list):
            pending += [(child, used) for child in node]
    return deepest


def _own_frames(node: tuple[Any, ...]) -> int:
    match node[0]:
        case "const" | "identity" | "emptyarray" | "var":
            return 1
        case "str":
            return 2 + len(node[2])
        case "object" | "pobject":
            return 2 + 2 * len(node[1])
        case "parray":
            return 2 + 2 * len(node[1])
        case "if":
            return 2 + len(node[1])
        case "call":
            return 4
        case _:
            return 2


def _too_deep() -> Exception:
    too_deep: Exception = errors.JqParseError(
        "It is nested too deeply. Put it together in several `set` tasks"
    )
    return too_deep
