"""A permit may ask for approvals and for what must not be shown."""

from pathlib import Path
from typing import Any

import pytest

from rule_desk import ask, findings_in, payment, rules_in, workflow
from tenuto.policy.redaction import HIDDEN, without

RULES = """
@id("large") @requires_approval("2 g:fund-ops")
permit (principal, action == Action::"workflow:start/pay", resource)
when { context.input.count > 10 };
@id("small") permit (principal, action == Action::"workflow:start/pay", resource)
when { context.input.count <= 10 };
"""


def _votes(*people: str, group: str = "g:fund-ops") -> list[dict[str, Any]]:
    return [{"by": each, "groups": [group]} for each in people]


def test_inv_6_it_is_not_allowed_before_they_approved(tmp_path: Path) -> None:
    decision = rules_in(tmp_path, RULES).decide(
        ask("workflow:start", workflow(), input=payment(count=11))
    )
    assert not decision.allowed
    assert decision.needs_approval
    (approval,) = decision.obligations
    assert (approval.need, approval.group) == (2, "g:fund-ops")
    told = "permitted by `large`, for which 2 of `g:fund-ops` have to approve"
    assert decision.sentence() == told


@pytest.mark.attack
@pytest.mark.parametrize(
    ("approvals", "allowed"),
    [
        (_votes("u:bob", "u:cyd"), True),
        (_votes("u:bob"), False),
        (_votes("u:bob", "u:BOB"), False),
        (_votes("u:bob", "u:ann"), False),
        (_votes("u:bob", "u:cyd", group="g:desk"), False),
        ([{"by": "u:bob"}, {"by": "u:cyd"}], False),
        ("everybody", False),
        ([1, None, "u:bob"], False),
    ],
)
def test_inv_6_different_people_of_the_group_count_and_never_whoever_asks(
    tmp_path: Path, approvals: Any, allowed: bool
) -> None:
    question = ask("workflow:start", workflow(), input=payment(count=11), approvals=approvals)
    assert rules_in(tmp_path, RULES).decide(question).allowed is allowed


def test_inv_6_a_rule_without_them_asks_for_nothing(tmp_path: Path) -> None:
    decision = rules_in(tmp_path, RULES).decide(ask("workflow:start", workflow(), input=payment()))
    assert decision.allowed
    assert decision.obligations == ()


def test_the_strictest_of_several_permits_counts(tmp_path: Path) -> None:
    both = RULES.replace("<= 10", "<= 20")
    decision = rules_in(tmp_path, both).decide(
        ask("workflow:start", workflow(), input=payment(count=11))
    )
    assert decision.needs_approval
    assert {each.rule for each in decision.reasons} == {"large", "small"}


@pytest.mark.parametrize(
    ("asked", "action", "remedy"),
    [
        ('@requires_approval("1 g:a")', "audit:erase", "is for `workflow:start`"),
        ('@requires_approval("1 g:a")', "agent:tool", "is for `workflow:start`"),
        ('@requires_approval("1 g:a")', "", "is for `workflow:start`"),
        ('@redact("input.iban")', "workflow:start/pay", "is for `run:read`"),
        ('@redact("input")', "agent:tool", "is for `run:read`"),
        ('@redact("input")', "task:read", "begin with `shown`"),
        ('@redact("started_by")', "run:read", "`input` or `result`"),
    ],
)
def test_what_nobody_could_see_to_does_not_load(
    tmp_path: Path, asked: str, action: str, remedy: str
) -> None:
    scope = f'action == Action::"{action}"' if action else "action"
    (found,) = findings_in(tmp_path, f'@id("a") {asked} permit (principal, {scope}, resource);')
    assert found["code"] == "annotation"
    assert remedy in found["remedy"]


def test_paths_are_taken_out_at_any_depth_and_of_every_item() -> None:
    value = {"tax": "1", "to": [{"iban": "2", "name": "bob"}, {"name": "cyd"}], "n": 1}
    paths = ("input.tax", "input.to.iban", "input.absent.x", "result")
    assert without(value, "input", paths) == {
        "tax": HIDDEN,
        "to": [{"iban": HIDDEN, "name": "bob"}, {"name": "cyd"}],
        "n": 1,
    }
    assert without(value, "result", paths) == HIDDEN
    assert value["tax"] == "1"
