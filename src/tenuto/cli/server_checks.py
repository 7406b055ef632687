"""What `tenuto doctor` asks the server: whether it answers, what it lacks, who works for it."""

from collections.abc import AsyncIterator
from datetime import timedelta

from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, GetSystemInfoRequest
from temporalio.client import Client

from tenuto.cli.audit.standing import standing
from tenuto.cli.checks import Check, fail, ok, warn
from tenuto.cli.own_queues import own_queues
from tenuto.cli.security_checks import encryption_in_use
from tenuto.cli.times import ago, coarse
from tenuto.core.errors import NotFoundError, TenutoError, UnreachableError
from tenuto.engine.bootstrap import SEARCH_ATTRIBUTE_TYPES
from tenuto.engine.connection import Target, connect, find_target, payload_codec
from tenuto.engine.runs.calls import refusals
from tenuto.engine.runs.polling import TaskKind, read_polling
from tenuto.engine.settings import Settings

_PATIENCE = timedelta(seconds=5)
_SHORT_RETENTION = timedelta(days=3)
"""A run that failed on a Friday should be there on Monday."""


async def server_checks(settings: Settings) -> AsyncIterator[Check]:
    """Connection, namespace, and workers; only the first where there is no server."""
    try:
        target = find_target(settings)
    except UnreachableError:
        yield warn("connection", "no profile names a server, none runs here", "`tenuto up`")
        return
    try:
        codec = payload_codec(settings, target)
        client = await connect(target, codec=codec, patience=_PATIENCE)
        yield await _connection(client, target)
        yield await _namespace(client)
        yield await _search_attributes(client)
        for queue in sorted(own_queues(settings)):
            yield await _workers(client, queue)
        async for check in encryption_in_use(settings, client):
            yield check
        yield await _audit_trail(client)
    except TenutoError as error:
        yield fail("connection", error.message, "")


async def _connection(client: Client, target: Target) -> Check:
    with refusals("server"):
        info = await client.workflow_service.get_system_info(GetSystemInfoRequest())
    where = f"{target.address}, namespace {client.namespace} ({target.origin})"
    return ok("connection", f"{where}, server {info.server_version}")


async def _namespace(client: Client) -> Check:
    try:
        with refusals(f"namespace `{client.namespace}`"):
            found = await client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace=client.namespace)
            )
    except NotFoundError:
        return fail(
            "namespace",
            f"`{client.namespace}` does not exist",
            "`tenuto up` creates it, or correct TEMPORAL_NAMESPACE.",
        )
    kept = found.config.workflow_execution_retention_ttl.ToTimedelta()
    told = f"closed runs are kept for {coarse(kept)}"
    if kept < _SHORT_RETENTION:
        return warn(
            "namespace",
            told,
            f"`temporal operator namespace update --namespace {client.namespace} --retention 30d`",
        )
    return ok("namespace", told)


async def _search_attributes(client: Client) -> Check:
    with refusals("search attributes"):
        found = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
    wanted = SEARCH_ATTRIBUTE_TYPES
    missing = [name for name in wanted if name not in found.custom_attributes]
    if missing:
        flags = " ".join(f"--name {name} --type {wanted[name]}" for name in missing)
        return fail(
            "search attributes",
            f"{', '.join(missing)} missing",
            f"`tenuto up` creates them, or: `temporal operator search-attribute create {flags}`",
        )
    return ok("search attributes", ", ".join(wanted))


async def _audit_trail(client: Client) -> Check:
    with refusals("exporter"):
        said = await standing(client)
    if said.alarm:
        return fail("audit trail", said.alarm, "`tenuto audit doctor`, `tenuto audit population`")
    if not said.is_running:
        return warn("audit trail", "nothing is exported", "`tenuto up` or `tenuto audit export`")
    return ok("audit trail", "exported, nothing is missing")


async def _workers(client: Client, queue: str) -> Check:
    polling = await read_polling(client, queue, TaskKind.WORKFLOW)
    if polling.last_poll_at is None:
        polling = await read_polling(client, queue, TaskKind.ACTIVITY)
    if polling.last_poll_at is None:
        return warn(f"queue {queue}", "no worker polls it", f"`tenuto worker --queue {queue}`")
    asked = f"worker {polling.worker} asked {ago(polling.last_poll_at)}"
    if not polling.is_recent:
        return warn(f"queue {queue}", f"{asked}, none since", f"`tenuto worker --queue {queue}`")
    return ok(f"queue {queue}", asked)
