"""Which few of several amounts add up to one: all of the ways, within a bound.

Meant for groups of a dozen items: every subset up to the largest size is tried.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations


@dataclass(frozen=True, kw_only=True, slots=True)
class Single:
    """One open item."""

    number: int
    units: int
    """Its amount in smallest units."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Solution:
    """One item on one side, and items on the other that add up to it."""

    left: tuple[int, ...]
    right: tuple[int, ...]
    is_certain: bool
    """No other way leads to this sum, and no other sum needs these items."""


def solve(
    left: Sequence[Single], right: Sequence[Single], *, margin: int, largest: int
) -> list[Solution]:
    """Every way in which one item equals two or more of the other side, within `margin` units.

    Of two ways to one sum neither is certain, also where they differ only in which of two equal
    amounts they take.
    """
    ways = [
        *((True, (one.number,), many) for one, many in _ways(left, right, margin, largest)),
        *((False, many, (one.number,)) for one, many in _ways(right, left, margin, largest)),
    ]
    uses = Counter(
        [("l", number) for _, lefts, _ in ways for number in lefts]
        + [("r", number) for _, _, rights in ways for number in rights]
    )
    return [
        Solution(
            left=lefts,
            right=rights,
            is_certain=all(uses["l", number] == 1 for number in lefts)
            and all(uses["r", number] == 1 for number in rights),
        )
        for _, lefts, rights in ways
    ]


def _ways(
    ones: Sequence[Single], many: Sequence[Single], margin: int, largest: int
) -> Iterator[tuple[Single, tuple[int, ...]]]:
    sums = [
        (sum(each.units for each in chosen), tuple(each.number for each in chosen))
        for size in range(2, min(largest, len(many)) + 1)
        for chosen in combinations(many, size)
    ]
    for one in ones:
        for total, numbers in sums:
            if abs(total - one.units) <= margin:
                yield one, numbers
