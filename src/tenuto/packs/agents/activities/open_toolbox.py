"""`agents.open_toolbox`: from catalog names to tools with schemas, queues, and timeouts."""

from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.engine.offered import offered_activity
from tenuto.packs.agents.catalog import open_toolbox
from tenuto.packs.agents.handoffs import OpenToolboxRequest, Toolbox
from tenuto.packs.agents.tools import tools_of


@implements(open_toolbox)
def open_agents_toolbox(request: OpenToolboxRequest) -> Toolbox:
    """The tools in the order of their grants. Raises as `tools_of`."""
    tools, schemas = tools_of(request.grants, offered_activity)
    if not tools:
        return Toolbox()
    return Toolbox(tools=tools, schemas=current_store().put_json(schemas, name="tools.json"))
