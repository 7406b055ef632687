"""A definition's schedule: made at deploy, replaced, kept paused, removed, never taken over."""

import contextlib
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionExecutionStartWorkflow,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    ScheduleSpec,
)
from temporalio.service import RPCError

from tenuto.app import project_catalog
from tenuto.core.errors import UsageError
from tenuto.definitions.check.whole import check
from tenuto.definitions.compiling import compile_plan
from tenuto.definitions.plan import Plan
from tenuto.engine.settings import load_settings
from tenuto.testing import eventually
from tenuto.triggers.definition_schedules import Change, apply_schedule, schedule_id
from tenuto.triggers.definition_timetable import Timetable, timetable_of

DAILY = """
document:
  dsl: '1.0.3'
  namespace: scheduled
  name: {name}
  version: '{version}'
  metadata:
    temporal:
      schedule: {{ timeZone: Europe/Luxembourg, overlap: skip, catchup: PT10M, jitter: PT5S }}
schedule:
  cron: '0 18 * * MON-FRI'
do:
  - note: {{ set: {{ at: '${{ $workflow.startedAt.iso8601 }}' }} }}
"""
EVERY = """
document: {{ dsl: '1.0.3', namespace: scheduled, name: {name}, version: '{version}' }}
schedule:
  every: {{ hours: 1 }}
do:
  - note: {{ set: {{ done: true }} }}
"""
NEVER = """
document: {{ dsl: '1.0.3', namespace: scheduled, name: {name}, version: '{version}' }}
do:
  - note: {{ set: {{ done: true }} }}
"""

Read = Callable[[str], tuple[Plan, Timetable | None]]


@pytest.fixture
def name() -> str:
    """Of a definition that no other test has."""
    return f"daily-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def read() -> Read:
    """Plan and timetable of a text."""
    catalog = project_catalog(load_settings())

    def compiled(text: str) -> tuple[Plan, Timetable | None]:
        checked = check(text, "daily.yaml", catalog)
        assert checked.loaded is not None
        assert not checked.findings
        value = checked.loaded.value
        return compile_plan(value, catalog), timetable_of(value)

    return compiled


async def described(client: Client, name: str) -> Any:
    return await client.get_schedule_handle(schedule_id("scheduled", name)).describe()


async def test_a_cron_schedule_is_made_with_its_zone_and_options(
    client: Client, read: Read, name: str
) -> None:
    change = await apply_schedule(client, *read(DAILY.format(name=name, version="1.0.0")))
    assert change.change is Change.CREATED
    made = await described(client, name)
    (when,) = made.schedule.spec.calendars
    assert [each.start for each in when.hour] == [18]
    assert made.schedule.spec.time_zone_name == "Europe/Luxembourg"
    assert made.schedule.spec.jitter == timedelta(seconds=5)
    assert made.schedule.policy.overlap is ScheduleOverlapPolicy.SKIP
    assert made.schedule.policy.catchup_window == timedelta(minutes=10)
    await client.get_schedule_handle(made.id).delete()


async def test_the_same_again_changes_nothing_and_a_new_version_takes_over(
    client: Client, read: Read, name: str
) -> None:
    first = read(EVERY.format(name=name, version="1.0.0"))
    await apply_schedule(client, *first)
    assert (await apply_schedule(client, *first)).change is Change.UNCHANGED
    change = await apply_schedule(client, *read(DAILY.format(name=name, version="1.1.0")))
    assert change.change is Change.REPLACED
    assert change.before is not None
    assert change.before.version == "1.0.0"
    made = await described(client, name)
    assert not made.schedule.spec.intervals
    assert len(made.schedule.spec.calendars) == 1
    await client.get_schedule_handle(made.id).delete()


async def test_a_paused_schedule_stays_paused(client: Client, read: Read, name: str) -> None:
    await apply_schedule(client, *read(EVERY.format(name=name, version="1.0.0")))
    handle = client.get_schedule_handle(schedule_id("scheduled", name))
    await handle.pause(note="month end")
    change = await apply_schedule(client, *read(DAILY.format(name=name, version="1.1.0")))
    assert change.is_paused
    state = (await described(client, name)).schedule.state
    assert (state.paused, state.note) == (True, "month end")
    await handle.delete()


async def test_a_version_without_a_schedule_removes_it(
    client: Client, read: Read, name: str
) -> None:
    plain = read(NEVER.format(name=name, version="2.0.0"))
    assert (await apply_schedule(client, *plain)).change is Change.NONE
    await apply_schedule(client, *read(EVERY.format(name=name, version="1.0.0")))
    assert (await apply_schedule(client, *plain)).change is Change.REMOVED
    assert (await apply_schedule(client, *plain)).change is Change.NONE


@pytest.mark.parametrize("text", [EVERY, NEVER], ids=["replacing", "removing"])
async def test_a_schedule_of_somebody_else_is_left_alone(
    client: Client, read: Read, name: str, text: str
) -> None:
    theirs = await client.create_schedule(
        schedule_id("scheduled", name),
        Schedule(
            action=ScheduleActionStartWorkflow("Theirs", id="theirs", task_queue="theirs"),
            spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(days=1))]),
        ),
    )
    with pytest.raises(UsageError, match="did not make") as refused:
        await apply_schedule(client, *read(text.format(name=name, version="1.0.0")))
    assert refused.value.code == "definition.schedule-taken"
    action = (await theirs.describe()).schedule.action
    assert isinstance(action, ScheduleActionStartWorkflow)
    assert action.workflow == "Theirs"
    await theirs.delete()


async def test_a_due_start_runs_the_plan_and_can_be_found(
    client: Client, read: Read, name: str
) -> None:
    plan, timetable = read(EVERY.format(name=name, version="1.0.0"))
    await apply_schedule(client, plan, timetable)
    handle = client.get_schedule_handle(schedule_id("scheduled", name))
    await handle.trigger()

    async def is_started() -> str:
        started = (await handle.describe()).info.recent_actions
        assert started
        action = started[0].action
        assert isinstance(action, ScheduleActionExecutionStartWorkflow)
        return action.workflow_id

    workflow_id = await eventually(is_started)
    assert workflow_id.startswith(f"scheduled/{name}/scheduled-")
    found = await client.get_workflow_handle(workflow_id).describe()
    attributes = {pair.key.name: pair.value for pair in found.typed_search_attributes}
    assert attributes["TenutoEntry"] == "definition"
    assert attributes["TenutoDefinition"] == f"scheduled/{name}:1.0.0"
    assert found.workflow_type == "RunDefinition"
    with contextlib.suppress(RPCError):  # a worker of the queue may have run it meanwhile
        await client.get_workflow_handle(workflow_id).terminate()
    await handle.delete()
