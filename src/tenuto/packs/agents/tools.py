"""From what an agent is granted to its tools, by any catalog: a worker's, or a project's."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from tenuto.catalog.entries import ActivityEntry, SideEffect
from tenuto.core.errors import DataError
from tenuto.packs.agents.handoffs import Retrying, Schemas, Tool
from tenuto.packs.agents.models import ToolGrant

KEY = "idempotency_key"
"""The argument that the run fills, so that a call is carried out once."""

_REFUSED = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_NAME = 64
"""What all providers take."""

Find = Callable[[str], ActivityEntry[Any, Any]]
"""Looks an activity up. Raises NotFoundError."""


def tools_of(grants: Sequence[ToolGrant], find: Find) -> tuple[tuple[Tool, ...], Schemas]:
    """The tools in the order of their grants, and the JSON Schema of what the model chooses.

    Raises NotFoundError for a name that is no activity, DataError `agents.tool-unfit` for one that
    cannot be a tool, `agents.tool-twice` for one named twice.
    """
    granted = [(grant, find(grant.activity)) for grant in grants if grant.use != "deny"]
    schemas = [_parameters(grant, entry) for grant, entry in granted]
    tools = tuple(_tool(*each, schema) for each, schema in zip(granted, schemas, strict=True))
    names = [tool.name for tool in tools]
    for name in names:
        if names.count(name) > 1:
            raise DataError(
                f"Two tools would be called `{name}`; grant each activity once.",
                code="agents.tool-twice",
            )
    return tools, Schemas(by_tool=dict(zip(names, schemas, strict=True)))


def _tool(grant: ToolGrant, entry: ActivityEntry[Any, Any], schema: dict[str, Any]) -> Tool:
    if entry.is_local:
        raise _unfit(grant, "it runs only inside the worker of its own workflow")
    retry = entry.retry
    fields = entry.request.model_fields
    unknown = [name for name in grant.fixed if name not in fields]
    if unknown:
        raise _unfit(grant, f"it has no argument `{unknown[0]}`, which the grant fixes")
    return Tool(
        name=_REFUSED.sub("_", entry.name)[:_LONGEST_NAME],
        grant=grant,
        description=grant.description or entry.summary,
        chosen=tuple(schema["properties"]),
        writes=entry.side_effect in (SideEffect.EXTERNAL, SideEffect.UNKNOWN),
        spreads=tuple(fields) if entry.spreads_fields else None,
        has_key=KEY in fields and KEY not in grant.fixed,
        queue=entry.queue,
        start_to_close=entry.start_to_close,
        schedule_to_start=entry.schedule_to_start,
        heartbeat=entry.heartbeat,
        retry=Retrying(
            initial_interval=retry.initial_interval,
            backoff_coefficient=retry.backoff_coefficient,
            maximum_interval=retry.maximum_interval,
            maximum_attempts=retry.maximum_attempts,
        ),
    )


def _parameters(grant: ToolGrant, entry: ActivityEntry[Any, Any]) -> dict[str, Any]:
    """The request's schema without what the model does not choose."""
    schema: dict[str, Any] = entry.request.model_json_schema()
    hidden = {*grant.fixed, KEY}
    schema["properties"] = {
        name: shape for name, shape in schema.get("properties", {}).items() if name not in hidden
    }
    schema["required"] = [name for name in schema.get("required", ()) if name not in hidden]
    return schema


def _unfit(grant: ToolGrant, why: str) -> DataError:
    return DataError(
        f"`{grant.activity}` cannot be a tool of an agent: {why}.", code="agents.tool-unfit"
    )
