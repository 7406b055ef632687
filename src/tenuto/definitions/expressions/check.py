"""Checking an expression before anything runs: syntax, functions, variables, patterns."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, Literal, NamedTuple

from tenuto.definitions.expressions.allowed import FORMATS, FUNCTIONS, REASONS, VARIABLES
from tenuto.definitions.expressions.engine import errors
from tenuto.definitions.expressions.matching import flags_of
from tenuto.definitions.expressions.program import is_refused, program
from tenuto.definitions.expressions.regex import UnsafePattern, safe_pattern
from tenuto.definitions.expressions.scopes import Use, outside_uses
from tenuto.definitions.expressions.stack import on_enough_stack
from tenuto.definitions.expressions.syntax import Syntax, read

Kind = Literal["syntax", "forbidden", "variable", "regex"]

_MATCHING = frozenset(["capture", "gsub", "match", "scan", "splits", "sub", "test"])
_AT = re.compile(r"(.*?)\s+(?:in object |in pattern )?at position (\d+)(.*)", re.DOTALL)
_UNEXPECTED = re.compile(r"Unexpected (?:token|keyword|character) (.*)", re.DOTALL)
_OTHER_LANGUAGES = {
    "&": "Write `and` for `&&`.",
    "!": "Write `!=` to compare, and `... | not` to negate.",
    "'": "Write texts in double quotation marks.",
    "`": "Write texts in double quotation marks.",
    "=": "Write `==` to compare.",
}


class ExpressionProblem(NamedTuple):
    """What is wrong with an expression, and where."""

    kind: Kind
    offset: int
    """Character in the text, from 0."""
    message: str
    """What was found and what was expected."""
    remedy: str
    """What to do."""


def check_expression(text: str, variables: frozenset[str]) -> list[ExpressionProblem]:
    """Every problem of `text`, which may read `variables` (names without the dollar sign).

    An expression without problems compiles; it can still fail on the data it meets.
    """
    return on_enough_stack(lambda: sorted(_problems(text, variables), key=lambda each: each.offset))


def _problems(text: str, variables: frozenset[str]) -> list[ExpressionProblem]:
    try:
        syntax = read(text)
    except errors.JqParseError as exc:
        return [_syntax_problem(text, str(exc))]
    found = [*_name_problems(syntax, variables), *_pattern_problems(syntax)]
    if not found:
        program(text)
    return found


def _syntax_problem(text: str, message: str) -> ExpressionProblem:
    match = _AT.fullmatch(message)
    if match is None:
        offset = len(text) if "Unterminated" in message else 0
        return ExpressionProblem("syntax", offset, f"{message}.", "Correct the expression.")
    offset = min(int(match[2]), len(text))
    if offset >= len(text.rstrip()):
        return ExpressionProblem(
            "syntax", len(text), "The expression ends too early.", "Complete it."
        )
    char = text[offset]
    remedy = _OTHER_LANGUAGES.get(char, "Correct the expression.")
    if text.startswith("||", offset) or text.startswith("||", max(0, offset - 1)):
        remedy = "Write `or` for `||`."
    if _UNEXPECTED.match(match[1]) and char not in "\"'":
        found = re.match(r"\w+|.", text[offset:], re.DOTALL)
        message = f"`{found[0] if found else char}` was not expected here."
    else:
        message = f"{match[1]}{match[3]}."
    return ExpressionProblem("syntax", offset, message, remedy)


def _name_problems(syntax: Syntax, variables: frozenset[str]) -> Iterator[ExpressionProblem]:
    seen: set[tuple[str, str]] = set()
    for use in outside_uses(syntax.tree):
        if (use.kind, use.name) in seen:
            continue
        seen.add((use.kind, use.name))
        if is_refused(use):
            yield _refusal(syntax, use, variables)
        elif use.kind == "variable" and use.name not in variables:
            yield ExpressionProblem(
                "variable",
                _offset(syntax, "VAR", use.name),
                f"`${use.name}` is not known here.",
                _instead(use.name, variables, "$"),
            )


def _refusal(syntax: Syntax, use: Use, variables: frozenset[str]) -> ExpressionProblem:
    match use.kind:
        case "function":
            return _refused_function(syntax, use, variables)
        case "variable":
            offset = _offset(syntax, "VAR", use.name)
            return ExpressionProblem(
                "forbidden", offset, VARIABLES[use.name], "Pass the value as input."
            )
        case "format":
            return ExpressionProblem(
                "forbidden",
                _offset(syntax, "FORMAT", use.name),
                f"`@{use.name}` is no format.",
                _instead(use.name, FORMATS, "@"),
            )
        case "label":
            return ExpressionProblem(
                "syntax",
                _offset(syntax, "VAR", use.name),
                f"`break ${use.name}` has no label.",
                f"Write `label ${use.name} | ...` before it.",
            )
        case _:
            offset = _offset(syntax, "VAR", "__loc__")
            return ExpressionProblem("forbidden", offset, VARIABLES["__loc__"], "Leave it out.")


def _refused_function(syntax: Syntax, use: Use, variables: frozenset[str]) -> ExpressionProblem:
    name, _, arity = use.name.rpartition("/")
    offset = _offset(syntax, "IDENT", name)
    if name in REASONS:
        return ExpressionProblem("forbidden", offset, f"`{name}` is not allowed.", REASONS[name])
    arities = sorted(
        known.rpartition("/")[2] for known in FUNCTIONS if known.startswith(f"{name}/")
    )
    if arities:
        return ExpressionProblem(
            "forbidden",
            offset,
            f"`{name}` was given {arity} arguments.",
            f"It takes {' or '.join(arities)}; they are separated by `;`.",
        )
    names = {known.rpartition("/")[0] for known in FUNCTIONS}
    remedy = _hyphenated(syntax, offset) or _instead(name, names, "")
    if name in variables:
        remedy = f"Write `${name}` for the variable."
    return ExpressionProblem("forbidden", offset, f"There is no function `{name}`.", remedy)


def _hyphenated(syntax: Syntax, offset: int) -> str | None:
    """The remedy for `.total-price`, which is `.total` minus the function `price`."""
    tokens = list(syntax.all_tokens())
    at = next(at for at, token in enumerate(tokens) if token.start == offset)
    if at < 2 or tokens[at - 1] != ("OP", "-", offset - 1) or tokens[at - 2].kind != "FIELD":
        return None
    return f'For the member write `["{tokens[at - 2].value}-{tokens[at].value}"]`.'


def _instead(name: str, known: Any, sign: str) -> str:
    close = get_close_matches(name, sorted(known), n=1)
    if close:
        return f"Did you mean `{sign}{close[0]}`?"
    if sign == "":
        return f"Write `.{name}` for a member of the input, or define it with `def`."
    listed = ", ".join(f"`{sign}{each}`" for each in sorted(known))
    return f"Known are {listed}." if listed else "None is known here."


def _pattern_problems(syntax: Syntax) -> Iterator[ExpressionProblem]:
    for use in outside_uses(syntax.tree):
        if use.kind != "function" or is_refused(use):
            continue
        name, arguments = use.node[1], use.node[2]
        takes_pattern = name in _MATCHING or (name == "split" and len(arguments) == 2)
        if takes_pattern and arguments[0][0] == "const" and isinstance(arguments[0][1], str):
            yield from _pattern_problem(syntax, name, arguments)


def _pattern_problem(
    syntax: Syntax, name: str, arguments: list[Any]
) -> Iterator[ExpressionProblem]:
    pattern = arguments[0][1]
    at = 2 if name in ("sub", "gsub") else 1
    has_flags = len(arguments) > at and arguments[at][0] == "const"
    try:
        flags = flags_of(arguments[at][1])[0] if has_flags else 0
        safe_pattern(pattern, flags)
    except (UnsafePattern, errors.JqError) as exc:
        offset = next(
            (
                token.start
                for token in syntax.all_tokens()
                if token.kind == "STR" and token.value == [pattern]
            ),
            0,
        )
        reason = exc.value if isinstance(exc, errors.JqError) else str(exc)
        if exc.__cause__ is not None:  # left out of faults: its text differs by Python version
            reason = f"{reason.removesuffix('.')}: {exc.__cause__}."
        yield ExpressionProblem(
            "regex", offset, f"The pattern of `{name}` is refused.", f"{reason}"
        )


def _offset(syntax: Syntax, kind: str, name: str) -> int:
    return next(
        (token.start for token in syntax.all_tokens() if token[:2] == (kind, name)),
        0,
    )
