"""A million rows pass through `fetch.sql` in bounded memory."""

import asyncio
import json
import sqlite3
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

from long_runs import long
from postgres import PASSWORD, Postgres, postgres
from sample.processes import environment

__all__ = ["postgres"]

ROWS = 1_000_000
MOST_GROWTH_MB = 256
"""The rows together take about 100 MB as columns, and ten times that as Python objects."""

COLUMNS = "n AS id, n || '.10' AS amount, 'a note of thirty characters or so ' || n AS note"
SQLITE = f"""
    WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {ROWS})
    SELECT {COLUMNS} FROM s
"""  # noqa: S608 (the test's own)
POSTGRES = f"""
    SELECT {COLUMNS}, n * 1.10 AS price, now() AS at FROM generate_series(1, {ROWS}) n
"""  # noqa: S608


@long
async def test_a_million_rows_of_sqlite_need_little_memory(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "empty.db").close()
    measured = await fetched(f"sqlite:///{tmp_path}/empty.db", SQLITE, tmp_path)
    assert measured["rows"] == ROWS
    assert measured["bytes"] > 50_000_000
    assert measured["growth_mb"] < MOST_GROWTH_MB


@long
async def test_a_million_rows_of_postgresql_need_little_memory(
    postgres: Postgres, tmp_path: Path
) -> None:
    measured = await fetched(postgres.url, POSTGRES, tmp_path)
    assert measured["rows"] == ROWS
    assert measured["growth_mb"] < MOST_GROWTH_MB


async def fetched(url: str, query: str, tmp_path: Path) -> Any:
    """What a process says that fetched `query` and nothing else."""
    store = str(tmp_path / "artifacts")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sample.fetch_memory", store, url, query),
        stdout=PIPE,
        env=environment() | {"PGPASS": PASSWORD},
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(said)
