"""Signed headers on what a client sends: tickets on messages, permits on starts."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Interceptor,
    OutboundInterceptor,
    SignalWorkflowInput,
    StartWorkflowInput,
    StartWorkflowUpdateInput,
    StartWorkflowUpdateWithStartInput,
    UpdateWithStartStartWorkflowInput,
    UpdateWithStartUpdateWorkflowInput,
    WorkflowHandle,
    WorkflowUpdateHandle,
)
from temporalio.converter import DataConverter

from tenuto.engine.service import ServiceSigner, service_signer

_signed: ContextVar[Mapping[str, str] | None] = ContextVar("tenuto_signed_headers", default=None)
_PLAIN = DataConverter.default.payload_converter
"""Headers are signed, not secret, and are read where no codec is."""


@contextmanager
def signed(headers: Mapping[str, str]) -> Iterator[None]:
    """Whatever this task starts or sends inside the `with` carries these headers."""
    token = _signed.set(headers)
    try:
        yield
    finally:
        _signed.reset(token)


def header_payload(text: str) -> Payload:
    """A header's text as the engine carries it."""
    return _PLAIN.to_payload(text)


def header_text(headers: Mapping[str, Payload], name: str) -> str | None:
    """A header's text, or None where there is none or it is no text."""
    payload = headers.get(name)
    if payload is None:
        return None
    try:
        value = _PLAIN.from_payload(payload)
    except (ValueError, RuntimeError, KeyError):
        return None
    return value if isinstance(value, str) else None


class SignedHeaders(Interceptor):
    """Puts the headers of `signed` on starts, signals, and updates."""

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 (the SDK's name)
        """Wraps the client's calls."""
        return _Outbound(next)


class _Outbound(OutboundInterceptor):
    async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:  # noqa: A002
        input.headers = {**_with_signed(input.headers), **await _of_start(input)}
        return await self.next.start_workflow(input)

    async def signal_workflow(self, input: SignalWorkflowInput) -> None:  # noqa: A002
        input.headers = {**_with_signed(input.headers), **await _of_signal(input)}
        await self.next.signal_workflow(input)

    async def start_workflow_update(
        self,
        input: StartWorkflowUpdateInput,  # noqa: A002
    ) -> WorkflowUpdateHandle[Any]:
        own = await _of_update(input, input.id)
        input.headers = {**_with_signed(input.headers), **own}
        return await self.next.start_workflow_update(input)

    async def start_update_with_start_workflow(
        self,
        input: StartWorkflowUpdateWithStartInput,  # noqa: A002
    ) -> WorkflowUpdateHandle[Any]:
        start, update = input.start_workflow_input, input.update_workflow_input
        start.headers = {**_with_signed(start.headers), **await _of_start(start)}
        own = await _of_update(update, start.id, start.workflow)
        update.headers = {**_with_signed(update.headers), **own}
        return await self.next.start_update_with_start_workflow(input)


async def _of_start(
    start: StartWorkflowInput | UpdateWithStartStartWorkflowInput,
) -> Mapping[str, Payload]:
    signer = _service()
    if signer is None:
        return {}
    return _payloads(
        await signer.sign_start(
            activity.client(),
            type_name=start.workflow,
            workflow_id=start.id,
            queue=start.task_queue,
            args=start.args,
        )
    )


async def _of_update(
    update: StartWorkflowUpdateInput | UpdateWithStartUpdateWorkflowInput,
    workflow_id: str,
    type_name: str = "",
) -> Mapping[str, Payload]:
    signer = _service()
    if signer is None:
        return {}
    return _payloads(
        await signer.sign_update(
            activity.client(),
            workflow_id=workflow_id,
            type_name=type_name,
            name=update.update,
            args=update.args,
        )
    )


async def _of_signal(signal: SignalWorkflowInput) -> Mapping[str, Payload]:
    signer = _service()
    if signer is None:
        return {}
    return _payloads(
        await signer.sign_signal(
            activity.client(), workflow_id=signal.id, name=signal.signal, args=signal.args
        )
    )


def _service() -> ServiceSigner | None:
    """Who signs for an activity that signs nothing itself; None outside of activities."""
    return None if _signed.get() or not activity.in_activity() else service_signer()


def _payloads(headers: Mapping[str, str]) -> Mapping[str, Payload]:
    return {name: header_payload(text) for name, text in headers.items()}


def _with_signed(headers: Mapping[str, Payload]) -> Mapping[str, Payload]:
    signed_now = _signed.get()
    if not signed_now:
        return headers
    return {**headers, **_payloads(signed_now)}
