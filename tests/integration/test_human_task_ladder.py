"""What happens to a task while nobody decides: reminders, escalation, its end; over months."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowUpdateFailedError

from task_desk import APPROVE, asked, open_task, outcome, refused, say, task_worker, view
from tenuto.activities.notify.pack import pack as notify_pack
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import open_store
from tenuto.catalog.library.notify.audience import Recipient
from tenuto.catalog.library.tasks.messages import Claim, RemindMe
from tenuto.catalog.library.tasks.outcome import TaskView
from tenuto.catalog.library.tasks.request import Escalation
from tenuto.core.errors import TenutoError
from tenuto.testing import eventually
from tenuto.testing.time_skipping import can_skip_time, skip_time

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(
    temporal_client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Client]:
    """A client of a server on which tasks are served and people are told."""
    use_store(open_store(str(tmp_path_factory.mktemp("artifacts"))))
    async with task_worker(temporal_client, [notify_pack]):
        yield temporal_client
    use_store(None)


@pytest_asyncio.fixture
async def skipping(desk: Client) -> Client:
    """The same, but its tasks jump over their waits."""
    if not await can_skip_time(desk):
        pytest.skip("this server does not skip time")
    return skip_time(desk)


def at(moment: datetime) -> dict[str, Any]:
    """What a ticket says that is issued at the moment, by the clock of the task."""
    return {"iat": moment, "exp": moment + timedelta(minutes=5)}


async def passed(client: Client, task: str, count: int, what: str) -> TaskView:
    """The task, once this has happened to it so often."""

    async def has() -> TaskView:
        shown = await view(client, task)
        assert [each.what for each in shown.happenings].count(what) == count
        return shown

    return await eventually(has)


def happened(shown: TaskView) -> list[tuple[str, timedelta]]:
    """What happened to a task, and how long after it was opened, to the minute."""
    return [
        (each.what, timedelta(minutes=round((each.at - shown.opened_at) / timedelta(minutes=1))))
        for each in shown.happenings
        if each.what not in ("told", "not told")
    ]


async def test_inv_12_reminders_then_escalation_then_the_end(
    skipping: Client, tmp_path: Path
) -> None:
    told, boss = tmp_path / "told", tmp_path / "boss"
    request = asked(
        remind=(HOUR, 2 * HOUR),
        escalate=(
            Escalation(
                after=DAY,
                to=("g:heads",),
                notify=(Recipient(name="boss", channel="file", target=str(boss)),),
            ),
            Escalation(after=2 * DAY, to=("u:ceo",)),
        ),
        expire=3 * DAY,
        on_expiry="reject",
        notify=(Recipient(name="desk", channel="file", target=str(told)),),
    )
    task = await open_task(skipping, request)
    ended = await outcome(skipping, task)
    shown = await view(skipping, task)
    assert happened(shown) == [
        ("opened", timedelta(0)),
        ("reminded", HOUR),
        ("reminded", 2 * HOUR),
        ("escalated", DAY),
        ("escalated", 2 * DAY),
        ("rejected", 3 * DAY),
    ]
    assert shown.candidates == ("u:ann", "u:ben", "g:risk", "g:heads", "u:ceo")
    assert (ended.state, ended.decision, ended.by) == ("rejected", "reject", None)
    assert ended.at - shown.opened_at == 3 * DAY
    messages = sorted(each.read_text().split("\n")[0] for each in told.rglob("message.txt"))
    assert messages == [
        "Escalated: Release the NAV",
        "Escalated: Release the NAV",
        "Reminder: Release the NAV",
        "Reminder: Release the NAV",
        "To decide: Release the NAV",
    ]
    assert len(list(boss.rglob("message.txt"))) == 1


@pytest.mark.parametrize("wait", [DAY, 60 * DAY])
async def test_inv_9_a_decision_after_a_day_and_after_two_months(
    skipping: Client, wait: timedelta
) -> None:
    task = await open_task(skipping, asked(remind=(wait,)))
    shown = await passed(skipping, task, 1, "reminded")
    decided = await say(skipping, task, APPROVE, **at(shown.opened_at + wait))
    assert decided.outcome is not None
    assert decided.outcome.at - shown.opened_at >= wait


async def test_an_escalation_frees_what_somebody_sits_on(skipping: Client) -> None:
    rung = Escalation(after=DAY, to=("u:ceo",))
    task = await open_task(skipping, asked(assignee="u:zoe", escalate=(rung,)))
    shown = await passed(skipping, task, 1, "escalated")
    assert (shown.state, shown.assignee) == ("open", None)
    assert shown.candidates == ("u:ann", "u:ben", "g:risk", "u:zoe", "u:ceo")
    late = at(shown.opened_at + DAY)
    assert (await say(skipping, task, APPROVE, as_="u:ceo", **late)).state == "approved"


async def test_an_end_that_escalates_waits_on(skipping: Client) -> None:
    rung = Escalation(after=DAY, to=("u:ceo",))
    request = asked(escalate=(rung,), expire=2 * DAY, on_expiry="escalate")
    task = await open_task(skipping, request)
    shown = await passed(skipping, task, 2, "escalated")
    assert shown.expires_at is None
    late = at(shown.opened_at + 2 * DAY)
    assert (await say(skipping, task, APPROVE, **late)).state == "approved"


async def test_somebody_asks_to_be_reminded(desk: Client, tmp_path: Path) -> None:
    recipient = Recipient(name="desk", channel="file", target=str(tmp_path))
    task = await open_task(desk, asked(notify=(recipient,), remind=(HOUR,)))
    await say(desk, task, RemindMe(after=timedelta(milliseconds=100)))
    shown = await passed(desk, task, 1, "reminded")
    assert [each.by for each in shown.happenings if each.what == "reminded"] == ["u:ann"]
    await passed(desk, task, 2, "told")
    assert "u:ann" in " ".join(each.read_text() for each in tmp_path.rglob("message.txt"))


async def test_whoever_cannot_be_told_stops_nothing(desk: Client, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    recipients = (
        Recipient(name="gone", channel="file", target=str(blocked)),
        Recipient(name="wrong", channel="sms", target="not a number"),
        Recipient(name="desk", channel="file", target=str(tmp_path / "told")),
    )
    task = await open_task(desk, asked(notify=recipients))
    shown = await passed(desk, task, 1, "told")
    (told,) = [each.text for each in shown.happenings if each.what == "told"]
    assert "gone: failed" in told
    assert "desk: delivered" in told
    assert (await say(desk, task, APPROVE)).state == "approved"


async def test_an_end_and_a_decision_in_the_same_second_are_one_outcome(desk: Client) -> None:
    spans = [timedelta(milliseconds=20 * number + 1) for number in range(12)]
    tasks = [await open_task(desk, asked(expire=span, on_expiry="reject")) for span in spans]

    async def decide(task: str) -> bool:
        try:
            answer = await say(desk, task, APPROVE)
        except (WorkflowUpdateFailedError, TenutoError):
            return False
        return answer.state == "approved"

    decided = await asyncio.gather(*map(decide, tasks))
    for task, is_decided in zip(tasks, decided, strict=True):
        ended = await outcome(desk, task)
        assert ended.state == ("approved" if is_decided else "rejected")
        assert len(ended.votes) == is_decided


async def test_who_decides_after_the_end_is_told_that_it_expired(desk: Client) -> None:
    task = await open_task(desk, asked(expire=timedelta(milliseconds=50)))
    assert (await outcome(desk, task)).state == "expired"
    assert await refused(say(desk, task, Claim())) == "task.closed"
