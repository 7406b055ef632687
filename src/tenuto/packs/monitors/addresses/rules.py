"""Codes in time: how many are sent, how long one lives, how often one may be tried."""

import hashlib
from datetime import datetime

from tenuto.core.errors import UsageError
from tenuto.packs.monitors.addresses.models import (
    LIFETIME,
    MOST_CODES,
    MOST_TRIES,
    WINDOW,
    Answer,
    Challenge,
    CodeMade,
    Standing,
)


def asked(standing: Standing, now: datetime) -> Standing:
    """The standing once a code is asked for; the one before it is worth nothing any more.

    Raises UsageError `monitors.too-many-codes` for the fourth within an hour.
    """
    recent = tuple(each for each in standing.asked_at if now - each < WINDOW)
    if len(recent) >= MOST_CODES:
        again = recent[0] + WINDOW
        raise UsageError(
            f"{MOST_CODES} codes were sent to this address within an hour. The next one can be"
            f" asked for at {again:%H:%M} UTC.",
            code="monitors.too-many-codes",
            details={"again_at": again.isoformat()},
        )
    return standing.model_copy(update={"asked_at": (*recent, now), "challenge": None})


def sent(standing: Standing, made: CodeMade, now: datetime) -> Standing:
    """The standing with a code that was mailed at `now`."""
    challenge = Challenge(salt=made.salt, digest=made.digest, expires_at=now + LIFETIME)
    return standing.model_copy(update={"challenge": challenge})


def tried(standing: Standing, proof: str, now: datetime) -> Standing:
    """The standing after a try; verified where the proof fits, one try less where it does not.

    Raises UsageError `monitors.code-expired` where no code is out or it is older than 15 minutes,
    `monitors.code-spent` after five tries.
    """
    challenge = standing.challenge
    if challenge is None or now >= challenge.expires_at:
        raise UsageError(
            "No code for this address is valid now: one lives for 15 minutes. Ask for another:"
            " `tenuto monitor verify ADDRESS`.",
            code="monitors.code-expired",
        )
    if challenge.tries >= MOST_TRIES:
        raise UsageError(
            f"This code was tried {MOST_TRIES} times and is void. Ask for another:"
            " `tenuto monitor verify ADDRESS`.",
            code="monitors.code-spent",
        )
    if hashlib.sha256(proof.encode()).hexdigest() == challenge.digest:
        return standing.model_copy(update={"is_verified": True, "challenge": None})
    counted = challenge.model_copy(update={"tries": challenge.tries + 1})
    return standing.model_copy(update={"challenge": counted})


def answer_of(standing: Standing) -> Answer:
    """What the owner is told of it."""
    challenge = standing.challenge
    if challenge is None:
        return Answer(is_verified=standing.is_verified)
    return Answer(
        is_verified=standing.is_verified,
        salt=challenge.salt,
        expires_at=challenge.expires_at,
        tries_left=max(0, MOST_TRIES - challenge.tries),
    )
