"""The exporter in tests: a namespace of its own, and workers of the pack in this process."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tenuto.activities.evidence.pack import pack
from tenuto.activities.notify.pack import pack as notify_pack
from tenuto.catalog.library.evidence.catalog import EXPORTER_ID, QUEUE, evidence_export
from tenuto.catalog.library.evidence.models import ExporterView, ExportRequest
from tenuto.catalog.library.notify.audience import Recipient
from tenuto.catalog.library.notify.catalog import QUEUE as NOTICES
from tenuto.engine.bootstrap import prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.evidence.home import EvidenceHome, evidence_home, use_evidence
from tenuto.testing import eventually

WORK = "work"


@workflow.defn(name="Note")
class Note:
    """Ends at once with what it was given."""

    @workflow.run
    async def run(self, text: str) -> str:
        """The same text."""
        return text


@workflow.defn(name="Wait")
class Wait:
    """Ends when it is told to."""

    def __init__(self) -> None:
        self._done = False

    @workflow.run
    async def run(self) -> None:
        """Waits."""
        await workflow.wait_condition(lambda: self._done)

    @workflow.signal
    def end(self) -> None:
        """Ends it."""
        self._done = True


async def own_namespace(address: str, retention: timedelta = timedelta(days=1)) -> Client:
    """A client of a new namespace."""
    name = f"evidence-{uuid.uuid4().hex[:8]}"
    client = await connect(Target(address=address, namespace=name, origin="embedded"))
    await prepare_namespace(client, retention=retention)
    return client


def home_in(folder: Path) -> EvidenceHome:
    """Ledger, spool, and keys below a folder."""
    return evidence_home(str(folder / "ledger"), folder / "spool", folder / "keys")


@asynccontextmanager
async def workers(client: Client, home: EvidenceHome) -> AsyncIterator[None]:
    """The workers of the exporter, of notices, and of the small workflows above, while inside."""
    use_evidence(home)
    registration = load_registration([pack, notify_pack])
    queues = [QUEUE, NOTICES]
    built = build_workers(client, registration, WorkerSettings(), queues=queues, is_embedded=True)
    built.append(
        Worker(
            client,
            task_queue=WORK,
            workflows=[Note, Wait],
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
    )
    async with contextlib.AsyncExitStack() as stack:
        for worker in built:
            await stack.enter_async_context(worker)
        yield
    use_evidence(None)


async def notes(client: Client, count: int) -> list[WorkflowHandle[Any, Any]]:
    """So many runs that are closed."""

    async def one(number: int) -> WorkflowHandle[Any, Any]:
        handle = await client.start_workflow(
            Note.run, f"note {number}", id=f"note-{number}-{uuid.uuid4().hex[:6]}", task_queue=WORK
        )
        await handle.result()
        return handle

    return list(await asyncio.gather(*(one(number) for number in range(count))))


async def exporter(
    client: Client, every_s: int = 3600, alarm_to: tuple[Recipient, ...] = ()
) -> WorkflowHandle[Any, Any]:
    """The running exporter of the client's namespace."""
    request = ExportRequest(namespace=client.namespace, every_s=every_s, alarm_to=alarm_to)
    return await client.start_workflow(
        evidence_export.type_name,
        request,
        id=EXPORTER_ID.format(namespace=client.namespace),
        task_queue=QUEUE,
    )


async def exported(handle: WorkflowHandle[Any, Any], signal: str = "export_now") -> ExporterView:
    """How the exporter stands after an export that began after this call."""
    await handle.signal(signal)
    asked = (await handle.query("view", result_type=ExporterView)).asked

    async def done() -> ExporterView:
        view: ExporterView = await handle.query("view", result_type=ExporterView)
        assert view.exports >= asked
        return view

    return await eventually(done, timeout_s=60)


async def counted(handle: WorkflowHandle[Any, Any]) -> ExporterView:
    """The same, after a count of all runs."""
    return await exported(handle, "count_now")


async def listed(client: Client, count: int, *, status: str = "", workflow_id: str = "") -> None:
    """Waits until the server lists so many runs that are closed, or of that status and id."""
    query = f"ExecutionStatus = '{status}'" if status else "ExecutionStatus != 'Running'"
    if workflow_id:
        query += f" AND WorkflowId = '{workflow_id}'"

    async def seen() -> None:
        assert (await client.count_workflows(query)).count >= count

    await eventually(seen)


async def deleted(client: Client, handle: WorkflowHandle[Any, Any], patience_s: float = 20) -> None:
    """Removes the run from the server, as the end of its retention would.

    One that has closed is gone only after the server's next acknowledgement: give it 90 s.
    """
    from temporalio.api.common.v1 import WorkflowExecution
    from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest

    described = await handle.describe()
    await client.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=described.id, run_id=described.run_id),
        )
    )

    async def gone() -> None:
        try:
            await handle.describe()
        except RPCError as refused:
            if refused.status is RPCStatusCode.NOT_FOUND:
                return
            raise
        raise AssertionError(f"{handle.id} is still there")

    await eventually(gone, timeout_s=patience_s)
