"""Many recipients on the real engine: independent, retried by it, and told once."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import CancelledError

from mail_server import MailServer, Script
from notify_workflows import TellEverybody, TellRequest, Told
from tenuto.activities.notify.pack import pack
from tenuto.catalog.library.notify.audience import Recipient
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.testing import eventually
from tenuto.testing.loopback import Answer, LoopbackServer, Received

QUEUE = "integration"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def notify_client(temporal_client: Client) -> AsyncIterator[Client]:
    """A client of a server on which a worker of the channels runs, sandbox on."""
    registration = load_registration([pack], ["notify_workflows"], QUEUE)
    (built,) = build_workers(temporal_client, registration, WorkerSettings(), is_embedded=True)
    async with built:
        yield temporal_client


@pytest.fixture
def folder(tmp_path: Path) -> Recipient:
    return Recipient(name="folder", channel="file", target=str(tmp_path / "out"))


async def tell(client: Client, *recipients: Recipient) -> WorkflowHandle[TellEverybody, Told]:
    return await client.start_workflow(
        TellEverybody.run,
        TellRequest(recipients=recipients),
        id=f"tell/{uuid4().hex}",
        task_queue=QUEUE,
    )


def reach(server: MailServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENUTO_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("TENUTO_SMTP_PORT", str(server.port))
    monkeypatch.setenv("TENUTO_SMTP_SECURITY", "plain")
    monkeypatch.setenv("TENUTO_SMTP_FROM", "desk@fund.example")


async def test_ops_5_a_failing_recipient_neither_stops_nor_repeats_others(
    notify_client: Client, folder: Recipient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing = Script(rcpt=lambda address: "550 unknown" if "gone" in address else "250 OK")

    def chat(received: Received) -> Answer:
        if "busy" in received.path:
            return Answer(status=500, headers={"retry-after": "1"})
        return Answer(body=b"ok")

    with MailServer(script=refusing) as mail, LoopbackServer(chat) as web:
        reach(mail, monkeypatch)
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{web.port}")
        monkeypatch.setenv("GOOD_CHAT", f"mmost://127.0.0.1:{web.port}/goodgoodgoodgood")
        monkeypatch.setenv("BUSY_CHAT", f"mmost://127.0.0.1:{web.port}/busybusybusybusy")
        told = await (
            await tell(
                notify_client,
                Recipient(name="Ann", channel="email", target="ann@example.com"),
                Recipient(name="Gone", channel="email", target="gone@example.com"),
                Recipient(name="Desk", channel="chat", target="secret://env/GOOD_CHAT"),
                Recipient(name="Busy", channel="chat", target="secret://env/BUSY_CHAT"),
                Recipient(name="Night", channel="sms", target="+442079460000"),
                folder,
            )
        ).result()
        good = [each for each in web.received if "good" in each.path]
        busy = [each for each in web.received if "busy" in each.path]
    outcomes = {each.recipient: (each.outcome, each.attempts) for each in told.receipts}
    assert outcomes == {
        "Ann": ("delivered", 1),
        "Gone": ("failed", 1),
        "Desk": ("delivered", 1),
        "Busy": ("failed", 5),
        "Night": ("skipped", 0),
        "folder": ("delivered", 1),
    }
    details = {each.recipient: each.detail for each in told.receipts}
    assert "550 unknown" in details["Gone"]
    assert "500" in details["Busy"]
    assert "busybusy" not in details["Busy"]
    assert "TENUTO_SMS_PROVIDER" in details["Night"]
    assert [received.to for received in mail.received] == [("ann@example.com",)]
    assert len(good) == 1
    assert len(busy) == 5
    assert len({each.headers["idempotency-key"] for each in busy}) == 1
    assert len(list((tmp_path / "out").rglob("message.txt"))) == 1


async def test_sig_2_an_address_that_is_deferred_is_retried_by_the_engine_alone(
    notify_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENUTO_NOTIFY_EMAIL_TO", "ann@example.com, grey@example.com")
    asked: list[str] = []

    def grey(address: str) -> str:
        asked.append(address)
        return "450 greylisted" if asked == ["ann@example.com", "grey@example.com"] else "250 OK"

    with MailServer(script=Script(rcpt=grey)) as mail:
        reach(mail, monkeypatch)
        told = await (await tell(notify_client, Recipient(name="all", channel="email"))).result()
    assert [each.outcome for each in told.receipts] == ["delivered"]
    assert [received.to for received in mail.received] == [
        ("ann@example.com",),
        ("grey@example.com",),
    ]
    assert len({received.message["message-id"] for received in mail.received}) == 1


async def test_ops_15_a_reset_run_sends_under_the_same_key(
    notify_client: Client, folder: Recipient, tmp_path: Path
) -> None:
    handle = await tell(notify_client, folder)
    told = await handle.result()
    reset = await notify_client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=notify_client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=handle.id),
            reason="a person asked for it",
            request_id=uuid4().hex,
            workflow_task_finish_event_id=4,
        )
    )
    again = notify_client.get_workflow_handle(handle.id, run_id=reset.run_id, result_type=Told)
    repeated: Told = await again.result()
    assert reset.run_id != handle.first_execution_run_id
    assert repeated.key == told.key
    assert [each.outcome for each in repeated.receipts] == ["delivered"]
    assert len(list((tmp_path / "out").rglob("message.txt"))) == 1


async def test_a_cancelled_run_ends_cancelled(
    notify_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MailServer(script=Script(data=["450 later"] * 9)) as mail:
        reach(mail, monkeypatch)
        handle = await tell(
            notify_client, Recipient(name="Ann", channel="email", target="ann@example.com")
        )

        async def deferred() -> None:
            description = await handle.describe()
            pending = description.raw_description.pending_activities
            assert [each.attempt for each in pending] > [1]

        await eventually(deferred)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as ended:
            await handle.result()
    assert isinstance(ended.value.cause, CancelledError)
    assert mail.received == []


async def test_two_recipients_of_one_name_are_an_error(
    notify_client: Client, folder: Recipient
) -> None:
    handle = await tell(notify_client, folder, folder)
    with pytest.raises(WorkflowFailureError) as wrong:
        await handle.result()
    assert "need different names" in str(wrong.value.cause)
