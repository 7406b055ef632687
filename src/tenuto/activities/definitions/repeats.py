"""A request that may have been acted on is not sent a second time by itself.

The engine repeats an attempt whose worker died or whose time is over, and knows nothing of what
it had sent. So an attempt at a POST or PATCH says in its last heartbeat, when it fails, that
nothing was received; the next one goes on only where the attempt right before it said so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from temporalio import activity

from tenuto.activities.definitions.asks import Ask
from tenuto.core.errors import DataError, TransientError

KEY = "idempotency-key"

_NOT_RECEIVED = ("http.unknown-host", "http.unreachable")
_NOT_ACTED_ON = (408, 425, 429)
"""Answers by which a server says that it did not take the request up."""


def step_key() -> str:
    """The same for every attempt at one step of one run, and for no other."""
    info = activity.info()
    words = (info.namespace, info.workflow_id, info.workflow_run_id, info.activity_id)
    return sha256("\n".join(str(word) for word in words).encode()).hexdigest()


@contextmanager
def sent_at_most_once(ask: Ask) -> Iterator[None]:
    """Guards the sending of `ask`, unless its method or its author makes it repeatable.

    Raises DataError `call.not-repeated` where an earlier attempt may have been received, and in
    place of a TransientError after which it may have been.
    """
    if ask.is_repeatable or KEY in ask.headers:
        yield
        return
    _refuse_second(ask)
    try:
        yield
    except TransientError as failure:
        if failure.details.get("status") in _NOT_ACTED_ON or failure.code in _NOT_RECEIVED:
            activity.heartbeat({"not_received_by_attempt": activity.info().attempt})
            raise
        said = failure.message.removesuffix("; it is tried again under the retry policy")
        raise _not_repeated(said, failure.details) from failure


def _refuse_second(ask: Ask) -> None:
    info = activity.info()
    if info.attempt == 1:
        return
    told = info.heartbeat_details[0] if info.heartbeat_details else None
    before = told.get("not_received_by_attempt") if isinstance(told, dict) else None
    if before != info.attempt - 1:
        raise _not_repeated(f"{ask.where}: the attempt before ended without a word", {})


def _not_repeated(why: str, details: dict[str, object]) -> DataError:
    return DataError(
        f"{why}; the request may have been acted on, so it is not sent again: look there, or give "
        "it an `Idempotency-Key` header of your own where the service honours one",
        code="call.not-repeated",
        details={key: value for key, value in details.items() if key != "retry_after_s"},
    )
