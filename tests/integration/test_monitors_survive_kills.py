"""A worker or a server killed at a bad moment: mails and events are counted where they arrive."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from monitor_desk import MonitorDesk, path_of, web_and_mail
from sample.processes import worker_processes
from sample.servers import KillableServer
from tenuto.core.errors import NotFoundError, UnreachableError
from tenuto.identity.keys import KeyFolder
from tenuto.packs.monitors import keeping, listing
from tenuto.testing import eventually
from tenuto.triggers.gate.records import RecordsInMemory

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it


@pytest.mark.chaos
async def test_a_once_monitor_whose_worker_is_killed_between_its_two_channels_tells_each_once(
    own_server: KillableServer, own_client: Client, tmp_path: Path
) -> None:
    release = threading.Event()
    with web_and_mail() as (web, mail):
        desk = MonitorDesk(
            client=own_client,
            web=web,
            mail=mail,
            keys=KeyFolder(tmp_path / "keys"),
            records=RecordsInMemory(),
        )
        web.holds["/hook"] = release
        async with worker_processes(own_server, tmp_path, module="monitor_worker_process") as start:
            first = await start()
            hook = {
                "type": "webhook",
                "url": f"{web.url}/hook",
                "secrets": ["secret://env/MONITOR_HOOK"],
            }
            mails = {"type": "email", "address": "ann@example.com"}
            monitor = await desk.create(notifications=[mails, hook], email="")
            web.says(path_of(monitor), "out", met=True)
            started = await desk.monitors().run(monitor.id)

            async def mail_is_done_and_the_hook_hangs() -> None:
                assert desk.subjects(monitor) == ["Monitor started", "Condition met"]
                assert len(web.held) == 1
                run = own_client.get_workflow_handle(started.workflow_id)
                pending = (await run.describe()).raw_description.pending_activities
                assert [each.activity_type.name for each in pending] == ["monitors.post_event"]

            await eventually(mail_is_done_and_the_hook_hangs)
            await first.kill()
            release.set()
            await start()
            record = await desk.ended(monitor, started)
        assert record.status == "success"
        assert desk.subjects(monitor) == ["Monitor started", "Condition met"]
        assert {each["id"] for each in web.events} == {web.held[0]["id"]}
        assert (await desk.monitors().find(monitor.id)).state == "completed"


async def test_a_once_monitor_whose_worker_is_killed_after_telling_completes_and_tells_no_more(
    own_server: KillableServer, own_client: Client, tmp_path: Path
) -> None:
    with web_and_mail() as (web, mail):
        desk = MonitorDesk(client=own_client, web=web, mail=mail, keys=KeyFolder(tmp_path / "keys"))
        async with worker_processes(own_server, tmp_path, module="monitor_worker_process") as start:
            first = await start("--never-completes")
            monitor = await desk.create()
            web.says(path_of(monitor), "out", met=True)
            started = await desk.monitors().run(monitor.id)

            async def told_and_not_completed() -> None:
                run = own_client.get_workflow_handle(started.workflow_id)
                pending = (await run.describe()).raw_description.pending_activities
                assert [each.activity_type.name for each in pending] == ["monitors.complete"]

            await eventually(told_and_not_completed, timeout_s=30)
            assert (await desk.monitors().find(monitor.id)).state == "active"
            await first.kill()
            await start()
            assert (await desk.ended(monitor, started)).status == "success"
        assert desk.subjects(monitor) == ["Monitor started", "Condition met"]
        assert (await desk.monitors().find(monitor.id)).state == "completed"


@pytest.mark.chaos
async def test_while_the_server_is_down_nothing_is_half_made_or_deleted_and_the_error_says_so(
    own_server: KillableServer,
    own_client: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keeping, "PATIENCE", timedelta(seconds=1))
    monkeypatch.setattr(listing, "PATIENCE", timedelta(seconds=1))
    with web_and_mail() as (web, mail):
        desk = MonitorDesk(client=own_client, web=web, mail=mail, keys=KeyFolder(tmp_path / "keys"))
        monitor = await desk.create()
        draft = desk.draft()
        await own_server.kill()
        asked = (
            desk.monitors().create(draft),
            desk.monitors().update(monitor.id, {"schedule": "2 hours"}),
            desk.monitors().move(monitor.id, "paused"),
            desk.monitors().delete(monitor.id),
        )
        for each in asked:
            with pytest.raises(UnreachableError, match="server"):
                await each
        await own_server.start()

        async def all_is_as_it_was() -> None:
            kept = await desk.monitors().find(monitor.id)
            assert (kept.state, kept.monitor) == ("active", monitor)

        await eventually(all_is_as_it_was)
        with pytest.raises(NotFoundError):
            await desk.monitors().find(draft.name)
