"""The order of a report's run: open, query, render, send."""

import asyncio
from datetime import datetime
from typing import NoReturn

from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import ActivityError, is_cancelled_exception

from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.core.errors import DataError
from tenuto.packs.reports import catalog
from tenuto.packs.reports.handoffs import (
    CheckChannelRequest,
    Opened,
    OpenRequest,
    Queried,
    QueryRequest,
    RenderedChannel,
    RenderRequest,
)
from tenuto.packs.reports.models import (
    Channel,
    ChannelOutcome,
    RunReportRequest,
    RunReportResult,
)
from tenuto.workflows.notices import deliver_guarded, deliver_to_all

_DUE = SearchAttributeKey.for_datetime("TemporalScheduledStartTime")
_BUSINESS_DATE = SearchAttributeKey.for_keyword("TenutoBusinessDate")
_REACHED = ("delivered", "captured", "suppressed")
"""Test mode and the storm guard are decisions of people, not failures."""


@workflow.defn(name="RunReportWorkflow")
class RunReportWorkflow:
    """Query, render, and send a report."""

    @workflow.run
    async def run(self, request: RunReportRequest) -> RunReportResult:
        """What was rendered, and a receipt for each recipient.

        Raises DataError `reports.not-delivered`, with the receipts, where a channel could not be
        rendered or a recipient was not reached after all attempts; the others were.
        """
        opened = await catalog.open_report(OpenRequest(request=request, due=_due()))
        _file_under(opened)
        unready = await self._unready(opened) if request.send else {}
        if len(unready) == len(opened.channels):
            _refuse(request, [unready[each] for each in opened.channels])
        queried = await catalog.query(QueryRequest(bundle=opened.bundle, params=opened.params))
        outcomes = await asyncio.gather(
            *(
                self._tell(request, opened, queried, channel, unready.get(channel))
                for channel in opened.channels
            )
        )
        if any(_has_failed(each) for each in outcomes):
            _refuse(request, outcomes)
        return RunReportResult(
            report_name=request.report_name,
            params=opened.params,
            sent=request.send,
            tables=queried.tables,
            channels=tuple(outcomes),
        )

    async def _unready(self, opened: Opened) -> dict[Channel, ChannelOutcome]:
        """Channels that cannot be sent to, with the setting that is missing."""
        checks = await asyncio.gather(*(_check(opened, each) for each in opened.channels))
        return {each.channel: each for each in checks if each is not None}

    async def _tell(
        self,
        request: RunReportRequest,
        opened: Opened,
        queried: Queried,
        channel: Channel,
        unready: ChannelOutcome | None,
    ) -> ChannelOutcome:
        if unready is not None:
            return unready
        try:
            rendered = await catalog.render(
                RenderRequest(
                    bundle=opened.bundle,
                    params=opened.params,
                    tables=queried.tables,
                    channel=channel,
                ),
                summary=channel,
            )
        except ActivityError as error:
            return _failed(channel, error)
        receipts = await _send(opened, channel, rendered, request) if request.send else ()
        return ChannelOutcome(channel=channel, rendered=rendered.documents, receipts=receipts)


def _due() -> datetime:
    """When a schedule meant the run to start, which a backfill sets; else when it did."""
    info = workflow.info()
    return info.typed_search_attributes.get(_DUE) or info.start_time


def _file_under(opened: Opened) -> None:
    workflow.upsert_search_attributes([_BUSINESS_DATE.value_set(str(opened.params["date"]))])


async def _check(opened: Opened, channel: Channel) -> ChannelOutcome | None:
    try:
        await catalog.check_channel(
            CheckChannelRequest(channel=channel, recipients=opened.recipients[channel]),
            summary=channel,
        )
    except ActivityError as error:
        return _failed(channel, error)
    return None


async def _send(
    opened: Opened, channel: Channel, rendered: RenderedChannel, request: RunReportRequest
) -> tuple[DeliveryReceipt, ...]:
    recipients, guard = opened.recipients[channel], opened.guards.get(channel)
    if guard is None:
        return await deliver_to_all(recipients, rendered.message, step=channel)
    return await deliver_guarded(
        recipients,
        rendered.message,
        step=channel,
        audience=guard.audience,
        topic=f"{request.report_name} {rendered.digest[:16]}",
        rule=guard.rule,
        with_digest=False,
    )


def _failed(channel: Channel, error: ActivityError) -> ChannelOutcome:
    if is_cancelled_exception(error):
        raise error
    return ChannelOutcome(channel=channel, problem=str(getattr(error.cause, "message", error)))


def _has_failed(outcome: ChannelOutcome) -> bool:
    reached = all(each.outcome in _REACHED for each in outcome.receipts)
    return bool(outcome.problem) or not reached


def _refuse(request: RunReportRequest, outcomes: list[ChannelOutcome]) -> NoReturn:
    lines = [line for each in outcomes for line in _told(each)]
    raise DataError(
        f"Report `{request.report_name}` did not go out in full. " + " ".join(lines),
        code="reports.not-delivered",
        details={"channels": [each.model_dump(mode="json") for each in outcomes]},
    )


def _told(outcome: ChannelOutcome) -> list[str]:
    if outcome.problem:
        return [f"{outcome.channel}: {outcome.problem}"]
    return [
        f"{outcome.channel} to {each.recipient}: {each.outcome}"
        + ("." if each.outcome in _REACHED else f", {each.detail}.")
        for each in outcome.receipts
    ]
