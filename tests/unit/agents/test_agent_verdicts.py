"""What becomes of a tool call: the stricter of policy and definition."""

from datetime import timedelta
from decimal import Decimal
from itertools import product
from typing import Any, get_args

import pytest

from tenuto.packs.agents.handoffs import Retrying, Tool
from tenuto.packs.agents.models import ToolGrant, Use
from tenuto.packs.agents.verdicts import (
    Answer,
    Judgement,
    by_definition,
    by_policy,
    call_context,
    stricter,
)

USES: tuple[Use, ...] = get_args(Use)
SHA = "0" * 64


def tool(*, writes: bool = False, **grant: Any) -> Tool:
    return Tool(
        name="t",
        grant=ToolGrant(activity="t", **grant),
        description="",
        chosen=(),
        writes=writes,
        has_key=False,
        queue="q",
        start_to_close=timedelta(seconds=1),
        schedule_to_start=None,
        heartbeat=None,
        retry=Retrying(
            initial_interval=timedelta(seconds=1),
            backoff_coefficient=2,
            maximum_interval=None,
            maximum_attempts=1,
        ),
    )


def answer(*, allowed: bool) -> Answer:
    return Answer(allowed=allowed, policy=SHA, question=SHA)


@pytest.mark.parametrize(("first", "second"), list(product(USES, USES)))
def test_the_stricter_counts_whoever_says_it(first: Use, second: Use) -> None:
    one = Judgement(verdict=first, why="", by="policy")
    other = Judgement(verdict=second, why="", by="definition")
    order = ("allow", "ask", "deny")
    expected = order[max(order.index(first), order.index(second))]
    assert stricter(one, other).verdict == stricter(other, one).verdict == expected


@pytest.mark.parametrize(
    ("attended", "unattended", "expected"),
    [(True, True, "allow"), (True, False, "ask"), (False, None, "deny")],
)
def test_two_answers_of_policy_make_three_verdicts(
    attended: bool, unattended: bool | None, expected: Use
) -> None:
    second = None if unattended is None else answer(allowed=unattended)
    assert by_policy(answer(allowed=attended), second).verdict == expected


def test_without_policy_writing_and_unnamed_hosts_are_asked() -> None:
    assert by_definition(tool(), [], is_policy_off=True).verdict == "allow"
    assert by_definition(tool(writes=True), [], is_policy_off=True).verdict == "ask"
    assert by_definition(tool(), ["a.example"], is_policy_off=True).verdict == "ask"
    named = tool(hosts=("a.example",))
    assert by_definition(named, ["a.example"], is_policy_off=True).verdict == "allow"


def test_with_policy_a_grant_adds_only_what_it_says() -> None:
    assert by_definition(tool(writes=True), ["a.example"], is_policy_off=False).verdict == "allow"
    assert by_definition(tool(use="ask"), [], is_policy_off=False).verdict == "ask"


@pytest.mark.attack
@pytest.mark.parametrize("is_policy_off", [True, False])
def test_a_host_that_is_not_granted_is_denied_whatever_else_is_allowed(
    is_policy_off: bool,
) -> None:
    granted = tool(use="allow", hosts=("a.example",))
    hosts = ["a.example", "evil.example"]
    assert by_definition(granted, hosts, is_policy_off=is_policy_off).verdict == "deny"


def test_money_is_rounded_up_for_rules() -> None:
    assert call_context("prod", "", Decimal("0.00001"), 3, {"to": "x"}) == {
        "env": "prod",
        "spent_usd": "0.0001",
        "steps": 3,
        "input": {"to": "x"},
    }
    assert call_context("prod", "h", Decimal("1.5"), 0, {})["spent_usd"] == "1.5000"
