"""CSV and TSV."""

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

from tenuto.activities.fetch.files.chunks import Chunk, ChunkBuilder, Misfit, OpenTable
from tenuto.activities.fetch.files.header import checked_header, numbered_names
from tenuto.activities.fetch.files.lines import Lines, without_last
from tenuto.catalog.library.fetch.files import FetchFilesRequest
from tenuto.core.errors import DataError

Record = tuple[int, list[str]]


def read_separated(name: str, path: Path, request: FetchFilesRequest) -> OpenTable:
    """The table, its rows numbered by the line each begins on.

    Raises DataError `files.empty`, `files.bad-header`, `files.row-unreadable` (a quote that is
    never closed, a cell over 131,072 characters), and as `Lines` does.
    """
    lines = Lines(name, path, request.encoding, request.limits.max_line_chars)
    records = without_last(_records(name, lines, request), request.footer_rows)
    first = next(records, None)
    if first is None:
        raise DataError(f"{name} is empty; have it sent again, complete", code="files.empty")
    if request.has_header:
        columns = checked_header(name, first[0], first[1])
    else:
        columns = numbered_names(name, len(first[1]), request)
        records = itertools.chain([first], records)
    return OpenTable(columns=columns, chunks=_chunks(columns, records, lines))


def _records(name: str, lines: Lines, request: FetchFilesRequest) -> Iterator[Record]:
    """Line number and cells of every line that is not blank."""
    text = iter(lines)
    for _ in itertools.islice(text, request.skip_rows):
        pass
    reader = csv.reader(
        text,
        delimiter="\t" if request.format == "tsv" else request.delimiter or ",",
        quotechar=request.quote or None,
        quoting=csv.QUOTE_MINIMAL if request.quote else csv.QUOTE_NONE,
        strict=True,
    )
    while True:
        number = lines.number + 1
        try:
            cells = next(reader, None)
        except csv.Error as exc:
            raise DataError(
                f"{name}, row {number}: the row cannot be read: {exc}; have the file sent again "
                "with every quote closed, or correct `quote` and `delimiter`",
                code="files.row-unreadable",
                details={"file": name, "row": number},
            ) from exc
        if cells is None:
            return
        if cells:
            yield number, cells


def _chunks(columns: list[str], records: Iterator[Record], lines: Lines) -> Iterator[Chunk]:
    builder = ChunkBuilder(columns)
    for number, cells in records:
        if len(cells) == len(columns):
            builder.add(number, cells)
        else:
            builder.set_aside(_misfit(number, cells, columns))
        if builder.is_full(lines.chars):
            yield builder.build()
    yield builder.build()


def _misfit(number: int, cells: list[str], columns: list[str]) -> Misfit:
    found = f"{len(cells)} cells where the file has {len(columns)} columns"
    if len(cells) < len(columns):
        return Misfit(
            row=number,
            code="files.row-too-short",
            found=f"the row breaks off: {found}",
            remedy="have the file sent again, complete",
            cells=[*cells, *[None] * (len(columns) - len(cells))],
        )
    return Misfit(
        row=number,
        code="files.row-too-long",
        found=found,
        remedy="quote cells that hold the delimiter, or correct `delimiter`",
        cells=list(cells[: len(columns)]),
    )
