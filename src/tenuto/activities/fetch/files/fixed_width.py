"""Lines cut into columns by position."""

import itertools
from collections.abc import Iterator
from pathlib import Path

from tenuto.activities.fetch.files.chunks import Chunk, ChunkBuilder, Misfit, OpenTable
from tenuto.activities.fetch.files.lines import Lines, without_last
from tenuto.catalog.library.fetch.files import FetchFilesRequest, FileColumn


def read_fixed_width(name: str, path: Path, request: FetchFilesRequest) -> OpenTable:
    """The table: one row a line, cells without surrounding blanks. Positions count characters.

    `has_header` means nothing here: skip heading lines with `skip_rows`. Raises as `Lines` does.
    """
    lines = Lines(name, path, request.encoding, request.limits.max_line_chars)
    columns = [column.name for column in request.columns]
    return OpenTable(columns=columns, chunks=_chunks(columns, lines, request))


def _chunks(columns: list[str], lines: Lines, request: FetchFilesRequest) -> Iterator[Chunk]:
    spans = [_span(column) for column in request.columns]
    builder = ChunkBuilder(columns)
    for number, line in _numbered(lines, request):
        cells = [line[start:end].strip() for start, end in spans]
        wrong = _wrong_length(line, request)
        if wrong is None:
            builder.add(number, cells)
        else:
            remedy = "have the file sent again, complete, or correct `columns`"
            builder.set_aside(
                Misfit(
                    row=number,
                    code="files.row-too-short",
                    found=wrong,
                    remedy=remedy,
                    cells=list(cells),
                )
            )
        if builder.is_full(lines.chars):
            yield builder.build()
    yield builder.build()


def _numbered(lines: Lines, request: FetchFilesRequest) -> Iterator[tuple[int, str]]:
    """Number and text of every line that is not blank, without heading and footer."""
    text = enumerate((line.rstrip("\r\n") for line in lines), start=1)
    body = itertools.islice(text, request.skip_rows, None)
    filled = ((number, line) for number, line in body if line.strip())
    return without_last(filled, request.footer_rows)


def _span(column: FileColumn) -> tuple[int, int]:
    start = (column.start or 1) - 1
    return start, start + (column.width or 0)


def _wrong_length(line: str, request: FetchFilesRequest) -> str | None:
    if request.line_width is not None:
        if len(line) != request.line_width:
            return f"the line has {len(line)} characters, expected {request.line_width}"
        return None
    for column in request.columns:
        start, end = _span(column)
        # Senders cut blanks off the end; a number that is cut would be another number.
        if column.kind != "text" and start < len(line) < end:
            return f"the line breaks off inside the column `{column.name}`"
    return None
