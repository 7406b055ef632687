"""What is wrong with an expression, and where."""

import difflib
from collections.abc import Iterable


class ExpressionError(Exception):
    """An expression cannot be used. It becomes a finding about the rule it stands in."""

    def __init__(self, problem: str, at: int) -> None:
        super().__init__(problem)
        self.problem = problem
        """A sentence without its point: what was found, and what to write."""
        self.at = at
        """0-based character of the expression."""


def suggestion(name: str, known: Iterable[str]) -> str:
    """`did you mean ...`, or what there is to choose from."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"did you mean `{close[0]}`?"
    listed = ", ".join(f"`{each}`" for each in names[:20])
    return f"valid are {listed}{' ...' if len(names) > 20 else ''}" if names else "there are none"
