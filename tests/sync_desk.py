"""A project with sources, a worker that syncs them, and a look at what they loaded."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest
from temporalio.client import Client, WorkflowHandle

from mail_server import MailServer
from postgres import PASSWORD, USER
from sample.processes import WorkerProcess
from tenuto.engine.runs.polling import TaskKind, read_polling
from tenuto.packs.sync.catalog import QUEUE, sync_source
from tenuto.packs.sync.models import SyncSourceRequest, SyncSourceResult
from tenuto.testing import eventually

TOKEN = "token-7f3a-of-the-source"


class SyncDesk:
    """A project in a folder."""

    def __init__(self, folder: Path, client: Client, address: str) -> None:
        self.folder = folder
        self.client = client
        self._address = address
        self._sources: dict[str, Any] = {}
        self._destinations: dict[str, Any] = {}
        self._workers: list[WorkerProcess] = []
        self.mail: MailServer

    def source(self, name: str, function: str, **fields: Any) -> None:
        """Adds one of `sync_sources`; `config` gets the folder."""
        config = {**({} if function == "empty" else {"folder": str(self.folder)})}
        self._sources[name] = {
            "kind": "python",
            "function": f"sync_sources:{function}",
            "client_id": "acme",
            **fields,
            "config": config | fields.get("config", {}),
        }
        self._write()

    def postgres(self, port: int) -> None:
        """Adds the destination `warehouse`."""
        self._destinations["warehouse"] = {
            "kind": "postgres",
            "host": "127.0.0.1",
            "port": port,
            "database": "postgres",
            "user": USER,
            "password": "secret://env/WAREHOUSE_PASSWORD",
            "tls": False,
        }
        self._write()

    def _write(self) -> None:
        people = {"name": "desk", "channel": "email", "target": "desk@fund.example"}
        content = {
            "notify": [people],
            "destinations": self._destinations,
            "sources": self._sources,
        }
        (self.folder / "sync.yaml").write_text(json.dumps(content))

    async def worker(self, *more: str) -> WorkerProcess:
        """One more worker with these options, once it polls."""
        log = self.folder / f"worker-{len(self._workers)}.log"
        options = ("--project", str(self.folder), *more)
        worker = await WorkerProcess.start(
            self._address, log, module="sync_worker_process", options=options
        )
        self._workers.append(worker)

        async def polls() -> None:
            for kind in TaskKind:
                assert (await read_polling(self.client, QUEUE, kind)).is_recent

        await eventually(polls)
        return worker

    async def leave(self) -> None:
        """Kills whatever workers are left."""
        await asyncio.gather(*(each.kill() for each in self._workers))

    async def start(self, source: str, **fields: Any) -> WorkflowHandle[Any, SyncSourceResult]:
        """A run of one source."""
        request = SyncSourceRequest(source_name=source, **fields)
        return await self.client.start_workflow(
            sync_source.type_name,
            request,
            id=f"sync-{source}-{uuid.uuid4().hex[:8]}",
            task_queue=QUEUE,
            result_type=SyncSourceResult,
            search_attributes=sync_source.filled_search_attributes(request),
        )

    async def sync(self, source: str, **fields: Any) -> SyncSourceResult:
        """What a run of one source answers."""
        return await (await self.start(source, **fields)).result()

    def rows(self, dataset: str, query: str) -> list[Any]:
        """What a query of a dataset's own DuckDB file finds."""
        path = self.folder / ".tenuto" / "sync" / f"{dataset}.duckdb"
        with duckdb.connect(str(path), read_only=True) as connection:
            return connection.execute(query).fetchall()


@asynccontextmanager
async def sync_desk(
    folder: Path, client: Client, address: str, *, missed_after_s: float = 20
) -> AsyncIterator[SyncDesk]:
    """A desk whose people are told by a real mail server, and whose lost workers are missed soon
    where that is asked."""
    patch = pytest.MonkeyPatch()
    with MailServer() as mail:
        for name, value in {
            "TENUTO_SMTP_HOST": "127.0.0.1",
            "TENUTO_SMTP_PORT": str(mail.port),
            "TENUTO_SMTP_SECURITY": "plain",
            "TENUTO_SMTP_FROM": "sync@fund.example",
            "SOURCE_TOKEN": TOKEN,
            "WAREHOUSE_PASSWORD": PASSWORD,
        }.items():
            patch.setenv(name, value)
        (folder / "tenuto.toml").write_text(f"[sync]\nmissed_after_s = {missed_after_s}\n")
        desk = SyncDesk(folder, client, address)
        desk.mail = mail
        try:
            yield desk
        finally:
            await desk.leave()
            patch.undo()


def are_gone(processes: list[int]) -> None:
    """Asserts that none of them runs; one that is dead but not buried yet counts as gone."""
    for each in processes:
        stat = Path(f"/proc/{each}/stat")
        if stat.exists():
            assert stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"
