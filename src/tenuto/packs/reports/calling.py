"""A report from a Python program: started on the project's server, awaited to its end."""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue
from temporalio.client import Client

from tenuto.artifacts.external import external_storage
from tenuto.artifacts.store import open_store
from tenuto.engine.connection import connect, find_target, payload_codec
from tenuto.engine.project import current_settings
from tenuto.packs.reports.catalog import run_report as entry
from tenuto.packs.reports.models import Channel, RunReportResult
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.start import start


async def run_report(
    name: str,
    channel: Channel | str,
    params: Mapping[str, JsonValue] | None = None,
    send: bool = True,
    *,
    client: Client | None = None,
    gate: Gate | None = None,
) -> RunReportResult:
    """What was rendered and who was reached, when the run has ended.

    Without `client` the server of the project around this process; where policy is on, workers
    refuse a start that did not pass a `gate`. Raises UsageError for a wrong input and
    `temporalio.client.WorkflowFailureError` for a run that failed.
    """
    given: dict[str, Any] = {
        "report_name": name,
        "channel": channel,
        "params": dict(params or {}),
        "send": send,
    }
    connected = client or await _connected()
    if gate is not None:
        handle = await gate.start(connected, entry, given)
    else:
        handle = await start(connected, entry, given)
    result: RunReportResult = await handle.result()
    return result


async def _connected() -> Client:
    settings = current_settings()
    target = find_target(settings)
    return await connect(
        target,
        external_storage=external_storage(open_store(settings.artifacts_url)),
        codec=payload_codec(settings, target),
    )
