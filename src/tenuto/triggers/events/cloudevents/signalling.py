"""One run for many events: started by the first, told of each of them once."""

import asyncio
from dataclasses import dataclass

from pydantic import JsonValue
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest
from temporalio.client import Client

from tenuto.engine.headers import header_payload
from tenuto.engine.runs.calls import PATIENCE, refusals
from tenuto.engine.runs.execution import Execution
from tenuto.triggers.events.arrivals import Arrival, digest, mapped
from tenuto.triggers.events.model import SignalStart
from tenuto.triggers.events.starting import Outcome, Prepared, prepare
from tenuto.triggers.events.starting import send as send_start
from tenuto.triggers.events.targets import Targets
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.gate.resources import find_resource


@dataclass(frozen=True, kw_only=True, slots=True)
class PreparedSignal:
    """A checked start, and the signal that follows it."""

    start: Prepared
    signal: str
    payload: JsonValue
    request_id: str
    """By it the server knows a signal that was sent before."""


async def prepare_signal(arrival: Arrival, wanted: SignalStart, targets: Targets) -> PreparedSignal:
    """What an arrival starts and signals. Nothing is sent. Raises as `prepare` does."""
    return PreparedSignal(
        start=await prepare(arrival, wanted, targets),
        signal=wanted.signal,
        payload=await asyncio.to_thread(mapped, arrival, wanted.payload, "payload"),
        request_id=f"{arrival.trigger}/{digest(arrival.event_id)}",
    )


async def send(prepared: PreparedSignal, gate: Gate, client: Client) -> Outcome:
    """Starts the run unless there is one, and signals it.

    Whoever is killed in between is repeated by the sender, and both steps are done once. Raises as
    `send` of a start does, and UsageError `runs.closed` where the run has ended.
    """
    started = await send_start(prepared.start, gate, client)
    run = Execution(workflow_id=started.workflow_id or prepared.start.workflow_id)
    headers = await gate.sign_signal(
        client, await find_resource(client, run), prepared.signal, [prepared.payload]
    )
    # Not by the SDK, which gives every signal a new request id.
    request = SignalWorkflowExecutionRequest(
        namespace=client.namespace,
        workflow_execution=WorkflowExecution(workflow_id=run.workflow_id),
        signal_name=prepared.signal,
        identity=client.identity,
        request_id=prepared.request_id,
    )
    request.input.payloads.extend(await client.data_converter.encode([prepared.payload]))
    for name, text in headers.items():
        request.header.fields[name].CopyFrom(header_payload(text))
    with refusals(f"run `{run}`"):
        await client.workflow_service.signal_workflow_execution(
            request, retry=True, timeout=PATIENCE
        )
    return Outcome(status="signalled", workflow_id=run.workflow_id, run_id=started.run_id)
