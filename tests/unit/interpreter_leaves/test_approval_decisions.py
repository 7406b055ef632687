"""Runs that vote on approvals themselves, as they did before an approval was a task: who may
decide, what is counted, and that nothing anybody sends does harm."""

import asyncio
from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, ValidationError

from leaf_host import START, LeafHost, step_of
from tenuto.catalog.library.definitions.approval import ApprovalRequest, ApprovalResult
from tenuto.core.errors import TenutoError, UsageError
from tenuto.core.people import group, person
from tenuto.core.problem import Fault, problem, standard_type
from tenuto.definitions.plan import ApprovalTask
from tenuto.workflows.interpreter.host import Host
from tenuto.workflows.interpreter.own_votes import approval
from tenuto.workflows.interpreter.own_votes.approvals import Approvals, ApprovalsState
from tenuto.workflows.interpreter.own_votes.open_approval import OpenApproval
from tenuto.workflows.interpreter.pending import Pending
from tenuto.workflows.interpreter.questions import Questions

LIMIT: dict[str, JsonValue] = {
    "type": "object",
    "properties": {"limit": {"type": "integer", "maximum": 100}},
    "required": ["limit"],
    "unevaluatedProperties": False,
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def requested(**fields: Any) -> ApprovalRequest:
    values = {"title": "Release the NAV", "approvers": ["u:ann", "u:ben", "g:risk"], **fields}
    return ApprovalRequest.model_validate(values)


def opened(
    approvals: Approvals, name: str = "signOff", number: str = "1", **fields: Any
) -> OpenApproval:
    waiting = OpenApproval(
        approval_id=number,
        name=name,
        at=f"/do/{number}/{name}",
        request=requested(**fields),
        since=START,
        until=None,
    )
    approvals.open(waiting)
    return waiting


def said(by: str = "ann", decision: str = "approve", **more: Any) -> dict[str, Any]:
    return {"task": "signOff", "decision": decision, "by": by, **more}


def refusal(approvals: Approvals, argument: JsonValue) -> str:
    """The code it is refused with; validator and handler refuse alike."""
    with pytest.raises(UsageError) as by_validator:
        approvals.check(argument)
    with pytest.raises(UsageError) as by_handler:
        approvals.decide(argument, START)
    assert by_validator.value.message == by_handler.value.message
    return by_validator.value.code


def decided(waiting: OpenApproval) -> str | None:
    return waiting.result.decision if waiting.result else None


@pytest.mark.parametrize(
    ("argument", "code"),
    [
        (said("zoe"), "approval.not-an-approver"),
        (said("zoe", groups=["sales"]), "approval.not-an-approver"),
        (said("rex"), "approval.own-request"),
        (said(" U:  Rex "), "approval.own-request"),
        (said("rex", groups=["risk"]), "approval.own-request"),
        (said("max", groups=["risk"]), "approval.excluded"),
        (said("ben", groups=["auditors"]), "approval.excluded"),
        (said(decision="edit", form={}), "approval.unknown-action"),
        (said(decision="reject"), "approval.no-comment"),
        (said(decision="reject", comment="  "), "approval.no-comment"),
        (said() | {"task": "release"}, "approval.unknown-task"),
        (said(approval="7"), "approval.not-that-one"),
        (said(decision="perhaps"), "approval.not-a-decision"),
        (said(by=""), "approval.not-a-decision"),
        (said(by="g:risk"), "approval.not-a-decision"),
        (said(colour="red"), "approval.not-a-decision"),
        ({}, "approval.not-a-decision"),
        (None, "approval.not-a-decision"),
        ([said()], "approval.not-a-decision"),
        ("approve", "approval.not-a-decision"),
        (said(comment="x" * 10_001), "approval.not-a-decision"),
    ],
)
def test_refusals(argument: JsonValue, code: str) -> None:
    approvals = Approvals()
    waiting = opened(approvals, requester="rex", excluded=["u:max", "g:auditors"])
    assert refusal(approvals, argument) == code
    assert waiting.votes == ()


@given(json_values)
def test_whatever_is_sent_is_refused_in_words(argument: JsonValue) -> None:
    approvals = Approvals()
    opened(approvals)
    with pytest.raises(TenutoError):
        approvals.check(argument)


@given(st.fixed_dictionaries(dict.fromkeys(("task", "decision", "by", "form"), json_values)))
def test_nothing_of_odd_types_is_counted(argument: dict[str, JsonValue]) -> None:
    approvals = Approvals()
    opened(approvals)
    with pytest.raises(UsageError):
        approvals.decide(argument, START)


def test_one_person_has_one_vote_however_the_name_is_written() -> None:
    approvals = Approvals()
    opened(approvals, need=2)
    approvals.decide(said("ann"), START)
    for name in ("ann", "Ann", "u:ann", " ANN ", "\uff41nn"):
        assert refusal(approvals, said(name)) == "approval.second-vote"
    answer = approvals.decide(said("kim", groups=["Risk"]), START)
    assert answer["is_decided"]


def test_a_quorum_is_counted_and_one_rejection_is_a_veto() -> None:
    approvals = Approvals()
    waiting = opened(approvals, need=2)
    answer: Any = approvals.decide(said("ann"), START)
    assert (answer["is_decided"], answer["approvals_missing"]) == (False, 1)
    approvals.decide(said("ben", "reject", comment="stale price"), START)
    assert waiting.result is not None
    assert (decided(waiting), waiting.result.comment) == ("reject", "stale price")
    assert [vote.by for vote in waiting.result.votes] == ["u:ann", "u:ben"]


@pytest.mark.parametrize(
    ("need", "votes", "outcome"),
    [
        (2, ["reject"], None),
        (2, ["reject", "approve"], None),
        (2, ["reject", "reject"], "reject"),
        (2, ["reject", "approve", "approve"], "approve"),
        (3, ["approve", "reject"], "reject"),
    ],
)
def test_without_veto_the_votes_decide(need: int, votes: list[str], outcome: str | None) -> None:
    approvals = Approvals()
    people = ["ann", "ben", "cas"]
    waiting = opened(approvals, need=need, veto=False, approvers=[f"u:{who}" for who in people])
    for who, vote in zip(people, votes, strict=False):
        approvals.decide(said(who, vote, comment="why"), START)
    assert decided(waiting) == outcome


def test_a_form_is_checked_for_approvals_and_edits() -> None:
    approvals = Approvals()
    waiting = opened(approvals, form=LIMIT, actions=["approve", "edit", "reject", "respond"])
    for form in (None, {}, {"limit": 101}, {"limit": "9"}, {"limit": 9, "more": 1}):
        assert refusal(approvals, said(form=form)) == "approval.form-invalid"
    assert refusal(approvals, said(decision="edit")) == "approval.no-form"
    approvals.check(said(decision="reject", comment="no"))
    approvals.decide(said(decision="edit", form={"limit": 9}), START)
    assert waiting.result is not None
    assert (decided(waiting), waiting.result.form) == ("edit", {"limit": 9})


def test_what_comes_late_hears_what_became_of_it() -> None:
    approvals = Approvals()
    waiting = opened(approvals)
    approvals.decide(said("ann"), START)
    assert refusal(approvals, said("ben")) == "approval.closed"
    approvals.close(waiting, START, is_expired=False)
    expired = opened(approvals, "release", "2")
    approvals.close(expired, START, is_expired=True)
    again = Approvals(ApprovalsState.model_validate_json(approvals.state().model_dump_json()))
    for late, told in (("signOff", "`approve` by `u:ann`"), ("release", "expired")):
        with pytest.raises(UsageError, match=told) as refused:
            again.check(said() | {"task": late})
        assert refused.value.code == "approval.closed"


def test_two_that_wait_under_one_name_are_told_apart_by_pointer_or_id() -> None:
    approvals = Approvals()
    first, second = opened(approvals, number="1"), opened(approvals, number="2")
    assert refusal(approvals, said()) == "approval.ambiguous-task"
    approvals.decide(said() | {"task": "/do/2/signOff"}, START)
    assert (decided(first), decided(second)) == (None, "approve")
    approvals.decide(said(approval="1"), START)
    assert decided(first) == "approve"


def test_a_decision_on_what_was_looked_at_does_not_reach_the_next_one() -> None:
    approvals = Approvals()
    waiting = opened(approvals, number="1")
    approvals.close(waiting, START, is_expired=True)
    opened(approvals, number="2")
    assert refusal(approvals, said(approval="1")) == "approval.closed"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"approvers": []}, "approvers"),
        ({"approvers": ["ann"]}, "expected `u:`"),
        ({"approvers": ["u: "]}, "expected `u:`"),
        ({"need": 0}, "greater than 0"),
        ({"approvers": ["u:ann", "u:Ann"], "need": 2}, "`need` is 2 and 1"),
        ({"approvers": ["u:ann"], "requester": "ann"}, "`need` is 1 and 0"),
        ({"requester": None}, "`requester` is null"),
        ({"separation_of_duties": True}, "needs a `requester`"),
        ({"need": 2, "actions": ["approve", "edit"]}, "for one person"),
        ({"actions": ["approve", "approve"]}, "twice"),
        ({"actions": ["reject"]}, "neither"),
        ({"actions": ["sign"]}, "approve"),
        ({"who": "ann"}, "Extra inputs"),
    ],
)
def test_requests_that_cannot_be_decided_are_refused(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        requested(**fields)


def test_names_compare_as_people_mean_them() -> None:
    assert person("u:Ann  Lee") == person("ann lee") == "u:ann lee"
    assert group("G:Risk") == group(" risk ") == "g:risk"
    assert person("ann") != group("ann")


def task(**fields: Any) -> ApprovalTask:
    arguments = {"title": "Release", "approvers": ["u:ann"], **fields}
    return ApprovalTask(
        name="signOff", at="/do/0/signOff", function="human.approval", arguments=arguments
    )


async def test_the_task_waits_and_gives_the_result() -> None:
    host, approvals = LeafHost(), Approvals()
    asked = task(description="${ .why }", timeout="PT1H", subject="order-17")
    value: JsonValue = {"why": "over the limit"}
    Pending(cast("Host", host), Questions(), approvals)
    work = asyncio.create_task(
        approval.run(asked, step_of(asked, host, value=value, approvals=approvals))
    )
    await asyncio.sleep(0)
    shown: Any = approvals.pending()
    assert shown[0]["request"]["description"] == "over the limit"
    assert shown[0]["until"] == (START + timedelta(hours=1)).isoformat()
    assert "--task signOff --decision approve --by" in host.shown[-1]
    assert host.search_attributes == {"TenutoStatus": "waiting for approval"}
    approvals.decide(said("ann", comment="fine"), host.now())
    result = ApprovalResult.model_validate(await work)
    assert (result.decision, result.comment, result.votes[0].by) == ("approve", "fine", "u:ann")
    assert approvals.pending() == []
    assert host.shown[-1] == ""
    assert host.search_attributes == {"TenutoStatus": None}


async def test_it_expires_with_408_and_closes() -> None:
    host, approvals = LeafHost(), Approvals()
    asked = task(timeout={"hours": 1})
    work = asyncio.create_task(approval.run(asked, step_of(asked, host, approvals=approvals)))
    await asyncio.sleep(0)
    host.pass_time(timedelta(hours=1))
    with pytest.raises(Fault) as fault:
        await work
    assert fault.value.problem.type == standard_type("timeout")
    assert fault.value.problem.status == 408
    assert approvals.state().closed[0].ending == "expired"


async def test_reminders_go_out_in_time_and_one_that_fails_harms_nothing() -> None:
    sent: list[Any] = []

    async def publish(argument: JsonValue) -> JsonValue:
        sent.append(argument)
        if len(sent) == 2:
            raise Fault(problem("communication", "the sink is down"))
        return {}

    host, approvals = LeafHost(events_publish=publish), Approvals()
    asked = task(reminders=["PT2H", {"hours": 1}, "PT9H"])
    work = asyncio.create_task(approval.run(asked, step_of(asked, host, approvals=approvals)))
    for count in range(3):
        for _ in range(5):
            await asyncio.sleep(0)
        assert len(sent) == count
        host.pass_time(timedelta(hours=1))
    shown: Any = approvals.pending()
    assert [each["failure"] for each in shown[0]["reminders"]] == [None, "the sink is down"]
    event = sent[0]["event"]
    assert (event["type"], event["source"]) == ("tenuto.approval.reminder", "/runs/order-17")
    assert event["data"]["request"]["title"] == "Release"
    approvals.decide(said(), host.now())
    await work
    host.pass_time(timedelta(hours=9))
    await asyncio.sleep(0)
    assert len(sent) == 2


async def test_one_cancelled_with_its_branch_is_withdrawn() -> None:
    approvals = Approvals()
    asked = task()
    work = asyncio.create_task(approval.run(asked, step_of(asked, approvals=approvals)))
    await asyncio.sleep(0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert refusal(approvals, said()) == "approval.closed"
    assert approvals.state().closed[0].ending == "withdrawn"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"approvers": ["${ .nobody }"]}, "validation"),
        ({"title": ""}, "validation"),
        ({"timeout": "soon"}, "configuration"),
        ({"timeout": {"months": 1}}, "configuration"),
        ({"reminders": ["soon"]}, "configuration"),
        ({"form": {"type": "nothing"}}, "configuration"),
        ({"form": {"$ref": "https://schemas.example/form.json"}}, "configuration"),
    ],
)
async def test_a_request_that_is_wrong_fails_the_task_at_once(
    fields: dict[str, Any], kind: Any
) -> None:
    approvals, asked = Approvals(), task(**fields)
    with pytest.raises(Fault) as fault:
        await approval.run(asked, step_of(asked, value={}, approvals=approvals))
    assert fault.value.problem.type == standard_type(kind)
    assert approvals.pending() == []


@pytest.mark.parametrize(
    ("at_most", "told"),
    [
        (timedelta(seconds=30), f"{START + timedelta(seconds=30):%Y-%m-%d %H:%M:%S} UTC"),
        (timedelta(hours=4), f"{START + timedelta(hours=4):%Y-%m-%d %H:%M} UTC"),
    ],
)
def test_a_deadline_of_seconds_is_told_with_its_seconds(at_most: timedelta, told: str) -> None:
    waiting = OpenApproval(
        approval_id="1",
        name="signOff",
        at="/do/0/signOff",
        request=requested(approvers=["g:risk"]),
        since=START,
        until=START + at_most,
    )
    assert f", until {told}:" in waiting.sentence()
    assert waiting.sentence().endswith("--by NAME --groups risk`")
