"""What a definition asks is a task: nothing it says is lost, and whatever ends it is told."""

import asyncio
from datetime import timedelta
from typing import Any, cast

import pytest
from pydantic import JsonValue

from leaf_host import START, LeafHost, step_of
from tenuto.catalog.library.definitions.approval import ApprovalRequest, ApprovalResult
from tenuto.catalog.library.definitions.as_task import result_of, task_of
from tenuto.catalog.library.tasks.outcome import State, TaskOutcome, Vote
from tenuto.core.problem import Fault, problem, standard_type
from tenuto.definitions.plan import ApprovalTask
from tenuto.identity.ticket import NO_POLICY
from tenuto.workflows.interpreter import approval
from tenuto.workflows.interpreter.host import Host
from tenuto.workflows.interpreter.pending import Pending
from tenuto.workflows.interpreter.questions import Questions

TASK = "task/signOff"
EVERYTHING: dict[str, Any] = {
    "title": "Release the NAV",
    "description": "EUR 100",
    "subject": "ALPHA/2026-03-31",
    "evidence": ({"uri": "https://example.com/nav.pdf"},),
    "approvers": ("u:ann", "g:risk"),
    "excluded": ("u:max",),
    "need": 2,
    "veto": False,
    "requester": "u:rex",
    "separation_of_duties": False,
    "actions": ("reject", "approve"),
    "form": {"type": "object"},
    "timeout": "PT4H",
    "reminders": ("PT1H", {"hours": 2}),
}
KEPT_AS = {
    "approvers": "candidates",
    "separation_of_duties": "four_eyes",
    "timeout": "expire",
    "reminders": "remind",
}


def asked(**fields: Any) -> ApprovalTask:
    arguments = {"title": "Release", "approvers": ["u:ann"], **fields}
    return ApprovalTask(
        name="signOff", at="/do/0/signOff", function="human.approval", arguments=arguments
    )


def ended(state: State, **fields: Any) -> TaskOutcome:
    return TaskOutcome(task_id=TASK, state=state, at=START, **fields)


def approved() -> TaskOutcome:
    vote = Vote(by="u:ann", decision="approve", at=START, ticket="t", policy=NO_POLICY)
    return ended("approved", decision="approve", by="u:ann", votes=(vote,), comment="fine")


def test_every_field_of_a_request_is_kept() -> None:
    request = ApprovalRequest.model_validate(EVERYTHING)
    hours = timedelta(hours=1)
    task = task_of(request, timeout=4 * hours, reminders=[hours, 2 * hours])
    assert set(EVERYTHING) == set(ApprovalRequest.model_fields)
    changed = {"timeout": 4 * hours, "reminders": (hours, 2 * hours), "veto": 2}
    for name in EVERYTHING:
        told = changed.get(name, getattr(request, name))
        assert getattr(task, KEPT_AS.get(name, name)) == told, name
    assert (task.on_expiry, task.kind) == ("fail", "human.approval")


@pytest.mark.parametrize("field", ["title", "description", "subject", "evidence", "form"])
def test_what_is_shown_has_one_hash(field: str) -> None:
    def seen(**fields: Any) -> str | None:
        request = ApprovalRequest.model_validate({**EVERYTHING, **fields})
        return task_of(request, timeout=None, reminders=()).seen

    others = {"evidence": (), "form": None, "title": "Another"}
    assert seen() == seen(need=1, timeout="PT1H", approvers=["u:ann", "u:ben"])
    assert seen() != seen(**{field: others.get(field, "")})


def test_the_result_has_the_votes_without_their_proof() -> None:
    result = result_of(approved()).model_dump(mode="json")
    assert ApprovalResult.model_validate(result).decision == "approve"
    assert (result["comment"], result["votes"][0]["by"]) == ("fine", "u:ann")
    assert "ticket" not in result["votes"][0]


async def test_the_run_says_what_it_waits_for_and_takes_the_outcome() -> None:
    host, questions = LeafHost(), Questions()
    value: JsonValue = {"why": "over the limit"}
    task = asked(description="${ .why }", timeout="PT1H")
    step = step_of(task, host, value=value, questions=questions)
    Pending(cast("Host", host), questions, step.approvals)
    work = asyncio.create_task(approval.run(task, step))
    await asyncio.sleep(0)
    assert host.asked[TASK].description == "over the limit"
    shown: Any = questions.pending()
    assert (shown[0]["id"], shown[0]["task"], shown[0]["at"]) == (TASK, "signOff", "/do/0/signOff")
    assert shown[0]["until"] == (START + timedelta(hours=1)).isoformat()
    assert shown[0]["answer"] == f"tenuto tasks approve {TASK}"
    assert f"Answer: `tenuto tasks approve {TASK}`" in host.shown[-1]
    assert f"`signOff`: `tenuto tasks approve {TASK}`" in questions.not_here("order-17").message
    assert host.search_attributes == {"TenutoStatus": "waiting for approval"}
    host.outcomes[TASK] = approved()
    assert (await work) == result_of(approved()).model_dump(mode="json")
    assert (questions.pending(), host.shown[-1]) == ([], "")
    assert host.search_attributes == {"TenutoStatus": None}


@pytest.mark.parametrize(
    ("outcome", "status", "told"),
    [
        (ended("expired"), 408, "0 of 1 votes"),
        (ended("expired", by="u:zoe"), 408, "`u:zoe` ended it"),
        (ended("cancelled", by="u:zoe", comment="not needed"), 500, "(not needed)"),
    ],
)
async def test_an_end_without_a_decision_is_a_fault(
    outcome: TaskOutcome, status: int, told: str
) -> None:
    host, questions = LeafHost(), Questions()
    host.outcomes[TASK] = outcome
    task = asked()
    with pytest.raises(Fault) as fault:
        await approval.run(task, step_of(task, host, questions=questions))
    assert fault.value.problem.status == status
    assert told in fault.value.message
    assert questions.waiting == ()


async def test_nobody_is_asked_who_has_no_time() -> None:
    host, task = LeafHost(), asked(timeout="PT0S")
    with pytest.raises(Fault) as fault:
        await approval.run(task, step_of(task, host))
    assert fault.value.problem.type == standard_type("timeout")
    assert host.asked == {}


async def test_reminders_go_out_in_time_and_one_that_fails_harms_nothing() -> None:
    sent: list[Any] = []

    async def publish(argument: JsonValue) -> JsonValue:
        sent.append(argument)
        if len(sent) == 2:
            raise Fault(problem("communication", "the sink is down"))
        return {}

    host, questions = LeafHost(events_publish=publish), Questions()
    task = asked(reminders=["PT2H", {"hours": 1}, "PT9H"])
    work = asyncio.create_task(approval.run(task, step_of(task, host, questions=questions)))
    for count in range(3):
        for _ in range(5):
            await asyncio.sleep(0)
        assert len(sent) == count
        host.pass_time(timedelta(hours=1))
    shown: Any = questions.pending()
    assert [each["failure"] for each in shown[0]["reminders"]] == [None, "the sink is down"]
    event = sent[0]["event"]
    assert (event["type"], event["source"]) == ("tenuto.approval.reminder", "/runs/order-17")
    assert event["data"]["answer"] == f"tenuto tasks approve {TASK}"
    host.outcomes[TASK] = approved()
    await work
    host.pass_time(timedelta(hours=9))
    await asyncio.sleep(0)
    assert len(sent) == 2


async def test_one_cancelled_with_its_branch_waits_no_more() -> None:
    questions, task = Questions(), asked()
    work = asyncio.create_task(approval.run(task, step_of(task, questions=questions)))
    await asyncio.sleep(0)
    assert questions.waiting
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert questions.waiting == ()


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"approvers": ["${ .nobody }"]}, "validation"),
        ({"approvers": ["u:Ann Lee"]}, "validation"),
        ({"approvers": ["g:risk"], "need": 51}, "validation"),
        ({"subject": "x" * 129}, "validation"),
        ({"description": "x" * 20_001}, "validation"),
        ({"reminders": ["PT0S"]}, "validation"),
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
    host, task = LeafHost(), asked(**fields)
    with pytest.raises(Fault) as fault:
        await approval.run(task, step_of(task, host, value={}))
    assert fault.value.problem.type == standard_type(kind)
    assert host.asked == {}


async def test_a_run_that_began_before_goes_on_voting_itself() -> None:
    host, questions, task = LeafHost(), Questions(), asked()
    host.is_new = False
    step = step_of(task, host, questions=questions)
    work = asyncio.create_task(approval.run(task, step))
    await asyncio.sleep(0)
    assert (questions.waiting, host.asked) == ((), {})
    step.approvals.decide({"task": "signOff", "decision": "approve", "by": "ann"}, START)
    result: Any = await work
    assert result["votes"][0]["by"] == "u:ann"
