"""What every namespace needs before the first run: itself, its retention, its search attributes."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
    ListSearchAttributesResponse,
)
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from tenuto.catalog.entries import ENTRY_ATTRIBUTE
from tenuto.catalog.library.definitions.events import AWAITS_ATTRIBUTE
from tenuto.catalog.library.tasks import attributes as tasks
from tenuto.core.errors import UsageError
from tenuto.definitions.plan import DEFINITION_ATTRIBUTE

SUBJECT = SearchAttributeKey.for_keyword("TenutoSubject")
"""What a run is about: a fund, a source, an order."""
BUSINESS_DATE = SearchAttributeKey.for_keyword("TenutoBusinessDate")
"""The day a run is for, ISO form; a keyword, so that it sorts and ranges as text."""
STATUS = SearchAttributeKey.for_keyword("TenutoStatus")
"""The run's own word for where it stands, for example `waiting for prices`."""
ENTRY = SearchAttributeKey.for_keyword(ENTRY_ATTRIBUTE)
"""Catalog name the run was started by."""

DEFINITION = SearchAttributeKey.for_keyword(DEFINITION_ATTRIBUTE)
"""Which definition a run runs: `namespace/name:version`."""
AWAITS = SearchAttributeKey.for_keyword_list(AWAITS_ATTRIBUTE)
"""Types of the events that a run's listeners take."""

TASK_STATE = SearchAttributeKey.for_keyword(tasks.STATE_ATTRIBUTE)
"""Where a task for people stands: `open`, `claimed`, or how it ended."""
TASK_ASSIGNEE = SearchAttributeKey.for_keyword(tasks.ASSIGNEE_ATTRIBUTE)
"""Who has claimed a task."""
TASK_CANDIDATES = SearchAttributeKey.for_keyword_list(tasks.CANDIDATES_ATTRIBUTE)
"""The people and groups who may take a task."""
TASK_DUE = SearchAttributeKey.for_datetime(tasks.DUE_ATTRIBUTE)
"""When a task should be done."""
TASK_PRIORITY = SearchAttributeKey.for_int(tasks.PRIORITY_ATTRIBUTE)
"""How urgent a task is: 0 to 9, the most urgent first."""

SEARCH_ATTRIBUTES: tuple[SearchAttributeKey[Any], ...] = (
    SUBJECT,
    BUSINESS_DATE,
    STATUS,
    ENTRY,
    DEFINITION,
    AWAITS,
    TASK_STATE,
    TASK_ASSIGNEE,
    TASK_CANDIDATES,
    TASK_DUE,
    TASK_PRIORITY,
)
"""The whole budget Tenuto takes: of the slots that a namespace on SQL has, seven of the ten for
keywords, two of the three for lists of keywords, one of three moments and one of three numbers."""

_TYPES = {
    IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD: "Keyword",
    IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD_LIST: "KeywordList",
    IndexedValueType.INDEXED_VALUE_TYPE_DATETIME: "Datetime",
    IndexedValueType.INDEXED_VALUE_TYPE_INT: "Int",
}

SEARCH_ATTRIBUTE_TYPES: Mapping[str, str] = {
    key.name: _TYPES[IndexedValueType.ValueType(key.indexed_value_type)]
    for key in SEARCH_ATTRIBUTES
}
"""Name -> type, as the server's command line has it."""

Answer = TypeVar("Answer")
_PATIENCE_S = 30.0
_POLL_S = 0.1
_INDEXED = {word: kind for kind, word in _TYPES.items()}


async def prepare_namespace(client: Client, *, retention: timedelta | None = None) -> list[str]:
    """Creates what is missing and corrects the retention; returns what it changed, in words.

    Safe to repeat. `retention` None leaves an existing namespace's retention alone. Raises
    UsageError when a search attribute exists with another type, or when the server does not
    let us create what is missing (Temporal Cloud: ask its administrator).
    """
    changed = await _prepare_retention(client, retention)
    return changed + await _prepare_search_attributes(client)


async def _prepare_retention(client: Client, retention: timedelta | None) -> list[str]:
    name = client.namespace
    try:
        found = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=name)
        )
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        await client.workflow_service.register_namespace(
            RegisterNamespaceRequest(
                namespace=name,
                description="Tenuto",
                workflow_execution_retention_period=_duration(retention or timedelta(days=30)),
            )
        )
        await _retried(lambda: _list_search_attributes(client), RPCStatusCode.NOT_FOUND)
        return [f"created namespace {name}"]
    kept = found.config.workflow_execution_retention_ttl.ToTimedelta()
    if retention is None or kept == retention:
        return []
    await client.workflow_service.update_namespace(
        UpdateNamespaceRequest(
            namespace=name,
            config=NamespaceConfig(workflow_execution_retention_ttl=_duration(retention)),
        )
    )
    return [f"set retention of namespace {name} to {retention.days} days"]


async def _prepare_search_attributes(client: Client) -> list[str]:
    known = await _list_search_attributes(client)
    for name, expected in SEARCH_ATTRIBUTE_TYPES.items():
        kind = known.custom_attributes.get(name)
        if kind is not None and kind != _INDEXED[expected]:
            raise UsageError(
                f"Search attribute `{name}` of namespace `{client.namespace}` is"
                f" {IndexedValueType.Name(kind)}, expected {expected}. Remove it"
                f" (`temporal operator search-attribute remove --name {name}`) or use"
                " another namespace.",
                code="bootstrap.search-attribute-type",
            )
    missing = {
        name: kind
        for name, kind in SEARCH_ATTRIBUTE_TYPES.items()
        if name not in known.custom_attributes
    }
    if not missing:
        return []
    try:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=client.namespace,
                search_attributes={name: _INDEXED[kind] for name, kind in missing.items()},
            )
        )
    except RPCError as error:
        names = " ".join(f"--name {name} --type {kind}" for name, kind in missing.items())
        raise UsageError(
            f"Namespace `{client.namespace}` lacks the search attributes {', '.join(missing)} and"
            f" this server does not let us create them ({error.message}). Create them once:"
            f" `temporal operator search-attribute create {names}`.",
            code="bootstrap.search-attributes",
        ) from error
    await _wait_until_usable(client, list(missing))
    return [f"created search attributes {', '.join(missing)}"]


async def _list_search_attributes(client: Client) -> ListSearchAttributesResponse:
    return await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )


async def _wait_until_usable(client: Client, names: list[str]) -> None:
    """The server takes a new search attribute in queries and starts a second or two later."""
    query = " AND ".join(f"{name} IS NULL" for name in names)
    await _retried(lambda: client.count_workflows(query), RPCStatusCode.INVALID_ARGUMENT)


async def _retried(call: Callable[[], Awaitable[Answer]], passing: RPCStatusCode) -> Answer:
    """The answer, asked for again while the server's caches still say `passing`."""
    deadline = asyncio.get_running_loop().time() + _PATIENCE_S
    while True:
        try:
            return await call()
        except RPCError as error:
            if error.status != passing or asyncio.get_running_loop().time() > deadline:
                raise
        await asyncio.sleep(_POLL_S)


def _duration(period: timedelta) -> Duration:
    duration = Duration()
    duration.FromTimedelta(period)
    return duration
