"""What reports can be asked: their steps, alerts, and the workflow that orders the steps."""

from datetime import timedelta

from temporalio.common import RetryPolicy

from tenuto.catalog import SideEffect, activity, workflow_entry
from tenuto.catalog.library.notify.catalog import QUEUE as NOTIFY_QUEUE
from tenuto.packs.reports.handoffs import (
    AlertRequest,
    ChannelReady,
    CheckChannelRequest,
    Opened,
    OpenRequest,
    Queried,
    QueryRequest,
    RenderedAlert,
    RenderedChannel,
    RenderRequest,
)
from tenuto.packs.reports.models import RunReportRequest, RunReportResult

QUEUE = "reports"

_SHORT = timedelta(minutes=1)
_PATIENT = RetryPolicy(
    initial_interval=timedelta(seconds=2),
    maximum_interval=timedelta(minutes=1),
    maximum_attempts=6,
)
"""A database that restarts, or is locked by whoever loads it, is survived."""

open_report = activity(
    "reports.open",
    request=OpenRequest,
    result=Opened,
    summary="Read a report and its files, merge its parameters, and pin both.",
    queue=QUEUE,
    start_to_close=_SHORT,
    side_effect=SideEffect.ARTIFACTS,
    idempotency="It reads files and stores them by their content.",
)

check_channel = activity(
    "reports.check_channel",
    request=CheckChannelRequest,
    result=ChannelReady,
    summary="Find a setting or secret that is missing before anything is sent.",
    queue=NOTIFY_QUEUE,
    start_to_close=_SHORT,
    idempotency="It reads settings, and changes nothing.",
)

query = activity(
    "reports.query",
    request=QueryRequest,
    result=Queried,
    summary="Run every query of a report with bound parameters, reading only.",
    queue=QUEUE,
    start_to_close=timedelta(hours=2),
    retry=_PATIENT,
    side_effect=SideEffect.ARTIFACTS,
    idempotency="It only reads; a repeated attempt reads again from the start.",
)

render = activity(
    "reports.render",
    request=RenderRequest,
    result=RenderedChannel,
    summary="Fill a report's templates for one channel, draw its charts, and store all of it.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=10),
    side_effect=SideEffect.ARTIFACTS,
    idempotency="The same rows and templates give the same bytes.",
)

render_alert = activity(
    "reports.render_alert",
    request=AlertRequest,
    result=RenderedAlert,
    summary="Write an alert in the form of one channel.",
    queue=QUEUE,
    start_to_close=_SHORT,
    idempotency="It writes text, and changes nothing.",
)

run_report = workflow_entry(
    "run-report",
    type_name="RunReportWorkflow",
    request=RunReportRequest,
    result=RunReportResult,
    summary="Query, render, and send a report.",
    queue=QUEUE,
    search_attributes=(("TenutoSubject", "report_name"),),
)
