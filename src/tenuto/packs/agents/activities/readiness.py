"""Whether this worker can run an agent: its tools are in the catalog, its model can be used."""

from tenuto.artifacts.current import current_store
from tenuto.engine.offered import offered_activity
from tenuto.packs.agents.activities import providers, scripted
from tenuto.packs.agents.models import Agent
from tenuto.packs.agents.tools import tools_of


def check_agent(agent: Agent) -> None:
    """Raises what the agent's own run would raise later: as `tools_of`, `providers.model_name`,
    `providers.open_model`, and `scripted.read_script`. No provider is called."""
    tools_of(agent.tools, offered_activity)
    name = providers.model_name(agent)
    if scripted.is_scripted(name):
        scripted.read_script(agent, name, current_store())
    else:
        providers.open_model(name)
