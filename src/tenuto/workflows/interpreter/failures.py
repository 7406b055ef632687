"""The one place where failures of the engine become problems, and problems its failures."""

import re
from typing import Any

from pydantic import ValidationError
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    ChildWorkflowError,
    FailureError,
    TimeoutType,
)
from temporalio.exceptions import (
    TimeoutError as EngineTimeout,
)

from tenuto.core.problem import Problem, Standard, problem

_TIMEOUTS = {
    TimeoutType.START_TO_CLOSE: "An attempt took longer than it may",
    TimeoutType.SCHEDULE_TO_START: "No worker took it in time",
    TimeoutType.SCHEDULE_TO_CLOSE: "All attempts together took longer than they may",
    TimeoutType.HEARTBEAT: "It fell silent",
}

_WRONG_INPUT = "input.invalid"
"""Code of the error for arguments that do not fit a model."""


_PROMISE = re.compile(r"[;,] (?:it is|they are) tried again under the retry policy\b")
"""What an attempt says of itself. It is not true any more once the activity has failed."""


def problem_of(failed: FailureError) -> Problem:
    """The problem that a failed activity or child stands for.

    One that carries a problem passes it on; a timeout of the engine is `timeout` 408, arguments
    that do not fit the activity's model are `validation` 400; all else is `runtime` 500. The
    stable code of an error of ours is the member `code`. That there will be another attempt,
    which the message of one attempt says, is left out.
    """
    found = _told(failed)
    if found.detail is None or not _PROMISE.search(found.detail):
        return found
    return found.model_copy(update={"detail": _PROMISE.sub("", found.detail)})


def _told(failed: FailureError) -> Problem:
    cause = _cause(failed)
    if isinstance(cause, EngineTimeout):
        what = _TIMEOUTS.get(cause.type or TimeoutType.START_TO_CLOSE, "It took too long")
        return problem("timeout", f"{what}: {cause.message}.")
    if isinstance(cause, ApplicationError):
        details = cause.details[0] if cause.details else None
        carried = _carried(details)
        if carried is not None:
            return carried
        code = details.get("code") if isinstance(details, dict) else None
        kind: Standard = "validation" if code == _WRONG_INPUT else "runtime"
        found = problem(kind, cause.message, title=cause.type)
        return found.model_copy(update={"code": code}) if isinstance(code, str) else found
    return problem("runtime", str(cause))


def failure_of(error: Problem) -> ApplicationError:
    """What ends a run with `error`: typed by the problem's URI, the problem as its details."""
    said = error.detail or error.title or error.type
    where = f" (at {error.instance})" if error.instance else ""
    return ApplicationError(f"{said}{where}", error.as_json(), type=error.type, non_retryable=True)


def _cause(failed: FailureError) -> BaseException:
    cause: BaseException = failed
    while isinstance(cause, ActivityError | ChildWorkflowError) and cause.cause is not None:
        cause = cause.cause
    return cause


def _carried(details: Any) -> Problem | None:
    """A fault that an activity raised has its problem as `problem`; a run's failure is one."""
    if not isinstance(details, dict):
        return None
    wanted = details.get("problem", details)
    if not isinstance(wanted, dict) or not {"type", "status"} <= wanted.keys():
        return None
    try:
        return Problem.model_validate(wanted)
    except ValidationError:
        return None
