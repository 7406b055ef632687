"""The channels as entries, and the guard against storms."""

from datetime import timedelta

from temporalio.common import RetryPolicy

from tenuto.catalog import SideEffect, activity, workflow_entry
from tenuto.catalog.library.notify.receipts import DeliveryReceipt, EmailReceipts
from tenuto.catalog.library.notify.requests import (
    ChatRequest,
    EmailRequest,
    FileRequest,
    SmsRequest,
    WebhookRequest,
)
from tenuto.catalog.library.notify.storms import (
    Admission,
    AdmitRequest,
    StormGuardRequest,
    StormGuardResult,
)

QUEUE = "integration"

GUARD_ID = "storm-guard/{audience}"

_PATIENT = RetryPolicy(
    initial_interval=timedelta(seconds=2),
    backoff_coefficient=4.0,
    maximum_interval=timedelta(minutes=5),
    maximum_attempts=5,
)
"""2 s, 8 s, 32 s, 128 s: a restart of the receiving server is survived."""

_WEBHOOK_PLAN = RetryPolicy(
    initial_interval=timedelta(seconds=60),
    backoff_coefficient=5.0,
    maximum_interval=timedelta(seconds=900),
    maximum_attempts=4,
)
"""After 60, 300, and 900 seconds."""

email = activity(
    "notify.email",
    request=EmailRequest,
    result=EmailReceipts,
    summary="Send an e-mail over SMTP.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=3),
    retry=_PATIENT,
    side_effect=SideEffect.EXTERNAL,
    idempotency="The Message-ID is made of the idempotency key: every attempt carries the same, "
    "and an address that took the message is not tried again.",
)

chat = activity(
    "notify.chat",
    request=ChatRequest,
    result=DeliveryReceipt,
    summary="Post a message to Slack, Teams, Discord, Telegram, or another chat service.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=1),
    retry=_PATIENT,
    side_effect=SideEffect.EXTERNAL,
    idempotency="Every attempt carries the same Idempotency-Key header and the same short "
    "reference in its text; services that ignore the header may show a repetition, which the "
    "reference identifies.",
)

webhook = activity(
    "notify.webhook",
    request=WebhookRequest,
    result=DeliveryReceipt,
    summary="Post a signed event after Standard Webhooks.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=30),
    retry=_WEBHOOK_PLAN,
    side_effect=SideEffect.EXTERNAL,
    idempotency="The webhook-id is made of the idempotency key, and receivers ignore an id they "
    "have seen.",
)

sms = activity(
    "notify.sms",
    request=SmsRequest,
    result=DeliveryReceipt,
    summary="Send a text message to a telephone.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=1),
    retry=_PATIENT,
    side_effect=SideEffect.EXTERNAL,
    idempotency="Every attempt carries the same Idempotency-Key header, and the same id where "
    "the provider has a field for one.",
)

file = activity(
    "notify.file",
    request=FileRequest,
    result=DeliveryReceipt,
    summary="Put files into a folder that somebody else picks up from.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=10),
    retry=_PATIENT,
    side_effect=SideEffect.EXTERNAL,
    idempotency="A name never changes its content: the same again writes nothing, other content "
    "is refused.",
)

admit = activity(
    "notify.admit",
    request=AdmitRequest,
    result=Admission,
    summary="Ask the storm guard of an audience whether a message may be sent.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=20),
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=1),
        maximum_interval=timedelta(seconds=30),
        maximum_attempts=4,
    ),
    side_effect=SideEffect.EXTERNAL,
    idempotency="The guard remembers its answer to an idempotency key and gives it again.",
)

storm_guard = workflow_entry(
    "storm-guard",
    type_name="StormGuard",
    request=StormGuardRequest,
    result=StormGuardResult,
    summary="Hold back repeated notices to one audience and tell them in one digest.",
    queue=QUEUE,
    run_id=GUARD_ID,
)
