"""How values and errors cross the engine: pydantic JSON, our error tree, large payloads outside.

This is the one place where an error of ours becomes retryable or not.
"""

import dataclasses
import inspect
import typing
from collections.abc import Sequence
from datetime import timedelta
from types import NoneType, UnionType
from typing import Any, TypeVar

import temporalio.api.failure.v1
from google.protobuf.message import Message
from pydantic import ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverter,
    ExternalStorage,
    PayloadConverter,
)
from temporalio.exceptions import ApplicationError

from tenuto.core.errors import DataError, TenutoError
from tenuto.engine.encryption import EncryptionCodec

MOST_PAYLOAD_BYTES = 2 * 1024 * 1024 - 16 * 1024
"""What the engine takes in one message, 2 MiB, less room for the message around it."""


class TenutoPayloadConverter(PydanticPayloadConverter):
    """Pydantic JSON; a value that does not fit its model is a DataError naming the field."""

    def from_payloads(
        self,
        payloads: Any,
        type_hints: list[type] | None = None,
    ) -> list[Any]:
        """The decoded values. Raises DataError for one that does not fit its type hint."""
        try:
            values = super().from_payloads(payloads, type_hints)
        except ValidationError as wrong:
            lines = [
                f"`{'.'.join(str(part) for part in error['loc']) or wrong.title}`: {error['msg']}"
                for error in wrong.errors()
            ]
            raise DataError(
                f"A value does not fit {wrong.title}: {'; '.join(lines)}. Start the run with"
                " an input that fits (`tenuto catalog` shows the schema).",
                code="input.invalid",
                details={"model": wrong.title, "problems": lines},
            ) from wrong
        for value, hint in zip(values, type_hints or (), strict=False):
            # The SDK decodes these without looking at the type they stand for.
            if isinstance(value, bytes | Message) and not _admits(hint, type(value)):
                raise DataError(
                    f"A value of type {getattr(hint, '__name__', hint)} is expected and a"
                    f" {type(value).__name__} was sent. Send JSON (`tenuto catalog` shows the"
                    " schema).",
                    code="input.invalid",
                    details={"model": getattr(hint, "__name__", str(hint))},
                )
            if value is None and not _admits_none(hint):
                raise DataError(
                    f"A value of type {getattr(hint, '__name__', hint)} is expected and nothing"
                    " was sent (null). Send one (`tenuto catalog` shows the schema).",
                    code="input.invalid",
                    details={"model": getattr(hint, "__name__", str(hint))},
                )
        return values


class LimitedPayloadConverter(TenutoPayloadConverter):
    """Without a store for large payloads, one that the engine would refuse is a DataError here.

    The SDK refuses it too, but retryably: the attempt would be repeated for as long as the
    retry policy allows, with the same result.
    """

    def to_payloads(self, values: Sequence[Any]) -> list[Payload]:
        """The encoded values. Raises DataError when they are larger than the engine takes."""
        payloads = super().to_payloads(values)
        size = sum(len(payload.data) for payload in payloads)
        if size > MOST_PAYLOAD_BYTES:
            raise DataError(
                f"A value of {size:,} bytes is larger than the engine takes"
                f" ({MOST_PAYLOAD_BYTES:,}). Write it to the artifact store and pass its"
                " reference, or configure the store for large payloads.",
                code="payload.too-large",
                details={"bytes": size, "limit": MOST_PAYLOAD_BYTES},
            )
        return payloads


class TenutoFailureConverter(DefaultFailureConverter):
    """Errors of our tree keep their code and details; only a TransientError is retried."""

    def to_failure(
        self,
        exception: BaseException,
        payload_converter: PayloadConverter,
        failure: temporalio.api.failure.v1.Failure,
    ) -> None:
        """Fills `failure` from `exception`."""
        undecodable = isinstance(exception, ApplicationError) and isinstance(
            exception.__cause__, TenutoError
        )
        if undecodable and str(exception).startswith("Failed decoding"):
            # The SDK wraps what our payload converter raised and would retry it.
            assert exception.__cause__ is not None  # noqa: S101 (narrowing)
            exception = exception.__cause__
        if isinstance(exception, TenutoError):
            exception = _as_application_error(exception)
        super().to_failure(exception, payload_converter, failure)


class SecretFailureConverter(TenutoFailureConverter):
    """The same, with messages and stack traces of the whole chain where the codec encrypts them."""

    def __init__(self) -> None:
        super().__init__(encode_common_attributes=True)


def _admits(hint: Any, kind: type) -> bool:
    if hint in (Any, object) or isinstance(hint, TypeVar):
        return True
    if typing.get_origin(hint) in (typing.Union, UnionType, typing.Annotated):
        return any(_admits(part, kind) for part in typing.get_args(hint))
    return inspect.isclass(hint) and issubclass(kind, hint)


def _admits_none(hint: Any) -> bool:
    if hint in (None, NoneType, Any, object) or isinstance(hint, TypeVar):
        return True
    parts = typing.get_args(hint)
    if typing.get_origin(hint) is typing.Annotated:
        return _admits_none(parts[0])
    if typing.get_origin(hint) in (typing.Union, UnionType):
        return any(_admits_none(part) for part in parts)
    return typing.get_origin(hint) is typing.Literal and None in parts


def _as_application_error(error: TenutoError) -> ApplicationError:
    wait_s = error.details.get("retry_after_s")
    converted = ApplicationError(
        error.message,
        {**error.details, "code": error.code},
        type=type(error).__name__,
        non_retryable=not error.is_retryable,
        next_retry_delay=timedelta(seconds=float(wait_s)) if wait_s else None,
    )
    converted.__traceback__ = error.__traceback__
    converted.__cause__ = error.__cause__
    converted.__context__ = error.__context__
    converted.__suppress_context__ = error.__suppress_context__
    return converted


def error_code(error: BaseException | None) -> str | None:
    """The stable code an error carried through the engine, or None if it was not one of ours."""
    if isinstance(error, TenutoError):
        return error.code
    if isinstance(error, ApplicationError) and error.details:
        first = error.details[0]
        if isinstance(first, dict) and isinstance(first.get("code"), str):
            return str(first["code"])
    return None


def data_converter(
    external_storage: ExternalStorage | None = None, codec: EncryptionCodec | None = None
) -> DataConverter:
    """The converter every client, worker, and replayer uses.

    With `external_storage`, payloads above 256 KiB go to the artifact store and the history
    keeps a claim; without it, one above 2 MiB is refused. With `codec`, both hold ciphertext.
    """
    encrypts = codec is not None and codec.writes
    return dataclasses.replace(
        DataConverter.default,
        payload_converter_class=(
            TenutoPayloadConverter if external_storage else LimitedPayloadConverter
        ),
        payload_codec=codec,
        failure_converter_class=SecretFailureConverter if encrypts else TenutoFailureConverter,
        external_storage=external_storage,
    )
