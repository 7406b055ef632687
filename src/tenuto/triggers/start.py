"""Starting a run: the input is checked, the id says what the run is about, nothing starts twice."""

import secrets
from typing import Any

from pydantic import BaseModel
from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from tenuto.catalog.check import arguments, check_input
from tenuto.catalog.entries import WorkflowEntry
from tenuto.core.errors import UsageError
from tenuto.engine.headers import signed
from tenuto.triggers.origin import Origin, Starting, headers_of

Handle = WorkflowHandle[Any, Any]


async def start(
    client: Client,
    entry: WorkflowEntry[Any, Any],
    values: dict[str, Any] | BaseModel,
    *,
    workflow_id: str | None = None,
    origin: Origin | None = None,
) -> Handle:
    """Starts a run of `entry` and returns its handle, pinned to that run; `origin` signs the start.

    Where the entry's id ends in a version the caller did not give, the run gets the first
    version nobody has used. Raises UsageError for a wrong input (before anything starts) and
    for an id that is taken.
    """
    request = check_input(entry, values)
    if workflow_id is None and _wants_version(entry, request):
        return await _start_next_version(client, entry, request, origin)
    named = workflow_id or _run_id(entry, request)
    try:
        return await _start(client, entry, request, named, origin)
    except WorkflowAlreadyStartedError as error:
        raise UsageError(
            f"A run `{named}` exists already. Look at it with `tenuto show {named}`, or start"
            " another with a new version or id.",
            code="start.id-taken",
            details={"workflow_id": named, "run_id": error.run_id},
        ) from error


def known_id(entry: WorkflowEntry[Any, Any], request: BaseModel) -> str | None:
    """The id that a run of `entry` will have; None where that is found when it starts."""
    return None if _wants_version(entry, request) else entry.named(request)


async def _start_next_version(
    client: Client, entry: WorkflowEntry[Any, Any], request: BaseModel, origin: Origin | None
) -> Handle:
    version = 1
    while True:
        numbered = request.model_copy(update={"version": version})
        try:
            return await _start(client, entry, numbered, _run_id(entry, numbered), origin)
        except WorkflowAlreadyStartedError:
            version += 1


async def _start(
    client: Client,
    entry: WorkflowEntry[Any, Any],
    request: BaseModel,
    workflow_id: str,
    origin: Origin | None,
) -> Handle:
    starting = Starting(
        type_name=entry.type_name,
        workflow_id=workflow_id,
        queue=entry.queue,
        arguments=arguments(entry, request),
    )
    with signed(headers_of(origin, starting)):
        started = await client.start_workflow(
            entry.type_name,
            args=starting.arguments,
            id=workflow_id,
            task_queue=entry.queue,
            execution_timeout=entry.execution_timeout,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            memo=origin.memo if origin else None,
            search_attributes=entry.filled_search_attributes(request),
            static_summary=entry.summary[:200] or None,
            result_type=entry.result if entry.result is not Any else None,
        )
    return client.get_workflow_handle(
        started.id,
        run_id=started.first_execution_run_id,
        first_execution_run_id=started.first_execution_run_id,
        result_type=entry.result if entry.result is not Any else None,
    )


def _wants_version(entry: WorkflowEntry[Any, Any], request: BaseModel) -> bool:
    return "{version}" in (entry.run_id or "") and getattr(request, "version", None) is None


def _run_id(entry: WorkflowEntry[Any, Any], request: BaseModel) -> str:
    return entry.named(request) or f"{entry.name}-{secrets.token_hex(6)}"
