"""What a run can be told and asked, as its worker describes it."""

from collections.abc import Iterable

from temporalio.api.common.v1 import Payloads
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.sdk.v1 import WorkflowInteractionDefinition, WorkflowMetadata
from temporalio.api.workflowservice.v1 import QueryWorkflowRequest
from temporalio.client import Client
from temporalio.service import RPCError

from tenuto.core.records import Record
from tenuto.engine.runs.calls import WORKER_PATIENCE
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.raw import raw_execution

_METADATA_QUERY = "__temporal_workflow_metadata"
_INTERNAL = "__"


class Handler(Record):
    """A message a run takes."""

    name: str
    description: str | None = None


class Handlers(Record):
    """The messages a run takes, by kind, and what it says about itself."""

    signals: tuple[Handler, ...]
    queries: tuple[Handler, ...]
    updates: tuple[Handler, ...]
    takes_any_signal: bool
    """A dynamic handler takes names that are not listed; likewise below."""
    takes_any_query: bool
    takes_any_update: bool
    current_details: str | None
    """What the run says it is doing."""


async def read_handlers(client: Client, execution: Execution) -> Handlers | None:
    """The run's handlers, or None when no worker answers within three seconds."""
    request = QueryWorkflowRequest(
        namespace=client.namespace,
        execution=raw_execution(execution),
        query=WorkflowQuery(query_type=_METADATA_QUERY),
    )
    try:
        answer = await client.workflow_service.query_workflow(request, timeout=WORKER_PATIENCE)
    except RPCError:
        # Nobody polls, the worker is broken, or the run is paused: there is nothing to tell.
        return None
    metadata = await _metadata(client, answer.query_result)
    definition = metadata.definition
    return Handlers(
        signals=_named(definition.signal_definitions),
        queries=_named(definition.query_definitions),
        updates=_named(definition.update_definitions),
        takes_any_signal=_has_dynamic(definition.signal_definitions),
        takes_any_query=_has_dynamic(definition.query_definitions),
        takes_any_update=_has_dynamic(definition.update_definitions),
        current_details=metadata.current_details or None,
    )


async def _metadata(client: Client, result: Payloads) -> WorkflowMetadata:
    if not result.payloads:
        return WorkflowMetadata()
    decoded = await client.data_converter.decode(result.payloads, [WorkflowMetadata])
    metadata: WorkflowMetadata = decoded[0]
    return metadata


def _named(definitions: Iterable[WorkflowInteractionDefinition]) -> tuple[Handler, ...]:
    return tuple(
        Handler(name=each.name, description=each.description or None)
        for each in definitions
        if each.name and not each.name.startswith(_INTERNAL)
    )


def _has_dynamic(definitions: Iterable[WorkflowInteractionDefinition]) -> bool:
    return any(not each.name for each in definitions)
