"""The name that somebody may have meant."""

import difflib
from collections.abc import Iterable

_LONGEST = 200
"""Comparing takes time with the product of two lengths; no name that somebody meant is longer."""


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The known name most like `name`, case aside; None when none is like it.

    Two letters changed round are always like enough, however short the name is.
    """
    if len(name) > _LONGEST:
        return None
    by_folded = {each.casefold(): each for each in sorted(known)}
    folded = name.casefold()
    close = [each for each in by_folded if each == folded]
    close = close or [each for each in by_folded if _is_swapped(folded, each)]
    close = close or difflib.get_close_matches(folded, by_folded, n=1, cutoff=cutoff)
    return by_folded[close[0]] if close else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A remedy: the nearest known name, or else all of them."""
    names = sorted(known)
    close = nearest(name, names)
    if close is not None:
        return f"Did you mean `{close}`?"
    return f"Valid are {listed(names)}." if names else ""


def _is_swapped(name: str, known: str) -> bool:
    """Whether two neighbouring letters of `known` have changed places in `name`."""
    if name == known or sorted(name) != sorted(known):
        return False
    first = next(
        at for at, (one, other) in enumerate(zip(name, known, strict=True)) if one != other
    )
    turned = known[:first] + known[first + 1] + known[first] + known[first + 2 :]
    return turned == name


def listed(names: Iterable[str], most: int = 12) -> str:
    """`a`, `b`, `c`; long lists are cut."""
    quoted = [f"`{name}`" for name in names]
    rest = len(quoted) - most
    return ", ".join(quoted[:most]) + (f", and {rest} more" if rest > 0 else "")
