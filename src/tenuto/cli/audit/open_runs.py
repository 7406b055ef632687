"""Runs that need a key which is to be destroyed: without it they can never go on."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import UTC

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from tenuto.catalog.library.evidence.catalog import EXPORTER_ID, evidence_export
from tenuto.cli.audit.standing import standing
from tenuto.cli.times import counted
from tenuto.core.errors import TransientError, UsageError
from tenuto.engine.encryption import KEY_ID
from tenuto.engine.runs.decrypted import payloads_in
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.raw import events
from tenuto.identity.data_keys import DataKey

_PATIENCE_S = 30.0
_POLL_S = 0.5


async def refuse_open_runs(client: Client, keys: Sequence[DataKey]) -> None:
    """Raises UsageError `evidence.open-runs` where runs are open that were started before the last
    of these keys was retired. The exporter is none of them: it begins anew."""
    retired = max((key.retired_at for key in keys if key.retired_at), default=None)
    if retired is None:
        return
    moment = retired.astimezone(UTC).isoformat().replace("+00:00", "Z")
    found = await client.count_workflows(
        f"ExecutionStatus = 'Running' AND StartTime <= '{moment}'"
        f" AND WorkflowType != '{evidence_export.type_name}'"
    )
    if found.count:
        raise UsageError(
            f"{counted(found.count, 'run')} that were started before the key was retired are open:"
            " destroyed, it would keep them from ever going on. Let them end (`tenuto runs --status"
            " running`), or say --with-open-runs.",
            code="evidence.open-runs",
        )


async def renew_exporter(client: Client, keys: Collection[str]) -> None:
    """Has the exporter begin a fresh history, which none of these keys encrypts.

    Raises TransientError `evidence.exporter-holds-key` where it does not in time.
    """
    if not (await standing(client)).is_running:
        return
    exporter = client.get_workflow_handle(EXPORTER_ID.format(namespace=client.namespace))
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while await _is_held(client, exporter.id, keys):
                await exporter.signal("begin_anew")
                await asyncio.sleep(_POLL_S)
    except TimeoutError as late:
        raise TransientError(
            f"The exporter's history is still encrypted with the key after {_PATIENCE_S:.0f} s."
            " Without that key it could never go on, so nothing was destroyed. Keep `tenuto up` or"
            " `tenuto worker` running, with the new key, and say it again.",
            code="evidence.exporter-holds-key",
        ) from late


async def _is_held(client: Client, exporter: str, keys: Collection[str]) -> bool:
    async for event in events(client, Execution(workflow_id=exporter, run_id="")):
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
            sent = event.workflow_execution_started_event_attributes.input
            named = {each.metadata.get(KEY_ID, b"").decode() for each in payloads_in(sent)}
            return bool(named & set(keys))
    return False
