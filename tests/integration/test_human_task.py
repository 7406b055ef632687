"""A task for people on a real server: who may say what, with real tickets."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowUpdateFailedError

from run_endings import failure_of
from task_desk import (
    APPROVE,
    NAMES,
    REJECT,
    RING,
    asked,
    open_task,
    outcome,
    refused,
    say,
    send,
    task_worker,
    ticket,
    view,
)
from tenuto.catalog.library.tasks.messages import (
    Administer,
    Attach,
    Claim,
    Decide,
    Delegate,
    Forward,
    Release,
    Remark,
    RemindMe,
)
from tenuto.catalog.library.tasks.outcome import Standing, TaskOutcome, Vote
from tenuto.core.errors import TenutoError
from tenuto.core.records import Record
from tenuto.core.references import Document
from tenuto.engine.converter import error_code
from tenuto.engine.headers import signed
from tenuto.engine.runs.task_outcomes import recorded_outcome
from tenuto.identity.keys import KeyRing, new_key
from tenuto.identity.signing import sign
from tenuto.identity.ticket import HEADER_TICKET, NO_POLICY
from tenuto.testing import eventually
from tenuto.workflows.human_task.state import TaskRun, opened

SEEN = "5" * 64
GARBAGE: tuple[Any, ...] = ([], {}, {"nonsense": 1}, "x" * 10_000, None, 7, [[[[]]]])
EVERY_MESSAGE: dict[str, Record] = {
    "claim": Claim(),
    "release": Release(),
    "delegate": Delegate(to="u:eve"),
    "forward": Forward(to=("u:eve",), comment="mine now"),
    "decide": APPROVE,
    "comment": Remark(text="hello"),
    "attach": Attach(
        document=Document(uri=f"artifact://{SEEN}", sha256=SEEN, bytes=1, name="x.csv")
    ),
    "remind_me": RemindMe(after=timedelta(hours=1)),
    "administer": Administer(what="cancel", reason="because"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(temporal_client: Client) -> AsyncIterator[Client]:
    """A client of a server on which tasks are served."""
    async with task_worker(temporal_client):
        yield temporal_client


async def test_a_task_is_claimed_released_and_decided(desk: Client) -> None:
    task = await open_task(desk, asked())
    claimed = await say(desk, task, Claim())
    assert (claimed.state, claimed.assignee) == ("claimed", "u:ann")
    assert await refused(say(desk, task, APPROVE, as_="u:ben")) == "task.claimed"
    assert await refused(say(desk, task, Release(), as_="u:ben")) == "task.not-yours"
    released = await say(desk, task, Release())
    assert (released.state, released.assignee) == ("open", None)
    decided = await say(desk, task, APPROVE, as_="u:ben")
    assert decided.state == "approved"
    ended = await outcome(desk, task)
    assert (ended.state, ended.by, ended.decision) == ("approved", "u:ben", "approve")
    assert await recorded_outcome(desk, task) == ended


async def test_inv_12_roles_four_eyes_and_exclusion(desk: Client) -> None:
    fields: dict[str, Any] = {"preparers": ("u:pat",), "excluded": ("u:ivy", "g:interns")}
    task = await open_task(desk, asked(candidates=("u:ann", "u:rex", "u:pat", "g:risk"), **fields))

    async def code(as_: str, *groups: str) -> str:
        return await refused(say(desk, task, APPROVE, as_=as_, groups=groups))

    assert await code("u:rex") == "task.own-request"
    assert await code("u:pat", "g:risk") == "task.own-request"
    assert await code("u:ivy", "g:risk") == "task.excluded"
    assert await code("u:joe", "g:risk", "g:interns") == "task.excluded"
    assert await code("u:eve", "g:sales") == "task.not-a-candidate"
    for message in (Claim(), Delegate(to="u:ben"), Forward(to=("u:ben",), comment="you")):
        assert await refused(say(desk, task, message, as_="u:rex")) == "task.own-request"
    assert await refused(say(desk, task, Remark(text="hi"), as_="u:eve")) == "task.outsider"
    assert (await say(desk, task, Remark(text="please"), as_="u:rex")).state == "open"
    assert (await say(desk, task, APPROVE, as_="u:joe", groups=("g:risk",))).state == "approved"


@pytest.mark.attack
@pytest.mark.parametrize("by", ["u:Rex", "u:REX", "u:\uff52\uff45\uff58"])
async def test_another_spelling_of_the_requester_is_the_requester(desk: Client, by: str) -> None:
    task = await open_task(desk, asked(candidates=("g:risk",)))
    code = await refused(say(desk, task, APPROVE, as_=by, groups=("g:risk",)))
    assert code == "task.own-request"


@pytest.mark.attack
@pytest.mark.parametrize("program", ["a:bot", "s:robot"])
async def test_a_program_decides_nothing_though_it_is_in_the_group(
    desk: Client, program: str
) -> None:
    task = await open_task(desk, asked(candidates=("g:risk",)))
    for name in ("claim", "decide", "delegate", "forward", "administer"):
        saying = say(desk, task, EVERY_MESSAGE[name], as_=program, groups=("g:risk",))
        assert await refused(saying) == "task.not-a-person"
    assert (await view(desk, task)).state == "open"


@pytest.mark.attack
async def test_nothing_is_heard_without_a_ticket(desk: Client) -> None:
    """What Temporal's own command line and page send."""
    task = await open_task(desk, asked())
    handle = desk.get_workflow_handle(task)
    assert (await view(desk, task)).state == "open"
    before = await _events(desk, task)
    for name, message in EVERY_MESSAGE.items():
        assert await refused(handle.execute_update(name, message)) == "ticket.missing"
    assert await refused(handle.execute_update("decide", {"decision": "approve"})) in (
        "ticket.missing",
        "input.invalid",
    )
    assert await _events(desk, task) == before, "what is refused leaves nothing behind"


@pytest.mark.attack
async def test_garbage_to_every_update_leaves_the_task_open(desk: Client) -> None:
    task = await open_task(desk, asked())
    handle = desk.get_workflow_handle(task)
    for name in EVERY_MESSAGE:
        for garbage in GARBAGE:
            for text in ("", "a.b.c", "x" * 20_000):
                with signed({HEADER_TICKET: text}):
                    assert await refused(handle.execute_update(name, garbage))
    assert (await say(desk, task, APPROVE)).state == "approved"


@pytest.mark.attack
async def test_a_ticket_fits_one_message_to_one_task_once(desk: Client) -> None:
    task, other = await open_task(desk, asked()), await open_task(desk, asked())
    fine = ticket(task, APPROVE)
    assert await refused(send(desk, APPROVE, fine, to=other)) == "ticket.other-message"
    assert await refused(send(desk, Claim(), fine)) == "ticket.other-message"
    assert await refused(send(desk, REJECT, fine)) == "ticket.other-content"
    late = datetime.now(UTC) - timedelta(minutes=20)
    stale = ticket(task, APPROVE, iat=late, exp=late + timedelta(minutes=5))
    assert await refused(send(desk, APPROVE, stale)) == "ticket.expired"
    foreign = sign(fine, KeyRing(keys=(new_key(late),)))
    assert await refused(_raw(desk, task, APPROVE, foreign)) == "ticket.unknown-key"
    assert (await view(desk, task)).votes == ()
    remark = Remark(text="once")
    used = sign(ticket(task, remark), RING)
    await _raw(desk, task, remark, used)
    assert await refused(_raw(desk, task, remark, used)) == "ticket.used"


async def test_a_double_click_is_one_vote(desk: Client) -> None:
    task = await open_task(desk, asked(need=2, candidates=("g:risk",)))
    same = ticket(task, APPROVE, groups=("g:risk",))
    answers = await asyncio.gather(*(send(desk, APPROVE, same) for _ in range(3)))
    assert {answer.approvals_missing for answer in answers} == {1}
    again = say(desk, task, APPROVE, groups=("g:risk",))
    assert await refused(again) == "task.second-vote"
    assert len((await view(desk, task)).votes) == 1


async def test_a_double_click_on_what_it_decided_is_answered_the_same(desk: Client) -> None:
    task = await open_task(desk, asked())
    same = ticket(task, APPROVE)
    first = await send(desk, APPROVE, same)
    assert await send(desk, APPROVE, same) == first


async def test_inv_11_twenty_people_at_once_are_one_outcome(desk: Client) -> None:
    people = [f"u:p{number}" for number in range(20)]
    task = await open_task(desk, asked(candidates=tuple(people)))

    async def decide(person: str) -> str:
        message = APPROVE if int(person[3:]) % 2 else REJECT
        try:
            answer = await say(desk, task, message, as_=person)
        except (WorkflowUpdateFailedError, TenutoError) as error:
            told = error.cause if isinstance(error, WorkflowUpdateFailedError) else error
            return error_code(told) or "no code"
        assert answer.outcome is not None
        return str(answer.outcome.by)

    said = await asyncio.gather(*map(decide, people))
    ended = await outcome(desk, task)
    assert sorted(said) == ["task.closed"] * 19 + [ended.by]
    assert [vote.by for vote in ended.votes] == [ended.by]


async def test_inv_11_who_comes_late_is_told_what_was_decided(desk: Client) -> None:
    task = await open_task(desk, asked())
    await say(desk, task, REJECT, as_="u:ben")
    with pytest.raises(Exception, match="already decided by `u:ben` at .* UTC: rejected") as late:
        await say(desk, task, APPROVE)
    recorded = TaskOutcome.model_validate(late.value.details["outcome"])  # type: ignore[attr-defined]
    assert recorded == await outcome(desk, task)


async def test_inv_12_a_quorum_needs_different_people(desk: Client) -> None:
    task = await open_task(desk, asked(need=2, veto=2, candidates=("g:risk",)))
    group = ("g:risk",)
    first = await say(desk, task, APPROVE, groups=group)
    assert (first.state, first.approvals_missing) == ("open", 1)
    assert await refused(say(desk, task, REJECT, groups=group)) == "task.second-vote"
    assert await refused(say(desk, task, Claim(), groups=group)) == "task.second-vote"
    assert (await say(desk, task, REJECT, as_="u:ben", groups=group)).outcome is None
    await say(desk, task, Claim(), as_="u:cat", groups=group)
    last = await say(desk, task, APPROVE, as_="u:cat", groups=group)
    assert last.outcome is not None
    assert [vote.by for vote in last.outcome.votes] == ["u:ann", "u:ben", "u:cat"]


async def test_inv_12_who_delegates_does_not_decide_too(desk: Client) -> None:
    task = await open_task(desk, asked(need=2, candidates=("u:ann", "u:ben", "u:cat")))
    await say(desk, task, Claim())
    assert await refused(say(desk, task, Delegate(to="u:rex"))) == "task.unfit-delegate"
    assert await refused(say(desk, task, Delegate(to="u:ann"))) == "task.to-oneself"
    delegated = await say(desk, task, Delegate(to="u:dan", comment="on leave"))
    assert delegated.assignee == "u:dan"
    shown = await view(desk, task)
    assert shown.candidates == ("u:ann", "u:ben", "u:cat")
    assert shown.excluded == ("u:ann",)
    back = say(desk, task, Delegate(to="u:ann"), as_="u:dan")
    assert await refused(back) == "task.unfit-delegate"
    await say(desk, task, APPROVE, as_="u:dan")
    assert await refused(say(desk, task, APPROVE)) == "task.excluded"
    assert (await say(desk, task, APPROVE, as_="u:ben")).state == "approved"


async def test_forwarding_replaces_the_candidates_and_frees_the_task(desk: Client) -> None:
    task = await open_task(desk, asked())
    await say(desk, task, Claim())
    nobody = Forward(to=("u:rex",), comment="yours")
    assert await refused(say(desk, task, nobody)) == "task.too-few-people"
    forwarded = await say(desk, task, Forward(to=("g:treasury",), comment="theirs"))
    assert (forwarded.state, forwarded.assignee) == ("open", None)
    assert await refused(say(desk, task, APPROVE)) == "task.not-a-candidate"
    told = say(desk, task, APPROVE, as_="u:tom", groups=("g:treasury",))
    assert (await told).state == "approved"


@pytest.mark.attack
async def test_who_left_the_group_after_claiming_decides_nothing(desk: Client) -> None:
    task = await open_task(desk, asked(candidates=("g:risk", "u:ben"), four_eyes=False))
    await say(desk, task, Claim(), as_="u:joe", groups=("g:risk",))
    assert await refused(say(desk, task, APPROVE, as_="u:joe")) == "task.not-a-candidate"


async def test_an_administrator_reassigns_and_ends_but_not_their_own(desk: Client) -> None:
    task = await open_task(desk, asked(expire=timedelta(days=1), on_expiry="approve"))
    expire = Administer(what="expire", reason="hurry")
    assert await refused(say(desk, task, expire, as_="u:rex")) == "task.own-request"
    nobody = Administer(what="reassign", reason="ill")
    assert await refused(say(desk, task, nobody, as_="u:adm")) == "task.nobody-named"
    reassign = Administer(what="reassign", to=("u:zoe",), reason="ill")
    await say(desk, task, Claim())
    assert (await say(desk, task, reassign, as_="u:adm")).state == "open"
    assert (await view(desk, task)).candidates == ("u:zoe",)
    ended = (await say(desk, task, expire, as_="u:adm")).outcome
    assert ended is not None
    assert (ended.state, ended.by, ended.comment) == ("approved", "u:adm", "hurry")


FORM = {
    "type": "object",
    "properties": {"amount": {"type": "integer", "minimum": 1}},
    "required": ["amount"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (Decide(decision="respond", comment="no", seen=SEEN), "task.unknown-action"),
        (Decide(decision="reject", seen=SEEN), "task.no-reason"),
        (Decide(decision="reject", comment="  \n", seen=SEEN), "task.no-reason"),
        (Decide(decision="approve", form={"amount": 1}), "task.seen-missing"),
        (Decide(decision="approve", form={"amount": 1}, seen="6" * 64), "task.seen-other"),
        (Decide(decision="approve", seen=SEEN), "task.form-invalid"),
        (Decide(decision="approve", form={"amount": 0}, seen=SEEN), "task.form-invalid"),
        (Decide(decision="approve", form={"amount": 1, "x": 1}, seen=SEEN), "task.form-invalid"),
        (Decide(decision="edit", seen=SEEN), "task.form-invalid"),
        (
            Decide(decision="approve", form={"amount": 10**20_000}, seen=SEEN),
            "task.text-too-long",
        ),
    ],
)
async def test_a_bad_decision_is_refused_and_the_form_stays_open(
    form_task: str, desk: Client, message: Decide, code: str
) -> None:
    if code == "task.text-too-long":
        message = Decide(decision="approve", form={"amount": "9" * 30_000}, seen=SEEN)
    assert await refused(say(desk, form_task, message)) == code
    assert (await view(desk, form_task)).state == "open"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def form_task(desk: Client) -> str:
    """A task with a form, about something that has a hash."""
    actions = ("approve", "edit", "reject")
    return await open_task(desk, asked(form=FORM, seen=SEEN, actions=actions))


async def test_an_edit_approves_other_data(desk: Client) -> None:
    task = await open_task(desk, asked(form=FORM, actions=("approve", "edit", "respond")))
    edited = (await say(desk, task, Decide(decision="edit", form={"amount": 3}))).outcome
    assert edited is not None
    assert (edited.state, edited.decision, edited.form) == ("approved", "edit", {"amount": 3})


@pytest.mark.attack
async def test_a_form_that_refers_outside_is_unusable(desk: Client) -> None:
    form = {"$ref": "http://127.0.0.1:9/schema.json"}
    task = await open_task(desk, asked(form=form))
    failure = await failure_of(desk.get_workflow_handle(task))
    assert failure.details[0]["code"] == "task.form-unusable"


@pytest.mark.attack
async def test_a_task_that_brings_votes_is_refused(desk: Client) -> None:
    request = asked(need=2, candidates=("u:ann", "u:ben"))
    now = datetime.now(UTC)
    vote = Vote(by="u:ben", decision="approve", at=now, ticket="none", policy=NO_POLICY)
    carried = opened(request, now).model_copy(update={"votes": (vote,)})
    forged = TaskRun.model_validate({**request.model_dump(), "carried": carried.model_dump()})
    task = f"task/forged-{secrets.token_hex(4)}/sign-off"
    run = await desk.start_workflow("HumanTask", forged, id=task, task_queue="tasks")
    assert (await failure_of(run)).details[0]["code"] == "task.forged-state"


async def test_there_is_room_for_so_many_words(desk: Client) -> None:
    task = await open_task(desk, asked(most_comments=2))
    for _ in range(2):
        await say(desk, task, Remark(text="why?"))
    assert await refused(say(desk, task, Remark(text="why?"))) == "task.too-many-comments"
    for _ in range(5):
        await say(desk, task, RemindMe(after=timedelta(hours=1)))
    many = say(desk, task, RemindMe(after=timedelta(hours=1)))
    assert await refused(many) == "task.too-many-reminders"
    await say(desk, task, EVERY_MESSAGE["attach"])
    shown = await view(desk, task)
    assert [each.name for each in shown.attachments] == ["x.csv"]
    words = [each.what for each in shown.happenings]
    assert words == ["opened", "commented", "commented"] + ["reminder asked for"] * 5 + ["attached"]


async def test_a_task_is_found_by_how_it_stands(desk: Client) -> None:
    who = f"g:team-{secrets.token_hex(4)}"
    task = await open_task(
        desk, asked(candidates=(who,), subject="ATLAS/2026-01-05", due=timedelta(hours=1))
    )
    mine = f"TenutoCandidates = '{who}'"

    async def found(query: str) -> None:
        rows = [row.id async for row in desk.list_workflows(f"{mine} AND {query}")]
        assert rows == [task]

    await eventually(lambda: found("TenutoState = 'open' AND TenutoSubject = 'ATLAS/2026-01-05'"))
    await say(desk, task, Claim(), groups=(who,))
    await eventually(lambda: found("TenutoState = 'claimed' AND TenutoAssignee = 'u:ann'"))
    await say(desk, task, Release(), groups=(who,))
    await eventually(lambda: found("TenutoState = 'open' AND TenutoAssignee IS NULL"))
    await eventually(lambda: found("TenutoPriority = 5 AND TenutoDue > '2020-01-01T00:00:00Z'"))
    await say(desk, task, REJECT, groups=(who,))
    await eventually(lambda: found("TenutoState = 'rejected'"))


async def test_as_many_candidates_as_can_be_searched_for(desk: Client) -> None:
    """The engine takes 2 KB: a run that sets more is stuck, so the request is refused before."""
    everybody = tuple(f"u:{'x' * 55}{number:02}" for number in range(29))
    task = await open_task(desk, asked(candidates=everybody))
    assert (await say(desk, task, Claim(), as_=everybody[0])).assignee == everybody[0]
    with pytest.raises(ValueError, match="name a group"):
        asked(candidates=(*everybody, f"u:{'y' * 60}"))


async def test_a_task_goes_on_with_a_fresh_history(desk: Client) -> None:
    """Votes, comments, exclusions, attributes and used tickets come along."""
    request = TaskRun.model_validate(
        {**asked(need=2, candidates=("g:risk",)).model_dump(), "most_events": 50}
    )
    task = f"task/long-{secrets.token_hex(4)}/sign-off"
    run = await desk.start_workflow("HumanTask", request, id=task, task_queue="tasks")
    group = ("g:risk",)
    await say(desk, task, APPROVE, groups=group)
    remark = Remark(text="remark 0")
    used = sign(ticket(task, remark, groups=group), RING)
    await _raw(desk, task, remark, used)
    for number in range(1, 25):
        await say(desk, task, Remark(text=f"remark {number}"), groups=group)
    assert (await desk.get_workflow_handle(task).describe()).run_id != run.first_execution_run_id
    shown = await view(desk, task)
    assert [vote.by for vote in shown.votes] == ["u:ann"]
    assert [each.text for each in shown.happenings if each.what == "commented"] == [
        f"remark {number}" for number in range(25)
    ]
    assert shown.request == asked(need=2, candidates=("g:risk",))
    assert await refused(_raw(desk, task, remark, used)) == "ticket.used"
    assert await refused(say(desk, task, APPROVE, groups=group)) == "task.second-vote"
    described = await desk.get_workflow_handle(task).describe()
    assert described.search_attributes["TenutoState"] == ["open"]
    assert (await say(desk, task, APPROVE, as_="u:ben", groups=group)).state == "approved"


async def _raw(client: Client, task_id: str, message: Record, text: str) -> Standing:
    """The message with this text as its ticket, whatever that is, under a new update id."""
    with signed({HEADER_TICKET: text}):
        answer: Standing = await client.get_workflow_handle(task_id).execute_update(
            NAMES[type(message)], message, result_type=Standing
        )
    return answer


async def _events(client: Client, task_id: str) -> int:
    described = await client.get_workflow_handle(task_id).describe()
    return described.history_length
