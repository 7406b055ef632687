"""A workflow that fetches over HTTP and from a database, through the real engine."""

import sqlite3
import threading
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client

from paged_table import asked, by_number, records
from sample.fetching import FetchBoth, FetchBothRequest
from sample.processes import StartWorker, worker_processes
from sample.servers import KillableServer
from tenuto.activities.fetch.pack import pack
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import open_store
from tenuto.catalog.describe import describe_workflow
from tenuto.catalog.library.fetch.columns import ColumnSpec
from tenuto.catalog.library.fetch.http import FetchHttpRequest
from tenuto.catalog.library.fetch.http_auth import BearerToken
from tenuto.catalog.library.fetch.http_pages import NumberedPages
from tenuto.catalog.library.fetch.sql import FetchSqlRequest
from tenuto.engine.registration import load_registration
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.history import read_history
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.testing import eventually
from tenuto.testing.loopback import Answer, LoopbackServer, Received
from tenuto.triggers.start import start

QUEUE = "fetching"
ENTRY = describe_workflow(FetchBoth, QUEUE)


async def test_ops_18_a_workflow_fetches_from_an_api_and_a_database(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRICES_TOKEN", "s3cr3t-7f21c0")
    database = tmp_path / "book.db"
    with sqlite3.connect(database) as book:
        book.execute("CREATE TABLE positions (id INTEGER PRIMARY KEY, amount NUMERIC(18, 2))")
        book.executemany("INSERT INTO positions VALUES (?, ?)", [(n, n + 0.1) for n in range(500)])
    book.close()
    store = open_store(str(tmp_path / "artifacts"))
    use_store(store)
    registration = load_registration([pack], ["sample.fetching"], QUEUE)
    workers = build_workers(
        client, registration, WorkerSettings(), queues=[QUEUE, "integration"], is_embedded=True
    )
    busy_once = [Answer(status=429, headers={"retry-after": "1"})]
    answer = by_number(records(250), most=100)
    with LoopbackServer(lambda asked: busy_once.pop() if busy_once else answer(asked)) as server:
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        request = FetchBothRequest(
            http=request_for(server, auth=BearerToken(secret="secret://env/PRICES_TOKEN")),
            sql=FetchSqlRequest(connection=f"sqlite:///{database}", table="positions"),
        )
        async with workers[0], workers[1]:
            handle = await start(client, ENTRY, request)
            result = await handle.result()
        history = await client.get_workflow_handle(handle.id).fetch_history()
    use_store(None)
    table = store.get_table(result.http.dataset)
    assert table["price"][249] == Decimal("249.10000000000000000001")
    assert (result.http.rows, result.http.pages) == (250, 3)
    assert store.get_table(result.sql.dataset)["amount"][499] == Decimal("499.10")
    assert "s3cr3t-7f21c0" not in history.to_json()


async def test_ops_16_a_fetch_that_fails_at_page_6_goes_on_there(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_store(open_store(str(tmp_path / "artifacts")))
    registration = load_registration([pack], ["sample.fetching"], QUEUE)
    workers = build_workers(
        client, registration, WorkerSettings(), queues=[QUEUE, "integration"], is_embedded=True
    )
    answer = by_number(records(100), most=10)

    def fails_once_at_6(request: Received) -> Answer:
        return Answer(status=500) if len(server.received) == 6 else answer(request)

    with LoopbackServer(fails_once_at_6) as server:
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        async with workers[0], workers[1]:
            handle = await start(client, ENTRY, FetchBothRequest(http=request_for(server)))
            result = await handle.result()
    use_store(None)
    pages = [int(asked(each)["page"]) for each in server.received]
    assert pages == [1, 2, 3, 4, 5, 6, 6, 7, 8, 9, 10]
    assert (result.http.rows, result.http.pages) == (100, 10)


@pytest_asyncio.fixture
async def fetch_worker(own_server: KillableServer, tmp_path: Path) -> AsyncIterator[StartWorker]:
    """Starts workers on this test's own server; whichever are left are killed at the end."""
    options = ("--artifacts", str(tmp_path / "artifacts"))
    async with worker_processes(
        own_server, tmp_path, *options, module="sample.fetch_worker_process"
    ) as one_more:
        yield one_more


@pytest.mark.chaos
async def test_ops_16_a_fetch_killed_at_page_6_goes_on_there(
    own_client: Client,
    fetch_worker: StartWorker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_killed = threading.Event()
    answer = by_number(records(100), most=10)

    def hangs_at_6(request: Received) -> Answer:
        if asked(request)["page"] == "6" and not is_killed.wait(60):
            return Answer(status=418)
        return answer(request)

    with LoopbackServer(hangs_at_6) as server:
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        first = await fetch_worker()
        handle = await start(own_client, ENTRY, FetchBothRequest(http=request_for(server)))

        async def five_pages_are_known() -> None:
            run = await read_history(own_client, Execution(workflow_id=handle.id))
            progress = [step.progress for step in run.steps if step.progress]
            assert [each.rows for each in progress] == [50]

        await eventually(five_pages_are_known)
        await first.kill()
        is_killed.set()
        await fetch_worker()
        result = await handle.result()
    pages = [asked(each)["page"] for each in server.received]
    assert pages[:6] == ["1", "2", "3", "4", "5", "6"]
    assert pages[6:] == ["6", "7", "8", "9", "10"]
    assert (result.http.rows, result.http.pages) == (100, 10)
    table = open_store(str(tmp_path / "artifacts")).get_table(result.http.dataset)
    assert table["id"].to_list() == list(range(100))


def request_for(server: LoopbackServer, **fields: Any) -> FetchHttpRequest:
    columns = (
        ColumnSpec(name="id", kind="integer"),
        ColumnSpec(name="price", kind="decimal", scale=20),
    )
    return FetchHttpRequest(
        url=f"{server.url}/table",
        pagination=NumberedPages(total_path="data.total"),
        records="data.items",
        columns=columns,
        **fields,
    )
