"""A JSON document that holds a list of records."""

from pathlib import Path
from typing import Any

from tenuto.activities.fetch.files.chunks import OpenTable
from tenuto.activities.fetch.files.json_lines import json_chunks, json_columns
from tenuto.activities.fetch.files.json_values import parse_json
from tenuto.catalog.library.fetch.files import FetchFilesRequest
from tenuto.core.errors import DataError

MAX_BYTES = 256 * 1024 * 1024
"""A document is read as a whole; larger ones come as JSON Lines."""


def read_json_document(name: str, path: Path, request: FetchFilesRequest) -> OpenTable:
    """The table: one row a record, rows numbered by place in the list.

    Raises DataError `files.too-large`, `files.encoding`, `files.not-json`, `files.no-records`.
    """
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise DataError(
            f"{name} has {size} bytes, too many to read as one document (limit {MAX_BYTES}); "
            "have it sent as JSON Lines",
            code="files.too-large",
        )
    try:
        text = path.read_text(encoding=request.encoding)
    except UnicodeError as exc:
        raise DataError(
            f"{name}: a byte is not {request.encoding}; correct `encoding`",
            code="files.encoding",
        ) from exc
    value = parse_json(text.removeprefix("\ufeff"), name)
    records = _records(name, value, request.records_key)
    columns = json_columns(name, iter(records))
    numbered = ((number, each, number * 100) for number, each in enumerate(records, start=1))
    return OpenTable(
        columns=columns, chunks=json_chunks(columns, numbered, request.numbers.decimal_mark)
    )


def _records(name: str, value: Any, key: str | None) -> list[Any]:
    for part in key.split(".") if key else ():
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, list):
        return value
    keys = list(value)[:10] if isinstance(value, dict) else []
    held = ", ".join(f"`{each[:60]}`" for each in keys)
    raise DataError(
        f"{name}: no list of records stands at {key or 'the top'}"
        + (f", but an object with {held}" if held else "")
        + "; name the list in `records_key`, for example `data.rows`",
        code="files.no-records",
        details={"file": name},
    )
