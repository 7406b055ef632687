"""A worker killed after the effect and before its completion: receivers count one message."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment

from mail_server import MailServer
from notify_workflows import TellEverybody, TellRequest, Told
from sample.processes import StartWorker, worker_processes
from sample.servers import KillableServer
from tenuto.activities.notify.ask_guard import admit
from tenuto.catalog.library.notify.audience import Recipient
from tenuto.catalog.library.notify.storms import AdmitRequest, GuardState
from tenuto.testing import eventually
from tenuto.testing.loopback import Answer, LoopbackServer
from tenuto.workflows.storm_guard import StormGuard

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it


@pytest_asyncio.fixture
async def notify_worker(own_server: KillableServer, tmp_path: Path) -> AsyncIterator[StartWorker]:
    """Starts workers of the channels on this test's own server; whichever are left are killed."""
    async with worker_processes(own_server, tmp_path, module="notify_worker_process") as one_more:
        yield one_more


async def tell(client: Client, *recipients: Recipient, audience: str = "") -> Told:
    return await client.execute_workflow(
        TellEverybody.run,
        TellRequest(recipients=recipients, audience=audience),
        id=f"tell/{uuid4().hex}",
        task_queue="integration",
    )


async def test_all_9_receivers_count_one_message_when_the_worker_dies_after_sending(
    own_client: Client,
    notify_worker: StartWorker,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = tmp_path / "held"
    held.mkdir()
    with MailServer() as mail, LoopbackServer(lambda _: Answer(body=b"ok")) as web:
        for name, value in {
            "TENUTO_SMTP_HOST": "127.0.0.1",
            "TENUTO_SMTP_PORT": str(mail.port),
            "TENUTO_SMTP_SECURITY": "plain",
            "TENUTO_SMTP_FROM": "desk@fund.example",
            "TENUTO_HTTP_ALLOW": f"127.0.0.1:{web.port}",
            "DESK_CHAT": f"mmost://127.0.0.1:{web.port}/abcdefghijklmnop",
        }.items():
            monkeypatch.setenv(name, value)
        first = await notify_worker("--hold-in", str(held))
        telling = asyncio.create_task(
            tell(
                own_client,
                Recipient(name="Ann", channel="email", target="ann@example.com"),
                Recipient(name="Desk", channel="chat", target="secret://env/DESK_CHAT"),
                Recipient(name="folder", channel="file", target=str(tmp_path / "out")),
            )
        )

        async def all_done() -> None:
            assert len(list(held.iterdir())) == 3
            (run,) = [
                each async for each in own_client.list_workflows("WorkflowType='TellEverybody'")
            ]
            description = await own_client.get_workflow_handle(run.id).describe()
            pending = description.raw_description.pending_activities
            assert all(each.heartbeat_details.payloads for each in pending)

        await eventually(all_done)
        await first.kill()
        await notify_worker()
        told = await asyncio.wait_for(telling, timeout=90)
    assert [each.outcome for each in told.receipts] == ["delivered"] * 3
    assert len(mail.received) == 1
    assert len(web.received) == 1
    assert len(list((tmp_path / "out").rglob("*.txt"))) == 1


@pytest.mark.chaos
async def test_sig_20_a_guard_remembers_when_the_worker_is_killed(
    own_client: Client, notify_worker: StartWorker, tmp_path: Path
) -> None:
    folder = Recipient(name="folder", channel="file", target=str(tmp_path / "out"))
    first = await notify_worker()
    told = [await tell(own_client, folder, audience="desk")]
    await first.kill()
    await notify_worker()
    told += [await tell(own_client, folder, audience="desk") for _ in range(2)]
    assert [each.receipts[0].outcome for each in told] == ["delivered", "suppressed", "suppressed"]
    assert len(list((tmp_path / "out").rglob("*.txt"))) == 1
    guard = own_client.get_workflow_handle("storm-guard/desk")
    state: GuardState | None = await guard.query(StormGuard.state)
    assert state is not None
    assert (state.total_sent, state.total_suppressed) == (1, 2)


async def test_a_question_that_nobody_answers_can_be_cancelled(own_client: Client) -> None:
    environment = ActivityEnvironment(client=own_client)
    asking = asyncio.create_task(
        environment.run(admit, AdmitRequest(audience="desk", topic="t", idempotency_key="k"))
    )
    guard = own_client.get_workflow_handle("storm-guard/desk")

    async def started() -> None:
        found = [each.id async for each in own_client.list_workflows("WorkflowType='StormGuard'")]
        assert found == [guard.id]

    await eventually(started)
    environment.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
