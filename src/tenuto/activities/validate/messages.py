"""Messages with `{column}` in them. A column's name and nothing else: no attribute, no format."""

import re
from collections.abc import Iterator, Mapping

import polars as pl

from tenuto.activities.validate.expressions.problem import suggestion
from tenuto.activities.validate.expressions.values import Kind, Value
from tenuto.activities.validate.findings import shown

_PIECES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")


class MessageError(Exception):
    """A message cannot be used."""

    def __init__(self, problem: str, at: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.at = at
        """0-based character of the message."""


def message(text: str, columns: Mapping[str, Value]) -> pl.Expr:
    """The text with each row's values in it; `{{` and `}}` are braces. Raises MessageError."""
    pieces = list(_expressions(text, columns))
    return pl.concat_str(pieces) if pieces else pl.lit("")


def _expressions(text: str, columns: Mapping[str, Value]) -> Iterator[pl.Expr]:
    for piece in _PIECES.finditer(text):
        match piece.group():
            case "{{" | "}}":
                yield pl.lit(piece.group()[0])
            case "{" | "}":
                raise MessageError("a brace stands alone; write `{{` or `}}`", piece.start())
            case _ if piece.group(1) is None:
                yield pl.lit(piece.group())
            case _:
                yield _column(piece.group(1), piece.start(), columns)


def _column(name: str, at: int, columns: Mapping[str, Value]) -> pl.Expr:
    if name not in columns:
        problem = f"the message names `{{{name}}}`, which is no column; {suggestion(name, columns)}"
        raise MessageError(problem, at)
    if columns[name].kind is Kind.OTHER:
        raise MessageError(f"column `{name}` cannot be written as text", at)
    return shown(name)
