"""The inbox finds what waits for a person, in order, and nothing that is not theirs to see."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client

from inbox_desk import Person, keys_in
from task_desk import APPROVE, REJECT, asked, open_task, task_worker
from tenuto.catalog.library.tasks.messages import Claim, Decide, Forward, Release
from tenuto.core.errors import TenutoError
from tenuto.testing import eventually
from tenuto.triggers.tasks.reading import read_task


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys that the worker trusts."""
    return keys_in(tmp_path_factory.mktemp("keys"))


@pytest_asyncio.fixture(scope="module")
async def served(client: Client) -> AsyncIterator[Client]:
    """The shared server, with a worker for tasks."""
    async with task_worker(client):
        yield client


def fresh(name: str) -> str:
    """A name that no other test has."""
    return f"{name}-{secrets.token_hex(4)}"


async def test_inv_9_it_lists_what_is_open_to_me_and_my_groups(served: Client, keys: Path) -> None:
    desk, ann = f"g:{fresh('desk')}", f"u:{fresh('ann')}"
    mine = await open_task(served, asked(candidates=(ann,)))
    ours = await open_task(served, asked(candidates=(desk, "u:ben")))
    other = await open_task(served, asked(candidates=("u:ben",)))
    person = Person(served, keys, ann, desk)

    async def lists_both() -> None:
        assert {mine, ours} == set(await person.ids())

    await eventually(lists_both)
    assert other not in await person.ids()
    assert mine not in await Person(served, keys, "u:carl", "g:elsewhere").ids()


async def test_the_most_urgent_comes_first(served: Client, keys: Path) -> None:
    ann = f"u:{fresh('ann')}"
    hour = timedelta(hours=1)
    wanted = [
        await open_task(served, asked(candidates=(ann,), **fields))
        for fields in (
            {"priority": 0},
            {"priority": 5, "due": hour},
            {"priority": 5, "due": 2 * hour},
            {"priority": 5},
            {"priority": 5},
            {"priority": 9, "due": hour / 60},
        )
    ]
    person = Person(served, keys, ann)

    async def in_order() -> None:
        assert await person.ids() == wanted

    await eventually(in_order)
    assert await person.ids(limit=2) == wanted[:2]
    assert (await person.inbox(limit=2)).is_cut
    assert not (await person.inbox(limit=6)).is_cut
    assert await person.ids(priority=4) == wanted[:1]
    soon = datetime.now(UTC) + 1.5 * hour
    assert await person.ids(due_before=soon) == [wanted[1], wanted[5]]


async def test_every_filter_narrows(served: Client, keys: Path) -> None:
    ann, desk, fund = f"u:{fresh('ann')}", f"g:{fresh('desk')}", fresh("F1")
    root = f"nav/{fund}/v1"
    one = await open_task(
        served,
        asked(candidates=(ann,), subject=fund, kind="nav.sign-off"),
        task_id=f"task/{root}/sign-off",
    )
    two = await open_task(served, asked(candidates=(ann, desk), subject="other"))
    person = Person(served, keys, ann)

    async def lists_both() -> None:
        assert {one, two} == set(await person.ids())

    await eventually(lists_both)
    for narrower, expected in (
        ({"subject": fund}, [one]),
        ({"kind": "nav.sign-off"}, [one]),
        ({"kind": "approval"}, [two]),
        ({"root": root}, [one]),
        ({"words": (), "candidate": desk}, [two]),
        ({"words": (), "assignee": ann}, []),
        ({"states": ("claimed",)}, []),
    ):
        assert await person.ids(**narrower) == expected, narrower
    await person.tells(two, Claim())

    async def lists_claimed() -> None:
        assert await person.ids(words=(), assignee=ann) == [two]

    await eventually(lists_claimed)
    assert await person.ids(states=("claimed",)) == [two]


async def test_what_another_has_claimed_is_not_in_my_inbox(served: Client, keys: Path) -> None:
    desk = f"g:{fresh('desk')}"
    task = await open_task(served, asked(candidates=(desk,)))
    ann, ben = Person(served, keys, "u:ann", desk), Person(served, keys, "u:ben", desk)

    async def both_see_it() -> None:
        assert task in await ann.ids()
        assert task in await ben.ids()

    await eventually(both_see_it)
    await ann.tells(task, Claim())
    # At once, though visibility is a second late: the task itself is asked.
    assert task not in await ben.ids()

    async def ann_has_it() -> None:
        assert task in await ann.ids()

    await eventually(ann_has_it)
    await ann.tells(task, Release())

    async def ben_sees_it_again() -> None:
        assert task in await ben.ids()

    await eventually(ben_sees_it_again)


async def test_what_i_decided_is_gone_at_once(served: Client, keys: Path) -> None:
    ann = f"u:{fresh('ann')}"
    tasks = [await open_task(served, asked(candidates=(ann,))) for _ in range(3)]
    person = Person(served, keys, ann)

    async def lists_all() -> None:
        assert set(tasks) == set(await person.ids())

    await eventually(lists_all)
    standing = await person.tells(tasks[0], APPROVE)
    assert standing.state == "approved"
    assert set(await person.ids()) == set(tasks[1:])
    await person.tells(tasks[1], REJECT)
    assert await person.ids() == [tasks[2]]

    async def is_found_as_ended() -> None:
        ended = await person.ids(states=("approved", "rejected"))
        assert set(ended) == set(tasks[:2])

    await eventually(is_found_as_ended)


async def test_who_asks_sees_why_they_cannot_decide(served: Client, keys: Path) -> None:
    desk, rex = f"g:{fresh('desk')}", f"u:{fresh('rex')}"
    task = await open_task(served, asked(candidates=(desk,), requester=rex, need=2))
    asks, votes = Person(served, keys, rex, desk), Person(served, keys, fresh("ben"), desk)

    async def is_listed() -> None:
        assert [row.obstacle for row in (await asks.inbox()).rows] == ["you ask for it"]

    await eventually(is_listed)
    await votes.tells(task, APPROVE)
    (row,) = (await votes.inbox()).rows
    assert (row.obstacle, row.task.approvals_missing) == ("you have voted", 1)


async def test_names_that_no_query_may_hold_find_their_tasks_too(
    served: Client, keys: Path
) -> None:
    desk = f"g:{fresh('funds desk')}"
    subject = fresh("F2")
    member = Person(served, keys, "u:ann", desk, "g:größe")
    # The engine is not asked for such words: the rows are compared here.
    task = await open_task(served, asked(candidates=("g:risk",), subject=subject))

    async def is_found() -> None:
        risk = Person(served, keys, "u:ann lee", "g:risk")
        assert await risk.ids(subject=subject) == [task]

    await eventually(is_found)
    assert await member.ids(subject=subject, words=("u:somebody else",)) == []


async def test_inv_11_who_comes_late_is_told_what_was_decided(served: Client, keys: Path) -> None:
    task = await open_task(served, asked())
    await Person(served, keys, "u:ann").tells(task, Decide(decision="approve", comment="checked"))
    with pytest.raises(TenutoError) as late:
        await Person(served, keys, "u:ben").tells(task, REJECT)
    assert late.value.code == "task.closed"
    assert "already decided by `u:ann`" in late.value.message
    outcome = late.value.details["outcome"]
    assert (outcome["state"], outcome["by"], outcome["comment"]) == (
        *("approved", "u:ann"),
        "checked",
    )


async def test_forwarded_tasks_leave_one_inbox_and_enter_another(
    served: Client, keys: Path
) -> None:
    ann, carl = f"u:{fresh('ann')}", f"u:{fresh('carl')}"
    task = await open_task(served, asked(candidates=(ann,)))
    await Person(served, keys, ann).tells(task, Forward(to=(carl,), comment="his fund"))

    async def has_moved() -> None:
        assert await Person(served, keys, carl).ids() == [task]

    await eventually(has_moved)
    assert await Person(served, keys, ann).ids() == []


async def test_a_task_that_was_ended_by_force_waits_for_nobody(served: Client, keys: Path) -> None:
    ann = f"u:{fresh('ann')}"
    task = await open_task(served, asked(candidates=(ann,)))
    person = Person(served, keys, ann)

    async def is_listed() -> None:
        assert await person.ids() == [task]

    await eventually(is_listed)
    await served.get_workflow_handle(task).terminate(reason="the fund was closed")

    async def is_gone() -> None:
        assert await person.ids() == []

    await eventually(is_gone)
    assert (await read_task(served, task)).task.state == "cancelled"
    with pytest.raises(TenutoError) as late:
        await person.tells(task, APPROVE)
    assert late.value.code == "task.closed"
