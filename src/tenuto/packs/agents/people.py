"""Asking people about a start and about a tool call, and what they answered."""

from collections.abc import Mapping

from pydantic import JsonValue
from temporalio import workflow

from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.catalog.library.tasks.request import TaskRequest
from tenuto.identity.ticket import hash_of
from tenuto.packs.agents.handoffs import Tool
from tenuto.packs.agents.models import Agent, GovernedTaskRequest
from tenuto.packs.agents.names import STARTED_BY

TOOL_CALL = "tool_call"
"""The kind of task by which rules and inboxes know a tool call."""
LAUNCH = "agent.launch"
_MOST_SHOWN = 4_000


def starter() -> tuple[str, ...]:
    """The person who started this run, as the gate says; nobody for a program."""
    by = workflow.memo_value(STARTED_BY, None)
    return (by,) if isinstance(by, str) and by.startswith("u:") else ()


def launch_question(request: GovernedTaskRequest, preparers: tuple[str, ...]) -> TaskRequest:
    """The task that asks whether an agent may start."""
    return TaskRequest(
        title=f"Let {request.agent.id} start",
        description="\n\n".join(_cut(text) for text in request.texts)[:20_000],
        kind=LAUNCH,
        subject=request.agent.id,
        shown={
            "agent": request.agent.id,
            "model": request.agent.model,
            "tools": [grant.activity for grant in request.agent.tools],
            "budget": request.agent.budget.model_dump(mode="json"),
            "environment": request.environment,
        },
        requester=request.requester,
        preparers=preparers,
        candidates=request.approvers,
        expire=request.approve_within,
        on_expiry="reject",
    )


def call_question(
    agent: Agent,
    tool: Tool,
    arguments: Mapping[str, JsonValue],
    *,
    requester: str | None,
    preparers: tuple[str, ...],
    said: str,
    problem: str,
) -> TaskRequest:
    """The task that asks about a tool call. `problem` is why an edit could not be used."""
    return TaskRequest(
        title=f"{agent.id} wants to call {tool.grant.activity}"[:200],
        description="\n\n".join(filter(None, (_cut(said), problem))),
        kind=TOOL_CALL,
        subject=agent.id,
        shown={"agent": agent.id, "tool": tool.grant.activity, "arguments": dict(arguments)},
        seen=hash_of(dict(arguments)),
        risk=tool.grant.risk,
        requester=requester,
        preparers=preparers,
        four_eyes=agent.four_eyes and bool(requester or preparers),
        candidates=agent.approvers,
        actions=("approve", "edit", "reject", "respond"),
        expire=agent.decide_within,
        on_expiry="reject",
    )


def in_words(outcome: TaskOutcome) -> str:
    """Who decided what, and why, in one line."""
    who = outcome.by or "nobody"
    return f"{who} at {outcome.at:%Y-%m-%d %H:%M} UTC" + (
        f": {outcome.comment}" if outcome.comment else ""
    )


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]} ... ({len(text):,} in all)"
