"""`policy.check`: asks the rules of the process, and where no rule allows, nothing is allowed."""

from pydantic import JsonValue, ValidationError

from tenuto.activities.definitions.problems import failed_as
from tenuto.catalog import implements
from tenuto.catalog.library.definitions.entries import policy_check
from tenuto.catalog.library.definitions.policy import PolicyCheckRequest, PolicyCheckResult
from tenuto.core.errors import DataError, PolicyDenied
from tenuto.core.problem import problem
from tenuto.identity.principal import Principal
from tenuto.policy.current import current_policy
from tenuto.policy.decision import Decision, Question, Resource
from tenuto.policy.types import compared

THE_RUN = "s:run"
"""Who asks where nobody is named: the run itself."""


@implements(policy_check)
def check_policy(request: PolicyCheckRequest) -> PolicyCheckResult:
    """The rules that allow it, and the digest of all rules and of the question.

    Raises PolicyDenied `policy.denied`, or `policy.off` where there are no rules, each a problem
    `authorization` 403; DataError `policy.principal` for a principal that is nobody.
    """
    engine = current_policy()
    if engine is None:
        raise _refused(
            f"`{request.action}` is refused: policy is off, so there is no rule that could allow"
            " it. Switch it on with setting `policy.folder` (`tenuto policy init` makes one), ask"
            " people with `human.approval`, or take the check out",
            code="policy.off",
            details={},
        )
    decision = engine.decide(_question(request))
    if not decision.allowed:
        said = f"`{request.action}` is refused: {decision.sentence()}"
        raise _refused(said, code="policy.denied", details=_record(decision))
    return PolicyCheckResult(
        rules=tuple(reason.rule for reason in decision.reasons),
        policy=decision.policy,
        question=decision.question,
        redact=tuple(each.path for each in decision.obligations if each.path is not None),
    )


def _question(request: PolicyCheckRequest) -> Question:
    name = request.principal or THE_RUN
    try:
        principal = Principal(id=compared(name))
    except ValidationError as wrong:
        refused = DataError(
            f"`{name}` is no principal: expected `u:` and a person, `s:` and a service, or `a:`"
            " and an agent.",
            code="policy.principal",
        )
        raise failed_as("validation", refused) from wrong
    context: dict[str, JsonValue] = {"input": request.context}
    return Question(
        principal=principal,
        action=request.action,
        resource=Resource(type="Thing", id=request.resource or request.action),
        context=context,
    )


def _record(decision: Decision) -> dict[str, JsonValue]:
    """The decision as it stays in the run's history."""
    return {
        "policy": decision.policy,
        "question": decision.question,
        "rules": [reason.rule for reason in decision.reasons],
        "problems": list(decision.problems),
        "obligations": [each.model_dump(mode="json") for each in decision.obligations],
    }


def _refused(said: str, *, code: str, details: dict[str, JsonValue]) -> PolicyDenied:
    told = {"problem": problem("authorization", said).as_json(), **details}
    return PolicyDenied(said, code=code, details=told)
