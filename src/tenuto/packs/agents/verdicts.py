"""May this tool call run: what policy says and what the agent's definition says, the stricter."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal

from pydantic import JsonValue

from tenuto.core.records import Record
from tenuto.core.references import Sha256
from tenuto.packs.agents.handoffs import CheckedCall, Tool
from tenuto.packs.agents.models import Use

Verdict = Use
_STRICTNESS: dict[Verdict, int] = {"allow": 0, "ask": 1, "deny": 2}
_DIGITS = 4
"""Decimals that rules can compare."""


class Answer(Record):
    """What policy said to one question."""

    allowed: bool
    rules: tuple[str, ...] = ()
    why: str = ""
    policy: Sha256 | None
    """Digest of the rules; None where they could not say."""
    question: Sha256
    is_off: bool = False
    """Policy is off: the answer means nothing."""


class Judgement(Record):
    """What becomes of a call, and on whose word."""

    verdict: Verdict
    why: str
    by: Literal["policy", "definition"]
    answers: tuple[Answer, ...] = ()


def stricter(first: Judgement, second: Judgement) -> Judgement:
    """The stricter of the two; the first where they are alike. What policy said is kept."""
    chosen = max((first, second), key=lambda each: _STRICTNESS[each.verdict])
    return chosen.model_copy(update={"answers": (*first.answers, *second.answers)})


def by_definition(tool: Tool, hosts: Sequence[str], *, is_policy_off: bool) -> Judgement:
    """What the agent's definition says. Its defaults count only where policy is off."""
    grant = tool.grant
    other = [host for host in hosts if grant.hosts and host not in grant.hosts]
    if other:
        why = f"host {other[0]} is none of {', '.join(grant.hosts)}"
        return Judgement(verdict="deny", why=why, by="definition")
    if grant.use is not None:
        return Judgement(verdict=grant.use, why=f"its grant says {grant.use}", by="definition")
    if is_policy_off and tool.writes:
        return Judgement(verdict="ask", why="it may change something outside", by="definition")
    if is_policy_off and hosts and not grant.hosts:
        why = f"it reaches {hosts[0]}, which its grant does not name"
        return Judgement(verdict="ask", why=why, by="definition")
    return Judgement(verdict="allow", why="it changes nothing outside", by="definition")


def by_policy(attended: Answer, unattended: Answer | None) -> Judgement:
    """Allowed with and without a person: allow; only with one: ask; else deny."""
    answers = (attended,) if unattended is None else (attended, unattended)
    if not attended.allowed:
        return Judgement(verdict="deny", why=attended.why, by="policy", answers=answers)
    if unattended is not None and not unattended.allowed:
        why = f"a person has to decide: to run it alone, {unattended.why}"
        return Judgement(verdict="ask", why=why, by="policy", answers=answers)
    return Judgement(verdict="allow", why=attended.why, by="policy", answers=answers)


def tool_attributes(tool: Tool) -> dict[str, JsonValue]:
    """What rules may read of a tool."""
    grant = tool.grant
    return {"risk": grant.risk, "writes": tool.writes, "hosts": list(grant.hosts)}


def visible_arguments(tool: Tool, checked: CheckedCall) -> dict[str, JsonValue]:
    """What the model chose, and what the grant fixes; not the key."""
    known = {*tool.chosen, *tool.grant.fixed}
    return {name: value for name, value in checked.arguments.items() if name in known}


def call_context(
    environment: str, host: str, usd: Decimal, steps: int, arguments: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """What else rules may read of a call: amounts as decimal text, rounded up."""
    unit = Decimal(1).scaleb(-_DIGITS)
    rounded = (usd / unit).to_integral_value(rounding="ROUND_CEILING") * unit
    context: dict[str, JsonValue] = {
        "env": environment,
        "spent_usd": f"{rounded:.4f}",
        "steps": steps,
        "input": dict(arguments),
    }
    return context | ({"host": host} if host else {})
