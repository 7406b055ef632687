"""What becomes of values and errors on their way into a history and out of it."""

from decimal import Decimal

import pytest
import temporalio.api.failure.v1
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError

from tenuto.core.errors import (
    CorruptError,
    DataError,
    NotFoundError,
    PolicyDenied,
    TenutoError,
    TransientError,
    UnreachableError,
    UsageError,
)
from tenuto.core.records import Record
from tenuto.engine.converter import data_converter, error_code


class Amount(Record):
    value: Decimal


@pytest.fixture
def converter() -> DataConverter:
    return data_converter()


def through(converter: DataConverter, error: BaseException) -> BaseException:
    failure = temporalio.api.failure.v1.Failure()
    converter.failure_converter.to_failure(error, converter.payload_converter, failure)
    return converter.failure_converter.from_failure(failure, converter.payload_converter)


@pytest.mark.parametrize(
    ("kind", "is_retried"),
    [
        (UsageError, False),
        (NotFoundError, False),
        (DataError, False),
        (CorruptError, False),
        (PolicyDenied, False),
        (TransientError, True),
        (UnreachableError, True),
    ],
)
def test_only_a_transient_error_is_retried(
    converter: DataConverter, kind: type[TenutoError], is_retried: bool
) -> None:
    back = through(converter, kind("What, and what to do.", code="a.b", details={"row": 3}))
    assert isinstance(back, ApplicationError)
    assert back.type == kind.__name__
    assert back.non_retryable is not is_retried
    assert back.message == "What, and what to do."
    assert back.details == ({"row": 3, "code": "a.b"},)
    assert error_code(back) == "a.b"


def test_the_cause_of_an_error_is_kept(converter: DataConverter) -> None:
    try:
        try:
            raise KeyError("isin")
        except KeyError as cause:
            raise DataError("No ISIN.", code="x.y") from cause
    except DataError as error:
        back = through(converter, error)
    assert isinstance(back.__cause__, ApplicationError)
    assert back.__cause__.type == "KeyError"


def test_a_wait_the_far_side_asked_for_becomes_the_next_retry_delay(
    converter: DataConverter,
) -> None:
    back = through(
        converter, TransientError("Busy.", code="http.busy", details={"retry_after_s": 7})
    )
    assert isinstance(back, ApplicationError)
    assert back.next_retry_delay is not None
    assert back.next_retry_delay.total_seconds() == 7


def test_an_error_of_somebody_else_stays_what_it_is(converter: DataConverter) -> None:
    back = through(converter, ValueError("plain"))
    assert isinstance(back, ApplicationError)
    assert (back.type, back.non_retryable) == ("ValueError", False)
    assert error_code(back) is None


async def test_money_crosses_exactly(converter: DataConverter) -> None:
    amount = Amount(value=Decimal("12345678901234567890.123456789012345678"))
    payloads = await converter.encode([amount])
    assert await converter.decode(payloads, [Amount]) == [amount]


async def test_a_value_that_does_not_fit_names_its_field(converter: DataConverter) -> None:
    payloads = await converter.encode([{"valeu": "1"}])
    with pytest.raises(DataError, match="`value`: Field required") as wrong:
        await converter.decode(payloads, [Amount])
    assert wrong.value.code == "input.invalid"


async def test_a_string_is_not_taken_for_a_list(converter: DataConverter) -> None:
    payloads = await converter.encode(["abc"])
    with pytest.raises(DataError, match="valid array"):
        await converter.decode(payloads, [list[str]])
