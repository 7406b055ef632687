"""Whether a delivery is the sender's: its signature, and how old it is. Everything else is no."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook as StandardWebhook
from standardwebhooks.webhooks import WebhookVerificationError

from tenuto.core.errors import DataError, UsageError
from tenuto.identity.secret_values import resolve_secret
from tenuto.triggers.events.model import Proof, Signature

SHORTEST_KEY = 16
"""Bytes of a secret; what is shorter can be guessed."""

_TEXT = re.compile(r"[\x21-\x7e]{1,256}")
_SECONDS = re.compile(r"[0-9]{1,12}")
_MOST_SIGNATURES = 20


class BadSignatureError(DataError):
    """Nobody who holds a secret has signed this, or too long ago."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prover:
    """What one trigger accepts, with its secrets at hand."""

    proof: Proof
    secrets: tuple[SecretStr, ...]

    def event_id(self, body: bytes, headers: Mapping[str, str], now: datetime) -> str:
        """The id of the event that this delivery is of; `headers` have names in lower case.

        The sender's own where it is signed, else the hash of the body: an id that anybody can
        change would let a recorded delivery be replayed. Raises BadSignatureError
        `triggers.bad-signature`, whose message says nothing about secrets.
        """
        match self.proof.scheme:
            case "standard-webhooks":
                return self._standard(body, headers, now)
            case "hmac-sha256":
                self._hmac(body, headers, now)
        return hashlib.sha256(body).hexdigest()

    def _standard(self, body: bytes, headers: Mapping[str, str], now: datetime) -> str:
        named, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not _TEXT.fullmatch(named) or not _SECONDS.fullmatch(stamp):
            raise _bad("`webhook-id` or `webhook-timestamp` is missing or is none")
        self._refuse_old(stamp, now)
        # A list first: every secret is tried, so that time does not tell which one fits.
        if True not in [_is_standard(each, body, headers) for each in self.secrets]:
            raise _bad("no secret fits `webhook-signature`")
        return named

    def _hmac(self, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
        wanted = self.proof.signature
        assert wanted is not None  # noqa: S101 (the model sees to it)
        given = headers.get(wanted.header.lower(), "")
        if wanted.form == "t-v1":
            stamp, signatures = _stamped(given)
            self._refuse_old(stamp, now)
            content = stamp.encode() + b"." + body
        else:
            signatures, content = [given.removeprefix(wanted.prefix)], body
            if not given.startswith(wanted.prefix):
                raise _bad(f"`{wanted.header}` does not begin with `{wanted.prefix}`")
        if True not in [_is_hmac(each, content, signatures, wanted) for each in self.secrets]:
            raise _bad(f"no secret fits `{wanted.header}`")

    def _refuse_old(self, stamp: str, now: datetime) -> None:
        age = now.timestamp() - int(stamp)
        if abs(age) > self.proof.tolerance.total_seconds():
            raise _bad(f"it was signed {age:.0f} s ago, and {self.proof.tolerance} is tolerated")


def open_prover(proof: Proof, name: str) -> Prover:
    """The prover of a trigger, its secrets resolved from this process's environment.

    Raises NotFoundError `secret.missing`, UsageError `triggers.weak-secret`; neither shows it.
    """
    secrets = [(reference, resolve_secret(reference)) for reference in proof.secrets]
    for reference, secret in secrets:
        if len(_key(secret, proof) or b"") < SHORTEST_KEY:
            form = " in Base64, `whsec_...`" if proof.scheme == "standard-webhooks" else ""
            raise UsageError(
                f"{reference} of trigger `{name}` is no key of {SHORTEST_KEY} bytes or more{form}."
                " Put the sender's signing secret there, letter by letter.",
                code="triggers.weak-secret",
                details={"reference": reference},
            )
    return Prover(proof=proof, secrets=tuple(secret for _, secret in secrets))


def sign_standard(secret: SecretStr, event_id: str, body: bytes, at: datetime) -> dict[str, str]:
    """Headers of a delivery after Standard Webhooks."""
    signature = StandardWebhook(secret.get_secret_value()).sign(event_id, at, body.decode())
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }


def sign_hmac(secret: SecretStr, wanted: Signature, body: bytes, at: datetime) -> dict[str, str]:
    """The header of a delivery that is signed as `wanted` says."""
    stamp = str(int(at.timestamp()))
    key = secret.get_secret_value().encode()
    if wanted.form == "t-v1":
        signed = _encoded(_digest(key, stamp.encode() + b"." + body), wanted)
        return {wanted.header: f"t={stamp},v1={signed}"}
    return {wanted.header: wanted.prefix + _encoded(_digest(key, body), wanted)}


def _is_standard(secret: SecretStr, body: bytes, headers: Mapping[str, str]) -> bool:
    try:
        StandardWebhook(secret.get_secret_value()).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError):
        # ValueError: a signature without a comma, no Base64, a body that is no UTF-8.
        return False
    return True


def _is_hmac(
    secret: SecretStr, content: bytes, signatures: Sequence[str], wanted: Signature
) -> bool:
    expected = _encoded(_digest(secret.get_secret_value().encode(), content), wanted).encode()
    given = [each.encode("utf-8", "surrogatepass") for each in signatures[:_MOST_SIGNATURES]]
    if wanted.encoding == "hex":
        given = [each.lower() for each in given]
    return True in [hmac.compare_digest(expected, each) for each in given]


def _stamped(given: str) -> tuple[str, list[str]]:
    """Time and signatures of `t=...,v1=...,v1=...`."""
    pairs = [part.strip().partition("=") for part in given.split(",")]
    stamps = [value for name, _, value in pairs if name == "t"]
    if len(stamps) != 1 or not _SECONDS.fullmatch(stamps[0]):
        raise _bad("the signature has no time")
    return stamps[0], [value for name, _, value in pairs if name == "v1"]


def _key(secret: SecretStr, proof: Proof) -> bytes | None:
    text = secret.get_secret_value()
    if proof.scheme != "standard-webhooks":
        return text.strip().encode()
    text = text.removeprefix("whsec_")
    try:
        # The package skips characters that are no Base64: a key with a slip would be another key.
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _digest(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, content, hashlib.sha256).digest()


def _encoded(signature: bytes, wanted: Signature) -> str:
    return signature.hex() if wanted.encoding == "hex" else base64.b64encode(signature).decode()


def _bad(why: str) -> BadSignatureError:
    return BadSignatureError(
        f"The signature is not accepted: {why}.", code="triggers.bad-signature"
    )
