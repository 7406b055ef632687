"""`policy.check` asks the rules of the process; without rules it refuses."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rule_desk import rules_in
from tenuto.activities.definitions.check_policy import check_policy
from tenuto.catalog.library.definitions.policy import PolicyCheckRequest
from tenuto.core.errors import DataError, PolicyDenied
from tenuto.policy.current import use_policy

ACTIONS = (
    "payment.release: {type: object, properties: {amount: {type: number}}, required: [amount]}"
)
RULES = """
@id("small-payments") @redact("input.iban")
permit (principal == User::"u:ann", action == Action::"payment.release", resource)
when { context.input.amount.lessThan(decimal("100.0")) };
@id("checked-payments") @requires_approval("1 g:desk")
permit (principal == User::"u:ann", action == Action::"payment.release", resource)
when { context.input.amount.greaterThanOrEqual(decimal("100.0")) };
"""


@pytest.fixture(autouse=True)
def rules(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "actions.yaml").write_text(ACTIONS, "utf-8")
    engine = rules_in(tmp_path, RULES)
    use_policy(engine)
    yield engine.digest
    use_policy(None)


def _asked(amount: object, principal: str | None = "ann") -> PolicyCheckRequest:
    return PolicyCheckRequest.model_validate(
        {"action": "payment.release", "principal": principal, "context": {"amount": amount}}
    )


def test_inv_3_what_is_allowed_names_rules_digest_and_question(rules: str) -> None:
    result = check_policy(_asked("99.99"))
    assert (result.rules, result.policy) == (("small-payments",), rules)
    assert result.question is not None
    assert result.redact == ("input.iban",)


def test_inv_3_a_refusal_keeps_the_decision(rules: str) -> None:
    with pytest.raises(PolicyDenied) as denied:
        check_policy(_asked("100"))
    details = denied.value.details
    assert denied.value.code == "policy.denied"
    assert (details["policy"], details["rules"]) == (rules, ["checked-payments"])
    assert details["obligations"][0]["group"] == "g:desk"
    assert details["problem"]["status"] == 403


@pytest.mark.attack
@pytest.mark.parametrize(
    ("amount", "principal"),
    [("99.99", "u:bob"), ("99.99", None), ("99.99", "a:ann"), (None, "ann"), ("0.00001", "ann")],
)
def test_nobody_else_and_nothing_inexact_is_allowed(amount: object, principal: str | None) -> None:
    with pytest.raises(PolicyDenied):
        check_policy(_asked(amount, principal))


@pytest.mark.attack
def test_no_action_of_tenuto_is_allowed_by_asking_for_it_here() -> None:
    with pytest.raises(PolicyDenied):
        check_policy(PolicyCheckRequest(action="workflow:start", principal="ann"))


def test_a_principal_that_is_nobody_is_wrong_input() -> None:
    with pytest.raises(DataError) as wrong:
        check_policy(PolicyCheckRequest(action="payment.release", principal="u:"))
    assert wrong.value.code == "policy.principal"


def test_without_rules_everything_is_refused() -> None:
    use_policy(None)
    with pytest.raises(PolicyDenied) as denied:
        check_policy(_asked("1"))
    assert denied.value.code == "policy.off"
    assert "policy.folder" in denied.value.message
