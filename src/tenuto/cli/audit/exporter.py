"""The exporter as commands see it: there is one, and it can be asked for an export now."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.service import RPCError, RPCStatusCode

from tenuto.catalog.library.evidence.catalog import EXPORTER_ID, evidence_export
from tenuto.catalog.library.evidence.models import ExporterView, ExportRequest
from tenuto.cli.audit.unpermitted import unpermitted
from tenuto.core.errors import TransientError
from tenuto.engine.content import input_hash, sent_payloads
from tenuto.engine.headers import signed
from tenuto.engine.settings import Settings
from tenuto.evidence.retention import refuse_short_retention
from tenuto.identity.keys import KeyFolder
from tenuto.identity.principal import Principal
from tenuto.identity.ticket import HEADER_PERMIT, NO_POLICY, hash_of
from tenuto.policy.decision import Decision
from tenuto.triggers.gate.issuing import Issuer

Exporter = WorkflowHandle[Any, Any]

PLATFORM = Principal(id="s:tenuto")
"""Who starts the exporter: the platform itself, which no rule has to permit it."""

_POLL_S = 0.2


async def ensure_exporter(client: Client, settings: Settings) -> Exporter:
    """The running exporter of the client's namespace, started where there was none.

    One that was started before policy was switched on is ended, and another goes on in its place.

    Raises UsageError `evidence.retention-too-short` where the server does not keep closed runs
    long enough for it.
    """
    every = timedelta(seconds=settings.evidence.export_every_s)
    refuse_short_retention(await retention(client), every)
    wanted = {
        "every_s": settings.evidence.export_every_s,
        "alarm_to": settings.evidence.alarm_to,
    }
    earlier = await unpermitted(client) if settings.policy_path else None
    request = (earlier or ExportRequest(namespace=client.namespace)).model_copy(update=wanted)
    conflict = WorkflowIDConflictPolicy.USE_EXISTING
    if earlier:
        conflict = WorkflowIDConflictPolicy.TERMINATE_EXISTING
    with signed(_permit(client, settings, request)):
        handle = await client.start_workflow(
            evidence_export.type_name,
            request,
            id=EXPORTER_ID.format(namespace=client.namespace),
            task_queue=evidence_export.queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            id_conflict_policy=conflict,
            search_attributes=evidence_export.filled_search_attributes(request),
            static_summary=evidence_export.summary,
        )
    await handle.signal("set_interval", settings.evidence.export_every_s)
    await handle.signal("set_alarm_to", list(settings.evidence.alarm_to))
    return client.get_workflow_handle(handle.id)


async def export_now(
    exporter: Exporter, *, counts: bool = False, patience_s: float
) -> ExporterView:
    """How the exporter stands after an export that began after this call.

    With `counts`, all runs up to now are counted. Raises TransientError `evidence.no-exporter`
    where none has ended in time.
    """
    await exporter.signal("count_now" if counts else "export_now")
    try:
        async with asyncio.timeout(patience_s):
            view = await _view(exporter)
            asked = view.asked
            while view.exports < asked:
                await asyncio.sleep(_POLL_S)
                view = await _view(exporter)
    except TimeoutError as late:
        raise _unanswered(patience_s) from late
    except RPCError as refused:
        if refused.status not in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
            raise
        raise _unanswered(patience_s) from refused
    return view


async def retention(client: Client) -> timedelta:
    """How long the namespace keeps closed runs."""
    found = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )
    return found.config.workflow_execution_retention_ttl.ToTimedelta()


async def _view(exporter: Exporter) -> ExporterView:
    view: ExporterView = await exporter.query(
        "view", result_type=ExporterView, rpc_timeout=timedelta(seconds=10)
    )
    return view


def _permit(client: Client, settings: Settings, request: ExportRequest) -> Mapping[str, str]:
    if settings.policy_path is None:
        return {}
    _, text = Issuer(PLATFORM, KeyFolder(settings.keys_path)).permit(
        Decision(allowed=True, policy=NO_POLICY, question=hash_of([request])),
        type_name=evidence_export.type_name,
        run=EXPORTER_ID.format(namespace=client.namespace),
        namespace=client.namespace,
        queue=evidence_export.queue,
        content=input_hash(sent_payloads(client, [request])),
    )
    return {HEADER_PERMIT: text}


def _unanswered(patience_s: float) -> TransientError:
    return TransientError(
        f"No export ended within {patience_s:.0f} s. The exporter needs a worker: keep `tenuto up`"
        " or `tenuto worker` running. `tenuto runs --type EvidenceExport` shows it; a long first"
        " export goes on meanwhile.",
        code="evidence.no-exporter",
    )
