"""The life of monitors on the real engine: nine changes of state, one winner, nothing half done."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client

from guarded_desk import WordRules
from monitor_desk import MonitorDesk, monitor_desk, path_of
from tenuto.core.errors import NotFoundError, PolicyDenied, UsageError
from tenuto.packs.monitors import keeping
from tenuto.packs.monitors.keeping import Kept
from tenuto.packs.monitors.lifecycle import ALLOWED
from tenuto.packs.monitors.models import Monitor, State
from tenuto.packs.monitors.schedule import schedule_id
from tenuto.testing import eventually

STATES: tuple[State, ...] = ("active", "paused", "completed")


@pytest_asyncio.fixture(scope="module")
async def desk(
    client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[MonitorDesk]:
    """One desk for all tests; each has monitors and pages of its own."""
    async with monitor_desk(client, tmp_path_factory.mktemp("monitors")) as open_desk:
        yield open_desk


async def in_state(desk: MonitorDesk, state: State) -> Monitor:
    """A monitor in that state, made by what makes one so in life."""
    monitor = await desk.create()
    desk.web.says(path_of(monitor), "there", met=state == "completed")
    if state == "paused":
        await desk.monitors().move(monitor.id, "paused")
    elif state == "completed":
        await desk.check(monitor)
    assert (await desk.monitors().find(monitor.id)).state == state
    return monitor


@pytest.mark.parametrize("before", STATES)
async def test_tor_11_all_9_pairs_of_states_and_the_schedule_always_agrees(
    desk: MonitorDesk, before: State
) -> None:
    for wanted in STATES:
        monitor = await in_state(desk, before)
        if before == wanted or (before, wanted) in ALLOWED:
            kept = await desk.monitors().move(monitor.id, wanted)
        else:
            with pytest.raises(UsageError) as refused:
                await desk.monitors().move(monitor.id, wanted)
            assert refused.value.code == "monitors.no-way"
            wanted, kept = before, await desk.monitors().find(monitor.id)
        assert kept.state == wanted
        handle = desk.client.get_schedule_handle(schedule_id(monitor.id))
        assert (await handle.describe()).schedule.state.paused == (wanted != "active")


async def test_tor_11_of_two_changes_at_the_same_moment_one_wins_and_the_other_is_told(
    desk: MonitorDesk,
) -> None:
    """Both have read the same monitor before either writes."""
    monitor = await desk.create()
    both_read = asyncio.Barrier(2)
    waited: set[str] = set()

    async def change(wanted: State, name: str) -> Kept:
        async def edit(kept: Kept) -> tuple[Monitor, State]:
            if name not in waited:
                waited.add(name)
                await both_read.wait()
            return kept.monitor.model_copy(update={"name": name}), wanted

        return await keeping.change(desk.client, monitor.id, edit)

    ended: tuple[Any, ...] = await asyncio.gather(
        change("paused", "first"), change("completed", "second"), return_exceptions=True
    )
    won = [each for each in ended if isinstance(each, Kept)]
    lost = [each for each in ended if isinstance(each, UsageError)]
    assert len(won) == len(lost) == 1
    assert lost[0].code == "monitors.changed-meanwhile"
    kept = await keeping.read(desk.client, monitor.id)
    assert (kept.monitor.name, kept.state) == (won[0].monitor.name, won[0].state)


async def test_a_run_that_begins_between_reading_and_writing_does_not_refuse_the_change(
    desk: MonitorDesk,
) -> None:
    monitor = await desk.create()
    desk.web.says(path_of(monitor), "10", met=False)
    edits = 0

    async def edit(kept: Kept) -> tuple[Monitor, State]:
        nonlocal edits
        edits += 1
        if edits == 1:
            await desk.check(monitor)
        return kept.monitor, "paused"

    assert (await keeping.change(desk.client, monitor.id, edit)).state == "paused"


async def test_tor_8_another_schedule_changes_what_runs_and_keeps_pause_and_checks(
    desk: MonitorDesk,
) -> None:
    monitor = await desk.create(schedule="24 hours")
    desk.web.says(path_of(monitor), "10", met=False)
    await desk.check(monitor)
    await desk.monitors().move(monitor.id, "paused")
    before = (await desk.monitors().find(monitor.id)).info.future_action_times[0]
    changes = {
        "schedule": "*/5 * * * *",
        "name": f"{monitor.name} renamed",
        "time_zone": "Asia/Tokyo",
    }
    await desk.monitors().update(monitor.id, changes)
    kept = await desk.monitors().find(f"{monitor.name} renamed")
    assert (kept.state, kept.schedule.state.paused) == ("paused", True)
    assert kept.info.future_action_times[0] != before
    gap = (
        kept.info.future_action_times[1].ToDatetime()
        - kept.info.future_action_times[0].ToDatetime()
    )
    assert gap == timedelta(minutes=5)
    assert len(await desk.monitors().history(monitor.id)) == 1
    again = await desk.check(kept.monitor)
    assert again.result is not None
    assert again.result.metadata.comparison_method == "fields"
    run = desk.client.get_workflow_handle(again.workflow_id)
    described = await run.describe()
    assert await described.static_summary() == f"{monitor.name} renamed: What is it?"


async def test_tor_8_a_schedule_changed_while_a_check_runs_leaves_the_check_and_moves_the_next(
    desk: MonitorDesk,
) -> None:
    monitor = await desk.create(schedule="24 hours")
    desk.web.fails(path_of(monitor), 503)
    started = await desk.monitors().run(monitor.id)
    await eventually(lambda: _assert(path_of(monitor) in desk.web.asked))
    changes = {"schedule": "0 9 * * *", "search_query": "What is it now?"}
    kept = await desk.monitors().update(monitor.id, changes)
    assert [each.workflow_id for each in kept.info.running_workflows] == [started.workflow_id]
    assert kept.info.future_action_times[0].ToDatetime().hour == 9
    desk.web.says(path_of(monitor), "10", met=False)
    assert (await desk.ended(monitor, started)).status == "success"
    now = await desk.monitors().find(monitor.id)
    assert (now.monitor.schedule, now.monitor.search_query) == ("0 9 * * *", "What is it now?")
    assert (await desk.check(now.monitor)).status == "success"


async def test_tor_1_a_name_that_somebody_took_by_renaming_is_taken_whatever_signs_it_has(
    desk: MonitorDesk,
) -> None:
    for name in ("the 'quoted' one", '"); DROP', "das größte Boot", "100% of_it", "Is 3.15 out?"):
        monitor = await desk.create()
        wanted = f"{name} {monitor.id}"
        await desk.monitors().update(monitor.id, {"name": wanted})

        async def found(wanted: str = wanted, monitor: Monitor = monitor) -> None:
            try:
                assert (await desk.monitors().find(wanted)).monitor.id == monitor.id
            except NotFoundError as error:
                raise AssertionError(wanted) from error

        await eventually(found)
        with pytest.raises(UsageError) as taken:
            await desk.monitors().create(desk.draft(name=wanted, path="/x"))
        assert taken.value.code == "monitors.name-taken"


async def test_tor_7_a_name_is_taken_once_also_when_two_create_it_at_the_same_moment(
    desk: MonitorDesk,
) -> None:
    draft = desk.draft()
    ended: tuple[Any, ...] = await asyncio.gather(
        desk.monitors().create(draft), desk.monitors().create(draft), return_exceptions=True
    )
    taken = [each for each in ended if isinstance(each, UsageError)]
    assert [each.code for each in taken] == ["monitors.name-taken"]
    (created,) = [each for each in ended if not isinstance(each, BaseException)]
    with pytest.raises(UsageError, match=created.monitor.id):
        await desk.monitors().create(draft)
    other = await desk.monitors("u:ben").create(draft)
    assert other.monitor.id != created.monitor.id


async def test_a_name_that_was_given_up_can_be_taken_again(desk: MonitorDesk) -> None:
    monitor = await desk.create()
    await desk.monitors().update(monitor.id, {"name": f"{monitor.name} old"})

    async def renamed() -> None:
        rows = await desk.monitors().all(owner="u:ann")
        assert f"{monitor.name} old" in [row.name for row in rows]

    await eventually(renamed)
    second = (await desk.monitors().create(desk.draft(name=monitor.name))).monitor
    assert second.id != monitor.id
    assert (await desk.monitors().find(monitor.name)).monitor.id == second.id


async def test_tor_7_what_policy_refuses_leaves_no_half_made_monitor(desk: MonitorDesk) -> None:
    draft = desk.draft()
    rules = WordRules(("u:ann", "workflow:start", "*"))  # and no `schedule:apply`
    with pytest.raises(PolicyDenied):
        await desk.monitors(rules=rules).create(draft)
    with pytest.raises(NotFoundError):
        await desk.monitors().find(draft.name)


@pytest.mark.parametrize("state", STATES)
async def test_tor_10_a_monitor_is_deleted_in_each_state_and_twice_is_fine(
    desk: MonitorDesk, state: State
) -> None:
    monitor = await in_state(desk, state)
    checks = len(await desk.monitors().history(monitor.id)) if state == "completed" else 0
    assert await desk.monitors().delete(monitor.id) is True
    assert await desk.monitors().delete(monitor.id) is False
    with pytest.raises(NotFoundError) as gone:
        await desk.monitors().move(monitor.id, "paused")
    assert gone.value.code == "monitors.not-found"
    if checks:
        assert len(await desk.monitors().history(monitor.id)) == checks


async def test_tor_2_a_monitor_deleted_while_it_looks_tells_nobody_and_is_skipped(
    desk: MonitorDesk,
) -> None:
    monitor = await desk.create()
    desk.web.fails(path_of(monitor), 503)
    started = await desk.monitors().run(monitor.id)
    await eventually(lambda: _assert(path_of(monitor) in desk.web.asked))
    await desk.monitors().delete(monitor.id)
    desk.web.says(path_of(monitor), "out", met=True)
    run = desk.client.get_workflow_handle(started.workflow_id, run_id=started.run_id)
    assert (await run.result())["status"] == "skipped"
    assert desk.mails(monitor) == []


async def test_tor_2_a_paused_monitor_run_by_hand_stays_paused_though_it_told(
    desk: MonitorDesk,
) -> None:
    monitor = await in_state(desk, "paused")
    desk.web.says(path_of(monitor), "out", met=True)
    await desk.check(monitor)
    assert desk.subjects(monitor)[-1] == "Condition met"
    assert (await desk.monitors().find(monitor.id)).state == "paused"
    await desk.monitors().move(monitor.id, "active")
    record = await desk.check(monitor)
    assert record.result is not None
    assert record.result.actions == ("the monitor is completed",)
    assert desk.subjects(monitor).count("Condition met") == 1


async def test_tor_12_a_check_that_runs_is_named_at_once_also_to_a_double_click(
    desk: MonitorDesk,
) -> None:
    monitor = await desk.create()
    desk.web.fails(path_of(monitor), 503)
    first, second = await asyncio.gather(
        desk.monitors().run(monitor.id), desk.monitors().run(monitor.id)
    )
    third = await desk.monitors().run(monitor.id)
    assert {first.run_id, second.run_id, third.run_id} == {first.run_id}
    assert third.was_running
    assert first.workflow_id.startswith(f"task-{monitor.id}-")
    desk.web.says(path_of(monitor), "10", met=False)
    assert (await desk.ended(monitor, first)).status == "success"


async def test_tor_1_run_immediately_checks_at_once(desk: MonitorDesk) -> None:
    draft = desk.draft()
    path = "/" + str(draft.config.options["url"]).split("/", 3)[3]
    desk.web.says(path, "10", met=False)
    created = await desk.monitors().create(draft, run_immediately=True)
    assert created.check is not None
    assert (await desk.ended(created.monitor, created.check)).status == "success"


async def test_tor_9_a_list_shows_what_was_written_and_when_it_looks_next(
    desk: MonitorDesk,
) -> None:
    hourly = await desk.create(schedule="90 minutes")
    cron = await desk.create(schedule="0 9 * * mon-fri", time_zone="Europe/London")
    await desk.monitors().move(hourly.id, "paused")

    async def listed() -> None:
        rows = {row.id: row for row in await desk.monitors().all()}
        assert {hourly.id, cron.id} <= set(rows)
        assert (rows[hourly.id].schedule, rows[hourly.id].state) == (
            "every 1 hour 30 minutes",
            "paused",
        )
        assert rows[hourly.id].next_check is None
        assert (rows[cron.id].schedule, rows[cron.id].time_zone) == (
            "0 9 * * mon-fri",
            "Europe/London",
        )
        assert rows[cron.id].next_check is not None
        assert rows[cron.id].name == cron.name

    await eventually(listed)


async def test_tor_16_pausing_all_monitors_of_a_user_leaves_those_of_others(
    desk: MonitorDesk,
) -> None:
    mine = [(await desk.monitors("u:cleo").create(desk.draft())).monitor for _ in range(3)]
    other = (await desk.monitors("u:dan").create(desk.draft())).monitor
    ids = {each.id for each in mine}

    async def listed() -> None:
        assert {row.id for row in await desk.monitors().all(owner="u:cleo")} == ids

    await eventually(listed)
    done = await desk.monitors().pause_all("u:cleo")
    assert (set(done.paused), done.failed) == (ids, {})
    assert (await desk.monitors().find(other.id)).state == "active"


async def test_tor_18_a_fork_is_paused_and_holds_no_secret_and_nobody_to_tell(
    desk: MonitorDesk,
) -> None:
    hook = {"type": "webhook", "url": "secret://env/HOOK_URL", "secrets": ["secret://env/HOOK"]}
    options = {"url": "https://a.example", "headers": {"Authorization": "secret://env/KEY"}}
    monitor = await desk.create(
        notifications=[hook], config={"provider": "oracle", "options": options}
    )
    forked = (await desk.monitors("u:ben").fork(monitor.id, "mine now")).monitor
    assert "secret" not in forked.model_dump_json()
    assert forked.config.options == {"url": "https://a.example"}
    assert forked.owner == "u:ben"
    assert (await desk.monitors().find(forked.id)).state == "paused"


def _assert(fact: bool) -> None:
    assert fact
