"""Engine calls about one run, with the server's refusals translated to our errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from temporalio.service import RPCError, RPCStatusCode

from tenuto.core.errors import NotFoundError, TransientError, UnreachableError, UsageError

PATIENCE = timedelta(seconds=10)
"""How long one question to the server may take."""

WORKER_PATIENCE = timedelta(seconds=3)
"""How long a worker may take to answer a query that is only asked to tell more."""

_UNREACHABLE = (
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.UNAUTHENTICATED,
    RPCStatusCode.PERMISSION_DENIED,
)


@contextmanager
def refusals(what: str) -> Iterator[None]:
    """Translates RPC errors of the calls inside; `what` names the run or the list.

    Raises NotFoundError, UnreachableError, UsageError, or, for what may pass, TransientError.
    """
    try:
        yield
    except RPCError as error:
        raise _translated(error, what) from error


def _translated(error: RPCError, what: str) -> NotFoundError | UsageError | TransientError:
    if error.status == RPCStatusCode.NOT_FOUND and "already completed" in error.message:
        return UsageError(
            f"The {what} has ended: it can no longer be told anything. `tenuto show` tells how"
            " it ended.",
            code="runs.closed",
        )
    if error.status == RPCStatusCode.NOT_FOUND and error.message.startswith("Namespace"):
        return NotFoundError(
            f"{error.message.rstrip('.')}, so nothing is known about {what}. `tenuto up` and"
            " `tenuto worker` create it; or correct the profile (TEMPORAL_NAMESPACE).",
            code="runs.no-namespace",
        )
    if error.status == RPCStatusCode.NOT_FOUND:
        return NotFoundError(
            f"There is no {what}: {error.message}. `tenuto runs` lists what there is; a run"
            " closed longer ago than the namespace's retention is gone.",
            code="runs.not-found",
        )
    if error.status in _UNREACHABLE:
        return UnreachableError(
            f"The Temporal server did not answer about {what}: {error.message}. Check the"
            " server (`tenuto doctor`) and the credentials.",
            code="runs.unreachable",
        )
    if error.status == RPCStatusCode.INVALID_ARGUMENT:
        return UsageError(
            f"The Temporal server refuses the question about {what}: {error.message}.",
            code="runs.refused",
        )
    return TransientError(
        f"The Temporal server could not answer about {what} ({error.status.name}):"
        f" {error.message}. Try again.",
        code="runs.server-error",
    )
