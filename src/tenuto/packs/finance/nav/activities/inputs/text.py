"""Files as text cells with their row numbers: nothing is interpreted, nothing is lost."""

import csv
import difflib
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl
from polars.exceptions import PolarsError

from tenuto.packs.finance.nav.activities.inputs.columns import Column
from tenuto.packs.finance.nav.models import Problem

_PARQUET = b"PAR1"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_ZIP = b"PK\x03\x04"


@dataclass(kw_only=True)
class TextTable:
    """The known columns of one file, every cell a string.

    A cell is None where its row was too short or too long, which is a problem already; an
    empty cell is the empty string.
    """

    cells: pl.DataFrame
    """`row` (1-based; the header of a CSV file is row 1) and one string column per column."""
    problems: list[Problem] = field(default_factory=list)
    is_readable: bool = True
    """False when nothing can be said about the rows."""


def read_text(file: str, data: bytes, columns: Sequence[Column]) -> TextTable:
    """The cells of a CSV, TSV, or Parquet file, told apart by content.

    Never raises for what is in the file: problems name it, with row and remedy.
    """
    if not data.strip():
        return _unreadable(
            columns, _about(file, "nav.file-empty", "the file is empty", "send it again, complete")
        )
    if data.startswith(_PARQUET):
        return _read_parquet(file, data, columns)
    if data.startswith(_UTF16) or data.startswith(_ZIP):
        found = "the file is a workbook or UTF-16 text"
        return _unreadable(
            columns,
            _about(file, "nav.file-format", found, "save it as CSV in UTF-8, TSV, or Parquet"),
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        row = data.count(b"\n", 0, exc.start) + 1
        problem = _about(
            file, "nav.file-encoding", "a byte is not UTF-8", "save the file in UTF-8", row=row
        )
        return _unreadable(columns, problem)
    return _read_separated(file, text, columns)


def _read_separated(file: str, text: str, columns: Sequence[Column]) -> TextTable:
    first = text.split("\n", 1)[0]
    separator = "\t" if "\t" in first and "," not in first else ","
    if separator == "," and "," not in first and ";" in first:
        return _unreadable(
            columns,
            _about(file, "nav.file-format", "columns are separated by `;`", "separate them by `,`"),
        )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[list[str | None]] = []
    numbers: list[int] = []
    problems: list[Problem] = []
    header: list[str] = []
    while True:
        number = reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error as exc:
            problems.append(_broken_quotes(file, number, exc))
            break
        if fields is None:
            break
        if not fields:
            continue
        if not header:
            header = [name.strip() for name in fields]
            wrong = _header_problems(file, number, header, columns)
            if wrong:
                return _unreadable(columns, *wrong)
            continue
        if len(fields) != len(header):
            problems.append(_wrong_width(file, number, fields, header))
        numbers.append(number)
        rows.append(_fitted(fields, len(header)))
    if not header:
        problems = problems or [
            _about(file, "nav.file-empty", "the file has no header", "send it again, complete")
        ]
        return _unreadable(columns, *problems)
    return TextTable(cells=_cells(header, numbers, rows, columns), problems=problems)


def _fitted(fields: list[str], width: int) -> list[str | None]:
    """The row with exactly `width` cells, those of a wrong row as far as they are certain.

    Where a row is too long, cells after the first may be shifted; where it breaks off, the last
    one may be cut.
    """
    if len(fields) == width:
        return list(fields)
    certain = fields[:1] if len(fields) > width else fields[:-1] or fields
    return [*certain, *[None] * (width - len(certain))]


def _cells(
    header: list[str],
    numbers: list[int],
    rows: list[list[str | None]],
    columns: Sequence[Column],
) -> pl.DataFrame:
    by_name = dict(zip(header, zip(*rows, strict=True), strict=True)) if rows else {}
    return pl.DataFrame(
        {
            "row": pl.Series(numbers, dtype=pl.Int64),
            **{
                column.name: pl.Series(by_name.get(column.name, [""] * len(rows)), dtype=pl.String)
                for column in columns
            },
        }
    )


def _read_parquet(file: str, data: bytes, columns: Sequence[Column]) -> TextTable:
    try:
        table = pl.read_parquet(io.BytesIO(data))
    except (PolarsError, OSError) as exc:
        reason = str(exc).splitlines()[0]
        problem = _about(
            file, "nav.row-truncated", f"not a whole Parquet file: {reason}", "send it again"
        )
        return _unreadable(columns, problem)
    wrong = _header_problems(file, None, table.columns, columns)
    wrong += [
        _about(
            file,
            "nav.inexact-column",
            f"the column holds {dtype}, which has lost digits already",
            "write amounts as decimals or text",
            column=name,
        )
        for name, dtype in table.schema.items()
        if dtype.is_float() or dtype == pl.Boolean or dtype.is_nested()
    ]
    if wrong:
        return _unreadable(columns, *wrong)
    return TextTable(
        cells=table.select(
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row"),
            *(
                pl.col(column.name).cast(pl.String).fill_null("")
                if column.name in table.columns
                else pl.lit("").alias(column.name)
                for column in columns
            ),
        )
    )


def _header_problems(
    file: str, row: int | None, header: Sequence[str], columns: Sequence[Column]
) -> list[Problem]:
    known = [column.name for column in columns]
    problems = []
    missing = [c.name for c in columns if c.is_required and c.name not in header]
    for name in dict.fromkeys(header):
        if name not in known:
            close = difflib.get_close_matches(name.lower(), known, n=1)
            missing = [each for each in missing if each not in close]
            remedy = f"did you mean `{close[0]}`?" if close else f"known are {', '.join(known)}"
            problems.append(
                _about(file, "nav.unknown-column", "no such column", remedy, row=row, column=name)
            )
        elif header.count(name) > 1:
            problems.append(
                _about(
                    file,
                    "nav.duplicate-column",
                    "the column is there twice",
                    "keep one of them",
                    row=row,
                    column=name,
                )
            )
    return problems + [
        _about(file, "nav.missing-column", "the column is missing", "add it", row=row, column=name)
        for name in missing
    ]


def _wrong_width(file: str, row: int, fields: list[str], header: list[str]) -> Problem:
    found = f"{len(fields)} of {len(header)} columns"
    if len(fields) < len(header):
        return _about(
            file,
            "nav.row-truncated",
            f"the row breaks off after {found}",
            "send the file again, complete",
            row=row,
            column=header[len(fields)],
        )
    return _about(
        file,
        "nav.row-too-long",
        f"the row has {found}",
        "remove thousands separators, or quote cells that hold a comma",
        row=row,
    )


def _broken_quotes(file: str, row: int, error: csv.Error) -> Problem:
    return _about(
        file,
        "nav.row-truncated",
        f"the row cannot be read: {error}",
        'send the file again, complete, with every `"` closed',
        row=row,
    )


def _about(
    file: str,
    code: str,
    found: str,
    remedy: str,
    *,
    row: int | None = None,
    column: str | None = None,
) -> Problem:
    return Problem(code=code, file=file, row=row, field=column, found=found, remedy=remedy)


def _unreadable(columns: Sequence[Column], *problems: Problem) -> TextTable:
    schema = {"row": pl.Int64, **{column.name: pl.String for column in columns}}
    return TextTable(cells=pl.DataFrame(schema=schema), problems=list(problems), is_readable=False)
