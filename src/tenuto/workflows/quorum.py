"""When votes are enough: the one rule of every vote that people are asked for."""

from collections.abc import Sequence

ENDS_AT_ONCE = ("edit", "respond")
"""One of these decides, whatever others said."""


def is_decided(decisions: Sequence[str], *, need: int, veto: int, left: int | None) -> bool:
    """Whether the last of `decisions` ends it.

    `need` approvals end it, and `veto` rejections; so do fewer, where `left`, how many people may
    still vote, are too few to approve. `left` is None where that is not known.
    """
    if not decisions:
        return False
    last = decisions[-1]
    if last in ENDS_AT_ONCE:
        return True
    missing = approvals_missing(decisions, need)
    if last == "approve":
        return missing == 0
    is_vetoed = decisions.count("reject") >= veto
    return is_vetoed or (left is not None and left < missing)


def approvals_missing(decisions: Sequence[str], need: int) -> int:
    """How many people must still approve."""
    return max(0, need - decisions.count("approve"))
