"""How the audit trail stands, as `tenuto up` and both doctors say it."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from tenuto.catalog.library.evidence.catalog import EXPORTER_ID
from tenuto.cli.times import counted, stamp
from tenuto.engine.bootstrap import STATUS
from tenuto.engine.settings import Settings
from tenuto.evidence.retention import FACTOR
from tenuto.evidence.spool import Spool

_ALARM = "ALARM: "


class Standing(NamedTuple):
    """What the exporter said last."""

    is_running: bool
    alarm: str
    """The first that it found, perhaps cut; empty for none."""


async def standing(client: Client) -> Standing:
    """What the exporter of the client's namespace said last; no worker is asked."""
    handle = client.get_workflow_handle(EXPORTER_ID.format(namespace=client.namespace))
    try:
        found = await handle.describe(rpc_timeout=timedelta(seconds=10))
    except RPCError as refused:
        if refused.status is RPCStatusCode.NOT_FOUND:
            return Standing(is_running=False, alarm="")
        raise
    said = found.typed_search_attributes.get(STATUS) or ""
    return Standing(
        is_running=found.status is WorkflowExecutionStatus.RUNNING,
        alarm=said.removeprefix(_ALARM) if said.startswith(_ALARM) else "",
    )


def spool_problem(settings: Settings) -> str | None:
    """What is wrong with this machine's spool, in a sentence; None where it is emptied in time."""
    spool = Spool(settings.spool_path)
    since = spool.waiting_since()
    patience = FACTOR * timedelta(seconds=settings.evidence.export_every_s)
    if since is None or datetime.now(UTC) - since < patience:
        return None
    return (
        f"{counted(spool.used_bytes(), 'byte')} of records wait in {settings.spool_path}, the"
        f" oldest since {stamp(since)}: no exporter has taken them from there"
    )


SPOOL_REMEDY = (
    "Run `tenuto up`, or `tenuto worker --queue evidence`, on this machine with this state folder"
    " (state_dir, TENUTO_STATE_DIR)."
)
