"""Whatever goes wrong while a question is decided is a denial, never a rule that is skipped."""

import json
from pathlib import Path
from typing import Any

import cedarpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rule_desk import ask, payment, rules_in, task, workflow
from tenuto.identity.principal import Principal
from tenuto.identity.ticket import hash_of
from tenuto.policy.cedar import CedarPolicy, question_hash
from tenuto.policy.decision import Question, Resource

FOUR_EYES = """
@id("everybody") permit (principal, action == Action::"task:decide", resource);
@id("four-eyes") forbid (principal, action == Action::"task:decide", resource)
when { resource has requester && resource.requester == principal.id };
"""
PAYMENTS = """
@id("start") permit (principal, action in Action::"workflow:start", resource);
@id("limit") forbid (principal, action == Action::"workflow:start/pay", resource)
when { context.input.amount.greaterThan(decimal("100.0")) || context.input.count > 10 };
"""


@pytest.mark.attack
@pytest.mark.parametrize("attribute", sorted(task().attributes))
def test_a_task_without_an_attribute_is_denied_not_decided_without_its_rules(
    tmp_path: Path, attribute: str
) -> None:
    decision = rules_in(tmp_path, FOUR_EYES).decide(
        ask("task:decide", task(**{attribute: ...}), who="u:rosa")
    )
    assert not decision.allowed
    assert decision.problems == (f"`resource.{attribute}` is missing",)


def test_the_engine_alone_would_allow_it() -> None:
    """The reason for all of this: a `forbid` that fails is skipped, and the answer is Allow."""
    handle = cedarpy.Entities.from_json_str(
        json.dumps([{"uid": {"type": "Task", "id": "1"}, "attrs": {}, "parents": []}])
    )
    request = {"principal": 'User::"ann"', "action": 'Action::"decide"', "resource": 'Task::"1"'}
    answer = cedarpy.is_authorized(
        request,
        "permit (principal, action, resource);"
        " forbid (principal, action, resource) when { resource.requester == principal };",
        handle,
        'entity User; entity Task = {"requester": User};'
        ' action "decide" appliesTo { principal: [User], resource: [Task], context: {} };',
    )
    assert answer.allowed
    assert answer.diagnostics.errors


@pytest.mark.attack
@pytest.mark.parametrize(
    "who",
    ["u:rosa", "u:ROSA", "u:Rosa", "u:\uff52\uff4f\uff53\uff41"],
    ids=["same", "upper", "title", "wide"],
)
def test_another_spelling_is_the_same_person(tmp_path: Path, who: str) -> None:
    decision = rules_in(tmp_path, FOUR_EYES).decide(ask("task:decide", task(), who=who))
    assert [each.rule for each in decision.reasons] == ["four-eyes"]


@pytest.mark.parametrize(
    ("question", "problem"),
    [
        (ask("task:decide", Resource(type="Nothing", id="1")), "is about HumanTask"),
        (ask("task:devour", task()), "no action is called `task:devour`"),
        (ask("workflow:start/pay", workflow()), "no action is called"),
        (ask("workflow:start", workflow("other")), "no workflow of the catalog"),
        (ask("agent:tool", task(), who="u:ann"), "nothing for a user"),
        (ask("task:decide", task(colour="red")), "`resource.colour` is no attribute"),
        (ask("task:decide", task(), colour="red"), "`context.colour` is nothing"),
        (ask("task:decide", task(risk=2**63)), "beyond 64 bits"),
        (ask("task:decide", task(risk=1.5)), "expected a whole number"),
        (ask("task:decide", task(risk=True)), "expected a whole number"),
        (ask("task:decide", task(amount="1.00001")), "more than 4 digits"),
        (ask("task:decide", task(amount="922337203685477.5808")), "beyond"),
        (ask("task:decide", task(amount="NaN")), "expected a number"),
        (ask("task:decide", task(amount="1e3")), "expected a number"),
        (ask("task:decide", task(candidates="g:desk")), "expected a list"),
        (ask("task:decide", task(), at="2026-01-01T00:00:00"), "no time zone"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_rules_cannot_see_exactly_is_denied(
    tmp_path: Path, question: Question, problem: str
) -> None:
    decision = rules_in(tmp_path, FOUR_EYES).decide(question)
    assert not decision.allowed
    assert problem in decision.problems[0]


@pytest.mark.attack
@pytest.mark.parametrize(
    ("change", "allowed"),
    [
        ({"amount": "100"}, True),
        ({"amount": 100}, True),
        ({"amount": "100.0001"}, False),
        ({"amount": 100.00001}, False),
        ({"amount": "1" * 30}, False),
        ({"amount": "1.0000000000000000000000000000000000000000001"}, False),
        ({"count": 10}, True),
        ({"count": 11}, False),
        ({"count": 2**64}, False),
        ({"count": 1.5}, False),
        ({"amount": None}, False),
    ],
)
def test_amounts_are_compared_exactly_or_not_at_all(
    tmp_path: Path, change: dict[str, Any], allowed: bool
) -> None:
    question = ask("workflow:start", workflow(), input=payment(**change))
    assert rules_in(tmp_path, PAYMENTS).decide(question).allowed is allowed


def test_a_field_that_no_rule_reads_denies_nothing(tmp_path: Path) -> None:
    only_count = PAYMENTS.replace('context.input.amount.greaterThan(decimal("100.0")) || ', "")
    question = ask("workflow:start", workflow(), input=payment(amount="0.123456789"))
    assert rules_in(tmp_path, only_count).decide(question).allowed
    assert not rules_in(tmp_path, PAYMENTS).decide(question).allowed


def test_nothing_is_allowed_that_no_rule_permits(tmp_path: Path) -> None:
    decision = rules_in(tmp_path, FOUR_EYES).decide(ask("task:claim", task()))
    assert not decision.allowed
    assert (decision.reasons, decision.problems) == ((), ())
    assert decision.sentence() == "no rule permits it"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    )
)
def test_a_question_has_the_hash_that_everything_else_would_give_it(value: Any) -> None:
    question = ask("task:decide", task(), input=value)
    assert question_hash(question) == hash_of([question])


_POLICY: list[CedarPolicy] = []


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=12,
    )
)
def test_no_input_makes_the_engine_raise_or_allow_above_the_limit(
    tmp_path_factory: pytest.TempPathFactory, value: Any
) -> None:
    if not _POLICY:
        _POLICY.append(rules_in(tmp_path_factory.mktemp("rules"), PAYMENTS))
    question = Question.model_construct(
        principal=Principal(id="u:ann"),
        action="workflow:start",
        resource=workflow(),
        context={"input": value},
    )
    assert not _POLICY[0].decide(question).allowed
