"""Excel workbooks: xlsx, xlsm, and the old xls."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import fastexcel
import polars as pl

from tenuto.activities.fetch.files.chunks import ROWS, Chunk, Misfit, OpenTable, text_chunk
from tenuto.activities.fetch.files.header import checked_header, numbered_names
from tenuto.activities.fetch.files.json_values import plain_number
from tenuto.activities.fetch.files.native import native_reader
from tenuto.activities.fetch.files.workbook import error_cells, repacked
from tenuto.catalog.library.fetch.files import FetchFilesRequest
from tenuto.core.errors import DataError

_MIDNIGHT = re.compile(r"(\d{4}-\d{2}-\d{2}) 00:00:00")
_EXCEL_DIGITS = 15
"""Significant digits of a number in Excel; further ones are noise of the binary form."""

Row = Sequence[str | None]


def read_excel(name: str, path: Path, request: FetchFilesRequest) -> OpenTable:
    """The table of one sheet, as text: numbers to 15 digits, dates in ISO form, `true`/`false`.

    Rows are numbered as the sheet shows them. A formula gives the value that was saved with it;
    a cell with an error such as `#DIV/0!` makes its row a misfit. Raises DataError
    `files.damaged`, `files.no-sheet`, `files.empty`, `files.bad-header`, and as `repacked` does.
    """
    plain = repacked(name, path, request.limits)
    rows, sheet, errors = _cells(name, plain, request)
    filled = [(n, row) for n, row in enumerate(rows, start=1) if any(cell for cell in row)]
    filled = [each for each in filled if each[0] > request.skip_rows]
    if request.footer_rows:
        filled = filled[: -request.footer_rows]
    if not filled:
        raise DataError(
            f"{name}: the sheet `{sheet}` is empty; name another in `sheet`", code="files.empty"
        )
    if request.has_header:
        number, header = filled.pop(0)
        width = max(index for index, cell in enumerate(header, start=1) if cell)
        columns = checked_header(name, number, header[:width])
    else:
        columns = numbered_names(name, len(filled[0][1]), request)
    return OpenTable(columns=columns, chunks=_chunks(columns, filled, errors))


def _cells(
    name: str, path: Path, request: FetchFilesRequest
) -> tuple[list[Row], str, dict[int, str]]:
    """Every row of the sheet from row 1 and column A, the sheet's name, and its error cells."""
    with native_reader(name, "workbook", fastexcel.FastExcelError):
        workbook = fastexcel.read_excel(path)
        sheets = list(workbook.sheet_names)
    sheet = request.sheet or sheets[0]
    if sheet not in sheets:
        raise DataError(
            f"{name} has no sheet `{sheet}`; valid are "
            + ", ".join(f"`{each}`" for each in sheets[:20]),
            code="files.no-sheet",
        )
    errors = error_cells(name, path, sheet)
    with native_reader(name, "workbook", fastexcel.FastExcelError):
        texts, numbers = (_loaded(workbook, sheet, dtype) for dtype in ("string", "float"))
    columns = [
        [_cell(text, number) for text, number in zip(texts[each], numbers[each], strict=True)]
        for each in texts.columns
    ]
    return list(zip(*columns, strict=True)), sheet, errors


def _loaded(workbook: Any, sheet: str, dtype: str) -> pl.DataFrame:
    loaded: pl.DataFrame = workbook.load_sheet(
        sheet, header_row=None, skip_rows=0, dtypes=dtype
    ).to_polars()
    return loaded


def _cell(text: str | None, number: float | None) -> str | None:
    """The cell as a person reads it.

    The library writes numbers with nine decimals, which adds digits to large ones and takes
    them from small ones. So a cell that reads like its number written that way is that number.
    """
    if text is None:
        return None
    if number is not None and text == _as_the_library_writes(number):
        return plain_number(f"{number:.{_EXCEL_DIGITS}g}")
    midnight = _MIDNIGHT.fullmatch(text)
    return midnight[1] if midnight else text


def _as_the_library_writes(number: float) -> str:
    text = f"{number:.9f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _chunks(
    columns: list[str], rows: list[tuple[int, Row]], errors: dict[int, str]
) -> Iterator[Chunk]:
    width = len(columns)
    for begin in range(0, max(len(rows), 1), ROWS):
        numbers: list[int] = []
        whole: list[Row] = []
        misfits: list[Misfit] = []
        for number, row in rows[begin : begin + ROWS]:
            cells = [*row[:width], *[None] * (width - len(row))]
            misfit = _misfit(number, cells, errors.get(number), has_more=any(row[width:]))
            if misfit is None:
                numbers.append(number)
                whole.append(cells)
            else:
                misfits.append(misfit)
        yield text_chunk(columns, numbers, whole, misfits)


def _misfit(
    number: int, cells: list[str | None], error: str | None, *, has_more: bool
) -> Misfit | None:
    if error is not None:
        return Misfit(
            row=number,
            code="files.error-cell",
            found=error,
            remedy="correct the formula and save the workbook again",
            cells=cells,
        )
    if has_more:
        return Misfit(
            row=number,
            code="files.row-too-long",
            found=f"the row has a cell beyond the {len(cells)} columns of the header",
            remedy="name the column in the header, or clear the cell",
            cells=cells,
        )
    return None
