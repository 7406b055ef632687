"""One SELECT and its parameters: what may be sent to a database, and in which form."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import NullType

from tenuto.catalog.library.fetch.sql import SqlValue
from tenuto.core.errors import UsageError

_TOKEN = re.compile(
    r"""
    (?P<comment> --[^\n]* | /\*.*?\*/ )
  | (?P<dollar>  \$(?P<tag>[A-Za-z_]\w*|)\$ .*? \$(?P=tag)\$ )
  | (?P<escaped> [eE]'(?:\\.|''|[^'\\])*' )
  | (?P<quoted>  '(?:''|[^'])*' | "(?:""|[^"])*" | `[^`]*` )
  | (?P<cast>    :: )
  | (?P<name>    (?<![\w:]):(?P<parameter>[A-Za-z_]\w*) )
  | (?P<word>    [A-Za-z_][\w$]* )
  | (?P<open>    ['"`] | /\* )
  | (?P<other>   . )
    """,
    re.VERBOSE | re.DOTALL,
)

_BACKSLASH_QUOTE = re.compile(r"\\['\"`]")
_WRITES = frozenset({"delete", "insert", "into", "merge", "update"})
"""No part of reading: a WITH may hold them, SELECT INTO makes a table, FOR UPDATE takes locks."""


def select_statement(query: str, parameters: Mapping[str, SqlValue]) -> sa.TextClause:
    """The query with its values bound, never written into the text.

    Comments are left out, so that what is checked here is what is sent. Raises UsageError
    `fetch.sql-not-a-select`, `fetch.sql-many-statements`, `fetch.sql-unclosed-quote`,
    `fetch.sql-parameters`.
    """
    tokens = list(_TOKEN.finditer(query))
    _refuse_other_than_select(tokens)
    _refuse_other_parameters(parameters_in(query), set(parameters))
    text = sa.text("".join(_escaped(tokens)))
    return text.bindparams(*(_bound(name, value) for name, value in parameters.items()))


def parameters_in(query: str) -> set[str]:
    """Names that stand as `:name`, outside of quotes, comments, and casts."""
    return {match["parameter"] for match in _TOKEN.finditer(query) if match["parameter"]}


def typed_literal(value: SqlValue) -> Any:
    """The type a bound value is sent with: none for text, so that the database infers it."""
    return NullType() if value is None or isinstance(value, str) else None


def _bound(name: str, value: SqlValue) -> sa.BindParameter[Any]:
    return sa.bindparam(name, value, type_=typed_literal(value))


def _escaped(tokens: list[re.Match[str]]) -> Iterator[str]:
    """The statement for `sqlalchemy.text`, to which a colon means a parameter wherever it is."""
    last = len(tokens)
    while last and (tokens[last - 1].group() == ";" or _is_blank(tokens[last - 1])):
        last -= 1
    for match in tokens[:last]:
        if match["comment"]:
            yield " "
        elif match["name"]:
            yield match.group()
        else:
            yield match.group().replace(":", r"\:")


def _refuse_other_than_select(tokens: list[re.Match[str]]) -> None:
    code = [match for match in tokens if not _is_blank(match)]
    if any(match["quoted"] and _BACKSLASH_QUOTE.search(match.group()) for match in code):
        raise UsageError(
            "The query has a backslash before a quote, which ends the text in some databases and "
            "not in others; pass that text as a parameter.",
            code="fetch.sql-unclosed-quote",
        )
    if any(match["open"] for match in code):
        raise UsageError(
            "The query has a quote or a comment that is opened and not closed; close it.",
            code="fetch.sql-unclosed-quote",
        )
    while code and code[-1].group() == ";":
        code.pop()
    if any(match.group() == ";" for match in code):
        raise UsageError(
            "The query holds more than one statement; fetch with one SELECT at a time.",
            code="fetch.sql-many-statements",
        )
    words = [match.group().lower() for match in code if match["word"]]
    starts = next((match for match in code if match.group() != "("), None)
    first = starts.group().lower() if starts and starts["word"] else ""
    writing = next((word for word in words if word in _WRITES), None)
    if first not in ("select", "with") or writing:
        found = f"`{(writing or first or 'nothing').upper()}`"
        raise UsageError(
            f"The query has {found}, and fetching only reads: write one SELECT, or WITH and "
            "SELECT. A column of such a name goes into double quotes.",
            code="fetch.sql-not-a-select",
        )


def _refuse_other_parameters(named: set[str], given: set[str]) -> None:
    missing, extra = sorted(named - given), sorted(given - named)
    if missing or extra:
        parts = [f"no value for {_list(missing)}"] if missing else []
        parts += [f"a value for {_list(extra)}, which the query does not name"] if extra else []
        raise UsageError(
            f"The parameters have {' and '.join(parts)}; give exactly one value for each `:name`.",
            code="fetch.sql-parameters",
            details={"missing": missing, "extra": extra},
        )


def _is_blank(match: re.Match[str]) -> bool:
    return bool(match["comment"]) or match.group().isspace()


def _list(names: list[str]) -> str:
    return ", ".join(f"`:{name}`" for name in names)
