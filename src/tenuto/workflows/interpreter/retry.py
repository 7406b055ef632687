"""Whether a caught error is tried again, and when."""

from datetime import datetime, timedelta

from tenuto.core.durations import LONGEST
from tenuto.definitions.plan import Retry, Template
from tenuto.workflows.interpreter.durations import duration
from tenuto.workflows.interpreter.frames import Attempt
from tenuto.workflows.interpreter.step import Step

_MOST_DOUBLINGS = 40
"""More make any delay longer than the longest one."""


def next_attempt(retry: Retry, failed: Attempt, step: Step) -> Attempt | None:
    """The attempt after `failed`; None when the policy allows no other.

    `step` has the error bound. Raises Fault when a condition or a duration of the policy fails.
    """
    if not _wants(retry, step):
        return None
    if retry.attempts is not None and failed.number > retry.attempts:
        return None
    begins = step.host.now() + _delay(retry, failed.number, step)
    whole = _optional(retry.duration, step)
    if whole is not None and begins - failed.first_at > whole:
        return None
    return Attempt(
        number=failed.number + 1,
        first_at=failed.first_at,
        not_before=begins,
        deadline=attempt_deadline(retry, begins, step),
    )


def attempt_deadline(retry: Retry | None, begins: datetime, step: Step) -> datetime | None:
    """When an attempt that begins at `begins` has taken too long; None without a limit."""
    longest = _optional(retry.attempt_duration, step) if retry else None
    return None if longest is None else begins + longest


def _wants(retry: Retry, step: Step) -> bool:
    if retry.when is not None and not step.holds(retry.when):
        return False
    return retry.except_when is None or not step.holds(retry.except_when)


def _delay(retry: Retry, number: int, step: Step) -> timedelta:
    """Before retry `number`, from 1: the policy's delay, grown, and the jitter."""
    delay = min(_optional(retry.delay, step) or timedelta(0), LONGEST)
    if retry.backoff == "linear":
        delay = _at_most(delay, number)
    elif retry.backoff == "exponential":
        delay = _at_most(delay, 2 ** min(number - 1, _MOST_DOUBLINGS))
    return min(delay + _jitter(retry, step), LONGEST)


def _at_most(delay: timedelta, factor: int) -> timedelta:
    return LONGEST if delay and factor > LONGEST / delay else delay * factor


def _jitter(retry: Retry, step: Step) -> timedelta:
    least = _optional(retry.jitter_from, step) or timedelta(0)
    most = _optional(retry.jitter_to, step) or least
    if most <= least:
        return least
    return least + (most - least) * step.host.random()


def _optional(template: Template, step: Step) -> timedelta | None:
    return None if template is None else duration(step.evaluate(template))
