"""Programs: expressions that may be run, compiled once and kept."""

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from tenuto.definitions.expressions import compiling, encoding, functions, operations
from tenuto.definitions.expressions.allowed import FORMATS, FUNCTIONS, KINDS, VARIABLES
from tenuto.definitions.expressions.engine import encoder, errors, replace
from tenuto.definitions.expressions.measure import frames
from tenuto.definitions.expressions.scopes import Use, outside_uses
from tenuto.definitions.expressions.syntax import read

_SELECTING = {"identity", "field", "index", "var", "pipe", "alt", "opt"}

operations.install()
replace(encoder, "_enc", encoding.write)
functions.install()
compiling.install()


class Program(NamedTuple):
    """A compiled expression."""

    run: Callable[[Any, Any], Any]
    """Takes input and environment, gives an iterator of results."""
    frames: int
    """Python frames that it takes, without the functions that it calls."""
    only_selects: bool
    """Whether its result is a part of the input or of a variable, as it is there, or a plain
    constant: it needs no second look."""


@lru_cache(2048)
def program(text: str) -> Program:
    """`text`, compiled. Raises the engine's syntax error, also for what is not allowed."""
    tree = read(text).tree
    for use in outside_uses(tree):
        if is_refused(use):
            raise errors.JqParseError(f"`{use.name}` is not allowed here")
    return Program(compiling.compile_program(tree), frames(tree), _only_selects(tree))


def is_refused(use: Use) -> bool:
    """Whether an expression may not use this."""
    match use.kind:
        case "function":
            return use.name not in FUNCTIONS
        case "variable":
            return use.name in VARIABLES
        case "format":
            return use.name not in FORMATS
        case "label":
            return True
        case _:
            return use.name not in KINDS


def _only_selects(node: Any) -> bool:
    if isinstance(node, tuple) and node and isinstance(node[0], str):
        if node[0] == "const":
            return not isinstance(node[1], float) or math.isfinite(node[1])  # 1e400 is infinite
        return node[0] in _SELECTING and all(map(_only_selects, node[1:]))
    return True
