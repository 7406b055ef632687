"""Carrying the rows of an older server's database into the schema of the installed server.

The server creates its schema only in a new file and never upgrades an old one: opened as it
is, an old file starts, but schedules and standalone activities fail for want of tables. The
rows themselves stay readable for newer servers (tried with 1.29.1 and 1.30.2 under 1.32.0).
"""

import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path

from tenuto.core.errors import CorruptError, DataError
from tenuto.engine.embedded.schema import settle, stored_columns


def copy_rows(old: Path, fresh: Path) -> int:
    """Replaces all rows of `fresh` by those of `old`, and settles it; returns how many.

    Copies, per ordinary table, every stored column; generated columns compute themselves and
    triggers refill the full-text tables. `fresh` must have every stored column of `old`.
    Raises DataError when a row does not fit, CorruptError when the result is not sound.
    """
    with closing(sqlite3.connect(old)) as source:
        columns = _by_table(source)
    with closing(sqlite3.connect(fresh, isolation_level=None)) as target:
        target.execute("ATTACH ? AS old", (str(old),))
        try:
            target.execute("BEGIN")
            for table in _by_table(target):
                target.execute(f'DELETE FROM main."{table}"')  # noqa: S608 (name from the schema)
            count = sum(_copy(target, table, names) for table, names in columns.items())
            target.execute("COMMIT")
        except sqlite3.Error as error:
            raise DataError(
                f"{old} could not be carried into the installed server's schema: {error}. Nothing"
                " was changed. Install the server version that wrote it, or move the file away"
                " to start empty.",
                code="embedded.migration-failed",
            ) from error
        _check(target, old)
    settle(fresh)
    return count


def _by_table(connection: sqlite3.Connection) -> dict[str, list[str]]:
    tables = defaultdict(list)
    for table, column in sorted(stored_columns(connection)):
        tables[table].append(column)
    return tables


def _copy(target: sqlite3.Connection, table: str, columns: list[str]) -> int:
    names = ", ".join(f'"{column}"' for column in columns)
    return target.execute(
        f'INSERT INTO main."{table}" ({names}) SELECT {names} FROM old."{table}"'  # noqa: S608
    ).rowcount


def _check(target: sqlite3.Connection, old: Path) -> None:
    found = target.execute("PRAGMA main.integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise CorruptError(
            f"The upgraded copy of {old} is not sound: {found}. Nothing was changed; restore a"
            " backup, or install the server version that wrote the file.",
            code="embedded.migration-failed",
        )
