"""Whose row it is and when it came: on each row of each table, and checked before it is loaded."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from dlt.common.normalizers.json.relational import DataItemNormalizer
from dlt.common.schema import Schema
from dlt.extract.incremental import IncrementalResourceWrapper
from dlt.extract.resource import DltResource
from dlt.extract.source import DltSource

from tenuto.core.errors import DataError, UsageError
from tenuto.packs.sync.names import CLIENT_ID, LOADED_AT

_LOAD_ID = "_dlt_load_id"
_BEFORE_THE_CURSOR = 1
"""Place of a step right behind the one that gives rows."""
_COLUMNS: Any = {
    CLIENT_ID: {"data_type": "text", "nullable": False},
    LOADED_AT: {"data_type": "timestamp", "nullable": False},
}


def choose(source: DltSource, wanted: tuple[str, ...], name: str) -> DltSource:
    """The source with only the wanted resources. Raises UsageError `sync.unknown-resource`."""
    known = source.resources.keys()
    for each in wanted:
        if each not in known:
            raise UsageError(
                f"source `{name}` has no resource `{each}`; it has"
                f" {', '.join(f'`{one}`' for one in sorted(known))}",
                code="sync.unknown-resource",
                details={"source": name, "known": sorted(known)},
            )
    return source.with_resources(*wanted) if wanted else source


def stamp(source: DltSource, client_id: str, loaded_at: datetime) -> None:
    """Makes every row, nested ones too, carry `_client_id`, `_loaded_at` and its load's id.

    A merged resource loses dlt's own deduplication at the cursor's boundary, which would drop a
    correction that arrives on the boundary's day: the destination merges by key anyway.
    """
    for resource in source.selected_resources.values():
        _refuse_merge_without_key(resource)
        resource.apply_hints(columns=_COLUMNS)
        if resource.write_disposition == "merge" and resource.incremental is not None:
            resource.add_map(_keeping_corrections(resource), insert_at=_BEFORE_THE_CURSOR)
        resource.add_map(_stamping(client_id, loaded_at))
    carried = {each: each for each in (CLIENT_ID, LOADED_AT, _LOAD_ID)}
    DataItemNormalizer.update_normalizer_config(
        source.schema,
        {"propagation": {"root": carried}},  # type: ignore[typeddict-item]
    )


def refuse_unstamped(schema: Schema, tables: Mapping[str, int]) -> None:
    """Raises DataError `sync.rows-unstamped` for a table whose rows do not say whose they are."""
    for table in tables:
        columns = schema.tables[table]["columns"]
        for column in (CLIENT_ID, LOADED_AT):
            if column not in columns:
                raise DataError(
                    f"rows of table `{table}` have no `{column}`; a source must not rename or"
                    " remove it",
                    code="sync.rows-unstamped",
                )


def _stamping(client_id: str, loaded_at: datetime) -> Callable[[Any], Any]:
    def stamped(row: Any) -> Any:
        if not isinstance(row, dict):
            raise DataError(
                f"a source gave a {type(row).__name__} where rows are dictionaries; convert tables"
                " with `to_pylist()` or `to_dict('records')`",
                code="sync.row-form",
            )
        if not row.get(CLIENT_ID):
            row[CLIENT_ID] = client_id
        row[LOADED_AT] = loaded_at
        return row

    return stamped


def _keeping_corrections(resource: DltResource) -> Callable[[Any], Any]:
    """dlt makes the cursor when the first row comes, and sets it by the resource's key up to then;
    what is set on the cursor itself stays."""
    is_set = False

    def passed(row: Any) -> Any:
        nonlocal is_set
        if not is_set:
            found: Any = resource.incremental
            cursor = found.incremental if isinstance(found, IncrementalResourceWrapper) else found
            if cursor is not None:
                cursor.primary_key = ()
            is_set = True
        return row

    return passed


def _refuse_merge_without_key(resource: DltResource) -> None:
    if resource.write_disposition != "merge":
        return
    table = resource.compute_table_schema()
    keyed = any(
        column.get("primary_key") or column.get("merge_key") for column in table["columns"].values()
    )
    if not keyed:
        raise UsageError(
            f"resource `{resource.name}` is merged and has no primary key: each load would repeat"
            " its rows; give it a `primary_key`",
            code="sync.merge-without-key",
        )
