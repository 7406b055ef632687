"""Names, types, timeouts, and retries of a check's steps, and the check itself."""

from datetime import timedelta

from temporalio.common import RetryPolicy

from tenuto.catalog import SideEffect, activity, workflow_entry
from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.packs.monitors.events import PostEventRequest
from tenuto.packs.monitors.models import (
    CheckRecord,
    CheckRequest,
    CompareRequest,
    Comparison,
    CompleteRequest,
    Finding,
    Judgement,
    JudgeRequest,
    LookRequest,
    MonitorRequest,
    Standing,
)

QUEUE = "monitors"

LONGEST = timedelta(hours=24)
"""No check takes longer. Three steps may each wait four times for a provider, an hour at the most
each time, and then a webhook three times; what is left is for mails and a worker that is away."""

_SILENCE = timedelta(seconds=5)
"""A worker that died is missed after this."""

_PAID = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(minutes=2),
    maximum_attempts=5,
)
"""The error says how long to wait and when to give up earlier; this is only the frame."""

_WEBHOOK = RetryPolicy(
    initial_interval=timedelta(seconds=2),
    backoff_coefficient=2.0,
    maximum_interval=timedelta(seconds=900),
    maximum_attempts=4,
)
"""After 2 s where a worker died; what a receiver refused says by itself when it is tried again:
after 60, 300, and 900 seconds."""

search = activity(
    "monitors.search",
    request=LookRequest,
    result=Finding,
    summary="Ask a provider what the web says to a monitor's question now.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=5),
    heartbeat=_SILENCE,
    retry=_PAID,
    idempotency="Reads; an attempt that did not finish is asked and paid again.",
)

judge = activity(
    "monitors.judge",
    request=JudgeRequest,
    result=Judgement,
    summary="Decide whether what was found meets the condition, and read its state.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=3),
    heartbeat=_SILENCE,
    retry=_PAID,
    idempotency="Reads; an attempt that did not finish is asked and paid again.",
)

compare = activity(
    "monitors.compare",
    request=CompareRequest,
    result=Comparison,
    summary="Decide whether the state is another one than at the check before.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=3),
    heartbeat=_SILENCE,
    retry=_PAID,
    idempotency="Reads; equal states ask no model.",
)

post_event = activity(
    "monitors.post_event",
    request=PostEventRequest,
    result=DeliveryReceipt,
    summary="Post a monitor's signed event to its webhook.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=30),
    retry=_WEBHOOK,
    side_effect=SideEffect.EXTERNAL,
    idempotency="Every attempt carries the same event id and delivery id.",
)

_ENGINE = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(seconds=30),
    maximum_attempts=10,
)

read_standing = activity(
    "monitors.read_standing",
    request=MonitorRequest,
    result=Standing,
    summary="Read whether a monitor is active, paused, completed, or deleted.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=30),
    retry=_ENGINE,
    idempotency="Reads only.",
)

complete = activity(
    "monitors.complete",
    request=CompleteRequest,
    result=Standing,
    summary="Complete a monitor that has told: it is kept, and looks no more.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=30),
    retry=_ENGINE,
    side_effect=SideEffect.EXTERNAL,
    idempotency="A monitor that is completed, paused, reopened, or deleted stays as it is.",
)

monitor_check = workflow_entry(
    "monitor-check",
    type_name="MonitoringWorkflow",
    request=CheckRequest,
    result=CheckRecord,
    summary="Look once for a monitor, and tell whoever asked to be told.",
    queue=QUEUE,
    execution_timeout=LONGEST,
    search_attributes=(("TenutoSubject", "monitor.id"),),
    started_by="A monitor's schedule, `tenuto monitor run`, or `tenuto monitor preview`.",
)
