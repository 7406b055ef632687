"""`schedules.pace`: moves the next start of a schedule.

The engine has no `start once at`. An interval whose offset is chosen so that it falls on the wanted
moment is one, and it is the fallback, too: where no run moves it again, it comes around after
`at_most`.
"""

from datetime import UTC, datetime, timedelta

from temporalio import activity
from temporalio.api.schedule.v1 import IntervalSpec, Schedule, ScheduleSpec
from temporalio.api.workflowservice.v1 import DescribeScheduleResponse
from temporalio.client import Client

from tenuto.catalog import implements
from tenuto.core.errors import TransientError
from tenuto.engine.runs.calls import refusals
from tenuto.engine.runs.moments import now
from tenuto.engine.schedules import raw_schedule, replace_schedule
from tenuto.triggers.schedules.pacing.catalog import pace, paced_run
from tenuto.triggers.schedules.pacing.models import Paced, PaceStep
from tenuto.triggers.schedules.pacing.moments import choose

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@implements(pace)
async def move_next_start(step: PaceStep) -> Paced:
    """When the next run is; whether the schedule is paused stays as it is.

    Raises TransientError `schedule.pace-contested` where somebody changed the schedule at that
    moment.
    """
    client = activity.client()
    with refusals(f"schedule `{step.schedule_id}`"):
        found = await raw_schedule(client, step.schedule_id)
    if found is None:
        return Paced(next_at=None, remark="the schedule is gone")
    if found.schedule.action.start_workflow.workflow_type.name != paced_run.type_name:
        return Paced(next_at=None, remark="the schedule has other times now")
    choice = choose(step, now())
    spec = _spec(found.schedule.spec, choice.at, timedelta(seconds=step.at_most_s))
    if spec != found.schedule.spec:
        await _update(client, step.schedule_id, found, spec)
    return Paced(next_at=choice.at, remark=choice.remark, is_wrong=choice.is_wrong)


def _spec(before: ScheduleSpec, at: datetime, every: timedelta) -> ScheduleSpec:
    """The same, but for when starts are due; its limits, skipped days, and jitter stay."""
    spec = ScheduleSpec()
    spec.CopyFrom(before)
    for name in ("interval", "structured_calendar", "calendar", "cron_string"):
        spec.ClearField(name)
    interval = IntervalSpec()
    interval.interval.FromTimedelta(every)
    interval.phase.FromTimedelta((at - _EPOCH) % every)
    spec.interval.append(interval)
    return spec


async def _update(
    client: Client, named: str, found: DescribeScheduleResponse, spec: ScheduleSpec
) -> None:
    """Sends what the server has, unconverted, with other times: what is signed stays signed.

    The server drops an update without a word where the schedule has changed since, so it is asked
    afterwards.
    """
    schedule = Schedule()
    schedule.CopyFrom(found.schedule)
    schedule.spec.CopyFrom(spec)
    with refusals(f"schedule `{named}`"):
        await replace_schedule(client, named, schedule, token=found.conflict_token)
        after = await raw_schedule(client, named)
    if after is not None and after.schedule.spec.interval != spec.interval:
        raise TransientError(
            f"Somebody changed the schedule `{named}` at the moment at which its next start was"
            " moved. It is tried again.",
            code="schedule.pace-contested",
            details={"schedule_id": named},
        )
