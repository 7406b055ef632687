"""What each load brought, kept beside the data in `_tenuto_loads`.

dlt's own `_dlt_loads` knows that a load was, not how many rows; and a later merge takes rows away
from an earlier load, so they cannot be counted afterwards.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from dlt.destinations.exceptions import DatabaseUndefinedRelation

from tenuto.packs.sync.models import MergeCounts, PastLoad
from tenuto.packs.sync.names import LOADS_TABLE

_CREATE = """CREATE TABLE IF NOT EXISTS {table} (
    load_id VARCHAR(64) NOT NULL, pipeline_name VARCHAR(80) NOT NULL, loaded_at BIGINT NOT NULL,
    table_name VARCHAR(255) NOT NULL, rows_loaded BIGINT NOT NULL,
    rows_inserted BIGINT, rows_updated BIGINT)"""


def remember(
    client: Any,
    *,
    load_id: str,
    pipeline: str,
    loaded_at: datetime,
    rows: Mapping[str, int],
    merged: Mapping[str, MergeCounts],
) -> None:
    """Writes what a load brought; a load that brought nothing has one line without a table.

    Repeating it changes nothing.
    """
    table = client.make_qualified_table_name(LOADS_TABLE)
    client.execute_sql(_CREATE.format(table=table))
    moment = int(loaded_at.timestamp())
    with client.begin_transaction():
        client.execute_sql(f"DELETE FROM {table} WHERE load_id = %s", load_id)  # noqa: S608
        for name, count in rows.items() or {"": 0}.items():
            became = merged.get(name)
            client.execute_sql(
                f"INSERT INTO {table} VALUES (%s, %s, %s, %s, %s, %s, %s)",  # noqa: S608
                *(load_id, pipeline, moment, name, count),
                became.inserted if became else None,
                became.updated if became else None,
            )


def past_loads(client: Any, pipeline: str, most: int) -> tuple[PastLoad, ...]:
    """The last loads of a pipeline, newest first; none where nothing was ever loaded."""
    table = client.make_qualified_table_name(LOADS_TABLE)
    try:
        rows: Iterable[Any] = client.execute_sql(
            f"SELECT load_id, loaded_at, table_name, rows_loaded FROM {table}"  # noqa: S608
            " WHERE pipeline_name = %s ORDER BY loaded_at DESC, load_id DESC",
            pipeline,
        )
    except DatabaseUndefinedRelation:
        return ()
    loads: dict[str, tuple[int, dict[str, int]]] = {}
    for load_id, moment, name, count in rows:
        if load_id not in loads and len(loads) == most:
            break
        counted = loads.setdefault(load_id, (moment, {}))[1]
        if name:
            counted[name] = count
    return tuple(
        PastLoad(load_id=each, loaded_at=datetime.fromtimestamp(at, UTC), rows=counted)
        for each, (at, counted) in loads.items()
    )
