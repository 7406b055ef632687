"""Conditions that assign: `.a = 1` gives an object, and an object counts as true."""

from collections.abc import Iterable, Iterator

from tenuto.definitions.check.expressions.checked import at_character
from tenuto.definitions.check.expressions.used import Written
from tenuto.definitions.check.meaning_codes import ASSIGNMENT
from tenuto.definitions.expressions.engine import errors
from tenuto.definitions.expressions.stack import on_enough_stack
from tenuto.definitions.expressions.syntax import Syntax, read
from tenuto.definitions.findings import Finding
from tenuto.definitions.loaded import Loaded

_CONDITIONS = frozenset({"if", "when", "exceptWhen", "while"})


def find_assignments(loaded: Loaded, used: Iterable[Written]) -> Iterator[Finding]:
    """Every condition that as a whole is an assignment."""
    for written in used:
        jq = written.jq
        if jq is None or written.position.rpartition(".")[2] not in _CONDITIONS or "=" not in jq:
            continue
        syntax = _syntax(jq)
        if syntax is None or syntax.tree[0] != "assign":
            continue
        sign = syntax.tree[1]
        finding = loaded.warning(
            ASSIGNMENT,
            written.pointer,
            f"`{sign}` assigns, and what it gives counts as true whatever the values are.",
            "Did you mean `==`?",
        )
        yield at_character(loaded, finding, written, _offset(syntax, sign))


def _syntax(jq: str) -> Syntax | None:
    try:
        return on_enough_stack(lambda: read(jq))
    except errors.JqParseError:
        return None


def _offset(syntax: Syntax, sign: str) -> int:
    tokens = syntax.all_tokens()
    return next((each.start for each in tokens if each.kind == "OP" and each.value == sign), 0)
