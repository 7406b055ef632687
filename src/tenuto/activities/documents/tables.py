"""Tables of a PDF as words, for `template/table.typ`."""

from collections.abc import Sequence
from typing import Any

from tenuto.activities.documents.figures import count

Cell = str | dict[str, Any]
"""Words, or what `cell` makes."""


def cell(text: str, *notes: str, is_strong: bool = False, is_code: bool = False) -> dict[str, Any]:
    """Words with smaller lines below them; `is_code` for hashes. Empty lines are left out."""
    return {
        "text": text,
        "notes": [note for note in notes if note],
        "is_strong": is_strong,
        "is_code": is_code,
    }


def column(head: str, *, share: int = 0, is_number: bool = False) -> dict[str, Any]:
    """`share` of the width that is left over; 0 is as wide as its widest cell."""
    return {"head": head, "share": share, "is_number": is_number}


def number(head: str) -> dict[str, Any]:
    """A column of figures."""
    return column(head, is_number=True)


def table(
    columns: Sequence[dict[str, Any]],
    rows: Sequence[Sequence[Cell]],
    *,
    empty: str = "None.",
    rest: str | None = None,
    totals: int = 0,
) -> dict[str, Any]:
    """A table; `empty` stands in place of one without rows, `rest` below it.

    The last `totals` rows are totals.
    """
    return {
        "columns": list(columns),
        "rows": [list(row) for row in rows],
        "empty": empty,
        "rest": rest,
        "totals": list(range(len(rows) - totals, len(rows))),
    }


def rest_of(
    whole: int, shown: int, one: str, many: str, where: str = "in the workbook"
) -> str | None:
    """`12 more breaks, in the workbook`; None when all are shown."""
    more = whole - shown
    return f"{count(more, f'more {one}', f'more {many}')}, {where}." if more > 0 else None
