"""Asking policy through an activity: the answer stays in the history, whatever rules say later."""

from pydantic import JsonValue

from tenuto.identity.principal import Principal
from tenuto.identity.ticket import NO_POLICY
from tenuto.packs.agents import catalog
from tenuto.packs.agents.verdicts import Answer
from tenuto.policy.decision import Question, Resource


async def ask_policy(
    action: str, principal: Principal, resource: Resource, context: dict[str, JsonValue]
) -> Answer:
    """What the rules say; a refusal is an answer.

    Raises ActivityError where they cannot be asked in three attempts: nothing is allowed then.
    """
    question = Question(principal=principal, action=action, resource=resource, context=context)
    said = await catalog.ask_policy(question, summary=f"{action} {resource.id}"[:200])
    return Answer(
        allowed=said.allowed,
        rules=tuple(reason.rule for reason in said.reasons),
        why=said.sentence(),
        policy=said.policy,
        question=said.question,
        is_off=said.policy == NO_POLICY,
    )
