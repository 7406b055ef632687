"""How many rows a load brought, and how many of them were new.

dlt's load jobs are files, not rows; what it normalised is. A merge puts rows in for rows it takes
out: what a table has more afterwards was new, the rest of the load's rows were there before.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from dlt.common.schema import Schema
from dlt.common.schema.utils import get_first_column_name_with_prop, is_nested_table
from dlt.destinations.exceptions import DatabaseUndefinedRelation

from tenuto.packs.sync.models import MergeCounts

_OWN = "_dlt"


def of_normalized(metrics: Mapping[str, Any]) -> dict[str, int]:
    """Table -> rows of one package, without dlt's own tables."""
    return {
        table: each.items_count
        for table, each in sorted(metrics.items())
        if not table.startswith(_OWN)
    }


def merged_tables(schema: Schema, tables: Iterable[str]) -> list[str]:
    """Those of the tables that are merged by key, row for row: no children, no hard deletes."""
    return [
        name
        for name in tables
        if (table := schema.tables[name]).get("write_disposition") == "merge"
        and not is_nested_table(table)
        and table.get("x-merge-strategy") != "scd2"
        and get_first_column_name_with_prop(table, "hard_delete") is None
    ]


def count(client: Any, table: str, load_id: str | None = None) -> int:
    """Rows of a table, or only those of one load; 0 where it does not exist yet."""
    name = client.make_qualified_table_name(table)
    text = f"SELECT count(*) FROM {name}"  # noqa: S608
    try:
        if load_id is None:
            rows = client.execute_sql(text)
        else:
            rows = client.execute_sql(f"{text} WHERE _dlt_load_id = %s", load_id)
    except DatabaseUndefinedRelation:
        return 0
    return int(rows[0][0])


def became(client: Any, table: str, load_id: str, before: int) -> MergeCounts:
    """What a merge did to a table that had `before` rows."""
    there = count(client, table, load_id)
    inserted = min(max(count(client, table) - before, 0), there)
    return MergeCounts(inserted=inserted, updated=there - inserted)
