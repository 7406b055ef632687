"""Keeping only the visibility indexes that some query of this database can use.

The server creates 58 indexes on `executions_visibility` and writes that table three times per
run. Dropping the unused ones writes a third of the bytes; no answer changes, because SQLite
uses an index only for speed.
"""

import re
import sqlite3
from collections.abc import Collection, Mapping
from contextlib import closing
from pathlib import Path

from tenuto.core.errors import TransientError

TABLE = "executions_visibility"

KEPT = frozenset(
    {
        "default_idx",
        "by_execution_time",
        "by_workflow_id",
        "by_workflow_type",
        "by_status",
        "by_task_queue",
        "by_parent_workflow_id",
        "by_temporal_scheduled_by_id",
        "by_temporal_namespace_division",
    }
)
"""Indexes every database keeps; those of registered search attributes come on top."""

_BUSY_S = 5.0


def read_indexes(connection: sqlite3.Connection) -> dict[str, str]:
    """Name and CREATE INDEX statement of every plain index of the table."""
    return {
        str(name): str(statement)
        for name, statement in connection.execute(
            "SELECT name, sql FROM sqlite_master"
            " WHERE type = 'index' AND tbl_name = ? AND sql LIKE 'CREATE INDEX%'",
            (TABLE,),
        )
    }


def used_indexes(statements: Mapping[str, str], slots: Collection[str]) -> set[str]:
    """The names worth having: KEPT, and those on a column in `slots` (`Keyword01`)."""
    return {
        name
        for name, statement in statements.items()
        if name in KEPT or any(re.search(rf"\b{slot}\b", statement) for slot in slots)
    }


def fit_indexes(database: Path, statements: Mapping[str, str], slots: Collection[str]) -> list[str]:
    """Creates the used indexes that are missing and drops the unused; returns what it did.

    `statements` are all indexes of the server's own schema, `slots` the columns that some
    namespace has named. A running server may have the file open: each change is a transaction
    of its own, and the server waits for it. Raises TransientError when the file stays busy.
    """
    wanted = used_indexes(statements, slots)
    done = []
    try:
        with closing(_open(database)) as connection:
            present = read_indexes(connection).keys()
            for name in sorted(wanted - present):
                connection.execute(statements[name])
                done.append(f"created {name}")
            for name in sorted(present & statements.keys() - wanted):
                connection.execute(f'DROP INDEX "{name}"')
                done.append(f"dropped {name}")
    except sqlite3.OperationalError as error:
        raise TransientError(
            f"The visibility indexes of {database} could not be changed: {error}. Nothing is"
            " wrong with its data; start again.",
            code="embedded.indexes",
        ) from error
    return done


def _open(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(database, timeout=_BUSY_S, isolation_level=None)
