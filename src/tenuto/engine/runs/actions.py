"""Telling a run something: stop, end, signal, update; and asking it."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCStatusCode

from tenuto.core.errors import (
    NotFoundError,
    PolicyDenied,
    TenutoError,
    TransientError,
    UsageError,
)
from tenuto.engine.converter import error_code
from tenuto.engine.runs.calls import PATIENCE, refusals
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.handlers import Handler, Handlers, read_handlers
from tenuto.engine.runs.raw import describe_raw

_NO_ANSWER = (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.FAILED_PRECONDITION)


async def cancel_run(client: Client, execution: Execution) -> None:
    """Asks a run to stop: it may clean up first. Asking again, or too late, does no harm.

    Raises NotFoundError for a run that is not there.
    """
    with refusals(f"run `{execution}`"):
        await _handle(client, execution).cancel(rpc_timeout=PATIENCE)


async def terminate_run(client: Client, execution: Execution, reason: str) -> None:
    """Ends a run at once, without clean-up; `reason` is kept in its history.

    Raises UsageError for an empty reason and for a run that has ended, NotFoundError.
    """
    if not reason.strip():
        raise UsageError(
            "A run is not ended without a reason: say why, it stays in the run's history.",
            code="runs.no-reason",
        )
    with refusals(f"run `{execution}`"):
        await _handle(client, execution).terminate(reason=reason, rpc_timeout=PATIENCE)


async def signal_run(
    client: Client,
    execution: Execution,
    name: str,
    args: Sequence[Any] = (),
    *,
    is_checked: bool = True,
) -> None:
    """Sends a signal with JSON arguments; returns when the server has taken it.

    Raises NotFoundError `runs.unknown-signal` that lists the valid names. Without a worker the
    names cannot be known: TransientError `runs.no-worker`, unless `is_checked` is False, and
    the signal then waits for one.
    """
    if is_checked:
        handlers = await _required_handlers(client, execution)
        _require_name(
            "signal",
            name,
            handlers.signals,
            handlers.takes_any_signal,
            code="runs.unknown-signal",
        )
    with refusals(f"run `{execution}`"):
        await _handle(client, execution).signal(name, args=list(args), rpc_timeout=PATIENCE)


async def query_run(
    client: Client, execution: Execution, name: str, args: Sequence[Any] = ()
) -> Any:
    """The JSON answer of a query; works on a closed run too, while a worker of its queue runs.

    Raises NotFoundError `runs.unknown-query` that lists the valid names, TransientError
    `runs.no-worker`, and UsageError `runs.query-failed`.
    """
    handlers = await _required_handlers(client, execution)
    _require_name(
        "query", name, handlers.queries, handlers.takes_any_query, code="runs.unknown-query"
    )
    try:
        with refusals(f"run `{execution}`"):
            return await _handle(client, execution).query(
                name, args=list(args), rpc_timeout=PATIENCE
            )
    except WorkflowQueryFailedError as error:
        raise UsageError(
            f"Query `{name}` of run `{execution}` failed: {error}.", code="runs.query-failed"
        ) from error


async def update_run(
    client: Client,
    execution: Execution,
    name: str,
    args: Sequence[Any] = (),
    *,
    update_id: str | None = None,
    patience: timedelta = PATIENCE,
) -> Any:
    """The JSON answer of an update with JSON arguments. The same `update_id` is taken once.

    Raises NotFoundError `runs.unknown-update` that lists the valid names, UsageError with the
    run's own code where it refuses (PolicyDenied where a rule or a ticket does), and
    TransientError `runs.no-worker` or `runs.no-answer` when `patience` ends first: an accepted
    update goes on.
    """
    handlers = await _required_handlers(client, execution)
    _require_name(
        "update", name, handlers.updates, handlers.takes_any_update, code="runs.unknown-update"
    )
    try:
        with refusals(f"run `{execution}`"):
            return await _handle(client, execution).execute_update(
                name, args=list(args), id=update_id, rpc_timeout=patience
            )
    except WorkflowUpdateFailedError as error:
        raise _refusal(execution, name, error) from error
    except WorkflowUpdateRPCTimeoutOrCancelledError as error:
        raise TransientError(
            f"Run `{execution}` did not answer update `{name}` within"
            f" {patience.total_seconds():g} s. It may still be working on it:"
            f" `tenuto show {execution}`.",
            code="runs.no-answer",
        ) from error


def _handle(client: Client, execution: Execution) -> WorkflowHandle[Any, Any]:
    return client.get_workflow_handle(execution.workflow_id, run_id=execution.run_id or None)


async def _required_handlers(client: Client, execution: Execution) -> Handlers:
    handlers = await read_handlers(client, execution)
    if handlers is None:
        await describe_raw(client, execution)
        raise TransientError(
            f"No worker answers for run `{execution}`, so what it can be told is not known."
            f" `tenuto show {execution}` names the task queue that needs a worker.",
            code="runs.no-worker",
        )
    return handlers


def _require_name(
    kind: str, name: str, known: Iterable[Handler], takes_any: bool, *, code: str
) -> None:
    names = sorted(each.name for each in known)
    if name in names or takes_any:
        return
    listed = ", ".join(f"`{each}`" for each in names)
    valid = f"Valid names are {listed}." if names else "It has none."
    raise NotFoundError(
        f"The run has no {kind} called `{name}`. {valid}",
        code=code,
        details={"name": name, "valid": names},
    )


def _refusal(execution: Execution, name: str, error: WorkflowUpdateFailedError) -> TenutoError:
    cause = error.cause
    message = cause.message if isinstance(cause, ApplicationError) else str(cause)
    kind = cause.type if isinstance(cause, ApplicationError) else None
    refusals_by_type: dict[str | None, type[TenutoError]] = {
        "PolicyDenied": PolicyDenied,
        "TransientError": TransientError,
    }
    return refusals_by_type.get(kind, UsageError)(
        f"Run `{execution}` refused update `{name}`: {message}",
        code=error_code(cause) or "runs.update-refused",
        details={"update": name},
    )
