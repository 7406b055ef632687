"""Who carries text messages: providers behind one form, chosen by the worker's settings."""

import base64
import json
import os
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from pydantic import SecretStr

from tenuto.activities import http
from tenuto.activities.in_the_clear import clear_text_host
from tenuto.activities.secrets import resolve_secret
from tenuto.core.errors import DataError, UsageError

PROVIDER = "TENUTO_SMS_PROVIDER"
"""`twilio` or `http`."""
SENDER = "TENUTO_SMS_FROM"
URL = "TENUTO_SMS_URL"
ACCOUNT = "TENUTO_SMS_ACCOUNT"
TOKEN = "secret://env/TENUTO_SMS_TOKEN"  # noqa: S105 (where it is, not what it is)
FORMAT = "TENUTO_SMS_FORMAT"
FIELDS = "TENUTO_SMS_FIELDS"

_TWILIO = "https://api.twilio.com"
_FIELD_NAMES = {"to": "to", "from": "from", "text": "text", "id": "id"}


class SmsProvider(Protocol):
    """Takes responsibility for a text message, or raises an error of our tree."""

    def send(self, *, to: str, text: str, message_id: str) -> str:
        """What the provider calls the message. `message_id` is the same for every attempt."""
        ...


@dataclass(frozen=True)
class TwilioProvider:
    """Twilio's REST API `2010-04-01`, or one compatible with it."""

    base_url: str
    account: str
    token: SecretStr
    sender: str

    def send(self, *, to: str, text: str, message_id: str) -> str:
        """The message's SID."""
        pair = f"{self.account}:{self.token.get_secret_value()}".encode()
        answer = _post(
            f"{self.base_url}/2010-04-01/Accounts/{quote(self.account, safe='')}/Messages.json",
            body=urlencode({"To": to, "From": self.sender, "Body": text}).encode(),
            media_type="application/x-www-form-urlencoded",
            authorization="Basic " + base64.b64encode(pair).decode(),
            message_id=message_id,
        )
        said = answer.json()
        if not isinstance(said, dict) or not said.get("sid") or _has_failed(said):
            raise DataError(
                f"the provider answered {answer.status} without taking the message "
                f"({_summary(said)}); check the sender and the account",
                code="notify.sms-refused",
            )
        return str(said["sid"])


@dataclass(frozen=True)
class HttpProvider:
    """Any gateway that takes a POST of a form or of JSON."""

    url: str
    token: SecretStr | None
    sender: str
    is_json: bool
    names: dict[str, str]
    """Our field (`to`, `from`, `text`, `id`) -> the gateway's."""

    def send(self, *, to: str, text: str, message_id: str) -> str:
        """Our own id: what the gateway answers is not known."""
        values = {"to": to, "from": self.sender, "text": text, "id": message_id}
        named = {self.names[each]: value for each, value in values.items() if value}
        _post(
            self.url,
            body=json.dumps(named).encode() if self.is_json else urlencode(named).encode(),
            media_type="application/json" if self.is_json else "application/x-www-form-urlencoded",
            authorization=f"Bearer {self.token.get_secret_value()}" if self.token else "",
            message_id=message_id,
        )
        return message_id


def is_configured() -> bool:
    """Whether the worker's settings name a provider."""
    return bool(os.environ.get(PROVIDER))


def sms_provider() -> SmsProvider:
    """The provider of the worker's settings.

    Raises UsageError `notify.sms-settings-invalid`, and what `resolve_secret` raises.
    """
    kind = _choice(PROVIDER, os.environ.get(PROVIDER, ""), ("twilio", "http"))
    if kind == "twilio":
        return TwilioProvider(
            base_url=_checked(os.environ.get(URL) or _TWILIO).rstrip("/"),
            account=_needed(ACCOUNT, os.environ.get(ACCOUNT)),
            token=resolve_secret(TOKEN),
            sender=_needed(SENDER, os.environ.get(SENDER)),
        )
    return HttpProvider(
        url=_checked(_needed(URL, os.environ.get(URL))),
        token=resolve_secret(TOKEN) if os.environ.get("TENUTO_SMS_TOKEN") else None,
        sender=os.environ.get(SENDER, ""),
        is_json=_choice(FORMAT, os.environ.get(FORMAT) or "json", ("json", "form")) == "json",
        names=_field_names(os.environ.get(FIELDS, "")),
    )


def _post(
    url: str, *, body: bytes, media_type: str, authorization: str, message_id: str
) -> http.HttpResponse:
    headers = {"content-type": media_type, "idempotency-key": message_id}
    if authorization:
        headers["authorization"] = authorization
    return http.request("POST", url, headers=headers, body=body, max_redirects=0)


def _has_failed(said: dict[str, Any]) -> bool:
    return said.get("status") in ("failed", "undelivered", "canceled")


def _summary(said: Any) -> str:
    kept = ("status", "code", "error_code", "error_message", "message")
    return json.dumps({name: said[name] for name in kept if name in said})[:300] if said else "{}"


def _needed(name: str, value: str | None) -> str:
    if not value:
        raise UsageError(
            f"{PROVIDER} is set, and {name} is not; set it on the worker",
            code="notify.sms-settings-invalid",
        )
    return value


def _checked(url: str) -> str:
    if clear_text_host(url) is not None:
        raise UsageError(
            f"{URL} is an address without encryption; use https:// (http:// is for loopback "
            "addresses only)",
            code="notify.sms-settings-invalid",
        )
    return url


def _choice(name: str, value: str, valid: tuple[str, ...]) -> str:
    if value not in valid:
        raise UsageError(
            f"{name} is {value!r}; valid values are {', '.join(valid)}",
            code="notify.sms-settings-invalid",
        )
    return value


def _field_names(text: str) -> dict[str, str]:
    given = dict(part.strip().partition("=")[::2] for part in text.split(",") if part.strip())
    if set(given) - set(_FIELD_NAMES) or not all(given.values()):
        raise UsageError(
            f"{FIELDS} is {text!r}; write pairs such as to=recipient,text=message, of "
            f"{', '.join(_FIELD_NAMES)}",
            code="notify.sms-settings-invalid",
        )
    return {**_FIELD_NAMES, **given}
