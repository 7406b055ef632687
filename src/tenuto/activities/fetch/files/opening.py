"""From the declared format to its reader, and a check that the file is what it says."""

from collections.abc import Callable
from pathlib import Path

from tenuto.activities.fetch.files.chunks import OpenTable
from tenuto.activities.fetch.files.excel import read_excel
from tenuto.activities.fetch.files.fixed_width import read_fixed_width
from tenuto.activities.fetch.files.json_document import read_json_document
from tenuto.activities.fetch.files.json_lines import read_json_lines
from tenuto.activities.fetch.files.parquet import read_parquet
from tenuto.activities.fetch.files.separated import read_separated
from tenuto.catalog.library.fetch.files import FetchFilesRequest, FileFormat
from tenuto.core.errors import DataError

_READERS: dict[FileFormat, Callable[[str, Path, FetchFilesRequest], OpenTable]] = {
    "csv": read_separated,
    "tsv": read_separated,
    "fixed_width": read_fixed_width,
    "excel": read_excel,
    "json": read_json_document,
    "jsonl": read_json_lines,
    "parquet": read_parquet,
}
_STARTS = {
    b"PK\x03\x04": "a zip archive or an Excel workbook",
    b"PK\x05\x06": "an empty zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook, or one with a password",
    b"\x1f\x8b": "a gzip file",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
    b"BZh": "a bzip2 file",
    b"\x28\xb5\x2f\xfd": "a zstd file",
}
_EXPECTED = {
    "excel": (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"),
    "parquet": (b"PAR1",),
}


def open_table(name: str, path: Path, request: FetchFilesRequest) -> OpenTable:
    """The columns of one plain file, and its rows to come.

    Raises DataError `files.wrong-format`, `files.empty`, and as the format's reader does.
    """
    refuse_other_kind(name, path, request.format, _EXPECTED.get(request.format, ()))
    return _READERS[request.format](name, path, request)


def refuse_other_kind(name: str, path: Path, kind: str, expected: tuple[bytes, ...] = ()) -> None:
    """Raises DataError `files.wrong-format` when the first bytes are those of another format.

    `expected` are the possible first bytes of a binary format; none for text.
    """
    with path.open("rb") as file:
        start = file.read(16)
    if not start:
        raise DataError(f"{name} is empty; have it sent again, complete", code="files.empty")
    if expected and start.startswith(expected):
        return
    is_what = next((what for magic, what in _STARTS.items() if start.startswith(magic)), None)
    if is_what is None and not expected:
        return
    raise DataError(
        f"{name} is {is_what or 'something else'}, not {kind}, whatever its name says; correct "
        "`format` or `compression`, or have it sent again",
        code="files.wrong-format",
        details={"file": name},
    )
