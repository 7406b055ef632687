"""A failed look, judged: of which class it is, whether and when it is tried again, what is said.

    class        attempts   pause before the next
    rate_limit   5          30 s, times 4 each: 30 s, 2 min, 8 min, 32 min
    network      3          10 s, times 3 each: 10 s, 30 s
    agent        2          5 s
    user         1
    system       1
    unknown      2          5 s

A pause that the server names wins. An overloaded provider, 503 or 529, is a rate limit: it is
the same thing to wait for.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from tenuto.activities.definitions.masks import Masks
from tenuto.core.errors import (
    DataError,
    TenutoError,
    TransientError,
    UsageError,
)

FailureClass = Literal["rate_limit", "network", "agent", "user", "system", "unknown"]
LONGEST = 2_000
"""Characters that are kept of an error, for people and inside."""
LONGEST_PAUSE_S = 3600.0
"""No provider keeps a check open for longer at a time, whatever it asks for."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a class of failures is called, told, and tried again."""

    code: str
    told: str
    """To people, where the failure is not one of ours; `{who}` is the provider."""
    attempts: int
    first_pause_s: float = 0
    factor: float = 1

    def pause_s(self, attempt: int) -> float:
        """Seconds between attempt number `attempt`, which failed, and the next."""
        return self.first_pause_s * self.factor ** (attempt - 1)


PLANS: dict[FailureClass, Plan] = {
    "rate_limit": Plan(
        code="monitors.busy",
        told="{who} is busy, or has been asked too often.",
        attempts=5,
        first_pause_s=30,
        factor=4,
    ),
    "network": Plan(
        code="monitors.unreachable",
        told="{who} cannot be reached, or did not answer in time.",
        attempts=3,
        first_pause_s=10,
        factor=3,
    ),
    "agent": Plan(
        code="monitors.answer-unusable",
        told="{who} gave an answer that cannot be used.",
        attempts=2,
        first_pause_s=5,
    ),
    "user": Plan(
        code="monitors.not-accepted",
        told="{who} does not accept what the monitor or this worker's settings ask.",
        attempts=1,
    ),
    "system": Plan(
        code="monitors.worker-fault", told="Something went wrong on this worker.", attempts=1
    ),
    "unknown": Plan(
        code="monitors.failed",
        told="{who} failed in a way that is not known.",
        attempts=2,
        first_pause_s=5,
    ),
}


def raise_classified(failed: Exception, *, who: str, attempt: int, masks: Masks) -> NoReturn:
    """Raises our error for `failed`: TransientError where another attempt follows, else DataError.

    The code is that of the class's plan; the message is for people; `details` has the `class`, the
    `internal` error in at most 2,000 characters without secrets, the `cause_code` where it was one
    of ours, and `retry_after_s`.
    """
    kind = classify(failed)
    plan = PLANS[kind]
    details: dict[str, Any] = {
        "class": kind,
        "internal": masks.text(_internal(failed))[:LONGEST],
        "attempt": attempt,
    }
    if isinstance(failed, TenutoError):
        details["cause_code"] = failed.code
    message = masks.text(_for_people(failed, plan, who))[:LONGEST]
    # Without its cause: the provider's own words may repeat what it was sent, keys included.
    if attempt >= plan.attempts:
        raise DataError(message, code=plan.code, details=details) from None
    details["retry_after_s"] = _named_pause_s(failed) or plan.pause_s(attempt)
    raise TransientError(message, code=plan.code, details=details) from None


def classify(failed: Exception) -> FailureClass:
    """The class of a failure, ours or a provider's."""
    if isinstance(failed, TenutoError):
        return _ours(failed)
    theirs = _theirs(failed)
    if theirs is not None:
        return theirs
    if isinstance(failed, asyncio.TimeoutError | ConnectionError):
        return "network"
    if isinstance(failed, OSError | AssertionError | AttributeError | TypeError | MemoryError):
        return "system"
    return "unknown"


def _ours(failed: TenutoError) -> FailureClass:
    if failed.code == "monitors.reply-unusable":
        return "agent"
    if isinstance(failed, TransientError):
        busy = failed.details.get("status") in (429, 503, 529)
        return "rate_limit" if busy else "network"
    return "user" if isinstance(failed, UsageError | DataError) else "system"


def _theirs(failed: Exception) -> FailureClass | None:
    from pydantic_ai import exceptions as theirs

    classes: tuple[tuple[type[Exception], FailureClass], ...] = (
        (theirs.ModelQuotaExceededError, "user"),
        (theirs.ModelRateLimitError, "rate_limit"),
        (theirs.ModelUnavailableError, "rate_limit"),
        (theirs.ModelRequestRejectedError, "user"),
        (theirs.ModelConnectionError, "network"),
        (theirs.ModelRequestTimeout, "network"),
        (theirs.ModelServerError, "network"),
        (theirs.ContentFilterError, "user"),
        (theirs.UserError, "user"),
        (theirs.UnexpectedModelBehavior, "agent"),
    )
    return next((kind for each, kind in classes if isinstance(failed, each)), None)


def _named_pause_s(failed: Exception) -> float | None:
    given = (
        failed.details.get("retry_after_s")
        if isinstance(failed, TenutoError)
        else getattr(failed, "retry_after", None)
    )
    return min(float(given), LONGEST_PAUSE_S) if isinstance(given, int | float) and given else None


def _for_people(failed: Exception, plan: Plan, who: str) -> str:
    # Our own messages are written for people, and name no secrets.
    if isinstance(failed, TenutoError):
        return failed.message
    return plan.told.format(who=who)


def _internal(failed: Exception) -> str:
    said = " ".join(str(failed).split())
    return f"{type(failed).__name__}: {said}" if said else type(failed).__name__
