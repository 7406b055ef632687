"""Triggers without a signature are for senders on this machine alone."""

from starlette.requests import Request

from tenuto.core.errors import UsageError
from tenuto.identity.local import is_loopback
from tenuto.triggers.events.model import Proof, Triggers
from tenuto.triggers.events.webhooks.proving import BadSignatureError

_RELAYED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def refuse_strangers(proof: Proof, request: Request) -> None:
    """Raises BadSignatureError `triggers.not-local` where an unsigned trigger is reached from
    elsewhere: over the network, through a proxy, or by a page in a browser here."""
    if proof.scheme != "none":
        return
    host = request.client.host if request.client else ""
    is_relayed = any(name in request.headers for name in (*_RELAYED, "origin"))
    if not is_loopback(host) or not is_loopback(request.headers.get("host", "")) or is_relayed:
        raise BadSignatureError(
            "This trigger checks no signature and is for this machine alone.",
            code="triggers.not-local",
        )


def refuse_unsigned_elsewhere(triggers: Triggers, host: str) -> None:
    """Raises UsageError `triggers.unsigned` for a receiver that others reach, with a trigger that
    anybody may use."""
    if is_loopback(host):
        return
    for section in (triggers.webhooks, triggers.events):
        for name, proof in section.items():
            if proof.scheme == "none":
                raise UsageError(
                    f"`{name}` has `scheme: none`, and the receiver would listen on {host}, where"
                    " others reach it. Give it `secrets`, or listen on 127.0.0.1.",
                    code="triggers.unsigned",
                )
