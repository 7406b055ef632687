"""Telling people and programs of a check: each channel by itself, with its own receipt."""

import asyncio
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from tenuto.catalog.library.notify.audience import Message, Recipient
from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.packs.monitors.catalog import post_event
from tenuto.packs.monitors.events import (
    EventData,
    EventExecution,
    EventResult,
    EventTask,
    PostEventRequest,
)
from tenuto.packs.monitors.mail_limits import refused
from tenuto.packs.monitors.models import (
    Finding,
    Judgement,
    Monitor,
    NoticeKind,
    NoticeSent,
    WebhookNotice,
)
from tenuto.workflows.notices import deliver_to_all, idempotency_key

_MOST_DETAIL = 1000
_REACHED = ("delivered", "captured")
EMAIL = "e-mail"
WEBHOOK = "webhook"


def has_reached(notices: tuple[NoticeSent, ...]) -> bool:
    """Whether anybody was told."""
    return any(each.receipt.outcome in _REACHED for each in notices)


async def welcome(monitor: Monitor, answer: str) -> tuple[NoticeSent, ...]:
    """The e-mail that says that the monitor works, and what it found first."""
    text = (
        f"Your monitor `{monitor.name}` has made its first check.\n\n"
        f"It asks: {monitor.search_query}\n"
        f"It tells you when: {monitor.condition_description}\n"
        f"It looks: {monitor.schedule}\n\n"
        f"Found now: {answer or 'nothing that stands on a source'}"
    )
    message = Message(subject=_line(f"Monitor started: {monitor.name}"), text=text)
    return await _mail(monitor, "welcome", message)


async def tell_met(
    monitor: Monitor, finding: Finding, judgement: Judgement, summary: str, checked_at: datetime
) -> tuple[NoticeSent, ...]:
    """E-mail and webhook at the same time; what becomes of one does not touch the other."""
    told = await asyncio.gather(
        _mail(monitor, "condition_met", _met(monitor, finding, judgement, summary)),
        _post(monitor, finding, judgement, summary, checked_at),
    )
    return told[0] + told[1]


async def _mail(monitor: Monitor, kind: NoticeKind, message: Message) -> tuple[NoticeSent, ...]:
    if monitor.email is None:
        return ()
    unsent = await refused(monitor.owner, monitor.email, kind)
    if unsent is not None:
        return (NoticeSent(kind=kind, receipt=unsent),)
    recipient = Recipient(name=EMAIL, channel="email", target=monitor.email)
    (receipt,) = await deliver_to_all((recipient,), message, step=kind)
    return (NoticeSent(kind=kind, receipt=_named(receipt, monitor.email)),)


async def _post(
    monitor: Monitor, finding: Finding, judgement: Judgement, summary: str, checked_at: datetime
) -> tuple[NoticeSent, ...]:
    webhook = monitor.webhook
    if webhook is None:
        return ()
    event = PostEventRequest(
        url=webhook.url,
        secrets=webhook.secrets,
        occurred_at=checked_at,
        data=_event(monitor, finding, judgement, summary, checked_at),
        idempotency_key=idempotency_key(WEBHOOK),
    )
    try:
        receipt = await post_event(event, summary=f"webhook of {monitor.name}"[:200])
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        receipt = _failed(webhook, error)
    return (NoticeSent(kind="condition_met", receipt=receipt),)


def _met(monitor: Monitor, finding: Finding, judgement: Judgement, summary: str) -> Message:
    sources = "\n".join(f"- {each.title or each.url}: {each.url}" for each in finding.sources)
    parts = [
        f"`{monitor.condition_description}` is met: {judgement.explanation}",
        finding.answer,
        f"Changed since the check before: {summary}" if summary else "",
        f"Sources:\n{sources}",
    ]
    return Message(
        subject=_line(f"Condition met: {monitor.name}"),
        text="\n\n".join(part for part in parts if part),
        level="success",
    )


def _event(
    monitor: Monitor, finding: Finding, judgement: Judgement, summary: str, checked_at: datetime
) -> EventData:
    return EventData(
        task=EventTask(
            id=monitor.id,
            name=monitor.name,
            search_query=monitor.search_query,
            condition_description=monitor.condition_description,
        ),
        execution=EventExecution(
            id=workflow.info().workflow_id,
            condition_met=judgement.condition_met,
            change_summary=summary or judgement.explanation,
            completed_at=checked_at,
        ),
        result=EventResult(answer=finding.answer, grounding_sources=finding.sources),
    )


def _failed(webhook: WebhookNotice, error: ActivityError) -> DeliveryReceipt:
    cause = error.cause
    details = cause.details[0] if isinstance(cause, ApplicationError) and cause.details else {}
    most = post_event.retry.maximum_attempts
    return DeliveryReceipt(
        recipient=WEBHOOK,
        channel="webhook",
        outcome="failed",
        detail=str(getattr(error.cause, "message", error.cause))[:_MOST_DETAIL],
        attempts=details.get("attempts", most) if isinstance(details, dict) else most,
    )


def _named(receipt: DeliveryReceipt, address: str) -> DeliveryReceipt:
    return receipt.model_copy(update={"recipient": address})


def _line(text: str) -> str:
    return " ".join(text.split())[:250]
