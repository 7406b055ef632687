"""An e-mail as the bytes that go over the wire: the same bytes for every attempt."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses
from typing import Any

from tenuto.activities.notify.identity import event_id, message_id
from tenuto.catalog.library.notify.requests import EmailRequest
from tenuto.core.errors import DataError

# Some relays still break eight-bit bodies; some receivers do not unfold a Message-ID.
_POLICY = SMTP.clone(cte_type="7bit", max_line_length=200)
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_CONTENT_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file inside an e-mail."""

    name: str
    media_type: str
    content: bytes


def write_email(
    request: EmailRequest,
    *,
    sender: str,
    to: Iterable[str],
    attachments: Iterable[Attachment],
    images: Iterable[Attachment] = (),
    moment: datetime | None,
) -> bytes:
    """The e-mail after RFC 5322, lines ended by CR LF; without a Date when `moment` is None.

    Raises DataError `notify.header-invalid` for a line break or control character in anything
    that becomes a header, and `notify.address-invalid`.
    """
    author = parse_address(sender)
    message = EmailMessage(policy=_POLICY)
    message["Message-ID"] = message_id(request.idempotency_key, author.domain)
    message["Idempotency-Key"] = event_id(request.idempotency_key)
    if moment is not None:
        message["Date"] = format_datetime(moment)
    message["From"] = author
    message["To"] = [parse_address(each) for each in to]
    if request.reply_to is not None:
        message["Reply-To"] = parse_address(request.reply_to)
    message["Subject"] = one_line("subject", request.subject)
    message.set_content(request.text)
    if request.html is not None:
        message.add_alternative(request.html, subtype="html")
        for each in images:
            _show(message, each)
    for each in attachments:
        _attach(message, each)
    _fix_boundaries(message, event_id(request.idempotency_key))
    return message.as_bytes()


def parse_address(text: str) -> Address:
    """`desk@example.com` or `Fund desk <desk@example.com>`, ASCII but for the name.

    Raises DataError `notify.address-invalid`, `notify.header-invalid`.
    """
    found = getaddresses([one_line("address", text)])
    name, address = found[0] if len(found) == 1 else ("", "")
    if _ADDRESS.fullmatch(address) is None:
        raise DataError(
            f"{text!r} is not an e-mail address; expected name@domain, or Name <name@domain>, in "
            "ASCII (an international domain in its xn-- form)",
            code="notify.address-invalid",
        )
    return Address(display_name=name, addr_spec=address)


def one_line(field: str, value: str) -> str:
    """`value`, if it can stand in a header. Raises DataError `notify.header-invalid`."""
    if _CONTROL.search(value) is not None:
        raise DataError(
            f"the {field} of an e-mail holds a line break or control character "
            f"({value[:80]!r}), which could add headers; remove it",
            code="notify.header-invalid",
        )
    return value


def _show(message: EmailMessage, image: Attachment) -> None:
    """Puts a picture beside the HTML, which names it `cid:<name>`."""
    main, _, sub = one_line("picture's type", image.media_type).partition("/")
    name = one_line("picture's name", image.name)
    if _CONTENT_ID.fullmatch(name) is None:
        raise DataError(
            f"the picture {name!r} of an e-mail cannot be named in HTML; use letters, digits, and "
            "`.`, `_`, `-`",
            code="notify.header-invalid",
        )
    html: Any = message.get_body(("html",))
    html.add_related(
        image.content,
        maintype=main,
        subtype=sub,
        cid=f"<{name}>",
        filename=name,
        disposition="inline",
    )


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    main, _, sub = one_line("attachment's type", attachment.media_type).partition("/")
    message.add_attachment(
        attachment.content,
        maintype=main if sub else "application",
        subtype=sub or "octet-stream",
        filename=one_line("attachment's name", attachment.name),
    )


def _fix_boundaries(message: EmailMessage, seed: str) -> None:
    """The library draws boundaries at random, which would make every attempt differ."""
    multipart = (part for part in message.walk() if part.is_multipart())
    for number, part in enumerate(multipart):
        part.set_boundary(f"=_{seed[4:36]}_{number}")
