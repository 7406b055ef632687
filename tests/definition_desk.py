"""Runs of definitions in tests: the interpreter's worker as a process, and plans without a file."""

import argparse
import asyncio
import logging
import sys
import uuid
from pathlib import Path
from typing import Any

from pydantic import JsonValue
from temporalio.client import Client, WorkflowHandle

from inbox_desk import keys_in
from sample.processes import WorkerProcess
from signed_words import decide
from task_desk import stands
from tenuto.activities.definitions.pack import pack
from tenuto.activities.tasks.pack import pack as tasks
from tenuto.catalog.library.tasks.catalog import QUEUE as TASKS
from tenuto.catalog.library.tasks.outcome import Standing
from tenuto.core.yaml12 import read_yaml
from tenuto.definitions.compiling.compile import compile_plan
from tenuto.definitions.expressions import ENGINE
from tenuto.definitions.plan import (
    ApprovalTask,
    CallOptions,
    EmitTask,
    Head,
    ListenTask,
    Plan,
    Task,
)
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.registration import load_catalog, load_registration
from tenuto.engine.replay import replay_history
from tenuto.engine.runs.polling import TaskKind, read_polling
from tenuto.engine.serving import StopRequest, serve
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.trusting import trust_keys
from tenuto.engine.worker import build_workers
from tenuto.identity.keys import KeyFolder
from tenuto.testing import eventually
from tenuto.workflows.interpreter.entry import QUEUE, DefinitionRun, definition, found_by

PACKS = (pack, tasks)
"""What a definition that asks people needs."""
QUEUES = (QUEUE, TASKS)

PUBLISHING = CallOptions(queue=QUEUE, start_to_close_s=20)


def plan(*tasks: Task, **fields: Any) -> Plan:
    """A plan of these tasks; its listeners' literal types are what it awaits."""
    head = Head(dsl="1.0.3", namespace="tests", name="run", version="1.0.0")
    return Plan(head=head, do=tasks, **fields)


def compiled(text: str) -> Plan:
    """The plan of a document whose head is given here."""
    head = {"dsl": "1.0.3", "namespace": "tests", "name": "written", "version": "1.0.0"}
    document = {"document": head, **read_yaml(text, "the test")}
    return compile_plan(document, load_catalog([pack]))


def sign_off(name: str = "signOff", at: str = "/do/0/signOff", **arguments: Any) -> ApprovalTask:
    """An approval by ann or ben, on request of rex, unless `arguments` say otherwise."""
    asked = {"title": "Release the order", "approvers": ["u:ann", "u:ben"], "requester": "rex"}
    return ApprovalTask(name=name, at=at, function="human.approval", arguments=asked | arguments)


def listen(mode: Any, *filters: Any, name: str = "wait", at: str = "/do/0/wait") -> ListenTask:
    """A listener that reads whole events."""
    return ListenTask(name=name, at=at, mode=mode, filters=filters, read="envelope")


def emit(name: str = "tell", at: str = "/do/0/tell", **event: Any) -> EmitTask:
    """An event of type `event` from `/tests`, unless `event` says otherwise."""
    attributes = {"source": "/tests", "type": "event", **event}
    return EmitTask(
        name=name, at=at, event=attributes, activity="events.publish", options=PUBLISHING
    )


async def start(
    client: Client, wanted: Plan, value: JsonValue = None, *, most_events: int | None = None
) -> WorkflowHandle[Any, Any]:
    """A new run of the plan, which goes on with a fresh history after so many events."""
    return await client.start_workflow(
        definition.type_name,
        DefinitionRun(
            plan=wanted, digest="0" * 64, input=value or {}, jq=ENGINE, most_events=most_events
        ),
        id=f"definition-{uuid.uuid4()}",
        task_queue=QUEUE,
        search_attributes=found_by(wanted),
    )


async def replays(run: WorkflowHandle[Any, Any], folder: Path) -> None:
    """Asserts that today's code takes the steps that the run took."""
    file = folder / "history.json"
    file.write_text((await run.fetch_history()).to_json())
    verdict = await replay_history(file, load_registration(PACKS))
    assert verdict.is_compatible, verdict.problem


async def approve(
    client: Client, run: WorkflowHandle[Any, Any], name: str = "signOff", *, as_: str = "u:ann"
) -> Standing:
    """Decides what the run asks under this name, once it does; how the task stands then."""
    task_id = await asked(run, name)
    await stands(client, task_id, state="open")
    return await decide(client, task_id, as_=as_)


async def asked(run: WorkflowHandle[Any, Any], name: str = "signOff") -> str:
    """Id of the task that the run waits for under this name, once it does."""

    async def waits() -> str:
        waiting = (await run.query("pending"))["approvals"]
        found = [str(each["id"]) for each in waiting if each["task"] == name]
        assert found, waiting
        return found[0]

    return await eventually(waits)


def keys_beside(log: Path) -> Path:
    """The folder of the keys that the worker with this log trusts: those of `task_desk`."""
    return log.parent / "keys"


async def start_worker(client: Client, address: str, log: Path) -> WorkerProcess:
    """The interpreter's worker as a process, once it polls."""
    keys_in(keys_beside(log))
    keys = ("--keys", str(keys_beside(log)))
    worker = await WorkerProcess.start(address, log, module="definition_desk", options=keys)

    async def polls() -> None:
        for kind in TaskKind:
            assert (await read_polling(client, QUEUE, kind)).is_recent
        assert (await read_polling(client, TASKS, TaskKind.WORKFLOW)).is_recent

    await eventually(polls)
    return worker


async def _run(address: str, keys: str) -> None:
    stop = StopRequest()
    stop.listen()
    client = await connect(Target(address=address, origin="embedded"))
    registration = load_registration(PACKS)
    trust_keys(KeyFolder(Path(keys)))
    workers = build_workers(client, registration, WorkerSettings(), queues=QUEUES, is_embedded=True)
    print("ready", flush=True)
    await serve(workers, stop)


def main() -> None:
    """Serves until SIGTERM, then drains and leaves with 0."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--keys", required=True)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    asyncio.run(_run(given.address, given.keys))
    leave(0)


if __name__ == "__main__":
    main()
