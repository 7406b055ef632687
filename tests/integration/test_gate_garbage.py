"""Garbage to every update of every workflow: the worker stays up and answers afterwards."""

import asyncio
import json
import random
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowHistory,
    WorkflowUpdateFailedError,
    WorkflowUpdateStage,
)
from temporalio.common import RawValue
from temporalio.service import RPCError

from tenuto.catalog.registry import Catalog
from tenuto.engine.headers import signed
from tenuto.engine.registration import QueueCode, Registration, load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.identity.keys import KeyFolder
from tenuto.identity.ticket import HEADER_TICKET
from tenuto.identity.trust import trust
from tenuto.installed import installed_packs

pytestmark = pytest.mark.attack

HISTORIES = Path(__file__).parents[1] / "replay" / "histories"
QUEUE = "garbage"
ALL = load_registration([pack for pack in installed_packs() if pack.is_installed])
CLASSES = [cls for code in ALL.queues.values() for cls in code.workflows]
DEFINITIONS = [workflow._Definition.must_from_class(cls) for cls in CLASSES]
WITH_UPDATES = {str(each.name): each for each in DEFINITIONS if each.updates}

SHAPES: tuple[bytes, ...] = (
    b"null",
    b"[]",
    b"{}",
    b'"text"',
    b"-1e400",
    b"NaN",
    b"{",
    b"[" * 2_000,
    b"[" * 5_000 + b"]" * 5_000,
    b'{"by": null, "decision": [], "reason": {"a": 1}}',
    b'{"by": "' + b"x" * 300_000 + b'"}',
    b'{"__class__": "os.system", "by": "\\u0000\\ud800"}',
    b"9" * 5_000,
)
TEXTS = ("", "a.b.c", "eyJhbGciOiJub25lIn0..", "\x00" * 50, "x" * 20_000)


def payloads(seed: int) -> list[Payload]:
    """Wrong shapes as JSON, the same under other encodings, and random bytes."""
    chance = random.Random(seed)  # noqa: S311 (repeatable garbage)
    made = [Payload(metadata={"encoding": b"json/plain"}, data=shape) for shape in SHAPES]
    for encoding in (b"json/plain", b"binary/plain", b"binary/encrypted", b"", b"\xff\xfe"):
        data = chance.randbytes(chance.randrange(1, 400))
        made.append(Payload(metadata={"encoding": encoding}, data=data))
    protobuf = {"encoding": b"json/protobuf", "messageType": b"temporal.api.common.v1.Payload"}
    return [*made, Payload(metadata=protobuf, data=b"{}"), Payload()]


@pytest_asyncio.fixture(scope="module")
async def worker(client: Client, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    """All workflows of the installation on one queue, none of their activities anywhere."""
    trust(KeyFolder(tmp_path_factory.mktemp("keys")).open("decisions", datetime.now(UTC)))
    registration = Registration(
        catalog=Catalog(),
        queues={QUEUE: QueueCode(workflows=CLASSES)},
        passthrough=ALL.passthrough,
    )
    (worker,) = build_workers(client, registration, WorkerSettings(), is_embedded=True)
    async with worker:
        yield client
        assert worker.is_running


async def begun(client: Client, type_name: str) -> WorkflowHandle[Any, Any]:
    """A run with an input that a release recorded; it waits for a step that nobody takes."""
    for file in sorted(HISTORIES.glob("*/*.json"), reverse=True):
        history = WorkflowHistory.from_json("recorded", json.loads(file.read_text()))
        started = history.events[0].workflow_execution_started_event_attributes
        if started.workflow_type.name == type_name:
            return await client.start_workflow(
                type_name,
                args=[RawValue(payload) for payload in started.input.payloads],
                id=f"garbage-{type_name}-{uuid.uuid4().hex}",
                task_queue=QUEUE,
            )
    raise AssertionError(f"no release recorded a {type_name}: add a history")


@pytest.mark.parametrize("type_name", sorted(WITH_UPDATES))
async def test_inv_2_garbage_to_every_update_leaves_the_worker_standing(
    worker: Client, type_name: str
) -> None:
    async def one(name: str | None, seed: int) -> None:
        await _bombarded(await begun(worker, type_name), name, seed)

    names = WITH_UPDATES[type_name].updates
    await asyncio.gather(*(one(name, seed) for seed, name in enumerate(names)))
    run = await begun(worker, type_name)
    answer = await run.query("__temporal_workflow_metadata")
    assert answer.definition.type == type_name
    with pytest.raises(WorkflowUpdateFailedError):
        await run.execute_update("no-such-update", {})
    await run.terminate()


async def _bombarded(run: WorkflowHandle[Any, Any], name: str | None, seed: int) -> None:
    """Every piece is answered; what fits an update by chance is taken."""
    assert name is not None
    for garbage in payloads(seed):
        await _answered(run, name, [RawValue(garbage)])
    await _answered(run, name, [])
    await _answered(run, name, [{}, {}, {}])
    for text in TEXTS:
        with signed({HEADER_TICKET: text}):
            await _answered(run, name, [{"by": "ann"}])


async def _answered(run: WorkflowHandle[Any, Any], name: str, args: list[Any]) -> None:
    with suppress(WorkflowUpdateFailedError, RPCError):
        async with asyncio.timeout(10):
            await run.start_update(name, args=args, wait_for_stage=WorkflowUpdateStage.ACCEPTED)
