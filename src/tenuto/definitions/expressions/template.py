"""Templates: JSON in which a text that is `${ ... }` as a whole is an expression.

Only what the definition says is evaluated: the data that expressions read is never looked through
for expressions, nor is what they give.
"""

from collections.abc import Mapping
from functools import lru_cache

from pydantic import JsonValue

from tenuto.definitions.expressions.evaluate import evaluated
from tenuto.definitions.expressions.limits import PROGRAM_LENGTH


def is_expression(value: JsonValue) -> bool:
    """Whether `value` is a text that is `${ ... }` as a whole, blanks around it left aside."""
    return isinstance(value, str) and _inner(value) is not None


def expression_in(text: str) -> str:
    """The jq text inside `${ }`; a text without comes back stripped."""
    inner = _inner(text)
    return text.strip() if inner is None else inner


def has_embedded_expression(text: str) -> bool:
    """Whether `text` has a `${` in it and is no expression as a whole: it stays literal."""
    return "${" in text and _inner(text) is None


def evaluate_template(
    template: JsonValue, data: JsonValue, variables: Mapping[str, JsonValue]
) -> JsonValue:
    """`template` with the value of each expression over `data` in its place.

    All its expressions share one budget. Raises Fault `expression` 400 as `evaluate` does, and
    for a template that is too deep or too large.
    """
    return evaluated(data, variables, lambda evaluation: evaluation.filled(template, _inner))


def _inner(text: str) -> str | None:
    if "${" not in text:
        return None
    return _remembered(text) if len(text) <= PROGRAM_LENGTH else _whole(text)


def _whole(text: str) -> str | None:
    text = text.strip()
    if not (text.startswith("${") and text.endswith("}")):
        return None
    closing = _closing_brace(text)
    return text[2:-1].strip() if closing in (None, len(text) - 1) else None


_remembered = lru_cache(4096)(_whole)
"""Of texts that are short enough to be expressions."""


def _closing_brace(text: str) -> int | None:
    """Index of the brace that closes the first one; None when nothing does."""
    inside = ["{"]
    at = 2
    while at < len(text):
        char = text[at]
        if inside[-1] == '"':
            at += _within_text(text, at, inside)
        elif char in '"{(':
            inside.append(char)
        elif char == "#":
            at = text.find("\n", at)
            if at < 0:
                return None
        elif (char == "}" and inside[-1] == "{") or (char == ")" and inside[-1] == "("):
            inside.pop()
            if not inside:
                return at
        at += 1
    return None


def _within_text(text: str, at: int, inside: list[str]) -> int:
    """Follows a jq text; gives how many characters to pass over beyond this one."""
    if text.startswith("\\(", at):
        inside.append("(")
        return 1
    if text[at] == '"':
        inside.pop()
    return 1 if text[at] == "\\" else 0
