"""Who got which report when: read from the runs themselves, which are the only record of it."""

from collections.abc import Mapping
from typing import Any

from pydantic import AwareDatetime, ValidationError
from temporalio.client import Client

from tenuto.core.records import Record
from tenuto.engine.runs.describe import RunDescription, describe_run
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.failures import Failure
from tenuto.engine.runs.listing import RunSummary, list_runs
from tenuto.engine.runs.query import RunFilter
from tenuto.packs.reports.catalog import run_report
from tenuto.packs.reports.models import ChannelOutcome
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.gate.resources import of_summary


class Delivery(Record):
    """One recipient of one run."""

    report: str
    channel: str
    recipient: str
    outcome: str
    """As receipts call it; `not tried` where the channel could not be rendered."""
    detail: str
    at: AwareDatetime
    """When the receiver took it, or when the run ended."""
    run: str


async def deliveries(
    client: Client, gate: Gate, report: str | None, *, limit: int
) -> list[Delivery]:
    """Of the latest `limit` runs that have ended and may be read, newest first."""
    wanted = RunFilter(type_name=run_report.type_name, subject=report)
    page = await list_runs(client, wanted, page_size=limit)
    runs = await gate.readable("run:read", page.runs, of_summary)
    found: list[Delivery] = []
    for run in runs:
        if not run.status.is_open:
            found += await _of_run(client, run)
    return found


async def _of_run(client: Client, run: RunSummary) -> list[Delivery]:
    execution = Execution(workflow_id=run.workflow_id, run_id=run.run_id)
    described = await describe_run(client, execution)
    ended = described.closed_at or described.started_at
    outcomes = _outcomes(described)
    if not outcomes:
        why = described.failure.line if described.failure else str(described.status)
        return [_row(run, "", "", "not tried", why, ended)]
    return [each for outcome in outcomes for each in _rows(run, outcome, ended)]


def _rows(run: RunSummary, outcome: ChannelOutcome, ended: AwareDatetime) -> list[Delivery]:
    if outcome.problem:
        return [_row(run, outcome.channel, "", "not tried", outcome.problem, ended)]
    if not outcome.receipts:
        return [_row(run, outcome.channel, "", "not tried", "rendered, not to be sent", ended)]
    return [
        _row(
            run,
            outcome.channel,
            each.recipient,
            each.outcome,
            each.detail,
            each.delivered_at or ended,
        )
        for each in outcome.receipts
    ]


def _row(
    run: RunSummary, channel: str, recipient: str, outcome: str, detail: str, at: AwareDatetime
) -> Delivery:
    return Delivery(
        report=run.subject or "",
        channel=channel,
        recipient=recipient,
        outcome=outcome,
        detail=detail,
        at=at,
        run=run.workflow_id,
    )


def _outcomes(described: RunDescription) -> list[ChannelOutcome]:
    """From the result, or from the details of the failure that names them."""
    if described.result is not None:
        for value in described.result.values:
            if isinstance(value, Mapping):
                return _read(value.get("channels"))
    return _in_failure(described.failure)


def _in_failure(failure: Failure | None) -> list[ChannelOutcome]:
    while failure is not None:
        for details in failure.details:
            if isinstance(details, Mapping) and "channels" in details:
                return _read(details["channels"])
        failure = failure.cause
    return []


def _read(values: Any) -> list[ChannelOutcome]:
    try:
        return [ChannelOutcome.model_validate(each) for each in values or ()]
    except (ValidationError, TypeError):
        return []  # of a later version; the run's own page has it in full
