"""What a sender hears: a status that makes it repeat what may pass, and stop what will not."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import JSONResponse

from tenuto.core.errors import (
    DataError,
    NotFoundError,
    PolicyDenied,
    TenutoError,
    TransientError,
    UsageError,
)
from tenuto.triggers.events.receiver.body import TooLargeError, TooSlowError
from tenuto.triggers.events.receiver.media import WrongMediaTypeError
from tenuto.triggers.events.starting import Outcome
from tenuto.triggers.events.webhooks.proving import BadSignatureError

RETRY_AFTER_S = 5

_STATUS = {"started": 201, "filtered": 202}
_BAD_REQUEST = ("triggers.not-json", "triggers.bad-event")
_SECURE: Mapping[str, str] = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


def told(outcomes: Sequence[Outcome]) -> JSONResponse:
    """The answer to a delivery of which every part was carried out."""
    first = outcomes[0]
    status = max(_STATUS.get(each.status, 200) for each in outcomes)
    content = _as_json(first)
    if len(outcomes) > 1:
        content = {"outcomes": [_as_json(each) for each in outcomes]}
    return JSONResponse(content, status_code=status, headers=_SECURE)


def refused(error: TenutoError) -> JSONResponse:
    """The answer to what was not done."""
    status = status_of(error)
    headers = {"retry-after": str(RETRY_AFTER_S)} if status == 503 else {}
    return problem(status, error.code, _message(error, status), headers)


def problem(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """An error in the one shape that all of them have."""
    content = {"error": {"code": code, "message": message}}
    return JSONResponse(content, status_code=status, headers={**_SECURE, **(headers or {})})


def status_of(error: TenutoError) -> int:
    """The HTTP status of an error: 5xx where the same delivery may succeed later."""
    match error:
        case BadSignatureError():
            return 401
        case WrongMediaTypeError():
            return 415
        case TooLargeError():
            return 413
        case TooSlowError():
            return 408
        case PolicyDenied():
            return 403
        case TransientError() | NotFoundError():
            # What is to be started is gone: somebody here has to put it back.
            return 503
        case UsageError() if error.code == "runs.closed":
            return 409
        case DataError() if error.code in _BAD_REQUEST:
            return 400
        case DataError() | UsageError():
            return 422
    return 500


def _message(error: TenutoError, status: int) -> str:
    """What a stranger may read: our own rules, servers, and names are not for it."""
    if status == 403:
        return "The rules here do not allow that. Ask whoever runs the receiver."
    if status in (500, 503):
        return "It could not be done now. Send it again later."
    return error.message


def _as_json(outcome: Outcome) -> dict[str, Any]:
    content: dict[str, Any] = {"status": outcome.status}
    if outcome.workflow_id is not None:
        content |= {"workflow_id": outcome.workflow_id, "run_id": outcome.run_id}
    if outcome.status == "delivered":
        content["delivered_to"] = list(outcome.delivered_to)
    if outcome.reason:
        content["reason"] = outcome.reason
    return content
