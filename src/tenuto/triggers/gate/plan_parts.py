"""What a definition reaches for, so that rules can say what may be deployed."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, JsonValue

from tenuto.definitions.plan import CallTask, ChildTask, EmitTask, Plan, RunTask
from tenuto.policy.decision import Resource
from tenuto.workflows.interpreter.entry import name_of

UNKNOWN_HOST = "?"
"""Stands for an address that an expression makes when the run is there."""

_Reaching = CallTask | ChildTask | EmitTask | RunTask


def of_definition(plan: Plan) -> Resource:
    """The definition with everything that it calls, wherever it stands in it."""
    tasks = list(_reaching(plan))
    queues = {_queue(task) for task in tasks} - {""}
    hosts = {host for task in tasks if isinstance(task, CallTask) for host in _hosts(task)}
    attributes: dict[str, JsonValue] = {
        "activities": [*sorted({_called(task) for task in tasks})],
        "hosts": [*sorted(hosts)],
        "queues": [*sorted(queues)],
    }
    return Resource(type="Definition", id=name_of(plan), attributes=attributes)


def _reaching(value: Any) -> Iterator[_Reaching]:
    if isinstance(value, _Reaching):
        yield value
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _reaching(getattr(value, name))
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _reaching(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _reaching(each)


def _called(task: _Reaching) -> str:
    """An activity's name; a workflow's as the document says it, of a definition with namespace."""
    if isinstance(task, ChildTask):
        return task.function
    return f"{task.namespace}/{task.workflow}" if isinstance(task, RunTask) else task.activity


def _queue(task: _Reaching) -> str:
    return task.queue if isinstance(task, ChildTask) else task.options.queue


def _hosts(task: CallTask) -> Iterator[str]:
    found = {urlsplit(text).hostname or UNKNOWN_HOST for text in _addresses(task.arguments)}
    yield from found or ({UNKNOWN_HOST} if task.function == "http" else ())


def _addresses(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith(("http://", "https://")):
            yield value.partition("{")[0]
    elif isinstance(value, dict):
        for each in value.values():
            yield from _addresses(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _addresses(each)
    elif isinstance(value, BaseModel):
        yield from _addresses(value.model_dump())
