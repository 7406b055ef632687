"""A monitor as a Temporal Schedule, in the engine's own form, and back."""

from collections.abc import Mapping
from typing import Any

from temporalio.api.common.v1 import Payload, SearchAttributes
from temporalio.api.enums.v1 import ScheduleOverlapPolicy
from temporalio.api.schedule.v1 import Schedule
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair
from temporalio.converter import encode_typed_search_attribute_value

from tenuto.core.records import Record
from tenuto.engine.headers import header_payload
from tenuto.packs.monitors.catalog import monitor_check
from tenuto.packs.monitors.models import CheckRequest, Monitor, State
from tenuto.packs.monitors.timing import distance

PREFIX = "task-"
MARK = "TenutoMonitor"
"""Memo of what the schedule starts, and of the schedule itself."""
NAME_ATTRIBUTE = "TenutoSubject"
STATE_ATTRIBUTE = "TenutoStatus"
ENTRY_ATTRIBUTE = "TenutoEntry"

_CATCH_UP_S = 3600


class Mark(Record):
    """How a monitor stands, and which change made it so."""

    state: State
    change: str
    """Different for every change: whoever changes it knows by this that it was their change."""


class Owner(Record):
    """Whose monitor a schedule is; a schedule's own memo, which never changes."""

    monitor_id: str
    owner: str


def schedule_id(monitor_id: str) -> str:
    """The schedule of a monitor, and the base of its runs' ids."""
    return f"{PREFIX}{monitor_id}"


async def fill(
    client: Client,
    schedule: Schedule,
    monitor: Monitor,
    mark: Mark,
    headers: Mapping[str, str],
    memo: Mapping[str, str],
) -> None:
    """Makes `schedule` start the checks of `monitor`; `headers` are what signs these starts."""
    await _fill_action(client, schedule, monitor, headers)
    await mark_as(client, schedule, mark, memo)
    _fill_spec(schedule, monitor)
    schedule.policies.overlap_policy = ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP
    schedule.policies.catchup_window.FromSeconds(_CATCH_UP_S)


async def mark_as(
    client: Client, schedule: Schedule, mark: Mark, memo: Mapping[str, str] | None = None
) -> None:
    """Makes `schedule` that of a monitor in the state of `mark`; keeps the rest of its memo."""
    fields = schedule.action.start_workflow.memo.fields
    for name, value in {**(memo or {}), MARK: mark}.items():
        fields[name].CopyFrom(await _encoded(client, value))
    schedule.state.paused = mark.state != "active"
    schedule.state.notes = mark.state


async def read_monitor(client: Client, schedule: Schedule) -> Monitor:
    """The monitor that the schedule checks."""
    payloads = list(schedule.action.start_workflow.input.payloads)
    (request,) = await client.data_converter.decode(payloads, [CheckRequest])
    assert isinstance(request, CheckRequest)  # noqa: S101 (narrowing: decoded as that)
    return request.monitor


async def read_mark(client: Client, schedule: Schedule) -> Mark:
    """How the monitor stands.

    Paused or resumed by other hands, in Temporal's own page for example, it is what they made it.
    """
    payload = schedule.action.start_workflow.memo.fields[MARK]
    (mark,) = await client.data_converter.decode([payload], [Mark])
    assert isinstance(mark, Mark)  # noqa: S101 (narrowing: decoded as that)
    return mark.model_copy(update={"state": stands(schedule.state.paused, mark.state)})


def stands(is_paused: bool, marked: State) -> State:
    """The state of a schedule that is marked as `marked`: whether it is paused comes first."""
    if not is_paused:
        return "active"
    return "completed" if marked == "completed" else "paused"


def search_attributes(monitor: Monitor, state: State) -> SearchAttributes:
    """What a monitor is listed by."""
    found = SearchAttributes()
    for name, value in {
        ENTRY_ATTRIBUTE: monitor_check.name,
        NAME_ATTRIBUTE: monitor.name,
        STATE_ATTRIBUTE: state,
    }.items():
        pair = SearchAttributePair(SearchAttributeKey.for_keyword(name), value)
        found.indexed_fields[name].CopyFrom(
            encode_typed_search_attribute_value(pair.key, pair.value)
        )
    return found


async def owner_payload(client: Client, monitor: Monitor) -> Payload:
    """The schedule's own memo."""
    return await _encoded(client, Owner(monitor_id=monitor.id, owner=monitor.owner))


async def _fill_action(
    client: Client, schedule: Schedule, monitor: Monitor, headers: Mapping[str, str]
) -> None:
    action = schedule.action.start_workflow
    action.workflow_id = schedule_id(monitor.id)
    action.workflow_type.name = monitor_check.type_name
    action.task_queue.name = monitor_check.queue
    assert monitor_check.execution_timeout is not None  # noqa: S101 (a stuck check ends)
    action.workflow_execution_timeout.FromTimedelta(monitor_check.execution_timeout)
    del action.input.payloads[:]
    action.input.payloads.append(await _encoded(client, CheckRequest(monitor=monitor)))
    action.header.fields.clear()
    for name, text in headers.items():
        action.header.fields[name].CopyFrom(header_payload(text))
    action.search_attributes.CopyFrom(_found_by(monitor))
    summary = await _encoded(client, f"{monitor.name}: {monitor.search_query}"[:200])
    action.user_metadata.summary.CopyFrom(summary)


def _found_by(monitor: Monitor) -> SearchAttributes:
    found = SearchAttributes()
    request = CheckRequest(monitor=monitor)
    for pair in monitor_check.filled_search_attributes(request):
        found.indexed_fields[pair.key.name].CopyFrom(
            encode_typed_search_attribute_value(pair.key, pair.value)
        )
    return found


def _fill_spec(schedule: Schedule, monitor: Monitor) -> None:
    schedule.spec.Clear()
    every = distance(monitor.schedule)
    if every is not None:
        schedule.spec.interval.add().interval.FromTimedelta(every)
        return
    # What follows `#` comes back as the calendar's comment: a list shows what was written.
    schedule.spec.cron_string.append(f"{monitor.schedule} # {monitor.schedule}")
    schedule.spec.timezone_name = monitor.time_zone


async def _encoded(client: Client, value: Any) -> Payload:
    (payload,) = await client.data_converter.encode([value])
    return payload
