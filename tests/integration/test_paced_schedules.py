"""A run's result decides when the next one is; whatever goes wrong, there is a next one."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.testing import ActivityEnvironment

from paced_runs import pack as runs
from sample.processes import WorkerProcess
from schedule_desk import ScheduleDesk
from tenuto.engine.embedded import ServerInfo
from tenuto.engine.registration import load_catalog
from tenuto.testing import eventually
from tenuto.triggers.schedules.listing import list_schedules
from tenuto.triggers.schedules.pacing.activities import move_next_start
from tenuto.triggers.schedules.pacing.models import Paced, PaceStep
from tenuto.triggers.schedules.reading import describe_schedule
from tenuto.triggers.schedules.switching import pause_schedules
from tenuto.triggers.schedules.triggering import trigger_schedule

TOLERANCE = timedelta(seconds=20)


@pytest_asyncio.fixture(scope="module")
async def worker(
    temporal_server: ServerInfo, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[WorkerProcess]:
    """Serves the schedules of this module."""
    log = tmp_path_factory.mktemp("paced") / "worker.log"
    worker = await WorkerProcess.start(temporal_server.address, log, module="paced_worker_process")
    yield worker
    await worker.kill()


@pytest_asyncio.fixture
async def desk(client: Client, tmp_path: Path) -> AsyncIterator[ScheduleDesk]:
    """A project whose schedules are paced."""
    desk = ScheduleDesk(client, tmp_path)
    desk.catalog = load_catalog([runs])
    yield desk
    await desk.close()


def one(words: str, pace: str = "at_least: 5 s, at_most: 1 d", more: str = "") -> str:
    return (
        "schedules:\n  '@watch':\n    run: saying\n"
        f"    input: {words}\n    next_run: {{from: plan.next, {pace}}}\n{more}"
    )


async def started(desk: ScheduleDesk) -> WorkflowHandle[Any, Paced]:
    """A run of the schedule, triggered."""
    done = await trigger_schedule(desk.gate, desk.client, desk.id("watch"))
    assert done.run is not None
    return desk.client.get_workflow_handle(done.run.workflow_id, result_type=Paced)


async def paced(desk: ScheduleDesk) -> Paced:
    """What a run of the schedule decided."""
    result = await (await started(desk)).result()
    assert isinstance(result, Paced)
    return result


async def next_run(desk: ScheduleDesk) -> datetime:
    return (await describe_schedule(desk.client, desk.id("watch"))).next_runs[0]


@pytest.mark.usefixtures("worker")
async def test_a_length_of_time_and_a_moment_are_what_the_schedule_does_next(
    desk: ScheduleDesk,
) -> None:
    await desk.apply(one("{says: 2 hours}"))
    first = await paced(desk)
    assert first.next_at is not None
    assert not first.remark
    assert await next_run(desk) == first.next_at
    assert abs(first.next_at - datetime.now(UTC) - timedelta(hours=2)) < TOLERANCE
    wanted = (datetime.now(UTC) + timedelta(hours=5)).replace(microsecond=0)
    await desk.apply(one(f"{{says: '{wanted.isoformat()}'}}"))
    assert (await paced(desk)).next_at == wanted
    assert await next_run(desk) == wanted
    found = await describe_schedule(desk.client, desk.id("watch"))
    assert found.starts == "saying"
    assert found.next_runs[1] == wanted + timedelta(days=1), "the fallback"
    assert found.times == ("when the last run says, at most 1 d later",)


@pytest.mark.usefixtures("worker")
async def test_a_start_by_the_clock_that_a_run_chose_paces_the_next(desk: ScheduleDesk) -> None:
    """Nobody triggers the second run: the schedule starts it when the first said."""
    await desk.apply(one("{says: 5 s}"))
    await paced(desk)

    async def ran_again() -> None:
        found = await describe_schedule(desk.client, desk.id("watch"))
        assert len(found.recent_runs) >= 2, found.recent_runs

    await eventually(ran_again, timeout_s=30)


@pytest.mark.usefixtures("worker")
@pytest.mark.parametrize(
    "words",
    [
        *("says: soon", "says: '2026-06-01T09:00:00'", "says: '17'", "says: ''"),
        *("", "says: 17", "says: [2 hours]"),
    ],
)
async def test_a_bad_value_falls_back_and_says_so(desk: ScheduleDesk, words: str) -> None:
    await desk.apply(one(f"{{{words}}}"))
    run = await started(desk)
    result = await run.result()
    assert result.is_wrong
    assert "plan.next" in result.remark
    assert result.next_at is not None
    assert abs(result.next_at - datetime.now(UTC) - timedelta(days=1)) < TOLERANCE
    assert await next_run(desk) == result.next_at
    shown = (await run.describe()).search_attributes["TenutoStatus"]
    assert "plan.next" in str(shown)


@pytest.mark.usefixtures("worker")
async def test_a_moment_out_of_bounds_is_brought_within_them(desk: ScheduleDesk) -> None:
    await desk.apply(one("{says: '2020-01-01T00:00:00Z'}", "at_least: 1 h, at_most: 1 d"))
    early = await paced(desk)
    assert early.next_at is not None
    assert abs(early.next_at - datetime.now(UTC) - timedelta(hours=1)) < TOLERANCE
    await desk.apply(one("{says: 400 days}", "at_least: 1 h, at_most: 1 d"))
    late = await paced(desk)
    assert late.next_at is not None
    assert abs(late.next_at - datetime.now(UTC) - timedelta(days=1)) < TOLERANCE
    assert "at_most" in late.remark
    assert not late.is_wrong
    assert await next_run(desk) == late.next_at, "and not at once, a day before it"


@pytest.mark.usefixtures("worker")
async def test_a_run_that_fails_fails_and_the_next_one_is_due_all_the_same(
    desk: ScheduleDesk,
) -> None:
    await desk.apply(one("{fails: true}"))
    before = await next_run(desk)
    with pytest.raises(WorkflowFailureError):
        await (await started(desk)).result()
    assert await next_run(desk) == before
    assert before - datetime.now(UTC) <= timedelta(days=1)


@pytest.mark.usefixtures("worker")
async def test_a_paused_schedule_stays_paused_and_what_a_person_wrote_stays(
    desk: ScheduleDesk,
) -> None:
    limits = "    end_at: 2099-01-01T00:00:00Z\n    jitter: 1 s\n"
    await desk.apply(one("{says: 2 hours}", more=limits))
    await pause_schedules(desk.gate, desk.client, [desk.id("watch")], "month end")
    await paced(desk)
    found = await desk.described("watch")
    assert found.schedule.state.paused
    assert found.schedule.state.note == "month end (u:ann)"
    assert found.schedule.spec.end_at == datetime(2099, 1, 1, tzinfo=UTC)
    assert found.schedule.spec.jitter == timedelta(seconds=1)
    assert found.schedule.spec.intervals[0].every == timedelta(days=1)


@pytest.mark.usefixtures("worker")
async def test_applying_again_changes_nothing_that_a_run_decided(desk: ScheduleDesk) -> None:
    await desk.apply(one("{says: 2 hours}"))
    decided = (await paced(desk)).next_at

    async def is_unchanged() -> None:
        assert await desk.deeds(one("{says: 2 hours}")) == {"watch": "unchanged"}

    await eventually(is_unchanged)
    assert await next_run(desk) == decided


@pytest.mark.usefixtures("worker")
async def test_another_text_keeps_what_a_run_decided_while_the_pace_is_the_same(
    desk: ScheduleDesk,
) -> None:
    await desk.apply(one("{says: 2 hours}"))
    decided = (await paced(desk)).next_at
    assert decided is not None
    other = one("{says: 3 hours}", more="    note: more rarely\n    jitter: 1 s\n")
    change = (await desk.plan(other))["watch"]
    assert {each.field for each in change.fields} == {"input", "note", "jitter"}
    assert change.next_times[0] == decided
    await desk.apply(other)
    (interval,) = (await desk.described("watch")).schedule.spec.intervals
    assert interval.offset == (decided - datetime(1970, 1, 1, tzinfo=UTC)) % interval.every
    assert (await desk.mark("watch")).note == "more rarely"

    await desk.apply(one("{says: 3 hours}", "at_least: 5 s, at_most: 12 h"))
    (anew,) = (await desk.described("watch")).schedule.spec.intervals
    assert anew.every == timedelta(hours=12)
    assert not anew.offset


@pytest.mark.parametrize("is_other", [False, True], ids=["deleted", "with other times"])
async def test_a_schedule_that_is_not_paced_any_more_is_left_alone(
    desk: ScheduleDesk, client: Client, is_other: bool
) -> None:
    if is_other:
        await desk.apply("schedules:\n  '@watch': {run: saying, every: 6 hours}\n")
    step = PaceStep(
        schedule_id=desk.id("watch"),
        path="next",
        value="PT1H",
        ended_at=datetime.now(UTC),
        at_least_s=5,
        at_most_s=86400,
    )
    paced = await ActivityEnvironment(client=client).run(move_next_start, step)
    assert paced.next_at is None
    assert paced.remark
    if is_other:
        (interval,) = (await desk.described("watch")).schedule.spec.intervals
        assert interval.every == timedelta(hours=6)


async def test_killed_after_the_schedule_was_moved_it_is_moved_once(
    desk: ScheduleDesk, temporal_server: ServerInfo, worker: WorkerProcess, tmp_path: Path
) -> None:
    """Its queue is served by the worker that is killed first; the module's one takes over."""
    await desk.apply(one("{says: 2 hours}"))
    await worker.kill()
    mark = tmp_path / "moved"
    held = await WorkerProcess.start(
        temporal_server.address,
        tmp_path / "held.log",
        module="paced_worker_process",
        options=("--hold", str(mark)),
    )
    run = await started(desk)

    def is_moved() -> None:
        assert mark.exists()

    await eventually(is_moved)
    moved = await next_run(desk)
    await held.kill()
    other = await WorkerProcess.start(
        temporal_server.address, tmp_path / "other.log", module="paced_worker_process"
    )
    try:
        assert (await run.result()).next_at == moved
        found = await describe_schedule(desk.client, desk.id("watch"))
        assert found.next_runs[0] == moved
        assert (found.started, found.skipped_overlap) == (1, 0)
    finally:
        await other.kill()


async def test_it_is_listed_like_any_other(desk: ScheduleDesk, client: Client) -> None:
    await desk.apply(one("{says: 2 hours}"))

    async def is_listed() -> None:
        rows = await list_schedules(client, prefix=desk.id(""))
        assert len(rows) == 1
        row = rows[0]
        assert (row.starts, row.owner.name) == ("saying", desk.name)
        assert row.times == ("when the last run says, at most 1 d later",)

    await eventually(is_listed)
