"""What changed on a page, in a line that a person reads."""

from collections.abc import Iterator
from difflib import SequenceMatcher

_MOST = 3
_SHORT = 120


def changed_lines(before: str, after: str) -> str:
    """The first three places where the lines differ, and how many there are besides."""
    found = list(_places(before.splitlines(), after.splitlines()))
    more = f"; and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return "; ".join(found[:_MOST]) + more


def _places(before: list[str], after: list[str]) -> Iterator[str]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for kind, start, end, now_start, now_end in matcher.get_opcodes():
        if kind == "equal":
            continue
        was, now = _said(before[start:end]), _said(after[now_start:now_end])
        if kind == "replace":
            yield f"`{was}` is now `{now}`"
        else:
            yield f"new: `{now}`" if kind == "insert" else f"gone: `{was}`"


def _said(lines: list[str]) -> str:
    text = " ".join(lines)
    return text if len(text) <= _SHORT else text[: _SHORT - 3] + "..."
