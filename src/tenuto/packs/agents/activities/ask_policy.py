"""`agents.ask_policy`: the rules of this worker, asked once."""

from tenuto.catalog import implements
from tenuto.identity.ticket import NO_POLICY, hash_of
from tenuto.packs.agents.catalog import ask_policy
from tenuto.policy.current import current_policy
from tenuto.policy.decision import Decision, Question


@implements(ask_policy)
def ask_workers_policy(question: Question) -> Decision:
    """The decision. Where policy is off everything is allowed, by the digest of no policy."""
    engine = current_policy()
    if engine is None:
        return Decision(allowed=True, policy=NO_POLICY, question=hash_of(question))
    return engine.decide(question)
