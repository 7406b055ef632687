"""One side's records, from whatever was delivered to a typed table and its problems."""

import csv
import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import DataError
from tenuto.core.references import Dataset, Reference
from tenuto.packs.finance.inputs import columns as inputs
from tenuto.packs.finance.inputs.cells import typed
from tenuto.packs.finance.inputs.text import read_text
from tenuto.packs.finance.models import Problem
from tenuto.packs.finance.reconciliation.activities.datasets import columns_of
from tenuto.packs.finance.reconciliation.handoffs import CollectedSide
from tenuto.packs.finance.reconciliation.rules import RecRules
from tenuto.packs.finance.reconciliation.side_rules import RecField, SideRules

PROBLEMS = {
    "file": pl.String,
    "row": pl.Int64,
    "field": pl.String,
    "code": pl.String,
    "found": pl.String,
    "remedy": pl.String,
}
_PARQUET = b"PAR1"
_NUMBERING = ("row", "file")
"""Columns that our own tables have beside the fields."""


@dataclass(frozen=True, kw_only=True)
class ReadRecords:
    """One delivered table."""

    records: Dataset
    columns: dict[str, str]
    row_column: str | None
    problems: list[Problem]


def collect_side(
    rules: RecRules, side: SideRules, source: Reference, store: ArtifactStore
) -> CollectedSide:
    """The side as matching reads it. Raises DataError when nothing can be said about its rows."""
    file = source.name or side.name
    read = read_records(rules, side, source, store)
    return CollectedSide(
        name=side.name,
        records=read.records,
        columns=read.columns,
        row_column=read.row_column,
        file=file,
        source=source,
        problems=store_problems(read.problems, store),
    )


def read_records(
    rules: RecRules, side: SideRules, source: Reference, store: ArtifactStore
) -> ReadRecords:
    """A Parquet table of fitting types as it is; anything else read cell by cell.

    Raises DataError `reconciliation.source-unreadable`, `reconciliation.unknown-column`.
    """
    with store.open(source) as content:
        is_parquet = content.read(4) == _PARQUET
    if is_parquet:
        schema = store.scan_table(source).collect_schema()
        used = _used_columns(rules, side, source, list(schema))
        if all(_fits(rules.field(name), schema[column]) for name, column in used.items()):
            row = "row" if schema.get("row") == pl.Int64 and "row" not in used.values() else None
            records = _as_dataset(source, schema, store)
            return ReadRecords(records=records, columns=used, row_column=row, problems=[])
    return _read_cells(rules, side, source, store)


def store_problems(problems: Sequence[Problem], store: ArtifactStore) -> Dataset | None:
    """The problems as a table, None for none."""
    if not problems:
        return None
    rows = [each.model_dump(include=set(PROBLEMS)) for each in problems]
    return store.put_table(pl.DataFrame(rows, schema=PROBLEMS), name="problems")


def _read_cells(
    rules: RecRules, side: SideRules, source: Reference, store: ArtifactStore
) -> ReadRecords:
    file = source.name or side.name
    data = store.get_bytes(source)
    header = _header(data, store, source)
    used = _used_columns(rules, side, source, header) if header else {}
    by_column: dict[str, RecField] = {}
    for name, column in used.items():
        by_column.setdefault(column, rules.field(name))
    others = [inputs.text(name, optional=True) for name in header if name not in by_column]
    known = [_input_column(column, field) for column, field in by_column.items()]
    text = read_text(file, data, [*known, *others])
    if not text.is_readable:
        raise _unreadable(file, text.problems)
    values, problems = typed(file, text.cells.select("row", *by_column), known)
    renamed = {column: f"c{number}" for number, column in enumerate(by_column)}
    table = values.select("row", *by_column).rename(renamed)
    problems = [*text.problems, *problems]
    return ReadRecords(
        records=store.put_table(table, name=file),
        columns={name: renamed[column] for name, column in used.items()},
        row_column="row",
        problems=problems,
    )


def _used_columns(
    rules: RecRules, side: SideRules, source: Reference, header: Sequence[str]
) -> dict[str, str]:
    """Field -> column of the file."""
    file = source.name or side.name
    for field, column in side.columns.items():
        if column not in header:
            raise _no_such_column(file, column, header, f"which `{field}` is read from")
    if side.columns:
        return dict(side.columns)
    known = [each.name for each in rules.fields if each.name not in side.constants]
    for column in header:
        if column not in known and column not in _NUMBERING:
            raise _no_such_field(file, column, known, side)
    return {name: name for name in known if name in header}


def _input_column(column: str, field: RecField) -> inputs.Column:
    match field.kind:
        case "decimal":
            return inputs.decimal(column, field.places, optional=True)
        case "date":
            return inputs.date(column, optional=True)
        case _:
            return inputs.text(column, optional=True)


def _header(data: bytes, store: ArtifactStore, source: Reference) -> list[str]:
    """The first line's names, as far as they can be read; `read_text` says what is wrong."""
    if data.startswith(_PARQUET):
        return list(store.scan_table(source).collect_schema())
    first = data[:1_000_000].decode("utf-8-sig", errors="replace").partition("\n")[0]
    if not first.replace("\t", "").rstrip("\r").isprintable():
        return []
    separator = "\t" if "\t" in first and "," not in first else ","
    try:
        return [
            name.strip() for name in next(csv.reader([first.rstrip("\r")], delimiter=separator))
        ]
    except (csv.Error, StopIteration):
        return []


def _fits(field: RecField, dtype: pl.DataType) -> bool:
    match field.kind:
        case "decimal":
            return dtype.is_decimal() or dtype.is_integer()
        case "date":
            return dtype == pl.Date
        case _:
            return dtype == pl.String or dtype.is_integer()


def _as_dataset(source: Reference, schema: pl.Schema, store: ArtifactStore) -> Dataset:
    if isinstance(source, Dataset):
        return source
    rows = store.scan_table(source).select(pl.len()).collect().item()
    return Dataset(
        uri=source.uri,
        sha256=source.sha256,
        bytes=source.bytes,
        rows=rows,
        columns=columns_of(schema),
        name=source.name,
    )


def _no_such_column(file: str, column: str, header: Sequence[str], why: str) -> DataError:
    close = difflib.get_close_matches(column, header, n=1)
    hint = f"did you mean `{close[0]}`?" if close else f"its columns are {_names(header)}."
    return DataError(
        f"{file} has no column `{column}`, {why}; {hint} Correct the side's `columns`.",
        code="reconciliation.unknown-column",
        details={"file": file, "column": column},
    )


def _no_such_field(file: str, column: str, known: Sequence[str], side: SideRules) -> DataError:
    close = difflib.get_close_matches(column.lower(), known, n=1)
    hint = f"did you mean `{close[0]}`?" if close else f"fields are {_names(known)}."
    return DataError(
        f"{file}, row 1: `{column}` is no field of the reconciliation; {hint} Or name the columns "
        f"to read in `columns` of side `{side.name}`; all others are then ignored.",
        code="reconciliation.unknown-column",
        details={"file": file, "row": 1, "column": column},
    )


def _unreadable(file: str, problems: Sequence[Problem]) -> DataError:
    first = problems[0]
    where = f"{file}:{first.row}" if first.row else file
    return DataError(
        f"{where}: {first.found}; {first.remedy}. Nothing was reconciled.",
        code="reconciliation.source-unreadable",
        details={"problems": [each.model_dump(mode="json") for each in problems[:100]]},
    )


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
