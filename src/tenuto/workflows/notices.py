"""Telling several recipients the same thing, each with its own retries and its own receipt."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from tenuto.catalog.library.notify import catalog
from tenuto.catalog.library.notify.audience import Message, Recipient
from tenuto.catalog.library.notify.receipts import DeliveryReceipt, EmailReceipts
from tenuto.catalog.library.notify.storms import Admission, AdmitRequest, StormRule
from tenuto.core.errors import UsageError
from tenuto.workflows.channels import ask

_MAX_DETAIL = 1000
_ENTRIES: dict[str, Any] = {
    "email": catalog.email,
    "chat": catalog.chat,
    "sms": catalog.sms,
    "webhook": catalog.webhook,
    "file": catalog.file,
}


def idempotency_key(step: str) -> str:
    """Names one logical message of this run: `<workflow id>/<run id>/<step>`.

    It is the same for every attempt, and still the same after a reset of the run, which repeats
    steps that were done before. `step` is different for every message of a run; a loop adds its
    turn.
    """
    info = workflow.info()
    return f"{info.workflow_id}/{info.original_execution_run_id}/{step}"


async def deliver_to_all(
    recipients: Sequence[Recipient], message: Message, *, step: str
) -> tuple[DeliveryReceipt, ...]:
    """One receipt for each recipient, in their order; `failed` after the last attempt.

    Recipients are independent: a failure neither stops nor repeats the others, and raises
    nothing; a cancellation of the run does. Raises UsageError `notify.recipient-twice`.
    """
    _refuse_twice(recipients)
    key = idempotency_key(step)
    now = workflow.now()
    receipts = await asyncio.gather(
        *(_deliver(each, message, f"{key}/{each.name}", now) for each in recipients)
    )
    return tuple(receipts)


async def deliver_guarded(
    recipients: Sequence[Recipient],
    message: Message,
    *,
    step: str,
    audience: str,
    topic: str,
    recovered: bool = False,
    rule: StormRule | None = None,
    with_digest: bool = True,
) -> tuple[DeliveryReceipt, ...]:
    """As `deliver_to_all`, if the storm guard of `audience` lets `topic` through.

    What it holds back has receipts with outcome `suppressed`, and is told in its digest unless
    `with_digest` says otherwise: for what is no news of a failure. A guard
    that cannot be reached lets everything through: a message too many harms less than silence.
    """
    _refuse_twice(recipients)
    question = AdmitRequest(
        audience=audience,
        topic=topic,
        recovered=recovered,
        rule=rule or StormRule(),
        recipients=tuple(recipients) if with_digest else (),
        idempotency_key=idempotency_key(step),
    )
    admission = await _admission(question)
    if admission.decision == "suppressed":
        return tuple(_suppressed(each, admission) for each in recipients)
    return await deliver_to_all(recipients, _with_count(message, admission), step=step)


async def _deliver(
    recipient: Recipient, message: Message, key: str, now: datetime
) -> DeliveryReceipt:
    entry = _ENTRIES[recipient.channel]
    try:
        result = await entry(ask(recipient, message, key, now), summary=f"to {recipient.name}")
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        return _failed(recipient, error, entry.retry.maximum_attempts)
    receipt = _only(result) if isinstance(result, EmailReceipts) else result
    named: DeliveryReceipt = receipt.model_copy(update={"recipient": recipient.name})
    return named


def _only(result: EmailReceipts) -> DeliveryReceipt:
    """The one receipt that says most: default addresses may be several."""
    delivered = [each for each in result.receipts if each.outcome == "delivered"]
    others = [each for each in result.receipts if each.outcome != "delivered"]
    if not delivered or not others:
        return result.receipts[0]
    said = "; ".join(f"{each.recipient}: {each.outcome}, {each.detail}" for each in others)
    return delivered[0].model_copy(update={"detail": f"not to all: {said}"[:_MAX_DETAIL]})


def _failed(recipient: Recipient, error: ActivityError, attempts: int) -> DeliveryReceipt:
    cause = error.cause
    details = cause.details[0] if isinstance(cause, ApplicationError) and cause.details else {}
    counted = details.get("attempts", attempts) if isinstance(details, dict) else attempts
    return DeliveryReceipt(
        recipient=recipient.name,
        channel=recipient.channel,
        outcome="failed",
        detail=str(getattr(cause, "message", cause))[:_MAX_DETAIL],
        attempts=counted,
    )


async def _admission(question: AdmitRequest) -> Admission:
    try:
        return await catalog.admit(question, summary=f"may {question.audience} be told?")
    except ActivityError as error:
        if is_cancelled_exception(error):
            raise
        workflow.logger.warning("storm_guard_unreachable: %s", error.cause)
        return Admission(decision="send")


def _suppressed(recipient: Recipient, admission: Admission) -> DeliveryReceipt:
    until = f", told in a digest at {admission.until:%H:%M} UTC" if admission.until else ""
    return DeliveryReceipt(
        recipient=recipient.name,
        channel=recipient.channel,
        outcome="suppressed",
        detail=f"held back by the storm guard{until}",
        attempts=0,
    )


def _with_count(message: Message, admission: Admission) -> Message:
    if not admission.suppressed or admission.since is None:
        return message
    note = f"{admission.suppressed} further notice(s) held back since {admission.since:%H:%M} UTC."
    return message.model_copy(update={"text": f"{message.text}\n\n{note}"})


def _refuse_twice(recipients: Sequence[Recipient]) -> None:
    names = [each.name for each in recipients]
    if len(set(names)) != len(names):
        raise UsageError(
            f"recipients need different names, which keep their deliveries apart (found: {names})",
            code="notify.recipient-twice",
        )
