"""Reports read back: the words of a PDF, the rows and charts of a workbook."""

import io
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl  # type: ignore[import-untyped]
import pypdf

from tenuto.activities.documents.pdf import render_pdf
from tenuto.activities.documents.workbook import Sheet, write_workbook

HOSTILE = (
    '#panic("x") *b* $1/0$ `raw` @ref <l> // \\',
    '=HYPERLINK("http://evil.example/","x")',
    "ctrl \x00\x07\x1b[31m end",
    "\u202eright to left\u202c \u05d0\u05d1\u05d2",
    "<r><t>x</t></r>",
    "long " * 2_000,
    "X" * 10_000,
)
"""Names that somebody might put into an input file."""


def text_of(template: str, said: dict[str, Any], dated: date) -> str:
    """The words of the PDF, on one line, as a person reads them."""
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(template, said, dated=dated)))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def book_of(folder: Path, sheets: Iterable[Sheet], dated: date) -> Any:
    path = folder / "report.xlsx"
    write_workbook(path, sheets, title="Report", dated=dated, beat=lambda _: None)
    return openpyxl.load_workbook(path)


def rows_of(book: Any, name: str) -> list[dict[str, Any]]:
    head, *rows = book[name].iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def charts_of(folder: Path) -> dict[str, str]:
    """Each chart of the workbook, as the XML that a spreadsheet draws."""
    with ZipFile(folder / "report.xlsx") as archive:
        names = sorted(name for name in archive.namelist() if name.startswith("xl/charts/chart"))
        return {name: archive.read(name).decode() for name in names}


def assert_harmless(book: Any, folder: Path) -> None:
    """No cell is a formula or a link, and nothing in the file points outside of it."""
    for page in book:
        for row in page.iter_rows():
            assert {cell.data_type for cell in row} <= {"s", "n", "d", "inlineStr"}
            assert not any(cell.hyperlink for cell in row)
    with ZipFile(folder / "report.xlsx") as archive:
        targets = [archive.read(n) for n in archive.namelist() if n.endswith(".rels")]
    assert not any(b'TargetMode="External"' in each for each in targets)
