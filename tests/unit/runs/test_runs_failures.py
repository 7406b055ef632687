"""Failures as the server keeps them, read back: code, kind, and the reason in one line."""

from temporalio.api.failure.v1 import Failure as RawFailure
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    RetryState,
    TimeoutError,  # noqa: A004 (the SDK's name)
    TimeoutType,
)

from tenuto.core.errors import DataError
from tenuto.engine.converter import data_converter
from tenuto.engine.runs.failures import Failure, read_failure

CONVERTER = data_converter()


async def stored_and_read(error: BaseException) -> Failure:
    """The failure as it comes back from a history."""
    raw = RawFailure()
    await CONVERTER.encode_failure(error, raw)
    return await read_failure(RawFailure.FromString(raw.SerializeToString()), CONVERTER)


def step_failure(cause: BaseException, state: RetryState) -> ActivityError:
    """The report that a step failed because of `cause`."""
    error = ActivityError(
        "Activity task failed",
        scheduled_event_id=5,
        started_event_id=6,
        identity="worker",
        activity_type="prices.fetch_close",
        activity_id="1",
        retry_state=state,
    )
    error.__cause__ = cause
    return error


async def test_our_error_keeps_its_code_under_the_report_of_the_step() -> None:
    cause = DataError("row 3 has no price", code="prices.missing", details={"row": 3})
    failure = await stored_and_read(step_failure(cause, RetryState.NON_RETRYABLE_FAILURE))
    assert failure.kind == "activity"
    assert failure.step == "prices.fetch_close"
    assert failure.step_event_id == 5
    assert failure.retry_state == "non-retryable-failure"
    assert failure.line == "DataError (prices.missing): row 3 has no price"
    assert failure.reason.details == ({"row": 3, "code": "prices.missing"},)
    assert failure.reason.is_retryable is False


async def test_the_reason_is_what_was_raised_not_what_that_came_from() -> None:
    try:
        try:
            int("x")
        except ValueError as wrong:
            raise DataError("quantity is not a number", code="positions.number") from wrong
    except DataError as error:
        failure = await stored_and_read(error)
    assert failure.line == "DataError (positions.number): quantity is not a number"
    assert failure.cause is not None
    assert failure.cause.type_name == "ValueError"


async def test_a_timeout_is_named() -> None:
    timeout = TimeoutError(
        "activity StartToClose timeout", type=TimeoutType.START_TO_CLOSE, last_heartbeat_details=[]
    )
    failure = await stored_and_read(step_failure(timeout, RetryState.MAXIMUM_ATTEMPTS_REACHED))
    assert failure.reason.kind == "timeout"
    assert failure.reason.timeout == "start-to-close"
    assert failure.line.startswith("timed out (start-to-close)")


async def test_a_foreign_error_is_named_by_its_type_and_first_line() -> None:
    failure = await stored_and_read(ApplicationError("first\nsecond", type="PriceError"))
    assert failure.line == "PriceError: first"
    assert failure.code is None


async def test_details_that_cannot_be_decoded_are_said_to_be_so() -> None:
    raw = RawFailure(message="it went wrong")
    details = raw.application_failure_info.details.payloads.add()
    details.metadata["encoding"] = b"binary/unknown"
    failure = await read_failure(raw, CONVERTER)
    assert failure.message.startswith("it went wrong (its details cannot be decoded: ")
