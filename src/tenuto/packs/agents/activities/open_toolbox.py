"""`agents.open_toolbox`: from catalog names to tools with schemas, queues, and timeouts."""

import re
from typing import Any

from tenuto.artifacts.current import current_store
from tenuto.catalog import SideEffect, implements
from tenuto.core.errors import DataError
from tenuto.engine.offered import offered_activity
from tenuto.packs.agents.catalog import open_toolbox
from tenuto.packs.agents.handoffs import OpenToolboxRequest, Retrying, Schemas, Tool, Toolbox
from tenuto.packs.agents.models import ToolGrant

KEY = "idempotency_key"
_REFUSED = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_NAME = 64
"""What all providers take."""


@implements(open_toolbox)
def open_agents_toolbox(request: OpenToolboxRequest) -> Toolbox:
    """The tools in the order of their grants.

    Raises NotFoundError for a name that is no activity of this worker's catalog, DataError
    `agents.tool-unfit` for one that cannot be a tool, `agents.tool-twice` for one named twice.
    """
    grants = [grant for grant in request.grants if grant.use != "deny"]
    if not grants:
        return Toolbox()
    schemas = [_parameters(grant) for grant in grants]
    tools = tuple(map(_tool, grants, schemas))
    names = [tool.name for tool in tools]
    for name in names:
        if names.count(name) > 1:
            raise DataError(
                f"Two tools would be called `{name}`; grant each activity once.",
                code="agents.tool-twice",
            )
    stored = Schemas(by_tool=dict(zip(names, schemas, strict=True)))
    return Toolbox(tools=tools, schemas=current_store().put_json(stored, name="tools.json"))


def _tool(grant: ToolGrant, schema: dict[str, Any]) -> Tool:
    entry = offered_activity(grant.activity)
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
        writes=entry.side_effect is SideEffect.EXTERNAL,
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


def _parameters(grant: ToolGrant) -> dict[str, Any]:
    """The request's schema without what the model does not choose."""
    schema: dict[str, Any] = offered_activity(grant.activity).request.model_json_schema()
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
