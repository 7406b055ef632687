"""Programs that know nothing of Tenuto start its automation: by type name, with plain JSON."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.client import Client

from automation_world import FILES, TOKEN, World, world
from tenuto.activities.notify.pack import pack as notify
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import open_store
from tenuto.engine.embedded import ServerInfo
from tenuto.engine.project import use_settings
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings, load_settings
from tenuto.engine.worker import build_workers
from tenuto.packs.monitors.pack import pack as monitors
from tenuto.packs.reports.pack import pack as reports
from tenuto.packs.sync.pack import pack as sync


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def outside(client: Client, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The outside of a project that a worker serves."""
    folder = tmp_path_factory.mktemp("plain")
    async with AsyncExitStack() as open_:
        there = open_.enter_context(world())
        patch = open_.enter_context(pytest.MonkeyPatch.context())
        for name, value in {
            "SHOP_API_TOKEN": TOKEN,
            "TENUTO_SMTP_HOST": "127.0.0.1",
            "TENUTO_SMTP_PORT": str(there.mail.port),
            "TENUTO_SMTP_SECURITY": "plain",
            "TENUTO_SMTP_FROM": "shop@example.com",
            "TENUTO_HTTP_ALLOW": f"127.0.0.1:{there.web.port}",
        }.items():
            patch.setenv(name, value)
        (folder / "tenuto.toml").write_text("")
        (folder / "reports").mkdir()
        here = FILES["sync.yaml"].replace("https://shop.example", there.web.url)
        (folder / "sync.yaml").write_text(here)
        (folder / "reports/orders.yaml").write_text(FILES["reports/orders.yaml"])
        settings = load_settings(folder)
        use_settings(settings)
        open_.callback(use_settings, None)
        use_store(open_store(settings.artifacts_url))
        open_.callback(use_store, None)
        registration = load_registration([sync, reports, monitors, notify])
        for worker in build_workers(client, registration, WorkerSettings(), is_embedded=True):
            await open_.enter_async_context(worker)
        yield there


async def result(server: ServerInfo, type_name: str, queue: str, **fields: Any) -> dict[str, Any]:
    """What a run answers to a client of the SDK, with the SDK's own converter."""
    plain = await Client.connect(server.address)
    handle = await plain.start_workflow(
        type_name, fields, id=f"plain-{uuid4().hex}", task_queue=queue
    )
    answered: dict[str, Any] = await asyncio.wait_for(handle.result(), 60)
    return answered


async def test_sig_1_sig_3_sig_14_by_type_name(temporal_server: ServerInfo, outside: World) -> None:
    outside.orders = 4
    synced = await result(
        temporal_server,
        "SyncSourceWorkflow",
        "sync",
        source_name="orders",
        source_kwargs={},
        resources=["orders"],
        notify_on_failure=True,
        notify_on_success=False,
    )
    assert (synced["success"], synced["error_message"]) == (True, None)
    assert (synced["pipeline_name"], synced["row_counts"]) == ("orders", {"orders": 4})
    assert synced["load_id"]

    outside.orders = 6
    both = await result(
        temporal_server,
        "ScheduledSyncWorkflow",
        "sync",
        sources=[{"source_name": "orders"}, {"source_name": "nothing_like_it"}],
        parallel=False,
    )
    assert (both["state"], both["failed"]) == ("partial", ["nothing_like_it"])
    assert both["sources"][0]["result"]["merged"]["orders"]["inserted"] == 2

    sent = await result(
        temporal_server,
        "RunReportWorkflow",
        "reports",
        report_name="orders",
        channel="email",
        params={"date": "2026-03-31"},
        send=True,
    )
    (receipt,) = sent["channels"][0]["receipts"]
    (mail,) = outside.mails("desk@example.com")
    assert (receipt["outcome"], receipt["recipient"]) == ("delivered", "desk@example.com")
    assert mail.message["Message-ID"] == receipt["message_id"]
    assert str(mail.message["subject"]).endswith(": 6")


async def test_tor_1_by_type_name(temporal_server: ServerInfo, outside: World) -> None:
    outside.price = "3.50"
    found = await result(
        temporal_server,
        "MonitoringWorkflow",
        "monitors",
        monitor={
            "id": "boxes",
            "owner": "u:ann",
            "name": "boxes",
            "search_query": "What does a box cost?",
            "condition_description": "it costs less than 4 EUR",
            "schedule": "6 hours",
            "notify_behavior": "once",
            "config": {
                "provider": "page",
                "options": {
                    "url": f"{outside.web.url}/boxes",
                    "condition": {
                        "kind": "number",
                        "selector": "b.price",
                        "compare": "<",
                        "value": "4",
                    },
                },
            },
            "notifications": [{"type": "email", "address": "buyer@example.com"}],
        },
        is_preview=True,
    )
    assert (found["status"], found["condition_met"]) == ("success", True)
    assert outside.mails("buyer@example.com") == []
