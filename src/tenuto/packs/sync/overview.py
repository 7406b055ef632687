"""The sources of a project as people look at them: where they go, and how they stand."""

import asyncio
from datetime import datetime
from typing import Any

from temporalio.client import Client

from tenuto.core.errors import TenutoError
from tenuto.engine.runs.listing import RunSummary, list_runs
from tenuto.engine.runs.query import RunFilter
from tenuto.engine.settings import Settings
from tenuto.packs.sync.catalog import sync_source
from tenuto.packs.sync.configuration import Source, SyncFile
from tenuto.packs.sync.models import LoadRequest, PastLoad
from tenuto.packs.sync.planning import past_loads
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.gate.resources import of_summary

Row = dict[str, Any]
_AT_ONCE = 2
"""Processes that look into destinations at the same time."""


async def overview(
    settings: Settings,
    content: SyncFile,
    names: tuple[str, ...],
    server: tuple[Client, Gate] | None,
    now: datetime,
) -> list[Row]:
    """Name, kind, destination, last load, and state of each named source.

    A destination that cannot be read says so as `problem`; the others are shown all the same.
    """
    turn = asyncio.Semaphore(_AT_ONCE)

    async def one(name: str) -> Row:
        async with turn:
            loads, problem = await _loads(settings, name, now)
        run = await _last_run(server, name) if server else None
        return _row(name, content.sources[name], loads, problem, run)

    return list(await asyncio.gather(*(one(name) for name in names)))


async def _loads(
    settings: Settings, name: str, now: datetime
) -> tuple[tuple[PastLoad, ...], str | None]:
    try:
        return await past_loads(settings, name, now=now), None
    except TenutoError as error:
        return (), error.message


async def _last_run(server: tuple[Client, Gate], name: str) -> RunSummary | None:
    client, gate = server
    page = await list_runs(client, RunFilter(entry=sync_source.name, subject=name), page_size=1)
    seen = await gate.readable("run:read", page.runs, of_summary)
    return seen[0] if seen else None


def _row(
    name: str,
    source: Source,
    loads: tuple[PastLoad, ...],
    problem: str | None,
    run: RunSummary | None,
) -> Row:
    return {
        "source": name,
        "kind": source.kind,
        "client_id": source.client_id,
        "destination": source.destination or "local DuckDB file",
        "dataset": source.dataset or name,
        "last_load": loads[0].loaded_at if loads else None,
        "rows": sum(loads[0].rows.values()) if loads else None,
        "state": (run.stage or run.status.value) if run else None,
        "run": run.workflow_id if run else None,
        "problem": problem,
        "loads": [each.model_dump(mode="json") for each in loads],
    }


async def cursors(settings: Settings, name: str, now: datetime) -> list[Row]:
    """Where each resource of a source stands: what its next load would begin with.

    Asks the source. Raises as `plan_sync`.
    """
    from tenuto.packs.sync.planning import plan_sync

    plan = await plan_sync(settings, LoadRequest(source_name=name), now=now)
    return [
        {
            "resource": each.resource,
            "table": each.table,
            "cursor": each.cursor,
            "next_from": each.cursor_from,
        }
        for each in plan.resources
    ]
