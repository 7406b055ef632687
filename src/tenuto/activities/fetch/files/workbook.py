"""Workbooks as archives: unpacked within limits before anything parses them."""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from defusedxml import ElementTree  # type: ignore[import-untyped]
from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]

from tenuto.activities.fetch.files.expanding import checked_entries, damage, refuse_growth
from tenuto.activities.heartbeat import beat
from tenuto.catalog.library.fetch.sources import ReadLimits
from tenuto.core.errors import DataError

_CHUNK = 1024 * 1024
_ZIP = b"PK\x03\x04"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ERROR_CELL = re.compile(
    rb'<c\s(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})(\d{1,7})"[^>]*>'
    rb".{0,8192}?<v>([^<]{1,40})</v>",
    re.DOTALL,
)
_CELL = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_OVERLAP = 16_384
_MOST_CELLS = 20_000_000


def repacked(name: str, path: Path, limits: ReadLimits) -> Path:
    """The same workbook, its parts as they came out here, so that no part is a bomb.

    A parser may unpack more than an archive admits to. A workbook that is no archive (xls) is
    returned as it is; it has at most 65,536 rows of 256 columns. Raises DataError `files.bomb`,
    `files.too-large`, `files.damaged`, `files.zip-name`, `files.zip-encrypted`.
    """
    with path.open("rb") as file:
        if file.read(4) != _ZIP:
            return path
    plain = path.with_name(f"{path.name}.plain.xlsx")
    size = 0
    with (
        damage(name, "workbook"),
        zipfile.ZipFile(path) as archive,
        zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as copy,
    ):
        packed = path.stat().st_size
        for entry in checked_entries(name, archive, limits):
            clean = zipfile.ZipInfo(entry.filename)
            with archive.open(entry) as source, copy.open(clean, "w", force_zip64=True) as target:
                while piece := source.read(_CHUNK):
                    size += len(piece)
                    refuse_growth(name, size, packed, limits)
                    target.write(piece)
                    beat(f"unpacking {name}")
    return plain


def error_cells(name: str, path: Path, sheet: str) -> dict[int, str]:
    """Row of a sheet of an xlsx -> the first error in it, in words; nothing for an xls.

    Raises DataError `files.too-large` when the sheet spans more cells than a parser, which
    makes room for all of them, has memory for; `files.wrong-format` for another archive.
    """
    if not zipfile.is_zipfile(path):
        return {}
    found: dict[int, str] = {}
    last_row = last_column = 1
    with zipfile.ZipFile(path) as archive, archive.open(_part_of(name, archive, sheet)) as file:
        for piece in _pieces(file):
            for match in _CELL.finditer(piece):
                last_row = max(last_row, int(match[2]))
                last_column = max(last_column, _column_number(match[1]))
                if last_row * last_column > _MOST_CELLS:
                    raise _too_wide(name, sheet, match[0])
            for match in _ERROR_CELL.finditer(piece):
                cell, error = match[1] + match[2], match[3]
                said = f"cell {cell.decode()} holds the error {error.decode(errors='replace')}"
                found.setdefault(int(match[2]), said)
    return found


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _too_wide(name: str, sheet: str, cell: bytes) -> DataError:
    reached = cell.decode().partition('"')[2].rstrip('"')
    return DataError(
        f"{name}: the sheet `{sheet}` reaches to cell {reached}, which spans more than "
        f"{_MOST_CELLS} cells; delete what lies outside of the table, or send CSV",
        code="files.too-large",
        details={"file": name},
    )


def _part_of(name: str, archive: zipfile.ZipFile, sheet: str) -> str:
    parts = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= parts:
        raise _no_xlsx(name, "it is another kind of archive")
    try:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"), forbid_dtd=True)
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException) as exc:
        raise _no_xlsx(name, str(exc)) from exc
    targets = {each.get("Id"): each.get("Target", "") for each in links}
    for each in book.iter():
        if each.tag.endswith("}sheet") and each.get("name") == sheet:
            target = targets.get(each.get(_RELATION), "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if part in parts:
                return part
    raise _no_xlsx(name, f"it says nothing of where the sheet `{sheet}` is")


def _no_xlsx(name: str, why: str) -> DataError:
    return DataError(
        f"{name} is no xlsx workbook: {why}; have it saved again as xlsx",
        code="files.damaged",
        details={"file": name},
    )


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """A part in overlapping pieces, so that no cell is cut; it is never held as a whole."""
    held = b""
    while piece := file.read(_CHUNK):
        held += piece
        yield held
        held = held[-_OVERLAP:]
