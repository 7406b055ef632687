"""Checks that fail: each has its record, somebody hears of it once, and again when it works."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from temporalio.client import Client

from monitor_desk import OPEN, MonitorDesk, monitor_desk, path_of
from tenuto.packs.monitors.models import Monitor
from tenuto.testing import eventually


@pytest_asyncio.fixture(scope="module")
async def desk(
    client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[MonitorDesk]:
    """One desk for all tests; each has monitors and pages of its own."""
    async with monitor_desk(client, tmp_path_factory.mktemp("monitors")) as open_desk:
        yield open_desk


async def checks(desk: MonitorDesk, monitor: Monitor, *works: bool) -> list[str]:
    """The statuses of so many checks, of which these find something."""
    ended: list[str] = []
    for turn, does_work in enumerate(works):
        if does_work:
            desk.web.says(path_of(monitor), str(turn), met=False)
        else:
            desk.web.fails(path_of(monitor), 500)
        ended.append((await desk.check(monitor)).status)
    return ended


async def test_tor_13_every_check_has_its_own_record_the_failed_ones_too(
    desk: MonitorDesk,
) -> None:
    monitor = await desk.create()
    works = (True, False, True, False, False)
    expected = ["success" if each else "failed" for each in works]
    assert await checks(desk, monitor, *works) == expected
    records = await desk.monitors().history(monitor.id)
    assert [each.status for each in reversed(records)] == expected
    assert len({each.run_id for each in records}) == len(works)
    assert len({each.started_at for each in records}) == len(works)
    for each in records:
        assert each.ended_at is not None
        assert each.ended_at >= each.started_at
        assert ("the server says 500" in each.error) == (each.status == "failed")


async def test_a_failed_check_in_between_loses_nothing_of_what_was_known(
    desk: MonitorDesk,
) -> None:
    monitor = await desk.create(notify_behavior="track_state")
    desk.web.says(path_of(monitor), "10", met=True)
    await desk.check(monitor)
    desk.web.fails(path_of(monitor))
    await desk.check(monitor)
    desk.web.says(path_of(monitor), "10", met=True)
    record = await desk.check(monitor)
    assert record.result is not None
    assert not record.result.metadata.changed
    assert desk.subjects(monitor).count("Condition met") == 1


async def test_failures_in_a_row_are_told_once_and_once_more_when_it_works_again(
    desk: MonitorDesk,
) -> None:
    monitor = await desk.create(failures_before_alarm=2)
    await checks(desk, monitor, True, False)
    assert desk.subjects(monitor) == ["Monitor started"]
    await checks(desk, monitor, True, False, False, False)
    assert desk.subjects(monitor) == ["Monitor started", "Monitor fails"]
    await checks(desk, monitor, True, True)
    assert desk.subjects(monitor) == ["Monitor started", "Monitor fails", "Monitor works again"]
    told = desk.mails(monitor)[1].message.get_content()
    assert "The last 2 checks" in told
    assert "the server says 500" in told
    newest, *_ = await desk.monitors().history(monitor.id)
    assert newest.notices == ()


async def test_a_page_that_fails_from_the_first_check_is_told_too(desk: MonitorDesk) -> None:
    monitor = await desk.create(failures_before_alarm=1)
    await checks(desk, monitor, False, False)
    assert desk.subjects(monitor) == ["Monitor fails"]
    record, first = await desk.monitors().history(monitor.id)
    assert [each.kind for each in first.notices] == ["failing"]
    assert record.notices == ()


async def test_somebody_else_can_be_told_of_failures(desk: MonitorDesk) -> None:
    concerned = {"name": "operations", "channel": "email", "target": "ops-1@example.com"}
    monitor = await desk.create(failures_before_alarm=1, on_failure=[concerned])
    await checks(desk, monitor, False)
    assert desk.subjects(monitor) == []
    told = [each for each in desk.mail.received if "ops-1@example.com" in each.to]
    assert len(told) == 1


async def test_many_monitors_that_fail_together_are_one_storm_not_a_mail_each(
    desk: MonitorDesk,
) -> None:
    concerned = {"name": "operations", "channel": "email", "target": "ops-2@example.com"}
    for _ in range(7):
        monitor = await desk.create(failures_before_alarm=1, on_failure=[concerned])
        await checks(desk, monitor, False)
    told = [each for each in desk.mail.received if "ops-2@example.com" in each.to]
    assert len(told) == 5
    (record,) = await desk.monitors().history(monitor.id)
    assert record.notices[0].receipt.outcome == "suppressed"


async def test_tor_14_mails_of_failures_and_recoveries_count_and_a_refused_alarm_stays_due(
    desk: MonitorDesk,
) -> None:
    """Ten mails an hour to an address: a welcome, nine notices, and then no alarm."""
    shared = "limited@example.com"
    telling = await desk.create(notify_behavior="always", email=shared)
    desk.web.says(path_of(telling), "10", met=True)
    for _ in range(8):
        await desk.check(telling)
    other = await desk.create(failures_before_alarm=1, email=shared)
    await checks(desk, other, False, True, False, False)
    told = [each for each in desk.mail.received if shared in each.to]
    assert len(told) == 10
    assert told[-1].message["subject"].startswith("Monitor fails")
    fourth, third, second, _ = await desk.monitors().history(other.id)
    assert {each.receipt.outcome for each in second.notices} == {"suppressed"}
    for each in (third, fourth):  # nobody has heard of it, so each check tries to tell it
        (notice,) = each.notices
        assert "10 mails an hour" in notice.receipt.detail


async def test_a_check_that_tries_again_says_so(desk: MonitorDesk) -> None:
    monitor = await desk.create()
    desk.web.fails(path_of(monitor), 503)
    started = await desk.monitors().run(monitor.id)

    async def retrying() -> None:
        (record,) = await desk.monitors().history(monitor.id)
        assert record.status == "retrying"
        assert record.ended_at is None

    await eventually(retrying)
    desk.web.says(path_of(monitor), "10", met=False)
    assert (await desk.ended(monitor, started)).status not in OPEN
