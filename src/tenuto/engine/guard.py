"""A worker interceptor that refuses calls whose argument count would lose their types.

With another number of arguments than the signature has, the SDK drops all type hints and hands
over plain `dict`s where models are expected. That ends here as an error instead.
"""

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    ExecuteWorkflowInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from tenuto.core.errors import DataError


class ArgumentGuard(Interceptor):
    """Refuses untyped arguments for workflows and activities."""

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


def _refuse_untyped(function: Callable[..., Any], args: Sequence[Any], *, skip: int) -> None:
    parameters = list(inspect.signature(function).parameters.values())
    if not inspect.ismethod(function):
        parameters = parameters[skip:]
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return
    needed = sum(p.default is p.empty for p in parameters)
    lost_types = len(args) != len(parameters) and any(
        _is_model(p.annotation) and isinstance(arg, dict)
        for p, arg in zip(parameters, args, strict=False)
    )
    if not needed <= len(args) <= len(parameters) or lost_types:
        raise DataError(
            f"`{function.__qualname__}` was called with {len(args)} argument(s) and takes"
            f" {len(parameters)}; send every one of them, so that their types are kept.",
            code="input.argument-count",
        )


def _is_model(annotation: Any) -> bool:
    return inspect.isclass(annotation) and issubclass(annotation, BaseModel)
