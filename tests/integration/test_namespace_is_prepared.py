"""Namespaces, retention, and search attributes: created once, corrected, and usable at once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from tenuto.core.errors import UsageError
from tenuto.engine.bootstrap import (
    SEARCH_ATTRIBUTES,
    SUBJECT,
    _prepare_retention,
    prepare_namespace,
)
from tenuto.engine.connection import Target, connect
from tenuto.engine.embedded import ServerInfo


async def in_namespace(server: ServerInfo, name: str) -> Client:
    return await connect(replace(Target(address=server.address), namespace=name))


async def retention_of(client: Client) -> timedelta:
    found = await client.workflow_service.describe_namespace(
        DescribeNamespaceRequest(namespace=client.namespace)
    )
    kept: timedelta = found.config.workflow_execution_retention_ttl.ToTimedelta()
    return kept


async def test_ova_5_a_namespace_is_created_once_and_its_retention_corrected(
    temporal_server: ServerInfo,
) -> None:
    client = await in_namespace(temporal_server, "fund-operations")
    changed = await prepare_namespace(client, retention=timedelta(days=30))
    assert changed[0] == "created namespace fund-operations"
    assert await prepare_namespace(client, retention=timedelta(days=30)) == []
    assert await prepare_namespace(client) == []
    await prepare_namespace(client, retention=timedelta(days=3650))
    assert await retention_of(client) == timedelta(days=3650)


async def test_ova_6_new_search_attributes_are_usable_when_it_returns(
    temporal_server: ServerInfo,
) -> None:
    client = await in_namespace(temporal_server, "searched")
    await prepare_namespace(client, retention=timedelta(days=1))
    for key in SEARCH_ATTRIBUTES:
        assert (await client.count_workflows(f"{key.name} IS NOT NULL")).count == 0


async def test_ova_6_an_attribute_of_another_type_is_named(temporal_server: ServerInfo) -> None:
    client = await in_namespace(temporal_server, "taken")

    await _prepare_retention(client, timedelta(days=1))
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(
            namespace="taken",
            search_attributes={SUBJECT.name: IndexedValueType.INDEXED_VALUE_TYPE_INT},
        )
    )
    with pytest.raises(UsageError, match=r"TenutoSubject.* is INDEXED_VALUE_TYPE_INT"):
        await prepare_namespace(client)
