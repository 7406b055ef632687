"""An agent's questions to policy, for workflow code."""

from pydantic import JsonValue

from tenuto.identity.principal import Principal
from tenuto.packs.agents.catalog import governed_task
from tenuto.packs.agents.handoffs import CheckedCall, Tool
from tenuto.packs.agents.models import Agent, AgentTaskRequest, GovernedTaskRequest, Spent
from tenuto.packs.agents.rules import ask_policy
from tenuto.packs.agents.verdicts import (
    Answer,
    Judgement,
    by_definition,
    by_policy,
    call_context,
    stricter,
    tool_attributes,
    visible_arguments,
)
from tenuto.policy.decision import Resource

START = "workflow:start"
TOOL = "agent:tool"
UNATTENDED = "agent:tool-unattended"


async def may_launch(request: GovernedTaskRequest) -> Answer:
    """What policy says to this input of this person now; the start was asked before the run."""
    resource = Resource(type="WorkflowType", id=governed_task.name, attributes={"tags": []})
    principal = Principal(id=request.requester or request.agent.id, groups=request.groups)
    context: dict[str, JsonValue] = {"input": request.model_dump(mode="json")}
    return await ask_policy(START, principal, resource, context)


async def may_call(
    request: AgentTaskRequest, tool: Tool, checked: CheckedCall, spent: Spent
) -> Judgement:
    """What becomes of the call: the stricter of what policy and the agent's definition say.

    Every host that the call names is asked about.
    """
    hosts = checked.hosts or ("",)
    judged = [await _by_host(request, tool, checked, host, spent) for host in hosts]
    worst = judged[0]
    for each in judged[1:]:
        worst = stricter(worst, each)
    return worst


async def _by_host(
    request: AgentTaskRequest, tool: Tool, checked: CheckedCall, host: str, spent: Spent
) -> Judgement:
    who = _principal(request.agent)
    what = Resource(type="Tool", id=tool.grant.activity, attributes=tool_attributes(tool))
    arguments = visible_arguments(tool, checked)
    context = call_context(request.environment, host, spent.usd, spent.steps, arguments)
    attended = await ask_policy(TOOL, who, what, context)
    if attended.is_off:
        return by_definition(tool, checked.hosts, is_policy_off=True)
    unattended = await ask_policy(UNATTENDED, who, what, context) if attended.allowed else None
    return stricter(
        by_policy(attended, unattended), by_definition(tool, checked.hosts, is_policy_off=False)
    )


def _principal(agent: Agent) -> Principal:
    return Principal(id=agent.id, groups=agent.groups, owner=agent.owner)
