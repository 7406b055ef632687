"""Texts in the template languages of other tools, which stay the text that they are."""

import re
from typing import NamedTuple

_BRACES = re.compile(r"\{\{([^{}]*)\}\}")
_JSON_PATH = re.compile(r"\$(\.[A-Za-z_][\w.]*(?:\[\d+\][\w.]*)*)")
_VARIABLE = re.compile(r"\$([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*|\[\d+\])*)")
_MEMBER = re.compile(r"\{\s*([A-Za-z_]\w*)\s*\}")
_WORDS = re.compile(r"\$?\.?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_ROOTS = frozenset(
    {"input", "inputs", "params", "parameters", "vars", "variables", "var", "data", "context"}
)
"""What other tools call the data that here is `.`."""


class Foreign(NamedTuple):
    """A text that another tool would fill in."""

    found: str
    remedy: str


def foreign(text: str, variables: frozenset[str], *, has_members: bool) -> Foreign | None:
    """What of `text` another tool would fill in; None for plain text.

    `variables` may be read where the text stands. With `has_members`, `{name}` is right here, as
    in an address.
    """
    whole = text.strip()
    braces = _BRACES.search(text)
    if braces:
        return Foreign(braces[0], _filled(whole, braces, _as_jq(braces[1], variables)))
    if path := _JSON_PATH.fullmatch(whole):
        return Foreign(whole, _evaluated(path[1]))
    if variable := _VARIABLE.fullmatch(whole):
        known = variable[1] in variables
        return Foreign(whole, _evaluated(whole if known else f".{variable[1]}{variable[2]}"))
    member = None if has_members else _MEMBER.search(text)
    if member:
        return Foreign(member[0], _filled(whole, member, _as_jq(member[1], variables)))
    return None


def bare_remedy(text: str, variables: frozenset[str]) -> str | None:
    """What to write for an expression that is none, because it is written as elsewhere."""
    whole = text.strip()
    braces = _BRACES.search(whole)
    if braces:
        return f"Write `{_as_jq(braces[1], variables)}` for `{braces[0]}`."
    path = _JSON_PATH.search(whole)
    return f"Write `{path[1]}` for `{path[0]}`." if path else None


def _as_jq(inner: str, variables: frozenset[str]) -> str:
    inner = inner.strip(" \t\n-~")
    if not _WORDS.fullmatch(inner):
        return ".field"
    root, _, rest = inner.removeprefix("$").removeprefix(".").partition(".")
    if root in variables - _ROOTS:
        return f"${root}{'.' if rest else ''}{rest}"
    return f".{rest}" if rest and root in _ROOTS else f".{root}{'.' if rest else ''}{rest}"


def _filled(whole: str, found: re.Match[str], jq: str) -> str:
    if found[0] == whole:
        return _evaluated(jq)
    return f'Make the whole value one expression, with `\\({jq})` in it: `${{ "Hello \\({jq})" }}`.'


def _evaluated(jq: str) -> str:
    return f"Write `${{ {jq} }}` to have it evaluated."
