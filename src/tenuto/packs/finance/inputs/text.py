"""Files as text cells with their row numbers: nothing is interpreted, nothing is lost."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl
from polars.exceptions import PolarsError

from tenuto.activities.heartbeat import beat
from tenuto.packs.finance.inputs.columns import Column
from tenuto.packs.finance.inputs.header import about, header_problems
from tenuto.packs.finance.models import Problem

_PARQUET = b"PAR1"
_UTF16_OR_ZIP = (b"\xff\xfe", b"\xfe\xff", b"PK\x03\x04")
_ROWS_PER_BEAT = 100_000


@dataclass(kw_only=True)
class TextTable:
    """The columns that one file has, every cell a string.

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
        return _unreadable(_empty(file))
    if data.startswith(_PARQUET):
        return _read_parquet(file, data, columns)
    if data.startswith(_UTF16_OR_ZIP):
        found, remedy = "the file is a workbook or UTF-16 text", "save it as CSV in UTF-8"
        return _unreadable(about(file, "table.file-format", found, remedy))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        row = data.count(b"\n", 0, exc.start) + 1
        found, remedy = "a byte is not UTF-8", "save the file in UTF-8"
        return _unreadable(about(file, "table.file-encoding", found, remedy, row=row))
    return _read_separated(file, text, columns)


def _read_separated(file: str, text: str, columns: Sequence[Column]) -> TextTable:
    records = _records(text)
    number, first = next(records, (1, []))
    if isinstance(first, csv.Error):
        return _unreadable(_broken_quotes(file, number, first))
    header = [name.strip() for name in first]
    if len(header) == 1 and ";" in header[0]:
        found, remedy = "columns are separated by `;`", "separate them by `,`"
        return _unreadable(about(file, "table.file-format", found, remedy))
    wrong = header_problems(file, number, header, columns) if header else [_empty(file)]
    if wrong:
        return _unreadable(*wrong)
    rows: list[list[str | None]] = []
    numbers: list[int] = []
    problems: list[Problem] = []
    for number, fields in records:
        if isinstance(fields, csv.Error):
            problems.append(_broken_quotes(file, number, fields))
            break
        if len(fields) != len(header):
            problems.append(_wrong_width(file, number, fields, header))
        numbers.append(number)
        rows.append(_fitted(fields, len(header)))
        if len(rows) % _ROWS_PER_BEAT == 0:
            beat(f"read {len(rows)} rows of {file}")
    return TextTable(cells=_cells(header, numbers, rows), problems=problems)


def _records(text: str) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Line number and fields of every line that is not blank; an error ends them."""
    first = text.split("\n", 1)[0]
    separator = "\t" if "\t" in first and "," not in first else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    while True:
        number = reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error as exc:
            yield number, exc
            return
        if fields is None:
            return
        if fields:
            yield number, fields


def _fitted(fields: list[str], width: int) -> list[str | None]:
    """The row with exactly `width` cells, those of a wrong row as far as they are certain.

    Where a row is too long, cells after the first may be shifted; where it breaks off, the last
    one may be cut.
    """
    if len(fields) == width:
        return list(fields)
    certain = fields[:1] if len(fields) > width else fields[:-1] or fields
    return [*certain, *[None] * (width - len(certain))]


def _cells(header: list[str], numbers: list[int], rows: list[list[str | None]]) -> pl.DataFrame:
    by_name = dict(zip(header, zip(*rows, strict=True), strict=True)) if rows else {}
    schema = {"row": pl.Int64, **dict.fromkeys(header, pl.String)}
    return pl.DataFrame({"row": numbers, **by_name} if rows else None, schema=schema)


def _read_parquet(file: str, data: bytes, columns: Sequence[Column]) -> TextTable:
    try:
        table = pl.read_parquet(io.BytesIO(data))
    except (PolarsError, OSError) as exc:
        found = f"not a whole Parquet file: {str(exc).splitlines()[0]}"
        return _unreadable(about(file, "table.row-truncated", found, "send it again"))
    wrong = header_problems(file, None, table.columns, columns)
    for name, dtype in table.schema.items():
        if dtype.is_float() or dtype == pl.Boolean or dtype.is_nested():
            found = f"the column holds {dtype}, which cannot hold an amount exactly"
            remedy = "write amounts as decimals or text"
            wrong.append(about(file, "table.inexact-column", found, remedy, column=name))
    if wrong:
        return _unreadable(*wrong)
    return TextTable(
        cells=table.select(
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row"),
            pl.all().cast(pl.String).fill_null(""),
        )
    )


def _wrong_width(file: str, row: int, fields: list[str], header: list[str]) -> Problem:
    found = f"{len(fields)} of {len(header)} columns"
    if len(fields) < len(header):
        return about(
            file,
            "table.row-truncated",
            f"the row breaks off after {found}",
            "send the file again, complete",
            row=row,
            column=header[len(fields)],
        )
    return about(
        file,
        "table.row-too-long",
        f"the row has {found}",
        "remove thousands separators, or quote cells that hold a comma",
        row=row,
    )


def _broken_quotes(file: str, row: int, error: csv.Error) -> Problem:
    found = f"the row cannot be read: {error}"
    remedy = 'send the file again, complete, with every `"` closed'
    return about(file, "table.row-truncated", found, remedy, row=row)


def _empty(file: str) -> Problem:
    return about(file, "table.file-empty", "the file is empty", "send it again, complete")


def _unreadable(*problems: Problem) -> TextTable:
    nothing = pl.DataFrame(schema={"row": pl.Int64})
    return TextTable(cells=nothing, problems=list(problems), is_readable=False)
