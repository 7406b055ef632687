"""JSON Lines: one object a line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tenuto.activities.fetch.files.chunks import Chunk, ChunkBuilder, Misfit, OpenTable
from tenuto.activities.fetch.files.header import checked_header
from tenuto.activities.fetch.files.json_values import as_cell, as_json, parse_json
from tenuto.activities.fetch.files.lines import Lines
from tenuto.catalog.library.fetch.files import FetchFilesRequest


def read_json_lines(name: str, path: Path, request: FetchFilesRequest) -> OpenTable:
    """The table: one row a line; a key that a line does not have is an empty cell.

    Columns are all keys in order of first appearance, for which the file is read twice. Raises
    DataError `files.not-json`, and as `Lines` does.
    """

    def records() -> Iterator[tuple[int, Any, int]]:
        lines = Lines(name, path, request.encoding, request.limits.max_line_chars)
        for line in lines:
            if line.strip():
                value = parse_json(line, f"{name}, row {lines.number}")
                yield lines.number, value, lines.chars

    columns = json_columns(name, (value for _, value, _ in records()))
    return OpenTable(
        columns=columns, chunks=json_chunks(columns, records(), request.numbers.decimal_mark)
    )


def json_columns(name: str, values: Iterator[Any]) -> list[str]:
    """Every key of the objects, in order of first appearance."""
    keys: dict[str, None] = {}
    for value in values:
        if isinstance(value, dict):
            keys.update(dict.fromkeys(value))
            if len(keys) > 10_000:
                break
    return checked_header(name, None, list(keys))


def json_chunks(
    columns: list[str], records: Iterator[tuple[int, Any, int]], decimal_mark: str
) -> Iterator[Chunk]:
    """Chunks of `(row, value, characters read so far)`."""
    builder = ChunkBuilder(columns)
    for number, value, chars in records:
        if isinstance(value, dict):
            builder.add(number, [as_cell(value.get(column), decimal_mark) for column in columns])
        else:
            builder.set_aside(_not_an_object(number, value, len(columns)))
        if builder.is_full(chars):
            yield builder.build()
    yield builder.build()


def _not_an_object(number: int, value: Any, width: int) -> Misfit:
    return Misfit(
        row=number,
        code="files.not-a-record",
        found=f"`{as_json(value)[:60]}` is no object",
        remedy='write every record as an object: {"name": value}',
        cells=[None] * width,
    )
