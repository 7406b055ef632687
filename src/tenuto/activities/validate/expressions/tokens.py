"""Text to tokens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tenuto.activities.validate.expressions.problem import ExpressionError

LONGEST = 5_000
"""Characters of an expression; a rule is a sentence, not a program."""

KEYWORDS = frozenset({"and", "or", "not", "in", "between", "is", "null", "true", "false"})

Kind = Literal["number", "text", "name", "parameter", "keyword", "symbol", "end"]


@dataclass(frozen=True)
class Token:
    """A piece of an expression."""

    kind: Kind
    text: str
    """The value: unquoted, keywords in lower case, parameters without their `$`."""
    at: int


_PIECES = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))
    |(?P<text>'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")+")
    |(?P<parameter>\$[A-Za-z_][A-Za-z0-9_]*)
    |(?P<name>[^\W\d]\w*)
    |(?P<symbol><=|>=|!=|<>|==|[-+*/=<>(),])""",
    re.VERBOSE,
)
_BEGINS_WITH_LETTER = re.compile(r"\w|\.")


def tokens(text: str) -> list[Token]:
    """The tokens of `text`, the last of kind `end`. Raises ExpressionError for any other sign."""
    if len(text) > LONGEST:
        raise ExpressionError(f"longer than {LONGEST} characters; split it into rules", 0)
    return [*_pieces(text), Token("end", "", len(text))]


def _pieces(text: str) -> Iterator[Token]:
    at = 0
    while at < len(text):
        found = _PIECES.match(text, at)
        if found is None:
            raise ExpressionError(_complaint(text, at), at)
        kind, piece = found.lastgroup, found.group()
        if kind == "number" and _BEGINS_WITH_LETTER.match(text, found.end()):
            raise ExpressionError("a number is written with digits and one point, as 0.05", at)
        token = _token(kind, piece, at)
        if token is not None:
            yield token
        at = found.end()


def _token(kind: str | None, piece: str, at: int) -> Token | None:
    match kind:
        case "space":
            return None
        case "number":
            return Token("number", piece, at)
        case "text":
            return Token("text", piece[1:-1].replace("''", "'"), at)
        case "quoted":
            return Token("name", piece[1:-1].replace('""', '"'), at)
        case "parameter":
            return Token("parameter", piece[1:], at)
        case "name" if piece.lower() in KEYWORDS:
            return Token("keyword", piece.lower(), at)
        case "name":
            return Token("name", piece, at)
        case _:
            return Token("symbol", {"==": "=", "<>": "!="}.get(piece, piece), at)


def _complaint(text: str, at: int) -> str:
    sign = text[at]
    if sign in "'\"":
        return f"the text that begins with {sign} has no end; write the closing {sign}"
    if sign in "&|!":
        return f"`{sign}` is not known; write `and`, `or`, `not`, `!=`"
    return f"`{sign}` is not known here; write names, numbers, 'texts', and operators"
