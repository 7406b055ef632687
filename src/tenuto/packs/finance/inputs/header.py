"""Whether a file has the columns it must have, and none that nobody knows."""

import difflib
from collections.abc import Sequence

from tenuto.packs.finance.inputs.columns import Column
from tenuto.packs.finance.models import Problem


def header_problems(
    file: str, row: int | None, header: Sequence[str], columns: Sequence[Column]
) -> list[Problem]:
    """Unknown columns with the nearest known one, columns given twice, and missing ones."""
    known = [column.name for column in columns]
    missing = [each.name for each in columns if each.is_required and each.name not in header]
    problems = []
    for name in dict.fromkeys(header):
        if name not in known:
            close = difflib.get_close_matches(name.lower(), known, n=1)
            missing = [each for each in missing if each not in close]
            remedy = f"did you mean `{close[0]}`?" if close else f"known are {', '.join(known)}"
            code, found = "table.unknown-column", "no such column"
        elif header.count(name) > 1:
            code, found = "table.duplicate-column", "the column is there twice"
            remedy = "keep one of them"
        else:
            continue
        problems.append(about(file, code, found, remedy, row=row, column=name))
    return problems + [
        about(file, "table.missing-column", "the column is missing", "add it", row=row, column=name)
        for name in missing
    ]


def about(
    file: str,
    code: str,
    found: str,
    remedy: str,
    *,
    row: int | None = None,
    column: str | None = None,
) -> Problem:
    """A problem of a file, of one of its rows, or of one of its columns."""
    return Problem(code=code, file=file, row=row, field=column, found=found, remedy=remedy)
