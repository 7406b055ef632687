"""What every namespace needs before the first run: itself, its retention, its search attributes."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

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
from tenuto.core.errors import UsageError

SUBJECT = SearchAttributeKey.for_keyword("TenutoSubject")
"""What a run is about: a fund, a source, an order."""
BUSINESS_DATE = SearchAttributeKey.for_keyword("TenutoBusinessDate")
"""The day a run is for, ISO form; a keyword, so that it sorts and ranges as text."""
STATUS = SearchAttributeKey.for_keyword("TenutoStatus")
"""The run's own word for where it stands, for example `waiting for prices`."""
ENTRY = SearchAttributeKey.for_keyword(ENTRY_ATTRIBUTE)
"""Catalog name the run was started by."""

SEARCH_ATTRIBUTES = (SUBJECT, BUSINESS_DATE, STATUS, ENTRY)
"""The whole budget Tenuto takes: four of the ten keyword slots of a namespace."""

Answer = TypeVar("Answer")
_PATIENCE_S = 30.0
_POLL_S = 0.1
_KEYWORD = IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD


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
    for key in SEARCH_ATTRIBUTES:
        kind = known.custom_attributes.get(key.name)
        if kind is not None and kind != _KEYWORD:
            raise UsageError(
                f"Search attribute `{key.name}` of namespace `{client.namespace}` is"
                f" {IndexedValueType.Name(kind)}, expected Keyword. Remove it"
                f" (`temporal operator search-attribute remove --name {key.name}`) or use"
                " another namespace.",
                code="bootstrap.search-attribute-type",
            )
    missing = [key.name for key in SEARCH_ATTRIBUTES if key.name not in known.custom_attributes]
    if not missing:
        return []
    try:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=client.namespace, search_attributes=dict.fromkeys(missing, _KEYWORD)
            )
        )
    except RPCError as error:
        names = " ".join(f"--name {name} --type Keyword" for name in missing)
        raise UsageError(
            f"Namespace `{client.namespace}` lacks the search attributes {', '.join(missing)} and"
            f" this server does not let us create them ({error.message}). Create them once:"
            f" `temporal operator search-attribute create {names}`.",
            code="bootstrap.search-attributes",
        ) from error
    await _wait_until_usable(client, missing)
    return [f"created search attributes {', '.join(missing)}"]


async def _list_search_attributes(client: Client) -> ListSearchAttributesResponse:
    return await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )


async def _wait_until_usable(client: Client, names: list[str]) -> None:
    """The server takes a new search attribute in queries and starts a second or two later."""
    query = " AND ".join(f"{name} = 'none'" for name in names)
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
