"""Why something failed, as data: kind, code, message, and the chain down to the cause."""

from typing import Any

from temporalio.api.failure.v1 import Failure as RawFailure
from temporalio.converter import DataConverter
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    CancelledError,
    ChildWorkflowError,
    FailureError,
    ServerError,
    TerminatedError,
    TimeoutError,  # noqa: A004 (the SDK's name)
)

from tenuto.core.one_line import one_line
from tenuto.core.records import Record
from tenuto.engine.converter import error_code

_REPORTS = ("activity", "child-workflow")


class Failure(Record):
    """One link of a failure; `cause` is what it came from."""

    kind: str
    """`error`, `timeout`, `canceled`, `terminated`, `activity`, `child-workflow`, or `server`."""
    message: str
    type_name: str | None = None
    """Class name of an `error`, for example `DataError`."""
    code: str | None = None
    """Stable code, for errors of Tenuto's tree."""
    details: tuple[Any, ...] = ()
    timeout: str | None = None
    """`start-to-close`, `schedule-to-start`, `schedule-to-close`, or `heartbeat`."""
    is_retryable: bool | None = None
    """Whether an `error` was worth another attempt; None for other kinds."""
    retry_state: str | None = None
    """Why there was no further attempt, for example `maximum-attempts-reached`."""
    step: str | None = None
    """The activity or child workflow that failed."""
    step_event_id: int | None = None
    """The event that scheduled it."""
    stack_trace: str | None = None
    cause: "Failure | None" = None

    @property
    def reason(self) -> "Failure":
        """The link that says what happened, below those that only say which step failed."""
        return self.cause.reason if self.cause and self.kind in _REPORTS else self

    @property
    def line(self) -> str:
        """The reason in one line, for example `DataError (input.invalid): row 3 has no price`."""
        reason = self.reason
        said = reason.message.strip() or reason.kind
        first = one_line(said).rstrip(" :")
        if reason.timeout:
            return f"timed out ({reason.timeout}): {first}"
        if reason.code:
            return f"{reason.type_name} ({reason.code}): {first}"
        return f"{reason.type_name}: {first}" if reason.type_name else first


async def read_failure(raw: RawFailure, converter: DataConverter) -> Failure:
    """The failure, decoded. What cannot be decoded becomes a failure that says so."""
    copy = RawFailure()
    copy.CopyFrom(raw)
    try:
        return _from_exception(await converter.decode_failure(copy))
    except Exception as error:  # noqa: BLE001 (any codec, any store: the reader is told)
        undecoded = f"its details cannot be decoded: {type(error).__name__}: {error}"
        return Failure(kind="error", message=f"{raw.message} ({undecoded})")


def _from_exception(error: BaseException) -> Failure:
    cause = _from_exception(error.__cause__) if error.__cause__ else None
    if not isinstance(error, FailureError):
        return Failure(kind="error", message=str(error), type_name=type(error).__name__)
    trace = error.failure.stack_trace if error.failure else ""
    known: dict[str, Any] = {
        "message": error.message,
        "stack_trace": trace or None,
        "cause": cause,
    }
    if isinstance(error, ActivityError):
        known |= {"step": error.activity_type, "step_event_id": error.scheduled_event_id}
        return Failure(kind="activity", retry_state=_state(error), **known)
    if isinstance(error, ChildWorkflowError):
        known |= {"step": error.workflow_type, "step_event_id": error.initiated_event_id}
        return Failure(kind="child-workflow", retry_state=_state(error), **known)
    if isinstance(error, TimeoutError):
        return Failure(kind="timeout", timeout=_timeout(error), **known)
    if isinstance(error, ApplicationError):
        return Failure(
            kind="error",
            type_name=error.type or None,
            code=error_code(error),
            details=tuple(error.details),
            is_retryable=not error.non_retryable,
            **known,
        )
    kinds = ((CancelledError, "canceled"), (TerminatedError, "terminated"), (ServerError, "server"))
    return Failure(kind=next((k for t, k in kinds if isinstance(error, t)), "error"), **known)


def _state(error: ActivityError | ChildWorkflowError) -> str | None:
    return error.retry_state.name.lower().replace("_", "-") if error.retry_state else None


def _timeout(error: TimeoutError) -> str | None:
    return error.type.name.lower().replace("_", "-") if error.type else None
