"""What is known of one address for one owner; a code itself is in none of it."""

import hashlib
from datetime import timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field, NonNegativeInt, StringConstraints

from tenuto.core.records import Record

LIFETIME = timedelta(minutes=15)
MOST_TRIES = 5
MOST_CODES = 3
WINDOW = timedelta(hours=1)

Address = Annotated[str, StringConstraints(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$", max_length=254)]
Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32,128}$")]


class CodeRequest(Record):
    """A fresh code by mail."""

    address: Address
    owner: str
    idempotency_key: Annotated[str, StringConstraints(min_length=1, max_length=4_000)]


class CodeMade(Record):
    """What is kept of a code that was mailed."""

    salt: Hex
    digest: Hex
    """SHA-256 of the proof, which is the salted scrypt of the code: whoever reads it knows neither
    code nor proof."""


class Challenge(Record):
    """The code that is out."""

    salt: Hex
    digest: Hex
    expires_at: AwareDatetime
    tries: NonNegativeInt = 0


class Standing(Record):
    """How an address stands."""

    is_verified: bool = False
    asked_at: Annotated[tuple[AwareDatetime, ...], Field(max_length=MOST_CODES)] = ()
    """When codes were asked for within the last hour."""
    challenge: Challenge | None = None


class AddressRequest(Record):
    """One address, as its owner proves it."""

    owner: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    address: Address
    standing: Standing = Standing()
    """Left empty by who starts it; a continued run brings what it knew."""

    @property
    def workflow_id(self) -> str:
        """One run for an owner and an address."""
        digest = hashlib.sha256(f"{self.owner}\n{self.address.casefold()}".encode()).hexdigest()
        return f"monitor-address/{digest[:32]}"


class ProofRequest(Record):
    """What only who has the code can work out."""

    proof: Hex


class Answer(Record):
    """How an address stands, as its owner is told."""

    is_verified: bool
    salt: str = ""
    """What a proof is worked out with; empty where no code is out."""
    expires_at: AwareDatetime | None = None
    tries_left: NonNegativeInt = 0


class MayWriteRequest(Record):
    """May monitors of this owner write to the address?"""

    owner: str
    address: str


class MayWrite(Record):
    """Whether they may."""

    is_allowed: bool
    why_not: str = ""
