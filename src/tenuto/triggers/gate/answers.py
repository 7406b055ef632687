"""What the gate answers where the rules alone do not say it: no, not yet, and why."""

from typing import Any

from tenuto.core.errors import PolicyDenied
from tenuto.identity.ticket import NO_POLICY, hash_of
from tenuto.policy.decision import Decision, PolicyEngine, Question, Reason
from tenuto.policy.redaction import hidden_paths


def out_of_scope(question: Question, engine: PolicyEngine | None) -> Decision:
    """The answer to a token that is for other actions."""
    scope = ", ".join(f"`{each}`" for each in question.principal.authentication.scope)
    return Decision(
        allowed=False,
        reasons=(Reason(rule="token-scope", effect="forbid", text=f"the token is for {scope}"),),
        policy=engine.digest if engine else NO_POLICY,
        question=hash_of([question]),
    )


def without_hiding(decision: Decision) -> Decision:
    """The answer where whatever is shown is shown whole: no, if something has to be hidden."""
    if decision.allowed and hidden_paths(decision):
        return decision.model_copy(update={"allowed": False})
    return decision


def rules_of(decision: Decision) -> tuple[str, ...]:
    """Names of the rules that decided."""
    return tuple(reason.rule for reason in decision.reasons)


def denied(question: Question, decision: Decision) -> PolicyDenied:
    """The error of a denial: `policy.needs-approval` where people can still allow it,
    `policy.cannot-redact` where it could only be shown whole, else `policy.denied`."""
    what = question.resource
    wanted = f"`{question.action}` on {what.type} `{what.id}`"
    details: dict[str, Any] = {
        "action": question.action,
        "resource": f"{what.type}:{what.id}",
        "rules": [*rules_of(decision)],
    }
    if decision.obligations:
        details["obligations"] = [each.model_dump(mode="json") for each in decision.obligations]
    if decision.needs_approval:
        return PolicyDenied(
            f"`{question.principal.id}` may not do {wanted} yet: {decision.sentence()}. Say it"
            " again with `--ask` to ask them, and once they approved without it, under the id that"
            " `--ask` prints.",
            code="policy.needs-approval",
            details=details,
        )
    if hidden_paths(decision):
        hidden = ", ".join(f"`{path}`" for path in hidden_paths(decision))
        return PolicyDenied(
            f"`{question.principal.id}` may do {wanted} only where {hidden} is hidden, and what"
            " was asked for shows it whole. `tenuto show` and `tenuto tasks show` can hide it.",
            code="policy.cannot-redact",
            details=details,
        )
    return PolicyDenied(
        f"`{question.principal.id}` may not do {wanted}: {decision.sentence()}."
        f" `tenuto policy explain` tells more; whoever keeps the rules can change them.",
        code="policy.denied",
        details=details,
    )
