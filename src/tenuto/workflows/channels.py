"""What a channel's entry is asked for one recipient: the same message in each channel's form."""

import re
from datetime import datetime

from tenuto.catalog.library.notify.audience import Message, Recipient
from tenuto.catalog.library.notify.requests import (
    ChatRequest,
    EmailRequest,
    FileRequest,
    SmsRequest,
    WebhookRequest,
)

_UNSAFE = re.compile(r"[^A-Za-z0-9_/-]+")
_SMS_CHARS = 200  # three segments at most, in any alphabet

Request = EmailRequest | ChatRequest | SmsRequest | WebhookRequest | FileRequest


def ask(recipient: Recipient, message: Message, key: str, occurred_at: datetime) -> Request:
    """The request that tells `recipient` what `message` says, under the idempotency key `key`.

    An empty target is the worker's default.
    """
    if recipient.channel == "email":
        return EmailRequest(
            to=(recipient.target,) if recipient.target else (),
            subject=message.subject,
            text=message.text,
            html=message.html,
            attachments=message.attachments,
            images=message.images,
            idempotency_key=key,
        )
    if recipient.channel == "chat":
        return ChatRequest(
            target=recipient.target or None,
            title=message.subject,
            text=message.text,
            is_markup=message.is_markup,
            level=message.level,
            idempotency_key=key,
        )
    if recipient.channel == "sms":
        text = message.short or _short(f"{message.subject}\n{message.text}")
        return SmsRequest(to=recipient.target, text=text, idempotency_key=key)
    if recipient.channel == "webhook":
        return _event(recipient, message, key, occurred_at)
    return FileRequest(
        folder=recipient.target,
        name=_UNSAFE.sub("_", key).strip("/")[-400:],
        documents=message.attachments,
        text=f"{message.subject}\n\n{message.text}\n",
        idempotency_key=key,
    )


def _event(
    recipient: Recipient, message: Message, key: str, occurred_at: datetime
) -> WebhookRequest:
    return WebhookRequest(
        url=recipient.target,
        secrets=recipient.secrets,
        type=message.type,
        occurred_at=occurred_at,
        data={"subject": message.subject, "text": message.text, **message.data},
        idempotency_key=key,
    )


def _short(text: str) -> str:
    return text if len(text) <= _SMS_CHARS else text[: _SMS_CHARS - 3] + "..."
