"""The syncs whose histories are recorded: loads, a lasting failure, several sources, batches."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from temporalio.client import Client

from tenuto.activities.notify.pack import pack as notify
from tenuto.engine.project import use_settings
from tenuto.engine.settings import Settings
from tenuto.packs.sync.backfill.catalog import sync_backfill
from tenuto.packs.sync.backfill.models import BackfillRequest
from tenuto.packs.sync.catalog import scheduled_sync, sync_source
from tenuto.packs.sync.models import ScheduledSyncRequest, SyncSourceRequest
from tenuto.triggers.start import Handle, start

BESIDE = (notify,)
_SOON = {"wait": "PT0.1S"}


async def cleared(client: Client, folder: Path) -> Handle:
    """A source that fails once, and a notice of its success to one who gets it and one not."""
    _project(folder, clears={"function": "failing", "failures": 1, "retry": _SOON})
    request = SyncSourceRequest(source_name="clears", notify_on_success=True)
    return await start(client, sync_source, request)


async def failed(client: Client, folder: Path) -> Handle:
    """A source that fails at every attempt, and the notice of that."""
    retry = _SOON | {"attempts": 2}
    _project(folder, lasts={"function": "failing", "failures": 9, "retry": retry})
    return await start(client, sync_source, SyncSourceRequest(source_name="lasts"))


async def in_order(client: Client, folder: Path) -> Handle:
    """One source loaded, one unknown, and one summary."""
    return await _several(client, folder, parallel=False)


async def side_by_side(client: Client, folder: Path) -> Handle:
    """The same at the same time."""
    return await _several(client, folder, parallel=True)


async def batches(client: Client, folder: Path) -> Handle:
    """Four days in two batches."""
    _project(folder, days={"function": "days", "hold": ""})
    request = BackfillRequest(
        source_name="days", start=date(2026, 1, 1), end=date(2026, 1, 4), batch_days=2
    )
    return await start(client, sync_backfill, request)


async def _several(client: Client, folder: Path, *, parallel: bool) -> Handle:
    _project(folder, fine={"function": "failing", "failures": 0})
    sources = tuple(SyncSourceRequest(source_name=each) for each in ("gone", "fine"))
    return await start(
        client, scheduled_sync, ScheduledSyncRequest(sources=sources, parallel=parallel)
    )


def _project(folder: Path, **sources: dict[str, Any]) -> None:
    """Writes `sync.yaml`; what a source does not know of itself goes into its `config`."""
    use_settings(Settings(root=folder))
    people = [
        {"name": "desk", "channel": "file", "target": str(folder / "outbox")},
        {"name": "nobody", "channel": "file", "target": "no-such-place://x"},
    ]
    written = {}
    for name, wanted in sources.items():
        function, retry = wanted.pop("function"), wanted.pop("retry", {})
        if function == "failing":
            wanted["name"] = name
        written[name] = {
            "kind": "python",
            "function": f"sync_sources:{function}",
            "client_id": "acme",
            "config": {"folder": str(folder), **wanted},
            "retry": retry,
        }
    (folder / "sync.yaml").write_text(json.dumps({"notify": people, "sources": written}))
