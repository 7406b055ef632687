"""What the rules of an installation may read of a start: its input, as the catalog knows it."""

from collections.abc import Mapping
from typing import Any

from pydantic.errors import PydanticInvalidForJsonSchema

from tenuto.catalog.entries import WorkflowEntry
from tenuto.catalog.registry import Catalog


def start_schemas(catalog: Catalog) -> dict[str, Mapping[str, Any]]:
    """Workflow -> JSON Schema of the input that a start of it brings to the rules."""
    return {entry.name: _schema(entry) for entry in catalog.workflows.values()}


def _schema(entry: WorkflowEntry[Any, Any]) -> Mapping[str, Any]:
    if entry.started_by is not None:
        return {}  # a start of it brings what it works for, for example a definition's own input
    try:
        schema: Mapping[str, Any] = entry.request.model_json_schema()
    except PydanticInvalidForJsonSchema:
        return {}
    return schema
