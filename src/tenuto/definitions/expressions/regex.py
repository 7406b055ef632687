"""Regular expressions that end in time: what a pattern may have, and what matching it may cost.

Python's matcher tries one way after another and cannot be stopped. How many ways there are at
most follows from the pattern and the length of the text, so that is reckoned and charged before.
"""

import re
from functools import lru_cache
from math import prod
from re import _parser  # type: ignore[attr-defined]  # the pattern's own syntax tree
from typing import Any, NamedTuple

from tenuto.definitions.expressions.limits import PATTERN_GROUPS, PATTERN_LENGTH
from tenuto.definitions.expressions.pattern_characters import is_apart

_WAYS_A_STEP = 100
"""Ways to match that take about as long as one step."""

_MOST_CHOICES = 64
"""Places with a choice, those in a part that is repeated a fixed number of times counted often."""

_FOLDING = re.compile(r"\(\?[a-zA-Z-]*[im]")
"""Flags within a pattern under which a character, or the end of a line, matches others too."""

_NAMED_GROUP = re.compile(r"\(\?<([A-Za-z_][A-Za-z0-9_]*)>")
_SET = re.compile(r"\\.|(\[\^?\]?(?:\\.|\[:|[^\]\\])*\]?)", re.DOTALL)
_AMBIGUOUS_IN_SET = re.compile(r".\^?\[|\[:|--|&&|~~|\|\|", re.DOTALL)
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_REFUSED = {
    "GROUPREF": "a reference to a group",
    "GROUPREF_EXISTS": "a condition on a group",
    "ASSERT": "a look-around",
    "ASSERT_NOT": "a look-around",
}


Choice = tuple[int, int | None]
"""Least and most repetitions; None is without limit."""


class UnsafePattern(Exception):  # noqa: N818 (what it is)
    """A pattern is refused. Says what was found and what to do."""


class Pattern(NamedTuple):
    """A pattern that may be matched."""

    regex: re.Pattern[str]
    is_anchored: bool
    has_runs: bool
    """Whether a way may look at the whole text because of a repetition."""
    width: int
    """Characters that every way looks at, at most, beside those that it may choose to repeat."""
    choices: tuple[Choice, ...]
    """Least and most ways of each place where the matcher has a choice; None is without limit."""

    def steps(self, length: int) -> int:
        """What matching a text of `length` characters everywhere costs at most."""
        ways = prod(
            max(1, (length if most is None else min(most, length)) - least + 1)
            for least, most in self.choices
        )
        starts = 1 if self.is_anchored else length + 1
        a_way = 1 + (length if self.has_runs else min(self.width, length)) // 8
        return 1 + (ways * starts * a_way + length) // _WAYS_A_STEP


@lru_cache(512)
def safe_pattern(pattern: str, flags: int) -> Pattern:
    """`pattern` ready to be matched. Raises UnsafePattern."""
    if len(pattern) > PATTERN_LENGTH or pattern.count("(") > PATTERN_GROUPS:
        raise UnsafePattern(
            f"A pattern has at most {PATTERN_LENGTH} characters and {PATTERN_GROUPS} groups."
            " Split the work, or do it in an activity."
        )
    for match in _SET.finditer(pattern):
        if match[1] and _AMBIGUOUS_IN_SET.search(match[1]):
            raise UnsafePattern(
                f"`{match[1]}` means different things in different engines. Escape special"
                " characters with a backslash, and write `[A-Za-z]` for `[[:alpha:]]`."
            )
    try:
        tree = _parser.parse(_NAMED_GROUP.sub(r"(?P<\1>", pattern), flags)
        reckoning = _Reckoning(is_exact=not (flags & re.IGNORECASE or _FOLDING.search(pattern)))
        choices = reckoning.choices(list(tree), is_last=True)
        regex = re.compile(_NAMED_GROUP.sub(r"(?P<\1>", pattern), flags)
    except (re.error, OverflowError, ValueError) as exc:
        raise UnsafePattern("It is no regular expression.") from exc
    return Pattern(
        regex,
        _is_anchored(tree, regex.flags),
        reckoning.has_runs,
        _width(list(tree)),
        tuple(choices),
    )


class _Reckoning:
    """Goes through the tree of a pattern and notes where the matcher has a choice."""

    def __init__(self, *, is_exact: bool) -> None:
        self._is_exact = is_exact
        self.has_runs = False
        """Whether there are repetitions that are no choice, as what follows ends them."""

    def choices(
        self,
        tree: list[Any],
        *,
        following: Any = None,
        is_last: bool = False,
        is_repeated: bool = False,
    ) -> list[Choice]:
        """The choices in `tree`; `following` is the node after it, where it is known."""
        found: list[Choice] = []
        for at, (code, argument) in enumerate(tree):
            is_end = at == len(tree) - 1
            ends = is_last and is_end
            after = following if is_end else tree[at + 1]
            name = str(code)
            if name in _REFUSED:
                raise UnsafePattern(
                    f"It has {_REFUSED[name]}, which can take very long. Match without, and check"
                    " the captures with jq."
                )
            if name in _REPEATS:
                least, most, body = argument
                found += self._of_repeat(
                    least, most, body, after, ends=ends, is_repeated=is_repeated
                )
            elif name == "BRANCH":
                found += self._of_branch(argument[1], is_repeated=is_repeated)
            elif name == "SUBPATTERN":
                found += self.choices(
                    list(argument[-1]), following=after, is_last=ends, is_repeated=is_repeated
                )
            elif name == "ATOMIC_GROUP":
                found += self.choices(list(argument), is_repeated=is_repeated)
        return found

    def _of_repeat(
        self, least: int, most: int, body: Any, after: Any, *, ends: bool, is_repeated: bool
    ) -> list[Choice]:
        if least == most:
            return _times(self.choices(list(body), is_repeated=is_repeated), least)
        if is_repeated:
            raise _nested_repetition()
        inner = self.choices(list(body), is_repeated=most > 1)
        if ends:
            return inner
        if self._is_exact and is_apart(body, after):
            self.has_runs = True
            return inner
        return [*inner, (least, None if most == _parser.MAXREPEAT else int(most))]

    def _of_branch(self, branches: list[Any], *, is_repeated: bool) -> list[Choice]:
        if is_repeated:
            raise UnsafePattern(
                "It has alternatives within a repetition, which can take exponentially long. Use"
                " `split` or `scan` first, then match the parts; for single characters write"
                " `[ab]`."
            )
        inner = [choice for branch in branches for choice in self.choices(list(branch))]
        return [*inner, (1, len(branches))]


def _times(choices: list[Choice], times: int) -> list[Choice]:
    if len(choices) * times > _MOST_CHOICES:
        raise _nested_repetition()
    return choices * times


def _nested_repetition() -> UnsafePattern:
    return UnsafePattern(
        "It has a repetition within a repetition, which can take exponentially long. Use"
        " `split` or `scan` first, then match the parts."
    )


def _width(tree: list[Any]) -> int:
    total = 0
    for code, argument in tree:
        name = str(code)
        if name in _REPEATS:
            total += max(1, int(argument[0])) * _width(list(argument[2]))
        elif name == "BRANCH":
            total += max(_width(list(branch)) for branch in argument[1])
        elif name == "SUBPATTERN":
            total += _width(list(argument[-1]))
        elif name == "ATOMIC_GROUP":
            total += _width(list(argument))
        else:
            total += 1
    return total


def _is_anchored(tree: Any, flags: int) -> bool:
    code, argument = tree[0] if len(tree) else (None, None)
    if str(code) != "AT":
        return False
    beginning = (
        ("AT_BEGINNING_STRING",)
        if flags & re.MULTILINE
        else ("AT_BEGINNING", "AT_BEGINNING_STRING")
    )
    return str(argument) in beginning
