"""Writing tables as XLSX: real numbers, nothing lost beyond them, the same bytes every time.

A spreadsheet number is a double and shows 15 digits. A value with more is written as such a
number, to calculate with, and once more as text in a column marked `(exact)`. Those columns
stand to the right of the table, so that its own columns never move.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]

from tenuto.activities.documents.figures import places_of, shortened

Cell = str | Decimal | int | date | None

DIGITS = 15
"""Significant digits that a spreadsheet number keeps."""

_BEAT_ROWS = 5_000
_ROW_PIXELS = 20
_COLOURS = ("#A3241B", "#C98A2B", "#23527C", "#A9C3DA")
"""Of the series of a stacked chart, the gravest first."""
_ONE_COLOUR = ("#23527C",)
_LONGEST_TEXT = 16_000
"""A cell holds 32,767 UTF-16 units, of which a character may take two."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: its head, and how its numbers look."""

    head: str
    width: int = 16
    """In characters."""
    places: int | None = None
    """Decimals shown; None shows as many as each value is written with."""
    is_percent: bool = False
    """Fractions shown as percent; the cell keeps the fraction."""


@dataclass(frozen=True, kw_only=True)
class SheetChart:
    """A bar chart of the spreadsheet's own, drawn from the cells of its sheet."""

    title: str
    labels: int
    """The column, by index, whose cells name the bars."""
    values: Sequence[int]
    """The columns whose cells are their lengths, or the lengths of their parts."""
    rows: int
    """How many rows it shows."""
    first: int = 1
    """The first of them; 1 is the row below the head."""
    is_stacked: bool = False


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One table. `exact` names the columns, by index, that need an exact one beside them."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    exact: Sequence[int] = ()
    charts: Sequence[SheetChart] = ()
    """To the right of the table, one below the other."""


def sheet(
    name: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    *,
    charts: Sequence[SheetChart] = (),
) -> Sheet:
    """A sheet whose exact columns follow from its rows. Charts of nothing are left out."""
    exact = [i for i in range(len(columns)) if any(is_beyond_a_double(row[i]) for row in rows)]
    drawn = [each for each in charts if min(each.rows, len(rows)) > 0]
    return Sheet(name=name, columns=columns, rows=rows, exact=exact, charts=drawn)


def is_beyond_a_double(value: Cell) -> bool:
    """Whether a spreadsheet number would lose digits of `value`."""
    return isinstance(value, Decimal) and len(shortened(value).as_tuple().digits) > DIGITS


def write_workbook(
    path: Path, sheets: Iterable[Sheet], *, title: str, dated: date, beat: Callable[[str], None]
) -> None:
    """Writes the sheets to `path`, row by row; `dated` is the only date in it.

    `beat` is called every few thousand rows. A text that no cell can hold is cut, and says so.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as workbook:
        created = datetime.combine(dated, time(), UTC).replace(tzinfo=None)
        workbook.set_properties({"title": title, "created": created})
        formats = _Formats(workbook)
        for each in sheets:
            page = workbook.add_worksheet(each.name)
            _write_sheet(page, each, formats, title, beat)
            _add_charts(workbook, page, each)


class _Formats:
    """Number formats, each made once, in the order they are first needed."""

    def __init__(self, workbook: Any) -> None:
        self._workbook = workbook
        self._numbers: dict[tuple[int, bool], Any] = {}
        top = {"valign": "top"}
        self.head = workbook.add_format(
            {"bold": True, "bottom": 1, "text_wrap": True, "bg_color": "#F3F5F9", **top}
        )
        self.text = workbook.add_format({"text_wrap": True, **top})
        self.day = workbook.add_format({"num_format": "yyyy-mm-dd", **top})
        self.exact = workbook.add_format({"align": "right", "font_color": "#5B6478", **top})

    def number(self, places: int, *, is_percent: bool = False) -> Any:
        key = (places, is_percent)
        if key not in self._numbers:
            decimals = "." + "0" * places if places else ""
            look = f"0{decimals}%" if is_percent else f"#,##0{decimals}"
            made = self._workbook.add_format({"num_format": look, "valign": "top"})
            self._numbers[key] = made
        return self._numbers[key]

    def of(self, column: Column) -> Any:
        """The format of the column's numbers; None where every number has its own."""
        if column.places is None:
            return None
        return self.number(column.places, is_percent=column.is_percent)


def _write_sheet(
    page: Any, table: Sheet, formats: _Formats, title: str, beat: Callable[[str], None]
) -> None:
    heads = [column.head for column in table.columns]
    heads += [f"{table.columns[i].head} (exact)" for i in table.exact]
    _set_up(page, table, len(heads), title)
    for i, head in enumerate(heads):
        page.write_string(0, i, head, formats.head)
    looks = [formats.of(column) for column in table.columns]
    last = 0
    for last, row in enumerate(table.rows, start=1):
        for i, value in enumerate(row):
            _write_cell(page, last, i, value, looks[i], formats)
        for at, i in enumerate(table.exact, start=len(row)):
            if is_beyond_a_double(row[i]):
                page.write_string(last, at, f"{row[i]:f}", formats.exact)
        if last % _BEAT_ROWS == 0:
            beat(f"{table.name}: {last:,} rows")
    page.autofilter(0, 0, last, len(heads) - 1)
    page.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})


def _add_charts(workbook: Any, page: Any, table: Sheet) -> None:
    at = len(table.columns) + len(table.exact) + 1
    row = 1
    for each in table.charts:
        kind = {"type": "bar", "subtype": "stacked"} if each.is_stacked else {"type": "bar"}
        chart = workbook.add_chart(kind)
        colours = _COLOURS if len(each.values) > 1 else _ONE_COLOUR
        last = each.first + each.rows - 1
        for i, column in enumerate(each.values):
            chart.add_series(
                {
                    "name": [table.name, 0, column],
                    "categories": [table.name, each.first, each.labels, last, each.labels],
                    "values": [table.name, each.first, column, last, column],
                    "fill": {"color": colours[i % len(colours)]},
                    "gap": 45,
                }
            )
        chart.set_title({"name": each.title, "name_font": {"size": 11}})
        chart.set_y_axis({"reverse": True, "num_font": {"size": 8}, "label_position": "low"})
        chart.set_x_axis({"num_font": {"size": 8}, "major_gridlines": {"visible": True}})
        chart.set_legend({"position": "bottom"} if len(each.values) > 1 else {"none": True})
        height = 120 + 22 * each.rows
        chart.set_size({"width": 640, "height": height})
        page.insert_chart(row, at, chart, {"description": each.title})
        row += height // _ROW_PIXELS + 2


def _set_up(page: Any, table: Sheet, width: int, title: str) -> None:
    for i, column in enumerate(table.columns):
        page.set_column(i, i, column.width)
    page.set_column(len(table.columns), max(width, len(table.columns)), 26)
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.set_footer("&L" + title.replace("&", "&&")[:200] + "&RPage &P of &N")


def _write_cell(page: Any, row: int, at: int, value: Cell, look: Any, formats: _Formats) -> None:
    if isinstance(value, Decimal):
        look = look or formats.number(places_of(value))
        page.write_number(row, at, float(value), look)
    elif isinstance(value, str):
        page.write_string(row, at, _fitting(value), formats.text)
    elif isinstance(value, int):
        page.write_number(row, at, value, formats.number(0))
    elif value is not None:
        page.write_datetime(row, at, value, formats.day)


def _fitting(text: str) -> str:
    if len(text) > _LONGEST_TEXT:
        return f"{text[:_LONGEST_TEXT]}... [{len(text):,} characters, in full in the stored result]"
    # In constant memory, XlsxWriter takes such a text for its own markup and does not escape it.
    return " " + text if text.startswith("<r>") and text.endswith("</r>") else text
