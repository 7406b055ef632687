"""The rules of an installation: its settings say where they are, its catalog what they may read."""

from collections.abc import Mapping
from typing import Any

from pydantic.errors import PydanticInvalidForJsonSchema

from tenuto.catalog.entries import WorkflowEntry
from tenuto.catalog.registry import Catalog
from tenuto.engine.settings import Settings
from tenuto.policy.cedar import load_policy
from tenuto.policy.decision import PolicyEngine


def open_policy(settings: Settings, catalog: Catalog) -> PolicyEngine | None:
    """The rules of setting `policy.folder`; None where it is empty and policy is off.

    Raises UsageError `policy.invalid` with every mistake, and as `load_policy` does.
    """
    if settings.policy_path is None:
        return None
    return load_policy(settings.policy_path, start_schemas(catalog))


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
