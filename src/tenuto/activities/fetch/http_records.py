"""The records of one answer as a table of text, then typed as the caller declared."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from tenuto.activities.fetch.columns import typed
from tenuto.activities.fetch.http_json import Json, as_text, at_path, read_json
from tenuto.activities.http import HttpResponse
from tenuto.catalog.library.fetch.columns import ColumnSpec
from tenuto.catalog.library.fetch.http import FetchHttpRequest
from tenuto.core.errors import DataError


@dataclass(frozen=True)
class Page:
    """One answer, read."""

    answer: HttpResponse
    content: Json
    """The JSON of the whole answer; None for CSV."""
    rows: int
    table: pl.DataFrame
    seen: frozenset[str]
    """Names of the declared columns that at least one record had."""


def read_page(
    request: FetchHttpRequest, answer: HttpResponse, where: str, rows_before: int
) -> Page:
    """The records of an answer. Raises DataError naming what is wrong with which record."""
    if request.format == "csv":
        content, columns = None, _csv_columns(request, answer, where, rows_before)
        rows = len(next(iter(columns.values()), ()))
        seen = frozenset(columns)
    else:
        content = read_json(answer, where)
        records = _records(content, request.records, where)
        rows = len(records)
        columns, seen = _json_columns(records, request.columns)
    if rows and not columns:
        raise DataError(
            f"{where} has {rows} records without a single field; declare `columns`, or correct "
            "`records`",
            code="fetch.no-columns",
        )
    texts = {name: pl.Series(name, values, dtype=pl.String) for name, values in columns.items()}
    if request.columns:
        declared = [
            typed(each, texts[each.name], rows_before=rows_before) for each in request.columns
        ]
        return Page(answer, content, rows, pl.DataFrame(declared), seen)
    return Page(answer, content, rows, pl.DataFrame(texts), seen)


def _records(content: Json, path: str, where: str) -> list[dict[str, Any]]:
    try:
        records = at_path(content, path)
    except KeyError as exc:
        has = f" (it has {_keys(content)})" if isinstance(content, dict) else ""
        raise DataError(
            f"{where} has nothing at `{path}`{has}; correct `records`, the dotted path to the list",
            code="fetch.records-not-found",
        ) from exc
    if not isinstance(records, list):
        has = f" with {_keys(records)}" if isinstance(records, dict) else ""
        raise DataError(
            f"{where} has {_kind(records)}{has} at `{path}`, expected a list; say in `records` "
            "where the list is",
            code="fetch.records-not-found",
        )
    wrong = next((each for each in records if not isinstance(each, dict)), None)
    if wrong is not None or None in records:
        raise DataError(
            f"{where} has {_kind(wrong)} in the list at `{path}`, expected objects; say in "
            "`records` where the list of objects is",
            code="fetch.record-not-an-object",
        )
    return records


def _json_columns(
    records: list[dict[str, Any]], declared: Sequence[ColumnSpec]
) -> tuple[dict[str, list[str | None]], frozenset[str]]:
    if not declared:
        names = dict.fromkeys(name for record in records for name in record)
        found = {name: [as_text(record.get(name)) for record in records] for name in names}
        return found, frozenset(names)
    columns = {
        each.name: [_cell(record, each.source_name) for record in records] for each in declared
    }
    seen = {name for name, cells in columns.items() if any(cell is not _ABSENT for cell in cells)}
    texts = {
        name: [None if cell is _ABSENT else as_text(cell) for cell in cells]
        for name, cells in columns.items()
    }
    return texts, frozenset(seen)


_ABSENT: Any = object()


def _cell(record: dict[str, Any], path: str) -> Any:
    try:
        return at_path(record, path)
    except KeyError:
        return _ABSENT


def _csv_columns(
    request: FetchHttpRequest, answer: HttpResponse, where: str, rows_before: int
) -> dict[str, list[str | None]]:
    header, lines = _csv_lines(answer, request.separator, where)
    if not header and rows_before == 0:
        raise DataError(
            f"{where} answered with nothing, expected CSV with a header line; check what it serves",
            code="fetch.csv-empty",
        )
    cells = dict(zip(header, zip(*lines, strict=True), strict=True)) if lines else {}
    columns: dict[str, list[str | None]] = {name: list(cells.get(name, ())) for name in header}
    if not request.columns:
        return columns
    return {each.name: _csv_column(each, columns, header, where) for each in request.columns}


def _csv_column(
    wanted: ColumnSpec, columns: dict[str, list[str | None]], header: list[str], where: str
) -> list[str | None]:
    if not header:
        return []
    if wanted.source_name not in columns:
        raise DataError(
            f"{where} has no column `{wanted.source_name}`; it has {_keys(columns)}. Correct "
            f"`source` of column `{wanted.name}`",
            code="fetch.column-missing",
            details={"column": wanted.name},
        )
    cells = columns[wanted.source_name]
    return cells if wanted.kind == "text" else [cell or None for cell in cells]


def _csv_lines(
    answer: HttpResponse, separator: str, where: str
) -> tuple[list[str], list[list[str]]]:
    try:
        text = answer.body.decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        header, *lines = [line for line in reader if line] or [[]]
    except (UnicodeDecodeError, csv.Error) as exc:
        raise DataError(
            f"{where} did not answer with CSV in UTF-8 ({exc}); check what it serves",
            code="fetch.csv-unreadable",
        ) from exc
    if len(set(header)) != len(header) or "" in header:
        raise DataError(
            f"{where} has a header line with an empty or repeated name: {', '.join(header)[:200]}; "
            "every column needs a name of its own",
            code="fetch.csv-header",
        )
    for number, line in enumerate(lines, start=1):
        if len(line) != len(header):
            raise DataError(
                f"Record {number} of {where} has {len(line)} cells, and the header has "
                f"{len(header)}; ask for the file again, or check its `separator`",
                code="fetch.csv-row-width",
                details={"record": number},
            )
    return header, lines


def _keys(found: dict[str, Any]) -> str:
    names = [f"`{name[:40]}`" for name in list(found)[:20]]
    return ", ".join(names) + (", ..." if len(found) > 20 else "") if names else "no keys"


def _kind(value: Json) -> str:
    names = {dict: "an object", list: "a list", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number or text")
