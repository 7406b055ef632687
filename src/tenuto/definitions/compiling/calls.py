"""Tasks that call something: functions of the catalog and of the document, other definitions."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from pydantic import JsonValue

from tenuto.catalog.entries import FIRST_VERSION, ActivityEntry, WorkflowEntry
from tenuto.core.errors import NotFoundError, UsageError
from tenuto.definitions.compiling.functions import expand
from tenuto.definitions.compiling.options import (
    entry_options,
    foreign_options,
    temporal_metadata,
)
from tenuto.definitions.compiling.requests import http_request, openapi_request
from tenuto.definitions.compiling.scope import Scope
from tenuto.definitions.compiling.shape import mapping, optional_mapping, text
from tenuto.definitions.compiling.structures import Body
from tenuto.definitions.plan import ApprovalTask, CallTask, ChildTask, RunTask, Task, Template
from tenuto.definitions.versions import LATEST

HTTP = "call.http"
OPENAPI = "call.openapi"
LOAD = "definitions.load"
"""The activity that finds another definition's plan."""
APPROVAL = "human.approval"
DEFAULT_CATALOG = "default"

Tasks: TypeAlias = Callable[[str, Body, str, Scope], Task]
"""Compiles one task by name, body, and pointer."""


class Function(NamedTuple):
    """What a `call` names: `nav.strike:1.0.0@default`."""

    name: str
    version: str | None = None
    catalog: str | None = None


def split_function(function: str) -> Function:
    """Name, version, and catalog of the text after `call`."""
    rest, _, catalog = function.partition("@")
    name, _, version = rest.partition(":")
    return Function(name, version or None, catalog or None)


def compile_call(
    body: Body, at: str, scope: Scope, common: dict[str, Any], compile_task: Tasks
) -> Task:
    """A call of whatever its name means: the document's own functions first."""
    function = text(body["call"], f"{at}/call")
    if function in scope.parts("functions"):
        return expand(function, body, at, scope, common, compile_task)
    changes = temporal_metadata(body, at)
    if "activity" in changes:
        return _foreign(function, body, at, scope, common)
    if function == "http":
        return _built_in(function, HTTP, http_request(body, scope, at), body, at, scope, common)
    if function == "openapi":
        request = openapi_request(body, scope, at)
        return _built_in(function, OPENAPI, request, body, at, scope, common)
    return _from_catalog(function, body, at, scope, common)


def compile_run(body: Body, at: str, scope: Scope, common: dict[str, Any]) -> RunTask:
    """Another definition as a child."""
    run = mapping(body["run"], f"{at}/run")
    if "workflow" not in run:
        raise UsageError(
            f"`{at}` runs a container, a script, or a shell command, which Tenuto does not;"
            " write it as an activity and call that.",
            code="definition.not-in-profile",
            details={"path": at},
        )
    workflow = mapping(run["workflow"], f"{at}/run/workflow")
    entry = activity_entry(LOAD, scope, at)
    return RunTask(
        **common,
        namespace=text(workflow.get("namespace"), f"{at}/run/workflow/namespace"),
        workflow=text(workflow.get("name"), f"{at}/run/workflow/name"),
        version=text(workflow.get("version", LATEST), f"{at}/run/workflow/version"),
        input=scope.template(workflow.get("input")),
        is_awaited=run.get("await", True) is not False,
        activity=entry.name,
        options=entry_options(entry, temporal_metadata(body, at), at),
    )


def activity_entry(name: str, scope: Scope, at: str) -> ActivityEntry[Any, Any]:
    """The catalog's activity `name`. Raises UsageError `definition.unknown-function`."""
    entry = scope.catalog.activities.get(name)
    if entry is None:
        raise unknown(name, at)
    return entry


def _version_of(name: str, scope: Scope) -> str:
    """The version of the catalog's entry; the first one of what is not in the catalog."""
    try:
        return scope.catalog.entry(name).version
    except NotFoundError:
        return FIRST_VERSION


def unknown(function: str, at: str) -> UsageError:
    """The error for a function that nothing in the catalog stands for."""
    return UsageError(
        f"`{at}` calls `{function}`, which is neither in `use.functions` nor in the catalog of"
        " this installation; see `tenuto catalog` for what is, or name an activity of your own"
        " under `metadata.temporal.activity`.",
        code="definition.unknown-function",
        details={"path": at, "function": function},
    )


def _from_catalog(function: str, body: Body, at: str, scope: Scope, common: dict[str, Any]) -> Task:
    is_plain = function in scope.catalog.activities
    name, version, catalog = Function(function) if is_plain else split_function(function)
    if catalog not in (None, DEFAULT_CATALOG) or version not in (None, _version_of(name, scope)):
        raise unknown(function, at)
    arguments = scope.request(optional_mapping(body.get("with"), f"{at}/with"))
    if name == APPROVAL:
        return ApprovalTask(**common, function=function, arguments=arguments)
    if name in scope.catalog.activities:
        return _built_in(function, name, arguments, body, at, scope, common)
    for entry in scope.catalog.workflows.values():
        if name in (entry.name, entry.type_name):
            return _child(function, entry, arguments, body, at, common)
    raise unknown(function, at)


def _built_in(
    function: str,
    activity: str,
    arguments: Template,
    body: Body,
    at: str,
    scope: Scope,
    common: dict[str, Any],
) -> CallTask:
    entry = activity_entry(activity, scope, at)
    return CallTask(
        **common,
        function=function,
        activity=entry.name,
        arguments=arguments,
        options=entry_options(entry, temporal_metadata(body, at), at),
    )


def _foreign(function: str, body: Body, at: str, scope: Scope, common: dict[str, Any]) -> CallTask:
    changes = temporal_metadata(body, at)
    activity = text(changes["activity"], f"{at}/metadata/temporal/activity")
    known = scope.catalog.activities.get(activity)
    return CallTask(
        **common,
        function=function,
        activity=activity,
        arguments=scope.request(body.get("with")),
        options=entry_options(known, changes, at) if known else foreign_options(changes, at),
    )


def _child(
    function: str,
    entry: WorkflowEntry[Any, Any],
    arguments: Template,
    body: Body,
    at: str,
    common: dict[str, Any],
) -> ChildTask:
    changes: dict[str, JsonValue] = temporal_metadata(body, at)
    limit = entry.execution_timeout
    return ChildTask(
        **common,
        function=function,
        type_name=entry.type_name,
        arguments=arguments,
        queue=text(changes.get("taskQueue", entry.queue), f"{at}/metadata/temporal/taskQueue"),
        spreads_fields=tuple(entry.request.model_fields) if entry.spreads_fields else None,
        workflow_id=entry.run_id,
        execution_timeout_s=None if limit is None else limit.total_seconds(),
    )
