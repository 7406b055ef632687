"""`notify.chat`: one message to one target of a chat service."""

import json
import logging
import os
import re
from html import escape
from typing import Any

from apprise import NotifyBase, NotifyFormat, NotifyType
from pydantic import SecretStr

from tenuto.activities.notify.chat_http import Exchange, current_exchange, exchanging
from tenuto.activities.notify.chat_services import chat_service
from tenuto.activities.notify.identity import event_id, short_reference
from tenuto.activities.notify.mode import capture, is_test_mode
from tenuto.activities.notify.receipts import captured, counted_attempts, delivered, once, skipped
from tenuto.activities.notify.redaction import redact
from tenuto.activities.secrets import resolve_secret
from tenuto.catalog import implements
from tenuto.catalog.library.notify import catalog
from tenuto.catalog.library.notify.receipts import DeliveryReceipt
from tenuto.catalog.library.notify.requests import ChatRequest
from tenuto.core.errors import DataError, TenutoError, TransientError

DEFAULT_TARGET = "TENUTO_NOTIFY_CHAT_URL"

_MAY_PASS = {"fatal_error", "internal_error", "ratelimited", "request_timeout"} | {
    "service_unavailable"
}
"""Slack's words, in an answer with status 200, for what another attempt may cure."""

_MENTION = re.compile(r"(?<=@)(?=(?:everyone|here|channel|all)\b)|(?<=<)(?=[!@#&]|users/)")

_SHORTENED = "\n[shortened: {left_out:,} characters left out]"


@implements(catalog.chat)
def chat(request: ChatRequest) -> DeliveryReceipt:
    """The receipt of a message that the service took.

    Raises what `chat_service` and `tenuto.activities.http.request` raise; DataError
    `notify.chat-refused` and TransientError `notify.chat-try-later` when the service says no in
    an answer that looks like a success.
    """
    with counted_attempts():
        identifier = event_id(request.idempotency_key)
        target = request.target or f"secret://env/{DEFAULT_TARGET}"
        if request.target is None and not os.environ.get(DEFAULT_TARGET):
            return skipped("chat", DEFAULT_TARGET)
        if is_test_mode():
            content = request.model_dump_json(indent=2).encode()
            return captured(target, "chat", capture(f"chat/{identifier}.json", content), identifier)
        return once(lambda: _send(request, target, identifier))


def _send(request: ChatRequest, target: str, identifier: str) -> DeliveryReceipt:
    url = resolve_secret(target)
    exchange = Exchange(event_id=identifier)
    with exchanging(exchange):
        service = chat_service(url)
        is_taken = service.notify(**_written(service, request))
    if not is_taken or not exchange.answers:
        raise _refused(service, exchange, url)
    return delivered(target, "chat", f"taken by {service.service_name}", identifier)


def _written(service: NotifyBase, request: ChatRequest) -> dict[str, Any]:
    """Plain text in the service's own form, in which nothing is interpreted; or its markup."""
    title, body = _calm(request.title), _calm(_body(service, request))
    formats: Any = service.notify_format  # one, or several
    formats = set(formats) if isinstance(formats, tuple) else {formats}
    if request.is_markup:
        if NotifyFormat.MARKDOWN in formats:  # or the library would translate it once more
            vars(service)["dialect_convert"] = _as_it_is
        return {
            "title": title,
            "body": body,
            "body_format": NotifyFormat.MARKDOWN,
            "notify_type": NotifyType(request.level),
        }
    is_html = NotifyFormat.HTML in formats and NotifyFormat.TEXT not in formats
    if is_html:  # the library drops what looks like a tag, unless we escape it
        title, body = escape(title, quote=False), escape(body, quote=False)
    return {
        "title": title,
        "body": body,
        "body_format": NotifyFormat.HTML if is_html else NotifyFormat.TEXT,
        "notify_type": NotifyType(request.level),
    }


def _as_it_is(body: str, *_: Any, **__: Any) -> str:
    return body


def _body(service: NotifyBase, request: ChatRequest) -> str:
    """The text, no longer than the service takes, with what identifies a repetition."""
    reference = f"\n(ref {short_reference(request.idempotency_key)})"
    # Services without a title get it as the first line of the text.
    title = 0 if service.title_maxlen else len(request.title) + 4
    room = service.body_maxlen - len(reference) - title
    text = request.text
    if len(text) > room:
        kept = room - len(_SHORTENED) - 10
        text = text[:kept] + _SHORTENED.format(left_out=len(text) - kept)
    return text + reference


def _calm(text: str) -> str:
    """`text` that mentions nobody: what it quotes may say `@everyone` or `<!channel>`."""
    return _MENTION.sub("\u200b", text)


def _refused(service: NotifyBase, exchange: Exchange, url: SecretStr) -> TenutoError:
    answer = exchange.answers[-1].decode("utf-8", "replace")[:300] if exchange.answers else ""
    said = redact(" / ".join([*exchange.log, answer]), url)
    if _error_word(answer) in _MAY_PASS:
        return TransientError(
            f"{service.service_name} did not take the message ({said}); it is tried again under "
            "the retry policy",
            code="notify.chat-try-later",
        )
    return DataError(
        f"{service.service_name} did not take the message ({said}); check the target and its "
        "rights",
        code="notify.chat-refused",
    )


def _error_word(answer: str) -> str:
    try:
        found = json.loads(answer)
    except ValueError:
        return ""
    return str(found.get("error", "")) if isinstance(found, dict) else ""


class _Keep(logging.Filter):
    """Keeps what the library says during our exchanges, and out of the worker's log."""

    def filter(self, record: logging.LogRecord) -> bool:
        exchange = current_exchange()
        if exchange is None:
            return True
        if record.levelno >= logging.WARNING:
            exchange.log.append(record.getMessage())
        return False


logging.getLogger("apprise").addFilter(_Keep())
