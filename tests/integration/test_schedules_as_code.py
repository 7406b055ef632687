"""Schedules as code on a real server: made, changed in place, kept paused, pruned, never taken."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionExecutionStartWorkflow,
    ScheduleActionStartWorkflow,
    ScheduleHandle,
    ScheduleIntervalSpec,
    ScheduleSpec,
)
from temporalio.service import RPCError

from schedule_desk import STEPS, ScheduleDesk
from tenuto.definitions.check.whole import check as check_definition
from tenuto.definitions.compiling import compile_plan
from tenuto.testing import eventually
from tenuto.triggers.definition_schedules import find_schedule
from tenuto.triggers.definition_timetable import OVERLAPS as DEFINED
from tenuto.triggers.schedules import applying
from tenuto.triggers.schedules.listing import ScheduleSummary, list_schedules
from tenuto.triggers.schedules.mark import owner_of
from tenuto.triggers.schedules.orphans import Standing, orphans_among
from tenuto.triggers.schedules.plan import Deed
from tenuto.triggers.schedules.reading import describe_schedule
from tenuto.triggers.schedules.spec import OVERLAPS


@pytest_asyncio.fixture
async def desk(client: Client, tmp_path: Path) -> AsyncIterator[ScheduleDesk]:
    """A project without schedules yet."""
    desk = ScheduleDesk(client, tmp_path)
    yield desk
    await desk.close()


def one(when: str, *, steps: str = STEPS) -> str:
    """A file with one schedule."""
    return f"schedules:\n  '@a': {{{steps}, {when}}}\n"


async def test_it_is_made_as_written_and_shows_what_it_was_made_from(
    desk: ScheduleDesk,
) -> None:
    text = """
schedules:
  '@a':  # the first
    run: five-steps
    input: {folder: /data, held: [one]}
    cron: '30 18 * * 1-5'
    time_zone: Europe/Luxembourg
    overlap: bufferOne
    catchup_window: 10 minutes
    jitter: 5 s
    pause_on_failure: true
    note: after the close
    search_attributes: {TenutoSubject: books}
    run_id: 'steps/{folder}'
"""
    planned = (await desk.plan(text))["a"]
    assert await desk.deeds(text) == {"a": Deed.CREATE}
    made = await desk.described("a")
    action = made.schedule.action
    assert isinstance(action, ScheduleActionStartWorkflow)
    assert (action.workflow, action.id, action.task_queue) == (
        "FiveSteps",
        "steps//data",
        "sample",
    )
    found_by = {pair.key.name: pair.value for pair in action.typed_search_attributes}
    assert found_by == {"TenutoEntry": "five-steps", "TenutoSubject": "books"}
    assert made.schedule.spec.jitter == timedelta(seconds=5)
    assert made.schedule.policy.catchup_window == timedelta(minutes=10)
    assert made.schedule.policy.pause_on_failure
    assert made.schedule.state.note == "after the close"
    mark = await desk.mark("a")
    assert "'@a':  # the first".replace("@", f"{desk.name}/") in mark.text
    assert mark.time_zone == "Europe/Luxembourg"
    owner = await owner_of(made)
    assert (owner.kind, owner.name) == ("file", desk.name)
    due = await desk.due("a", "2026-12-01T00:00:00", "2026-12-02T00:00:00")
    assert [each.hour for each in due] == [17]
    assert str(planned.next_times[0].tzinfo) == "Europe/Luxembourg"


async def test_applied_twice_it_is_unchanged_at_once_and_when_the_listing_knows(
    desk: ScheduleDesk,
) -> None:
    text = one("every: 6 hours, skip: [{month: 12, day_of_month: 25}]")
    assert await desk.deeds(text) == {"a": Deed.CREATE}
    assert await desk.deeds(text) == {"a": Deed.UNCHANGED}
    before = (await desk.described("a")).raw_description.conflict_token

    async def is_listed() -> None:
        assert await desk.is_there(desk.id("a"))

    await eventually(is_listed)
    assert await desk.deeds(text) == {"a": Deed.UNCHANGED}
    assert (await desk.described("a")).raw_description.conflict_token == before


async def test_tor_8_a_change_changes_what_runs_and_keeps_history_and_pause(
    desk: ScheduleDesk,
) -> None:
    await desk.apply(one("cron: '0 9 * * *', overlap: allowAll"))
    handle = desk.client.get_schedule_handle(desk.id("a"))
    first = await triggered(handle, 1)
    await handle.pause(note="month end")
    before = await desk.described("a")

    changed = one(
        "cron: '30 17 * * *', overlap: allowAll", steps=STEPS.replace("nowhere", "elsewhere")
    )
    planned = (await desk.plan(changed))["a"]
    assert {each.field for each in planned.fields} == {"cron", "input"}
    assert planned.is_paused
    assert await desk.deeds(changed) == {"a": Deed.UPDATE}

    after = await desk.described("a")
    assert (after.schedule.state.paused, after.schedule.state.note) == (True, "month end")
    assert after.info.num_actions == before.info.num_actions == 1
    assert [each.hour for each in after.info.next_action_times] == [17] * 10
    second = await triggered(handle, 2)
    assert await input_of(desk.client, first) == {"folder": "/nowhere", "held": []}
    assert await input_of(desk.client, second) == {"folder": "/elsewhere", "held": []}
    for run in (first, second):
        await desk.client.get_workflow_handle(run).terminate()


async def test_tor_8_a_new_note_replaces_the_old_one_and_never_a_persons(
    desk: ScheduleDesk,
) -> None:
    await desk.apply(one("every: 1h, note: first"))
    assert await desk.deeds(one("every: 1h, note: second")) == {"a": Deed.UPDATE}
    assert (await desk.described("a")).schedule.state.note == "second"
    await desk.client.get_schedule_handle(desk.id("a")).pause(note="ann: month end")
    assert await desk.deeds(one("every: 1h, note: third")) == {"a": Deed.UPDATE}
    assert (await desk.described("a")).schedule.state.note == "ann: month end"


async def test_a_pause_between_reading_and_writing_is_not_lost(
    desk: ScheduleDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.apply(one("every: 1 hour"))
    handle = desk.client.get_schedule_handle(desk.id("a"))
    reads = []

    async def read_then_somebody_pauses(client: Client, named: str) -> Any:
        found = await find_schedule(client, named)
        reads.append(found)
        if len(reads) == 1:
            await handle.pause(note="ann")
        return found

    monkeypatch.setattr(applying, "find_schedule", read_then_somebody_pauses)
    assert await desk.deeds(one("every: 2 hours")) == {"a": Deed.UPDATE}
    made = await desk.described("a")
    assert (made.schedule.state.paused, made.schedule.state.note) == (True, "ann")
    assert made.schedule.spec.intervals[0].every == timedelta(hours=2)


async def test_what_is_created_paused_is_resumed_by_people_alone(desk: ScheduleDesk) -> None:
    text = one("every: 1h, paused: true")
    await desk.apply(text)
    assert (await desk.described("a")).schedule.state.paused
    await desk.client.get_schedule_handle(desk.id("a")).unpause()
    await desk.apply(text)
    await desk.apply(text.replace("1h", "2h"))
    assert not (await desk.described("a")).schedule.state.paused


async def test_two_that_apply_at_once_make_each_schedule_once(desk: ScheduleDesk) -> None:
    first = "schedules:\n" + "".join(f"  '@{n}': {{{STEPS}, every: 1h}}\n" for n in range(6))
    done = await asyncio.gather(*(desk.deeds(first) for _ in range(3)))
    for name in map(str, range(6)):
        assert sorted(each[name] for each in done) == [Deed.CREATE, *[Deed.UNCHANGED] * 2]
    second = first.replace("1h", "2h")
    done = await asyncio.gather(*(desk.deeds(second) for _ in range(3)))
    assert {deed for each in done for deed in each.values()} <= {Deed.UPDATE, Deed.UNCHANGED}
    for name in map(str, range(6)):
        made = await desk.described(name)
        assert made.schedule.spec.intervals[0].every == timedelta(hours=2)


async def test_two_versions_at_once_leave_each_schedule_whole(desk: ScheduleDesk) -> None:
    await desk.apply(one("every: 1h"))
    texts = [one(f"every: {hours}h, overlap: allowAll") for hours in (2, 3, 4)]
    await asyncio.gather(*map(desk.deeds, texts))
    mark = await desk.mark("a")
    made = await desk.described("a")
    (interval,) = made.schedule.spec.intervals
    assert mark.facts["every"] == f"PT{interval.every.seconds // 3600}H"
    assert f"every: {interval.every.seconds // 3600}h" in mark.text


async def test_only_what_is_ours_and_unwritten_is_pruned_and_only_on_request(
    desk: ScheduleDesk, tmp_path: Path
) -> None:
    both = f"schedules:\n  '@a': {{{STEPS}, every: 1h}}\n  '@b': {{{STEPS}, every: 1h}}\n"
    neighbour = ScheduleDesk(desk.client, tmp_path / "neighbour")
    theirs = f"{desk.name}/theirs"
    await desk.apply(both)
    await neighbour.apply(one("every: 1h"))
    foreign = await desk.client.create_schedule(theirs, hourly_of_somebody_else())

    async def are_listed() -> None:
        for named in (desk.id("a"), desk.id("b"), theirs, neighbour.id("a")):
            assert await desk.is_there(named)

    await eventually(are_listed)
    rest = one("every: 1h")
    assert await desk.deeds(rest) == {"a": Deed.UNCHANGED, "b": Deed.PRUNE}
    assert (await desk.described("b")).id == desk.id("b")
    assert await desk.deeds(rest, prune=True) == {"a": Deed.UNCHANGED, "b": Deed.PRUNE}

    async def is_gone() -> None:
        assert not await desk.is_there(desk.id("b"))

    await eventually(is_gone)
    assert await desk.deeds("schedules: {}", prune=True) == {"a": Deed.PRUNE}
    for named in (theirs, neighbour.id("a")):
        await desk.client.get_schedule_handle(named).describe()
    await foreign.delete()
    await neighbour.close()


async def test_a_schedule_of_somebody_else_is_never_taken_over(desk: ScheduleDesk) -> None:
    theirs = await desk.client.create_schedule(desk.id("a"), hourly_of_somebody_else())
    assert (await desk.plan(one("every: 1h")))["a"].deed is Deed.TAKEN
    assert await desk.deeds(one("every: 1h")) == {"a": "schedule.taken"}
    action = (await theirs.describe()).schedule.action
    assert isinstance(action, ScheduleActionStartWorkflow)
    assert action.workflow == "Theirs"
    await theirs.delete()


async def test_one_that_the_server_refuses_keeps_no_other_from_being_made(
    desk: ScheduleDesk,
) -> None:
    text = (
        f"schedules:\n  '@a': {{{STEPS}, every: 1h, search_attributes: {{NoSuch: x}}}}\n"
        f"  '@b': {{{STEPS}, every: 1h}}\n"
    )
    assert await desk.deeds(text) == {"a": "schedule.refused", "b": Deed.CREATE}


async def test_a_set_that_was_not_chosen_is_neither_made_nor_pruned(desk: ScheduleDesk) -> None:
    text = (
        f"schedules:\n  '@a': {{{STEPS}, every: 1h}}\n"
        f"  '@b': {{{STEPS}, every: 1h, sets: [production]}}\n"
    )
    assert await desk.deeds(text) == {"a": Deed.CREATE}
    assert (await desk.deeds(text, sets=["production"]))["b"] is Deed.CREATE

    async def is_told() -> None:
        assert await desk.deeds(text, prune=True) == {"a": Deed.UNCHANGED, "b": Deed.ELSEWHERE}

    await eventually(is_told)
    assert (await desk.described("b")).id == desk.id("b")


async def test_sig_16_holidays_are_skipped_whatever_the_hour(desk: ScheduleDesk) -> None:
    await desk.apply(
        one(
            "cron: '30 18 * * *', time_zone: Europe/Luxembourg,"
            " skip: [{month: 12, day_of_month: 25-26}, {year: 2027, month: jan, day_of_month: 1}]"
        )
    )
    due = await desk.due("a", "2026-12-23T00:00:00", "2027-01-03T00:00:00")
    assert [each.day for each in due] == [23, 24, 27, 28, 29, 30, 31, 2]


async def test_sig_16_the_zones_clock_counts_in_summer_and_in_winter(desk: ScheduleDesk) -> None:
    await desk.apply(one("cron: ['0 9 * * *', '0 7-23 * * *'], time_zone: America/New_York"))
    zone = ZoneInfo("America/New_York")
    for start, end, nine in (
        ("2026-07-01T08:00:00", "2026-07-02T08:00:00", 13),
        ("2026-11-23T08:00:00", "2026-11-24T08:00:00", 14),
    ):
        due = await desk.due("a", start, end)
        assert any(each.hour == nine for each in due)
        local = [each.astimezone(zone).hour for each in due]
        assert local == list(range(7, 24))


async def test_sig_16_the_reference_hours_over_midnight(desk: ScheduleDesk) -> None:
    await desk.apply(one("cron: '15 0-4,12-23 * * *'"))
    due = await desk.due("a", "2026-11-23T05:00:00", "2026-11-24T05:00:00")
    assert [(each.hour, each.minute) for each in due] == [
        (hour, 15) for hour in (*range(12, 24), *range(5))
    ]


NIGHTLY = """
document: {{ dsl: '1.0.3', namespace: {space}, name: nightly, version: '{version}' }}
input:
  schema:
    document: {{ type: object, properties: {{ fund: {{ type: string }} }}, required: [fund] }}
do:
  - note: {{ set: {{ fund: '${{ .fund }}' }} }}
"""


async def test_a_deployed_definition_is_started_with_its_input_and_follows_new_versions(
    desk: ScheduleDesk,
) -> None:
    deploy(desk, "1.0.0")
    text = one(
        "every: 1h, run_id: 'night-{fund}'", steps=f"run: {desk.name}/nightly, input: {{fund: A}}"
    )
    assert await desk.deeds(text) == {"a": Deed.CREATE}
    run = await triggered(desk.client.get_schedule_handle(desk.id("a")), 1)
    assert run.startswith("night-A-20")
    started = await input_of(desk.client, run)
    assert started["input"] == {"fund": "A"}
    assert started["plan"]["head"]["version"] == "1.0.0"
    assert await desk.deeds(text) == {"a": Deed.UNCHANGED}

    deploy(desk, "1.1.0")
    assert {each.field for each in (await desk.plan(text))["a"].fields} == {
        "definition",
        "digest",
        "search_attributes",
    }
    assert await desk.deeds(text) == {"a": Deed.UPDATE}

    async def is_listed() -> ScheduleSummary:
        (row,) = await list_schedules(desk.client, prefix=desk.id(""))
        assert row.starts == f"{desk.name}/nightly"
        return row

    row = await eventually(is_listed)
    assert (await describe_schedule(desk.client, desk.id("a"))).starts == row.starts
    standing = Standing(
        owner=desk.name,
        written=frozenset([desk.id("a")]),
        workflows=frozenset(),
        definitions=frozenset([row.starts]),
    )
    assert orphans_among([row], standing) == []
    (orphan,) = orphans_among([row], standing.model_copy(update={"definitions": frozenset()}))
    assert orphan.why == f"the definition `{row.starts}` is not deployed any more"
    for right, wrong, code in (
        ("fund: A", "fund: 5", "wrong-input"),
        ("/nightly", "/nightli", "unknown-workflow"),
    ):
        (found,) = desk.checked(text.replace(right, wrong)).findings
        assert found.code == code
    with contextlib.suppress(RPCError):
        await desk.client.get_workflow_handle(run).terminate()


def deploy(desk: ScheduleDesk, version: str) -> None:
    """Deploys that version of the desk's nightly definition."""
    text = NIGHTLY.format(space=desk.name, version=version)
    checked = check_definition(text, "nightly.yaml", desk.catalog)
    assert checked.loaded is not None
    assert not checked.findings
    value = checked.loaded.value
    desk.library.deploy(text, value, compile_plan(value, desk.catalog))


async def test_ova_10_each_way_to_treat_overlaps_arrives(desk: ScheduleDesk) -> None:
    text = "schedules:\n" + "".join(
        f"  '@{way}': {{{STEPS}, every: 1h, overlap: {way}}}\n" for way in OVERLAPS
    )
    assert sorted(OVERLAPS) == sorted(DEFINED)
    await desk.apply(text)
    for way, policy in OVERLAPS.items():
        assert (await desk.described(way)).schedule.policy.overlap is policy


async def test_inv_7_an_interval_of_seconds_starts_runs_that_do_not_pile_up(
    desk: ScheduleDesk,
) -> None:
    """No worker takes the runs: with `skip`, the one that waits keeps others from being started."""
    await desk.apply(one("every: 1 s"))

    async def has_skipped() -> None:
        info = (await desk.described("a")).info
        assert info.num_actions_skipped_overlap >= 2

    await eventually(has_skipped)
    info = (await desk.described("a")).info
    assert info.num_actions == 1
    (run,) = info.running_actions
    assert isinstance(run, ScheduleActionExecutionStartWorkflow)
    assert run.workflow_id.startswith(f"{desk.id('a')}-20")
    await desk.client.get_schedule_handle(desk.id("a")).delete()
    await desk.client.get_workflow_handle(run.workflow_id).terminate()


def hourly_of_somebody_else() -> Schedule:
    """A schedule that Tenuto did not make."""
    return Schedule(
        action=ScheduleActionStartWorkflow("Theirs", id="theirs", task_queue="theirs"),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(days=1))]),
    )


async def triggered(handle: ScheduleHandle, number: int) -> str:
    """Workflow id of the schedule's start of that number, which is triggered.

    More than once where need be: two starts in one second have one id, and are one.
    """

    async def is_started() -> str:
        await handle.trigger()
        info = (await handle.describe()).info
        assert info.num_actions == number
        action = info.recent_actions[-1].action
        assert isinstance(action, ScheduleActionExecutionStartWorkflow)
        return action.workflow_id

    return await eventually(is_started)


async def input_of(client: Client, workflow_id: str) -> Any:
    """What a run was started with."""
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    started = history.events[0].workflow_execution_started_event_attributes
    (value,) = await client.data_converter.decode(started.input.payloads)
    return value
