"""Somebody tries to see or decide what is not theirs, under the rules that are shipped."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

import tenuto.policy
from inbox_desk import Person, keys_in
from task_desk import APPROVE, asked, open_task, task_worker, view
from temporal_cli import temporal
from tenuto.catalog.library.tasks.messages import Claim
from tenuto.core.errors import TenutoError
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.raw import events
from tenuto.engine.runs.task_query import TaskFilter
from tenuto.policy.cedar import load_policy
from tenuto.policy.decision import PolicyEngine
from tenuto.testing import eventually
from tenuto.triggers.tasks.bulk import to_each
from tenuto.triggers.tasks.found import count_tasks, find_tasks
from tenuto.triggers.tasks.history import read_deeds
from tenuto.triggers.tasks.names import TaskNames
from tenuto.triggers.tasks.reading import read_task
from tenuto.workflows.human_task.search import found_by
from tenuto.workflows.human_task.state import opened

pytestmark = pytest.mark.attack


@pytest.fixture(scope="module")
def rules() -> PolicyEngine:
    """The rules that are shipped."""
    return load_policy(Path(tenuto.policy.__file__).parent / "shipped", {})


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys that the worker trusts."""
    return keys_in(tmp_path_factory.mktemp("keys"))


@pytest_asyncio.fixture(scope="module")
async def served(client: Client) -> AsyncIterator[Client]:
    """The shared server, with a worker for tasks."""
    async with task_worker(client):
        yield client


class Scene:
    """A task of ann's, and eve, whom it does not concern."""

    def __init__(self, client: Client, keys: Path, rules: PolicyEngine) -> None:
        self.client = client
        self.ann_id = f"u:ann-{secrets.token_hex(4)}"
        self.root = f"nav/F{secrets.token_hex(4)}/v1"
        self.task = f"task/{self.root}/sign-off"
        self.ann = Person(client, keys, self.ann_id, rules=rules)
        self.eve = Person(client, keys, "u:eve", "g:marketing", rules=rules)


@pytest_asyncio.fixture
async def scene(served: Client, keys: Path, rules: PolicyEngine) -> Scene:
    """The task is open and listed."""
    scene = Scene(served, keys, rules)
    await open_task(served, asked(candidates=(scene.ann_id,)), task_id=scene.task)

    async def is_listed() -> None:
        assert await scene.ann.ids() == [scene.task]

    await eventually(is_listed)
    return scene


async def length(client: Client, task_id: str) -> int:
    """How many events the task's history has."""
    return len([event async for event in events(client, Execution(workflow_id=task_id))])


async def code_of(doing: object) -> str:
    """The code of the error with which something was refused."""
    with pytest.raises(TenutoError) as refused:
        await doing  # type: ignore[misc]
    return refused.value.code


async def test_inv_12_other_peoples_tasks_do_not_leak_through_a_list(scene: Scene) -> None:
    for narrower in (
        {"words": ()},
        {"words": (scene.ann_id,)},
        {"words": (), "candidate": scene.ann_id},
        {"words": (), "root": scene.root},
        {"words": (), "states": ("open", "claimed", "approved", "rejected", "expired")},
    ):
        inbox = await scene.eve.inbox(limit=1, **narrower)
        assert inbox.rows == ()
        assert not inbox.is_cut, "not even that there are more is told"
    await scene.ann.tells(scene.task, Claim())
    assert await scene.eve.ids(words=(), assignee=scene.ann_id) == []


async def test_a_task_is_not_found_by_a_part_of_its_id_by_whom_it_does_not_concern(
    scene: Scene,
) -> None:
    other = f"task/{scene.root}/again"
    await open_task(scene.client, asked(candidates=(scene.ann_id,)), task_id=other)

    async def are_listed() -> None:
        assert set(await scene.ann.ids()) == {scene.task, other}

    await eventually(are_listed)
    named_by = partial(TaskNames, scene.client)
    with pytest.raises(TenutoError) as ambiguous:
        await named_by(scene.ann.may_read).resolve(f"task/{scene.root}")
    assert ambiguous.value.code == "task.ambiguous"
    assert set(ambiguous.value.details["matches"]) == {scene.task, other}
    assert await named_by(scene.ann.may_read).resolve(f"{scene.root}/sign-off") == scene.task
    for part in (f"task/{scene.root}", f"{scene.root}/sign-off", "task/"):
        with pytest.raises(TenutoError) as refused:
            await named_by(scene.eve.may_read).resolve(part)
        # Word for word what she is told of a task that there is not.
        assert refused.value.code == "task.not-found"
        assert scene.task not in refused.value.message.replace(part, "")
        assert not refused.value.details


async def test_what_is_not_mine_i_neither_read_nor_do_anything_to(scene: Scene) -> None:
    before = await length(scene.client, scene.task)
    for message in (APPROVE, Claim()):
        assert await code_of(scene.eve.tells(scene.task, message)) == "policy.denied"
    assert await length(scene.client, scene.task) == before
    refusals = scene.eve.records.of("refusal")
    assert [each["action"] for each in refusals] == ["task:decide", "task:claim"]


async def test_nothing_that_reads_decides(scene: Scene) -> None:
    client, before = scene.client, await length(scene.client, scene.task)
    for _ in range(3):
        await scene.ann.inbox()
        await read_deeds(client, await read_task(client, scene.task))
        await TaskNames(client, scene.ann.may_read).resolve(scene.root)
        await find_tasks(client, TaskFilter())
        await count_tasks(client, TaskFilter())
        await scene.ann.gate.query(client, scene.task, "view")
    assert await length(client, scene.task) == before


async def test_inv_12_a_double_click_is_one_vote(scene: Scene) -> None:
    resolve = TaskNames(scene.client, scene.ann.may_read).resolve
    act = partial(scene.ann.tells, message=APPROVE)
    names = [scene.task, f"{scene.root}/sign-off", scene.task]
    twice = await asyncio.gather(to_each(names, resolve, act), to_each(names, resolve, act))
    results = [each for results in twice for each in results]
    assert len(results) == 2
    assert {each.error.code for each in results if each.error} <= {"task.closed"}
    assert [each.by for each in (await view(scene.client, scene.task)).votes] == [scene.ann_id]


async def test_in_bulk_each_is_judged_by_its_own_id(scene: Scene) -> None:
    theirs = await open_task(scene.client, asked(candidates=("u:ben",)))
    results = await to_each(
        [theirs, scene.task], _as_it_is, partial(scene.ann.tells, message=APPROVE)
    )
    assert [each.error.code if each.error else None for each in results] == ["policy.denied", None]
    assert results[1].standing is not None
    assert results[1].standing.outcome is not None
    assert results[1].standing.outcome.task_id == scene.task
    assert (await view(scene.client, theirs)).votes == ()


TRICKS = (
    *("{}/..", "{}/../sign-off", "./{}", "{}/", "/{}", "{}//", "{}%2f", "{};", "{}?x", "{}#"),
    *(
        "{}\x00",
        "{}\n",
        " {}",
        "{} ",
        "{}\u200b",
        "{}\udc80",
        "..%2f..%2f{}",
        "*",
        "%",
        "'",
        "task/",
    ),
)


@pytest.mark.parametrize("trick", TRICKS, ids=range(len(TRICKS)))
async def test_an_id_that_looks_like_another_is_another(scene: Scene, trick: str) -> None:
    named = trick.replace("{}", scene.task)
    before = await length(scene.client, scene.task)
    assert await code_of(scene.ann.tells(named, APPROVE)) == "task.not-found"
    assert (
        await code_of(TaskNames(scene.client, scene.eve.may_read).resolve(named))
        == "task.not-found"
    )
    assert await length(scene.client, scene.task) == before


PAYLOADS: Sequence[str] = (
    "x' OR TenutoAssignee='u:ann",
    'a\\\' OR StartTime > "2000-01-01T00:00:00Z" -- ',
    "') OR ('1'='1",
)


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
async def test_what_is_typed_is_no_query(scene: Scene, payload: str) -> None:
    for key in ("assignee", "candidate", "subject", "root"):
        asking = scene.eve.ids(**{"words": (), key: payload})
        assert await code_of(asking) == "runs.filter-value"
    # And whoever is called like one sees what that name may see: nothing.
    assert await scene.eve.ids(words=(payload,)) == []


async def _as_it_is(task_id: str) -> str:
    return task_id


async def test_a_task_that_somebody_elses_code_serves_is_none(scene: Scene) -> None:
    """It would show what it likes, and get a genuine decision on it."""
    forged = f"{scene.task}-forged"
    request = asked(candidates=(scene.ann_id,))
    shown = found_by(request, opened(request, datetime.now(UTC)))
    run = await scene.client.start_workflow(
        "HumanTask", request, id=forged, task_queue="evil", search_attributes=shown
    )

    async def is_in_visibility() -> None:
        query = f"WorkflowId = '{forged}' AND TenutoState = 'open'"
        assert (await scene.client.count_workflows(query)).count == 1

    await eventually(is_in_visibility)
    assert await scene.ann.ids() == [scene.task]
    for doing in (scene.ann.tells(forged, APPROVE), read_task(scene.client, forged)):
        assert await code_of(doing) == "task.not-a-task"
    assert scene.ann.records.of("decision") == []
    await run.terminate()


async def test_temporals_own_command_line_decides_nothing(scene: Scene) -> None:
    said = '{"decision": "approve"}'
    at = ("--workflow-id", scene.task, "--name", "decide", "--input", said)
    answer = await temporal(scene.client, "workflow", "update", "execute", *at)
    assert not answer.is_good
    assert "ticket" in answer.text
    answer = await temporal(scene.client, "workflow", "signal", *at)
    assert answer.is_good, "a signal cannot be refused"
    answer = await temporal(
        scene.client,
        *("workflow", "signal", "--name", "approve", "--input", said, "--yes"),
        *("--query", f"TenutoCandidates = '{scene.ann_id}'", "--reason", "all at once"),
    )
    assert answer.is_good, answer.text
    task = await view(scene.client, scene.task)
    assert (task.state, task.votes) == ("open", ())
    await scene.ann.tells(scene.task, APPROVE)


async def test_a_decided_task_that_is_reset_takes_nobody_elses_vote(scene: Scene) -> None:
    await scene.ann.tells(scene.task, APPROVE)
    ended = await scene.client.get_workflow_handle(scene.task).describe()
    answer = await temporal(
        scene.client,
        *("workflow", "reset", "--workflow-id", scene.task, "--run-id", ended.run_id),
        *("--type", "FirstWorkflowTask", "--reason", "undo it", "--reapply-exclude", "Update"),
    )
    assert answer.is_good, answer.text

    async def is_open_again() -> None:
        task = await view(scene.client, scene.task)
        assert (task.state, task.votes) == ("open", ())

    await eventually(is_open_again)
    refused = await temporal(
        scene.client,
        *("workflow", "update", "execute", "--workflow-id", scene.task),
        *("--name", "decide", "--input", '{"decision": "reject", "comment": "no"}'),
    )
    assert not refused.is_good
    assert await code_of(scene.eve.tells(scene.task, APPROVE)) == "policy.denied"
    assert (await scene.ann.tells(scene.task, APPROVE)).state == "approved"
