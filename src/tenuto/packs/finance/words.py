"""How refusals of all finance packs write problems, names, people, and moments."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from tenuto.core.references import Document
from tenuto.packs.finance.models import Problem

SHOWN = 5
"""Of many things, the ones that a message names."""


def line(problem: Problem) -> str:
    """`prices.csv:3 field: what was found; what to do [code]`."""
    where = problem.file if problem.row is None else f"{problem.file}:{problem.row}"
    field = f" {problem.field}" if problem.field else ""
    return f"{where}{field}: {problem.found}; {problem.remedy} [{problem.code}]"


def lines(problems: Sequence[Problem], count: int) -> str:
    """The first problems, one to a line, and how many of `count` are not shown."""
    shown = [f"  {line(each)}" for each in problems[:SHOWN]]
    if count > len(shown):
        shown.append(f"  and {count - len(shown)} more")
    return "\n".join(shown)


def details(
    problems: Sequence[Problem], count: int, all_problems: Document | None
) -> dict[str, object]:
    """The same for a program: `problems`, and where all of them are."""
    return {
        "count": count,
        "problems": [each.model_dump(mode="json") for each in problems],
        "all_problems": all_problems.uri if all_problems else None,
    }


def names(named: Iterable[str]) -> str:
    """The first names, and how many more there are."""
    listed = list(named)
    shown = ", ".join(f"`{name}`" for name in listed[:SHOWN])
    return shown if len(listed) <= SHOWN else f"{shown} and {len(listed) - SHOWN} more"


def moment(until: datetime | None) -> str:
    """A deadline."""
    return f"{until:%Y-%m-%d %H:%M} UTC" if until else "the deadline"
