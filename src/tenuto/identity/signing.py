"""Signing and verifying tickets, permits, and machine tokens: JSON Web Signature, compact, EdDSA.

RFC 7515 and RFC 8037. Verification says nothing about whether the content fits the message; that
is judged where the message arrives.
"""

from typing import TypeVar

import jwt
from pydantic import ValidationError

from tenuto.core.errors import PolicyDenied
from tenuto.identity.keys import KeyRing
from tenuto.identity.ticket import MachineToken, Permit, Ticket

SignedT = TypeVar("SignedT", Ticket, Permit, MachineToken)

MACHINE_TOKEN = "tenuto-token"  # noqa: S105 (a name)
"""The `typ` of a machine token, which tells it from an issuer's."""

LONGEST = 8 * 1024
"""Characters of a signed text; a longer one is refused before anything is parsed."""


def sign(content: Ticket | Permit | MachineToken, ring: KeyRing) -> str:
    """The compact serialisation, signed with the ring's active key."""
    key = ring.active
    return jwt.api_jws.encode(
        content.model_dump_json().encode(),
        key.signer(),
        algorithm="EdDSA",
        headers={"typ": f"tenuto-{content.kind}", "kid": key.kid},
    )


def verified(text: str, kind: type[SignedT], ring: KeyRing) -> SignedT:
    """What was signed.

    Raises PolicyDenied: `ticket.unknown-key` for a key that is not in the ring (or is revoked),
    `ticket.forged` for everything else that is not a signed text of this kind.
    """
    if len(text) > LONGEST:
        raise _forged(f"it has {len(text):,} characters, at most {LONGEST:,} are read")
    try:
        header = jwt.get_unverified_header(text)
    except jwt.InvalidTokenError as wrong:
        raise _forged("it is no signed text") from wrong
    wanted = f"tenuto-{kind.model_fields['kind'].default}"
    if header.get("typ") != wanted or header.get("crit"):
        raise _forged(f"it is not a `{wanted}`")
    key = ring.verifiers().get(str(header.get("kid")))
    if key is None:
        raise PolicyDenied(
            f"It is signed with key `{str(header.get('kid'))[:40]}`, which is not trusted here."
            " Ask the gate again; after a rotation, workers know a new key within seconds.",
            code="ticket.unknown-key",
        )
    try:
        content = jwt.api_jws.decode(text, key.verifier(), algorithms=["EdDSA"])
        return kind.model_validate_json(content)
    except jwt.InvalidTokenError as wrong:
        raise _forged("its signature does not fit its content") from wrong
    except ValidationError as wrong:
        raise _forged("its content is not complete") from wrong


def unverified(text: str, kind: type[SignedT]) -> SignedT:
    """What a text says that was verified before, for replay and for readers of histories.

    Raises PolicyDenied `ticket.forged` for a text that is none of this kind.
    """
    if len(text) > LONGEST:
        raise _forged(f"it has {len(text):,} characters, at most {LONGEST:,} are read")
    try:
        return kind.model_validate_json(
            jwt.api_jws.decode(text, options={"verify_signature": False})
        )
    except (jwt.InvalidTokenError, ValidationError) as wrong:
        raise _forged("it is no signed text") from wrong


def _forged(why: str) -> PolicyDenied:
    return PolicyDenied(
        f"The ticket or permit is not genuine: {why}. It has to come from Tenuto's own gate"
        " (`tenuto`, the API, the console).",
        code="ticket.forged",
    )
