"""Schedules on a real server: listed, shown, paused, triggered, backfilled, deleted."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleSpec,
    ScheduleState,
)

from guarded_desk import WordRules
from schedule_desk import STEPS, ScheduleDesk
from tenuto.core.errors import NotFoundError, PolicyDenied, UsageError
from tenuto.engine.runs.status import RunStatus
from tenuto.testing import eventually
from tenuto.triggers.schedules.backfilling import plan_backfill, start_backfill
from tenuto.triggers.schedules.listing import ScheduleSummary, list_schedules
from tenuto.triggers.schedules.orphans import Standing, find_orphans
from tenuto.triggers.schedules.reading import describe_schedule
from tenuto.triggers.schedules.switching import (
    Switch,
    Switched,
    delete_schedules,
    pause_schedules,
    resume_schedules,
)
from tenuto.triggers.schedules.triggering import Triggered, trigger_schedule

DAILY = f"{STEPS}, cron: '30 18 * * 1-5', time_zone: Europe/Luxembourg"


@pytest_asyncio.fixture
async def desk(client: Client, tmp_path: Path) -> AsyncIterator[ScheduleDesk]:
    """A project with one schedule, `@daily`, that nobody serves."""
    desk = ScheduleDesk(client, tmp_path)
    await desk.apply(f"schedules:\n  '@daily': {{{DAILY}, note: after the close}}\n")
    yield desk
    await desk.close()


@pytest_asyncio.fixture
async def foreign(client: Client) -> AsyncIterator[str]:
    """A schedule that Tenuto did not make."""
    named = f"theirs-{uuid.uuid4().hex[:8]}"
    await client.create_schedule(
        named,
        Schedule(
            action=ScheduleActionStartWorkflow("Theirs", id=named, task_queue="theirs"),
            spec=ScheduleSpec(cron_expressions=["0 3 * * *"]),
            state=ScheduleState(note="ask the other team"),
        ),
    )
    yield named
    await delete_quietly(client, named)


async def delete_quietly(client: Client, named: str) -> None:
    if named in {each.id async for each in await client.list_schedules()}:
        await client.get_schedule_handle(named).delete()


async def listed(desk: ScheduleDesk, **narrower: Any) -> list[ScheduleSummary]:
    return await list_schedules(desk.client, prefix=desk.id(""), **narrower)


async def pause(desk: ScheduleDesk, reason: str = "", *ids: str) -> list[Switched]:
    return await pause_schedules(desk.gate, desk.client, ids or [desk.id("daily")], reason)


async def resume(desk: ScheduleDesk, reason: str = "") -> list[Switched]:
    return await resume_schedules(desk.gate, desk.client, [desk.id("daily")], reason)


async def trigger(desk: ScheduleDesk, overlap: str | None = None) -> Triggered:
    return await trigger_schedule(desk.gate, desk.client, desk.id("daily"), overlap=overlap)


async def end(desk: ScheduleDesk, *workflow_ids: str) -> None:
    for each in workflow_ids:
        await desk.client.get_workflow_handle(each).terminate()


async def test_a_listing_tells_all_that_a_table_shows(desk: ScheduleDesk) -> None:
    done = await trigger(desk)
    assert done.run is not None
    await end(desk, done.run.workflow_id)

    async def row() -> ScheduleSummary:
        (found,) = await listed(desk)
        assert found.last_run is not None
        assert found.last_run.status is RunStatus.TERMINATED
        return found

    found = await eventually(row)
    assert (found.owner.kind, found.owner.name) == ("file", desk.name)
    assert found.starts == "five-steps"
    assert found.times == ("cron 30 18 * * 1-5",)
    assert found.time_zone == "Europe/Luxembourg"
    assert (found.is_paused, found.note) == (False, "after the close")
    assert found.next_run is not None
    assert found.next_run > datetime.now(UTC)
    assert found.last_run == done_as(found, done)


def done_as(found: ScheduleSummary, done: Triggered) -> Any:
    """The last run as it should be, from what the trigger said."""
    assert found.last_run is not None
    assert done.run is not None
    return found.last_run.model_copy(
        update={"workflow_id": done.run.workflow_id, "run_id": done.run.run_id}
    )


async def test_a_listing_is_narrowed(desk: ScheduleDesk, foreign: str) -> None:
    await desk.apply(
        f"schedules:\n  '@daily': {{{DAILY}, note: after the close}}\n"
        f"  '@other': {{{DAILY}, paused: true}}\n"
    )

    async def both() -> None:
        assert [each.schedule_id for each in await listed(desk)] == [
            desk.id("daily"),
            desk.id("other"),
        ]

    await eventually(both)
    assert [each.schedule_id for each in await listed(desk, is_paused=True)] == [desk.id("other")]
    assert [each.schedule_id for each in await listed(desk, is_paused=False)] == [desk.id("daily")]
    assert len(await list_schedules(desk.client, owner=desk.name)) == 2

    async def theirs() -> ScheduleSummary:
        found = await list_schedules(desk.client, prefix=foreign, owner="other")
        assert found
        return found[0]

    row = await eventually(theirs)
    assert (row.starts, row.note) == ("Theirs", "ask the other team")


async def test_tor_9_it_shows_what_was_written_and_when_it_is_next(desk: ScheduleDesk) -> None:
    found = await describe_schedule(desk.client, desk.id("daily"))
    assert found.authored is not None
    assert "time_zone: Europe/Luxembourg" in found.authored
    assert found.source == "schedules.yaml"
    assert found.applied_by == "u:ann"
    assert len(found.next_runs) >= 5
    assert (found.started, found.missed_catchup, found.skipped_overlap) == (0, 0, 0)
    assert found.catchup_window == timedelta(hours=1)
    assert found.recent_runs == ()


async def test_tor_10_pausing_and_resuming_twice_is_as_good_as_once(desk: ScheduleDesk) -> None:
    (first,) = await pause(desk, "month end")
    assert (first.outcome, first.note) == (Switch.PAUSED, "month end (u:ann)")
    (again,) = await pause(desk, "something else")
    assert (again.outcome, again.note) == (Switch.ALREADY, "month end (u:ann)")
    (resumed,) = await resume(desk)
    assert (resumed.outcome, resumed.note) == (Switch.RESUMED, "after the close")
    (twice,) = await resume(desk, "why not")
    assert twice.outcome is Switch.ALREADY
    assert not (await desk.described("daily")).schedule.state.paused


async def test_tor_10_an_unknown_one_is_named_and_nothing_is_done(desk: ScheduleDesk) -> None:
    with pytest.raises(NotFoundError, match=desk.id("daily")) as refused:
        await pause(desk, "", desk.id("daily"), desk.id("dayly"))
    assert refused.value.code == "schedule.not-found"
    assert not (await desk.described("daily")).schedule.state.paused


@pytest.mark.parametrize("is_paused", [False, True], ids=["active", "paused"])
async def test_tor_10_deleting_twice_is_as_good_as_once(
    desk: ScheduleDesk, is_paused: bool
) -> None:
    if is_paused:
        await pause(desk)
    ids = [desk.id("daily"), desk.id("never-was")]
    gate, client = desk.gate, desk.client
    outcomes = [each.outcome for each in await delete_schedules(gate, client, ids)]
    assert outcomes == [Switch.DELETED, Switch.ABSENT]
    outcomes = [each.outcome for each in await delete_schedules(gate, client, ids)]
    assert outcomes == [Switch.ABSENT, Switch.ABSENT]


async def test_somebody_elses_is_deleted_only_when_that_is_said(
    desk: ScheduleDesk, foreign: str
) -> None:
    with pytest.raises(UsageError) as refused:
        await delete_schedules(desk.gate, desk.client, [desk.id("daily"), foreign])
    assert refused.value.code == "schedule.foreign"
    assert await desk.is_there(desk.id("daily"))
    (done,) = await delete_schedules(desk.gate, desk.client, [foreign], also_foreign=True)
    assert done.outcome is Switch.DELETED


async def test_tor_12_a_trigger_names_its_run_and_the_one_that_is_open(desk: ScheduleDesk) -> None:
    first = await trigger(desk)
    assert first.run is not None
    described = await desk.client.get_workflow_handle(first.run.workflow_id).describe()
    assert described.run_id == first.run.run_id
    with pytest.raises(UsageError, match="already running") as refused:
        await trigger(desk)
    assert refused.value.code == "schedule.already-running"
    assert refused.value.details["running"] == [first.run.workflow_id]
    await end(desk, first.run.workflow_id)

    async def again() -> Triggered:
        try:
            return await trigger(desk)
        except UsageError as still:
            raise AssertionError(str(still)) from still

    second = await eventually(again)
    assert second.run is not None
    assert second.run.workflow_id != first.run.workflow_id
    await end(desk, second.run.workflow_id)


async def test_two_triggers_in_one_second_are_two_runs(desk: ScheduleDesk) -> None:
    """Runs are called by the second they are due: the server starts one of two that share it."""
    done = [await trigger(desk, "allowAll") for _ in range(3)]
    names = {each.run.workflow_id for each in done if each.run}
    assert len(names) == 3
    await end(desk, *names)


async def test_a_trigger_that_waits_says_for_what(desk: ScheduleDesk) -> None:
    first = await trigger(desk)
    waits = await trigger(desk, "bufferOne")
    assert first.run is not None
    assert (waits.outcome, waits.run) == ("queued", None)
    assert waits.running == (first.run.workflow_id,)
    with pytest.raises(UsageError, match="no overlap policy"):
        await trigger(desk, "sometimes")
    await delete_schedules(desk.gate, desk.client, [desk.id("daily")])
    await end(desk, first.run.workflow_id)


async def test_a_paused_schedule_is_triggered_all_the_same(desk: ScheduleDesk) -> None:
    await pause(desk, "month end")
    done = await trigger(desk)
    assert done.run is not None
    assert (await desk.described("daily")).schedule.state.paused
    await end(desk, done.run.workflow_id)


async def test_a_backfill_starts_exactly_what_was_told(desk: ScheduleDesk) -> None:
    """Over a change of clocks, both ends included, though a run of the schedule stays open."""
    wanted = await plan_backfill(
        desk.gate,
        desk.client,
        desk.id("daily"),
        datetime(2026, 3, 26, 17, 30, tzinfo=UTC),
        datetime(2026, 3, 31, 16, 30, tzinfo=UTC),
        overlap="allowAll",
    )
    assert [each.isoformat() for each in wanted.times] == [
        "2026-03-26T18:30:00+01:00",
        "2026-03-27T18:30:00+01:00",
        "2026-03-30T18:30:00+02:00",
        "2026-03-31T18:30:00+02:00",
    ]
    assert (await describe_schedule(desk.client, desk.id("daily"))).started == 0
    await start_backfill(desk.gate, desk.client, wanted)

    async def started() -> list[datetime]:
        found = await describe_schedule(desk.client, desk.id("daily"))
        assert found.started == 4
        return [each.due_at for each in reversed(found.recent_runs)]

    assert await eventually(started) == list(wanted.times)
    await start_backfill(desk.gate, desk.client, wanted)
    found = await describe_schedule(desk.client, desk.id("daily"))
    assert found.started == 4, "what is open is not started again"
    await end(desk, *(each.workflow_id for each in found.recent_runs))


@pytest.mark.parametrize(
    ("start", "end", "most", "code"),
    [
        ("2026-03-01", "2026-03-31", 3, "schedule.backfill-too-many"),
        ("2026-03-31", "2026-03-01", 100, "schedule.backfill-range"),
        ("2026-03-01", "2096-03-01", 100, "schedule.backfill-range"),
    ],
)
async def test_a_backfill_has_bounds(
    desk: ScheduleDesk, start: str, end: str, most: int, code: str
) -> None:
    span = [datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (start, end)]
    with pytest.raises(UsageError) as refused:
        await plan_backfill(desk.gate, desk.client, desk.id("daily"), span[0], span[1], most=most)
    assert refused.value.code == code


async def test_tor_10_orphans_are_ours_and_nothing_else(
    desk: ScheduleDesk, foreign: str, tmp_path: Path
) -> None:
    other = ScheduleDesk(desk.client, tmp_path / "other")
    await other.apply(f"schedules:\n  '@daily': {{{DAILY}}}\n")
    standing = Standing(
        owner=desk.name,
        written=frozenset([desk.id("daily")]),
        workflows=frozenset(["five-steps"]),
        definitions=frozenset(),
    )

    async def all_are_listed() -> None:
        ids = {each.schedule_id for each in await list_schedules(desk.client)}
        assert {desk.id("daily"), other.id("daily"), foreign} <= ids

    await eventually(all_are_listed)
    assert await orphans(desk, standing) == {}
    unwritten = standing.model_copy(update={"written": frozenset()})
    assert await orphans(desk, unwritten) == {desk.id("daily"): "no file mentions it"}
    gone = standing.model_copy(update={"workflows": frozenset()})
    assert await orphans(desk, gone) == {
        desk.id("daily"): "there is no workflow `five-steps` any more"
    }
    await other.close()


async def orphans(desk: ScheduleDesk, standing: Standing) -> dict[str, str]:
    """Ids of this test's schedules that are orphans, and why."""
    found = await find_orphans(desk.client, standing)
    assert all(each.owner.kind in ("file", "definition") for each in found)
    return {each.schedule_id: each.why for each in found if each.owner.name == desk.name}


@pytest.mark.parametrize("verb", ["pause", "resume", "trigger", "backfill", "delete"])
async def test_what_rules_do_not_allow_is_not_done_and_is_recorded(
    desk: ScheduleDesk, verb: str
) -> None:
    gate = desk.gate_with(WordRules(("*", "schedule:read", "*")))
    ids, client = [desk.id("daily")], desk.client
    span = (datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC))
    planned = await plan_backfill(gate, client, ids[0], *span)
    deeds: dict[str, Callable[[], Awaitable[object]]] = {
        "pause": lambda: pause_schedules(gate, client, ids, ""),
        "resume": lambda: resume_schedules(gate, client, ids, ""),
        "trigger": lambda: trigger_schedule(gate, client, ids[0]),
        "backfill": lambda: start_backfill(gate, client, planned),
        "delete": lambda: delete_schedules(gate, client, ids),
    }
    with pytest.raises(PolicyDenied):
        await deeds[verb]()
    found = await describe_schedule(client, ids[0])
    assert (found.is_paused, found.started) == (False, 0)
    (refusal,) = desk.records.of("refusal")
    assert refusal["action"] == f"schedule:{verb}"
