"""A worker interceptor that refuses calls whose argument count would lose their types.

With another number of arguments than the signature has, the SDK drops all type hints and hands
over plain `dict`s where models are expected. That ends here as an error instead.

A signal of the wrong shape is dropped and logged, as the SDK does with one it cannot decode:
whoever sent it is gone, and the error it raises in the workflow would stop the run for good.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from temporalio import workflow
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    ExecuteWorkflowInput,
    HandleQueryInput,
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from tenuto.core.errors import DataError


class ArgumentGuard(Interceptor):
    """Refuses untyped arguments for workflows, their handlers, and activities."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 (the SDK's name)
        """Wraps activity execution."""
        return _ActivityGuard(next)

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 (the SDK's name)
    ) -> type[WorkflowInboundInterceptor]:
        """The class that wraps workflow execution."""
        return _WorkflowGuard


class _ActivityGuard(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002
        _refuse_untyped(input.fn, input.args, skip=0)
        return await self.next.execute_activity(input)


class _WorkflowGuard(WorkflowInboundInterceptor):
    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
        _refuse_untyped(input.run_fn, input.args, skip=1)
        return await self.next.execute_workflow(input)

    async def handle_signal(self, input: HandleSignalInput) -> None:  # noqa: A002
        try:
            _refuse_untyped_message(_definition().signals, input.signal, input.args)
        except DataError as error:
            workflow.logger.error("signal_dropped: %s", error)
            return
        await self.next.handle_signal(input)

    async def handle_query(self, input: HandleQueryInput) -> Any:  # noqa: A002
        _refuse_untyped_message(_definition().queries, input.query, input.args)
        return await self.next.handle_query(input)

    def handle_update_validator(self, input: HandleUpdateInput) -> None:  # noqa: A002
        _refuse_untyped_message(_definition().updates, input.update, input.args)
        self.next.handle_update_validator(input)


def _definition() -> workflow._Definition:
    return workflow._Definition.must_from_class(type(workflow.instance()))


def _refuse_untyped_message(
    handlers: Mapping[str | None, Any], name: str, args: Sequence[Any]
) -> None:
    """Handlers that take any name, or were set while running, say nothing about their types."""
    handler = handlers.get(name)
    if handler is not None:
        _refuse_untyped(handler.fn, args, skip=1)


def refuse_argument_count(run: Callable[..., Any], count: int) -> None:
    """Raises DataError when a workflow's `run` cannot take so many arguments with their types."""
    parameters = list(inspect.signature(run).parameters.values())[1:]
    loses_types = count != len(parameters) and any(_is_model(p.annotation) for p in parameters)
    _refuse(run, parameters, count, loses_types)


def _refuse_untyped(function: Callable[..., Any], args: Sequence[Any], *, skip: int) -> None:
    parameters = list(inspect.signature(function).parameters.values())
    if not inspect.ismethod(function):
        parameters = parameters[skip:]
    lost_types = len(args) != len(parameters) and any(
        _is_model(p.annotation) and isinstance(arg, dict)
        for p, arg in zip(parameters, args, strict=False)
    )
    _refuse(function, parameters, len(args), lost_types)


def _refuse(
    function: Callable[..., Any],
    parameters: Sequence[inspect.Parameter],
    count: int,
    loses_types: bool,
) -> None:
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return
    needed = sum(p.default is p.empty for p in parameters)
    if not needed <= count <= len(parameters) or loses_types:
        raise DataError(
            f"`{function.__qualname__}` was called with {count} argument(s) and takes"
            f" {len(parameters)}; send every one of them, so that their types are kept.",
            code="input.argument-count",
        )


def _is_model(annotation: Any) -> bool:
    return inspect.isclass(annotation) and issubclass(annotation, BaseModel)
