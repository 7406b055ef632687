"""Dropped visibility indexes change no answer; those of registered search attributes return."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
)
from temporalio.service import RPCError

from tenuto.engine.embedded.binary import find_binary
from tenuto.engine.embedded.database import DATABASE_NAME, read_record
from tenuto.engine.embedded.indexes import KEPT, fit_indexes, read_indexes, used_indexes
from tenuto.engine.embedded.lock import ServerLock
from tenuto.engine.embedded.schema import fresh_database
from tenuto.engine.embedded.server import EmbeddedServer
from tenuto.testing import eventually
from waiting.runs import QUEUE, WaitForTime
from waiting.servers import client_of, worker_of

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it

DESK = SearchAttributeKey.for_keyword("Desk")
SIZE = SearchAttributeKey.for_int("Size")
LATE = SearchAttributeKey.for_float("Late")
ALL = {"Desk": "Keyword", "Size": "Int"}

QUERIES = {
    "Desk = 'north'": {"run-0", "run-2", "run-4"},
    "Desk STARTS_WITH 'so'": {"run-1", "run-3"},
    "Size BETWEEN 2 AND 3": {"run-2", "run-3"},
    "HistoryLength > 0": {"run-0"},
    "ExecutionStatus = 'Running' AND Size < 2": {"run-1"},
    "WorkflowType = 'Nobody' AND CloseTime IS NULL": {f"run-{size}" for size in range(1, 5)},
    "RootWorkflowId = 'run-3'": {"run-3"},
    "TemporalScheduledStartTime IS NOT NULL": set(),
}
"""Several on columns whose index is dropped (HistoryLength, RootWorkflowId, scheduled start)."""


def present_indexes(state_dir: Path) -> set[str]:
    with closing(sqlite3.connect(state_dir / DATABASE_NAME)) as connection:
        return set(read_indexes(connection))


def slots_of(state_dir: Path) -> set[str]:
    return {name.removeprefix("by_") for name in present_indexes(state_dir) - KEPT}


async def start_runs(client: Client) -> None:
    for size in range(5):
        attributes: list[SearchAttributePair[Any]] = [
            SearchAttributePair(DESK, "south" if size % 2 else "north"),
            SearchAttributePair(SIZE, size),
        ]
        await client.start_workflow(
            "Nobody",
            id=f"run-{size}",
            task_queue="nobody",
            search_attributes=TypedSearchAttributes(attributes),
        )
    await client.get_workflow_handle("run-0").terminate()


async def assert_answers(client: Client) -> None:
    for query, expected in QUERIES.items():
        assert {run.id async for run in client.list_workflows(query)} == expected, query


async def test_a_new_database_has_only_the_indexes_it_can_use(state_dir: Path) -> None:
    async with EmbeddedServer(state_dir, search_attributes=ALL):
        pass
    present = present_indexes(state_dir)
    assert present > KEPT
    assert len(present) == len(KEPT) + 2, "one per search attribute"
    record = read_record(state_dir / DATABASE_NAME)
    assert record
    assert len(record.indexes) > 50, "the others are known, not there"


async def test_answers_are_the_same_with_all_indexes_and_with_few(state_dir: Path) -> None:
    async with EmbeddedServer(state_dir, search_attributes=ALL) as server:
        client = await client_of(server)
        await start_runs(client)
        await eventually(lambda: assert_answers(client))
    restore_all_indexes(state_dir)
    async with EmbeddedServer(state_dir) as server:
        assert len(present_indexes(state_dir)) == len(KEPT) + 2, "dropped again at the start"
        await assert_answers(await client_of(server))


def restore_all_indexes(state_dir: Path) -> None:
    """As a file looks that Temporal's own command line has served."""
    record = read_record(state_dir / DATABASE_NAME)
    assert record
    with closing(sqlite3.connect(state_dir / DATABASE_NAME)) as connection:
        for name in record.indexes.keys() - read_indexes(connection).keys():
            connection.execute(record.indexes[name])
    assert present_indexes(state_dir) == record.indexes.keys()


@pytest.mark.parametrize("is_restarted", [False, True], ids=["asked", "restarted"])
async def test_an_attribute_registered_later_gets_its_index(
    state_dir: Path, *, is_restarted: bool
) -> None:
    server = EmbeddedServer(state_dir, search_attributes=ALL)
    await server.start()
    try:
        client = await client_of(server)
        before = present_indexes(state_dir)
        kind = IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace="default", search_attributes={"Late": kind})
        )
        if is_restarted:
            await server.stop()
            server = EmbeddedServer(state_dir)
            await server.start()
            client = await client_of(server)
        else:
            await server.fit_indexes()
        (added,) = present_indexes(state_dir) - before
        assert added.startswith("by_double_")
        await eventually(lambda: _finds_late_run(client))
        assert await server.fit_indexes() == [], "nothing left to do"
    finally:
        await server.stop()


async def _finds_late_run(client: Client) -> None:
    attributes = TypedSearchAttributes([SearchAttributePair(LATE, 2.5)])
    try:
        await client.start_workflow(
            "Nobody",
            id="late",
            task_queue="nobody",
            search_attributes=attributes,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
    except RPCError as error:  # the server notices a new attribute after two seconds
        raise AssertionError(error.message) from error
    found = [run.id async for run in client.list_workflows("Late > 2 AND Late < 3")]
    assert found == ["late"]


@pytest.mark.chaos
async def test_indexes_come_and_go_under_running_workflows(state_dir: Path) -> None:
    """The server keeps its own connection and its prepared statements over the change."""
    async with EmbeddedServer(state_dir) as server:
        client = await client_of(server)
        record = read_record(state_dir / DATABASE_NAME)
        assert record
        every_slot = {name for statement in record.indexes.values() for name in statement.split()}
        slots = {word.rstrip(",") for word in every_slot if word[0].isupper()}
        assert len(used_indexes(record.indexes, slots)) > 40

        async def churn() -> None:
            for wanted in (slots, set(), slots, set()):
                await asyncio.to_thread(
                    fit_indexes, state_dir / DATABASE_NAME, record.indexes, wanted
                )

        async with worker_of(client):
            runs = asyncio.gather(*(_run(client, number) for number in range(60)))
            await churn()
            assert len(await runs) == 60
        assert present_indexes(state_dir) == KEPT
        done = "ExecutionStatus = 'Completed'"

        async def all_visible() -> None:
            assert (await client.count_workflows(done)).count == 60

        await eventually(all_visible)


async def _run(client: Client, number: int) -> float:
    return await client.execute_workflow(
        WaitForTime.run, 0.05, id=f"churn-{number}", task_queue=QUEUE
    )


def test_every_slot_of_the_servers_schema_maps_to_its_index(tmp_path: Path) -> None:
    lock = ServerLock(tmp_path)
    lock.acquire()
    with (
        fresh_database(find_binary(), tmp_path / "fresh", lock.descriptor) as fresh,
        closing(sqlite3.connect(fresh)) as connection,
    ):
        statements = read_indexes(connection)
    lock.release()
    assert statements.keys() >= KEPT
    for kind, count in {"Keyword": 10, "Int": 3, "Double": 3, "Bool": 3, "Datetime": 3}.items():
        for number in range(1, count + 1):
            extra = used_indexes(statements, [f"{kind}{number:02}"]) - KEPT
            assert extra == {f"by_{kind.lower()}_{number:02}"}
