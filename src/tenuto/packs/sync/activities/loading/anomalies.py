"""What is odd about a load: no rows, too few, or far from what is usual."""

from collections.abc import Mapping, Sequence
from statistics import median

from tenuto.packs.sync.configuration import Checks
from tenuto.packs.sync.models import PastLoad

MOST_COMPARED = 10
_FEWEST_COMPARED = 3
"""Fewer loads say nothing about what is usual."""


def oddities(
    checks: Checks, rows: Mapping[str, int], earlier: Sequence[PastLoad]
) -> tuple[str, ...]:
    """A sentence for each oddity. Volumes are compared with the median of the earlier loads, as
    many as ten, that brought any rows."""
    total = sum(rows.values())
    if total == 0 and checks.min_rows > 0:
        return ("no rows were loaded",)
    found = []
    if total < checks.min_rows:
        found.append(f"{total} rows were loaded, expected at least {checks.min_rows}")
    volumes = [sum(each.rows.values()) for each in earlier]
    usual = [each for each in volumes if each][:MOST_COMPARED]
    if checks.max_change is not None and len(usual) >= _FEWEST_COMPARED and total:
        middle = median(usual)
        change = (total - middle) / middle
        if abs(change) > checks.max_change:
            found.append(
                f"{total} rows were loaded, {abs(change):.0%} {'more' if change > 0 else 'fewer'}"
                f" than usual ({middle:.0f}, the median of {len(usual)} loads; limit"
                f" {checks.max_change:.0%})"
            )
    return tuple(found)
