"""Reading an expression: its syntax tree, and where each word of it stands."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from tenuto.definitions.expressions.engine import errors, lexer, parser
from tenuto.definitions.expressions.measure import (
    refuse_deep_tokens,
    refuse_deep_tree,
    refuse_large_text,
)


class Token(NamedTuple):
    """A word of an expression. The engine's parser reads the first three members."""

    kind: str
    value: Any
    start: int
    """Index of its first character in the whole text."""


class Syntax(NamedTuple):
    """An expression as read."""

    tree: Any
    tokens: list[Token]

    def all_tokens(self) -> Iterator[Token]:
        """Every token, those inside texts too, in the order of the text."""
        return _within(self.tokens)


def read(text: str) -> Syntax:
    """The tree and the tokens of `text`. Raises the engine's syntax error."""
    refuse_large_text(text)
    try:
        tokens = _placed(lexer.lex(text), text, 0)
    except IndexError:
        raise errors.JqParseError("Unterminated string literal") from None
    refuse_deep_tokens(tokens)
    tree = parser.Parser(tokens).parse_program()
    refuse_deep_tree(tree)
    return Syntax(tree, tokens)


def _placed(tokens: list[Any], text: str, offset: int) -> list[Token]:
    """The engine's tokens say where they end, and inside a text they count from its part."""
    placed: list[Token] = []
    end = 0
    for kind, value, following in tokens:
        start = _skip_blanks(text, end)
        if kind == "STR":
            value = _placed_parts(value, text, start, offset)  # noqa: PLW2901
        placed.append(Token(kind, value, offset + start))
        end = following
    return placed


def _placed_parts(parts: list[Any], text: str, start: int, offset: int) -> list[Any]:
    at = start + 1
    placed: list[Any] = []
    for part in parts:
        if isinstance(part, str):
            placed.append(part)
            continue
        while not text.startswith("\\(", at):
            at += 2 if text[at] == "\\" else 1
        inner, following = lexer._scan_interp(text, at + 2)
        placed.append(("interp", _placed(part[1], inner, offset + at + 2)))
        at = following
    return placed


def _skip_blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n#":
        if text[at] == "#":
            newline = text.find("\n", at)
            at = len(text) if newline < 0 else newline
        else:
            at += 1
    return at


def _within(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        if token.kind == "STR":
            for part in token.value:
                if not isinstance(part, str):
                    yield from _within(part[1])
