"""A report as files: a PDF to read, a workbook to calculate with."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.activities.documents.figures import places_of, shortened, words
from tenuto.activities.documents.frames import Head, frame_sheets
from tenuto.activities.documents.stored import put_pdf, put_workbook
from tenuto.activities.documents.tables import column, table
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Dataset, Document
from tenuto.packs.reports.activities.tables import kind_of
from tenuto.packs.reports.definition import Report
from tenuto.packs.reports.rendering.figures import Figures
from tenuto.packs.reports.rendering.missing import is_missing
from tenuto.packs.reports.rendering.rows import Rows

TEMPLATE = "packs/reports/template/report.typ"
_NUMBERS = ("int", "decimal", "float")
_FLOAT_PLACES = 4
_LONGEST_SHEET_NAME = 28
_WIDE = {"text": 28, "datetime": 20}


def put_report_pdf(
    store: ArtifactStore,
    report: Report,
    tables: Mapping[str, Rows],
    kinds: Mapping[str, Mapping[str, str]],
    charts: Sequence[Mapping[str, Any]],
    *,
    about: str,
    dated: date,
    figures: Figures,
) -> Document:
    """The rows that are shown and the charts, as PDF/A."""
    content = {
        "name": report.name,
        "plain_title": report.heading,
        "title": words(report.heading),
        "about": words(about),
        "description": words(report.description),
        "charts": list(charts),
        "tables": [_table(name, rows, kinds[name], figures) for name, rows in tables.items()],
    }
    return put_pdf(store, TEMPLATE, content, name=f"{report.name}.pdf", dated=dated)


def put_report_workbook(
    store: ArtifactStore, report: Report, tables: Mapping[str, Dataset], *, dated: date
) -> Document:
    """All rows of every query, a sheet each; a cell without a value stays empty."""
    sheets = [
        each for name, table in tables.items() for each in _sheets(name, store.get_table(table))
    ]
    return put_workbook(
        store, sheets, name=f"{report.name}.xlsx", title=report.heading, dated=dated
    )


def _table(name: str, rows: Rows, kinds: Mapping[str, str], figures: Figures) -> dict[str, Any]:
    columns = [
        column(words(each), share=int(kinds[each] == "text"), is_number=kinds[each] in _NUMBERS)
        for each in rows.columns
    ]
    cells = {each: _cells(rows, each, figures) for each in rows.columns}
    shown = [list(each) for each in zip(*cells.values(), strict=True)]
    more = rows.more
    rest = f"and {more:,} more {'row' if more == 1 else 'rows'}" if more else None
    return {
        "title": words(name.replace("_", " ").capitalize()),
        **table(columns, shown, empty="No rows.", rest=rest),
    }


def _cells(rows: Rows, name: str, figures: Figures) -> list[str]:
    """A column of numbers has as many decimals everywhere as its longest value."""
    values = [row[name] for row in rows]
    present = [each for each in values if not is_missing(each)]
    if (
        not present
        or isinstance(present[0], bool | str)
        or not isinstance(present[0], int | float | Decimal)
    ):
        return [words(figures.text(each)) for each in values]
    places = max(_places(each) for each in present)
    return [words(str(figures.number(each, places))) for each in values]


def _places(value: float | Decimal) -> int:
    if isinstance(value, float):
        return min(places_of(shortened(Decimal(repr(value)))), _FLOAT_PLACES)
    return places_of(shortened(Decimal(value)))


def _sheets(name: str, frame: pl.DataFrame) -> Any:
    exact = frame.with_columns(
        pl.col(each).map_elements(_exact, return_dtype=pl.Decimal(38, 10))
        for each, dtype in frame.schema.items()
        if dtype.is_float()
    )
    plain = exact.with_columns(
        pl.col(each).cast(pl.String)
        for each, dtype in exact.schema.items()
        if kind_of(dtype) == "text" and dtype != pl.String
    )
    heads = {
        each: Head(head=each, width=_WIDE.get(kind_of(dtype), 16))
        for each, dtype in plain.schema.items()
    }
    return frame_sheets(name[:_LONGEST_SHEET_NAME], plain, heads)


def _exact(value: float) -> Decimal | None:
    number = Decimal(repr(value))
    return round(number, 10) if number.is_finite() and abs(number) < Decimal("1e27") else None
