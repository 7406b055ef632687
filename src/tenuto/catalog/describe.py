"""Entries for plain Temporal code: what its type hints and docstring say is the contract."""

import inspect
import re
import typing
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, create_model
from temporalio import activity as temporal_activity
from temporalio import workflow as temporal_workflow

from tenuto.catalog.entries import ActivityEntry, SideEffect, WorkflowEntry

DEFAULT_QUEUE = "default"


def describe_activity(
    body: Callable[..., Any], queue: str = DEFAULT_QUEUE
) -> ActivityEntry[Any, Any]:
    """The entry of an `@activity.defn` function; start-to-close is 10 minutes."""
    definition = temporal_activity._Definition.must_from_callable(body)
    request, spreads = _request_model(body)
    return ActivityEntry(
        name=definition.name or body.__name__,
        request=request,
        result=typing.get_type_hints(body).get("return", Any),
        summary=_first_line(body),
        queue=queue,
        start_to_close=timedelta(minutes=10),
        side_effect=SideEffect.UNKNOWN,
        idempotency="Not declared.",
        spreads_fields=spreads,
    )


def describe_workflow(cls: type, queue: str = DEFAULT_QUEUE) -> WorkflowEntry[Any, Any]:
    """The entry of a `@workflow.defn` class, called by its type name in kebab-case."""
    definition = temporal_workflow._Definition.must_from_class(cls)
    type_name = definition.name or cls.__name__
    request, spreads = _request_model(definition.run_fn)
    return WorkflowEntry(
        name=kebab(type_name),
        type_name=type_name,
        request=request,
        result=typing.get_type_hints(definition.run_fn).get("return", Any),
        summary=_first_line(cls),
        queue=queue,
        spreads_fields=spreads,
    )


def kebab(type_name: str) -> str:
    """`DailyNav` -> `daily-nav`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", type_name).lower()


def _request_model(function: Callable[..., Any]) -> tuple[type[BaseModel], bool]:
    """The model of a function's input, and whether its fields are separate arguments."""
    hints = typing.get_type_hints(function, include_extras=True)
    parameters = [p for p in inspect.signature(function).parameters.values() if p.name != "self"]
    if len(parameters) == 1:
        only = hints.get(parameters[0].name)
        if isinstance(only, type) and issubclass(only, BaseModel):
            return only, False
    fields: dict[str, Any] = {
        p.name: (hints.get(p.name, Any), ... if p.default is p.empty else p.default)
        for p in parameters
    }
    name = f"{function.__qualname__.replace('.', '')}Input"
    return create_model(name, __config__=ConfigDict(extra="forbid"), **fields), True


def _first_line(described: Any) -> str:
    text = (inspect.getdoc(described) or "").strip()
    return text.splitlines()[0] if text else ""
