"""`notify.email`: one message to several addresses, each with its own outcome."""

import os
from collections.abc import Sequence
from typing import Any

from temporalio import activity

from tenuto.activities.notify.identity import event_id, message_id
from tenuto.activities.notify.mime import Attachment, parse_address, write_email
from tenuto.activities.notify.mode import capture, is_test_mode
from tenuto.activities.notify.receipts import (
    captured,
    counted_attempts,
    delivered,
    failed,
    skipped,
)
from tenuto.activities.notify.smtp import Refusal, send_mail
from tenuto.activities.notify.smtp_server import HOST, choose_server, is_configured
from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.catalog.library.notify import catalog
from tenuto.catalog.library.notify.receipts import DeliveryReceipt, EmailReceipts
from tenuto.catalog.library.notify.requests import MAX_ATTACHMENT_BYTES, EmailRequest
from tenuto.core.errors import DataError, TransientError
from tenuto.core.references import Document

FROM = "TENUTO_SMTP_FROM"
DEFAULT_TO = "TENUTO_NOTIFY_EMAIL_TO"
"""Addresses, separated by commas."""

_NOBODY = "nobody@localhost.invalid"


@implements(catalog.email)
def email(request: EmailRequest) -> EmailReceipts:
    """One receipt for each address; addresses the server refuses for good are `failed`.

    Raises DataError `notify.every-address-refused` when no address is left; TransientError
    `notify.addresses-try-later` while the server defers some of them: the next attempt goes to
    those only. And what writing the message and talking to the server raise.
    """
    with counted_attempts():
        to = _addresses(request.to or _default_to())
        sender = request.sender or os.environ.get(FROM, "")
        if not to:
            return EmailReceipts(receipts=(skipped("email", DEFAULT_TO),))
        if is_test_mode():
            return _capture(request, sender or _NOBODY, to)
        missing = _missing_setting(request, sender)
        if missing:
            return EmailReceipts(
                receipts=tuple(skipped("email", missing, recipient=each) for each in to)
            )
        return _send(request, sender, to)


def _addresses(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(parse_address(each).addr_spec for each in texts))


def _default_to() -> tuple[str, ...]:
    return tuple(each.strip() for each in os.environ.get(DEFAULT_TO, "").split(",") if each.strip())


def _missing_setting(request: EmailRequest, sender: str) -> str:
    if request.server is None and not is_configured():
        return HOST
    return "" if sender else FROM


def _capture(request: EmailRequest, sender: str, to: tuple[str, ...]) -> EmailReceipts:
    content = write_email(
        request,
        sender=sender,
        to=to,
        attachments=_attachments(request),
        images=_images(request),
        moment=None,
    )
    url = capture(f"email/{event_id(request.idempotency_key)}.eml", content)
    identifier = message_id(request.idempotency_key, parse_address(sender).domain)
    return EmailReceipts(receipts=tuple(captured(each, "email", url, identifier) for each in to))


def _send(request: EmailRequest, sender: str, to: tuple[str, ...]) -> EmailReceipts:
    known = _Known.of_earlier_attempts()
    open_addresses = [each for each in to if each not in known.settled]
    if open_addresses:
        _send_to(open_addresses, request, sender, to, known)
    return EmailReceipts(receipts=tuple(known.settled[each] for each in to))


def _send_to(
    addresses: list[str],
    request: EmailRequest,
    sender: str,
    to: tuple[str, ...],
    known: "_Known",
) -> None:
    content = write_email(
        request,
        sender=sender,
        to=to,
        attachments=_attachments(request),
        images=_images(request),
        moment=activity.info().scheduled_time,  # the same for every attempt
    )
    author = parse_address(sender)
    refused = send_mail(
        choose_server(request.server), sender=author.addr_spec, to=addresses, content=content
    )
    identifier = message_id(request.idempotency_key, author.domain)
    for address in addresses:
        known.settle(address, refused.get(address), identifier)
    known.remember()
    deferred = {each: why for each, why in refused.items() if why.may_pass}
    _raise_for(to, known, deferred)


def _raise_for(to: tuple[str, ...], known: "_Known", deferred: dict[str, Refusal]) -> None:
    receipts = [known.settled[each].model_dump(mode="json") for each in to if each in known.settled]
    if deferred:
        said = "; ".join(f"{each}: {why.code} {why.text}" for each, why in deferred.items())
        raise TransientError(
            f"the mail server defers {len(deferred)} of {len(to)} addresses ({said}); they are "
            "tried again under the retry policy, and nobody else",
            code="notify.addresses-try-later",
            details={"deferred": sorted(deferred), "receipts": receipts},
        )
    if all(known.settled[each].outcome == "failed" for each in to):
        said = "; ".join(f"{each}: {known.settled[each].detail}" for each in to)
        raise DataError(
            f"the mail server refuses every address ({said}); correct them",
            code="notify.every-address-refused",
            details={"receipts": receipts},
        )


class _Known:
    """Addresses whose outcome is final, kept in the heartbeat so that a retry knows them."""

    def __init__(self, settled: dict[str, DeliveryReceipt]) -> None:
        self.settled = settled

    @classmethod
    def of_earlier_attempts(cls) -> "_Known":
        details: Any = activity.info().heartbeat_details
        kept = details[0] if details and isinstance(details[0], list) else []
        receipts = [DeliveryReceipt.model_validate(each) for each in kept]
        return cls({each.recipient: each for each in receipts})

    def settle(self, address: str, refusal: Refusal | None, identifier: str) -> None:
        if refusal is None:
            self.settled[address] = delivered(address, "email", "taken", identifier)
        elif not refusal.may_pass:
            said = f"{refusal.code} {refusal.text}"
            self.settled[address] = failed(address, "email", said, identifier)

    def remember(self) -> None:
        activity.heartbeat([each.model_dump(mode="json") for each in self.settled.values()])


def _attachments(request: EmailRequest) -> list[Attachment]:
    size = sum(each.bytes for each in (*request.attachments, *request.images))
    if size > MAX_ATTACHMENT_BYTES:
        raise DataError(
            f"the attachments have {size:,} bytes in all (limit {MAX_ATTACHMENT_BYTES:,}), so "
            "nothing was sent; send a link, or use `notify.file`",
            code="notify.attachments-too-large",
        )
    return _read(request.attachments)


def _images(request: EmailRequest) -> list[Attachment]:
    return _read(request.images)


def _read(documents: Sequence[Document]) -> list[Attachment]:
    store = current_store() if documents else None
    return [
        Attachment(
            name=each.name or f"attachment-{number}",
            media_type=each.media_type,
            content=store.get_bytes(each),
        )
        for number, each in enumerate(documents, start=1)
        if store is not None
    ]
