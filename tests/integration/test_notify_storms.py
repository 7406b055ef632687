"""Storm control on the real engine: what an audience hears of a failure that keeps coming back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.testing import ActivityEnvironment, TimeSkipper

from notify_workflows import Idle, TellEverybody, TellRequest, Told
from tenuto.activities.notify.ask_guard import admit
from tenuto.activities.notify.pack import pack
from tenuto.catalog.library.notify.audience import Message, Recipient
from tenuto.catalog.library.notify.storms import (
    Admission,
    AdmitRequest,
    GuardState,
    StormGuardRequest,
    StormGuardResult,
    StormRule,
)
from tenuto.core.errors import TransientError
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.testing import eventually
from tenuto.testing.time_skipping import can_skip_time
from tenuto.workflows.storm_guard import StormGuard

QUEUE = "integration"
Guard = WorkflowHandle[StormGuard, StormGuardResult]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def notify_client(temporal_client: Client) -> AsyncIterator[Client]:
    """A client of a server on which a worker of the channels runs, sandbox on."""
    registration = load_registration([pack], ["notify_workflows"], QUEUE)
    (built,) = build_workers(temporal_client, registration, WorkerSettings(), is_embedded=True)
    async with built:
        yield temporal_client


class Room:
    """One audience, who reads what lands in a folder."""

    def __init__(self, client: Client, folder: Path) -> None:
        self.audience = f"room/{uuid4().hex}"
        self.recipient = Recipient(name="room", channel="file", target=str(folder))
        self._client = client
        self._folder = folder

    async def tell(
        self, topic: str = "pricing", *, recovered: bool = False, rule: StormRule | None = None
    ) -> Told:
        """One run that has something to say."""
        subject = f"{topic} {'recovered' if recovered else 'failed'}"
        request = TellRequest(
            recipients=(self.recipient,),
            message=Message(subject=subject, text="See the run."),
            audience=self.audience,
            topic=topic,
            recovered=recovered,
            rule=rule or StormRule(),
        )
        return await self._client.execute_workflow(
            TellEverybody.run, request, id=f"tell/{uuid4().hex}", task_queue=QUEUE
        )

    @property
    def heard(self) -> list[str]:
        """The first lines of what arrived, by time."""
        files = sorted(self._folder.rglob("message.txt"), key=lambda file: file.stat().st_mtime_ns)
        return [file.read_text().splitlines()[0] for file in files]

    @property
    def last(self) -> str:
        """All of what arrived last."""
        files = sorted(self._folder.rglob("message.txt"), key=lambda file: file.stat().st_mtime_ns)
        return files[-1].read_text()

    @property
    def guard(self) -> Guard:
        """The guard of this audience."""
        return self._client.get_workflow_handle_for(StormGuard.run, f"storm-guard/{self.audience}")


@pytest.fixture
def room(notify_client: Client, tmp_path: Path) -> Room:
    return Room(notify_client, tmp_path / "room")


@pytest_asyncio.fixture
async def skipper(notify_client: Client) -> TimeSkipper:
    if not await can_skip_time(notify_client):
        pytest.skip("this server does not skip time")
    return TimeSkipper(notify_client)


async def test_sig_20_eight_errors_in_45_minutes_are_one_message_and_one_digest(
    room: Room, notify_client: Client, tmp_path: Path, skipper: TimeSkipper
) -> None:
    neighbours = Room(notify_client, tmp_path / "neighbours")
    outcomes = []
    for _ in range(8):
        told = await room.tell()
        outcomes.append(told.receipts[0].outcome)
        await skipper.fast_forward(room.guard, timedelta(minutes=6))
    assert outcomes == ["delivered"] + ["suppressed"] * 7
    assert room.heard == ["pricing failed"]
    await neighbours.tell()
    assert neighbours.heard == ["pricing failed"]

    await skipper.fast_forward(room.guard, timedelta(minutes=15))
    first, digest = await eventually(lambda: _two(room))
    assert first == "pricing failed"
    assert digest.startswith("Still failing: 7 suppressed since ")

    assert neighbours.heard == ["pricing failed"]
    await skipper.fast_forward(room.guard, None)
    assert await room.guard.result() == StormGuardResult(sent=1, suppressed=7, digests=1)
    assert len(room.heard) == 2


async def test_sig_20_a_recovery_is_told_with_what_was_held_back(room: Room) -> None:
    assert (await room.tell(recovered=True)).receipts[0].outcome == "suppressed"
    for _ in range(3):
        await room.tell()
    assert (await room.tell(recovered=True)).receipts[0].outcome == "delivered"
    assert room.heard == ["pricing failed", "pricing recovered"]
    assert "2 further notice(s) held back since" in room.last


async def test_sig_20_the_cap_holds_over_all_topics(room: Room) -> None:
    rule = StormRule(cap=2)
    outcomes = [
        (await room.tell(topic, rule=rule)).receipts[0].outcome for topic in ("a", "b", "c", "a")
    ]
    assert outcomes == ["delivered", "delivered", "suppressed", "suppressed"]


@pytest.mark.chaos
async def test_a_digest_at_the_real_end_of_a_short_window(room: Room) -> None:
    rule = StormRule(window=timedelta(seconds=3))
    await asyncio.gather(*(room.tell(rule=rule) for _ in range(5)))
    _, digest = await eventually(lambda: _two(room))
    assert digest.startswith("Still failing: 4 suppressed since ")
    assert await room.guard.result() == StormGuardResult(sent=1, suppressed=4, digests=1)
    assert (await room.tell(rule=rule)).receipts[0].outcome == "delivered"


def _two(room: Room) -> list[str]:
    assert len(room.heard) == 2, room.heard
    return room.heard


async def test_a_guard_continues_as_new_and_forgets_nothing(
    notify_client: Client, room: Room
) -> None:
    some = asyncio.Semaphore(8)

    async def ask(number: int) -> Admission:
        async with some:
            start: WithStartWorkflowOperation[StormGuard, StormGuardResult] = (
                WithStartWorkflowOperation(
                    StormGuard.run,
                    StormGuardRequest(audience=room.audience),
                    id=room.guard.id,
                    task_queue=QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                )
            )
            return await notify_client.execute_update_with_start_workflow(
                StormGuard.admit,
                AdmitRequest(audience=room.audience, topic="t", idempotency_key=f"k{number}"),
                start_workflow_operation=start,
                id=f"k{number}",
            )

    first = await ask(0)
    assert first.decision == "send"
    first_run = (await room.guard.describe()).run_id
    answers = await asyncio.gather(*(ask(number) for number in range(1, 1900)))
    assert {each.decision for each in answers} == {"suppressed"}

    async def continued() -> None:
        assert (await room.guard.describe()).run_id != first_run

    await eventually(continued)
    assert (await ask(1899)).suppressed == answers[-1].suppressed
    state = await room.guard.query(StormGuard.state)
    assert isinstance(state, GuardState)
    assert (state.total_sent, state.total_suppressed) == (1, 1899)
    await room.guard.terminate()


async def test_a_server_that_refuses_the_question_is_asked_again(notify_client: Client) -> None:
    config = notify_client.config()
    config["namespace"] = "nobody-made-this"
    nowhere = Client(**config)
    environment = ActivityEnvironment(client=nowhere)
    asked = AdmitRequest(audience="desk", topic="t", idempotency_key="k")
    with pytest.raises(TransientError) as refused:
        await environment.run(admit, asked)
    assert refused.value.code == "notify.guard-unavailable"


@pytest.mark.chaos
async def test_a_guard_that_cannot_answer_lets_everything_through(
    notify_client: Client, room: Room
) -> None:
    """Somebody has taken the guard's id for a workflow that knows nothing of questions."""
    squatter = await notify_client.start_workflow(Idle.run, id=room.guard.id, task_queue=QUEUE)
    told = await room.tell()
    assert [each.outcome for each in told.receipts] == ["delivered"]
    assert room.heard == ["pricing failed"]
    await squatter.terminate()


async def test_the_guard_of_another_audience_does_not_answer(
    notify_client: Client, room: Room
) -> None:
    await room.tell()
    wrong = AdmitRequest(audience="somebody/else", topic="t", idempotency_key="k")
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await room.guard.execute_update(StormGuard.admit, wrong)
    assert "not for `somebody/else`" in str(refused.value.cause)
    assert (await room.tell()).receipts[0].outcome == "suppressed"
    await room.guard.terminate()
