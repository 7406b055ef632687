"""All monitors at a glance: one question to the engine for a thousand of them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime
from temporalio.api.schedule.v1 import ScheduleListEntry, ScheduleSpec
from temporalio.api.workflowservice.v1 import ListSchedulesRequest
from temporalio.client import Client
from temporalio.converter import PayloadConverter

from tenuto.core.records import Record
from tenuto.engine.runs.calls import PATIENCE, refusals
from tenuto.engine.runs.moments import moment
from tenuto.engine.runs.status import RunStatus
from tenuto.packs.monitors.catalog import monitor_check
from tenuto.packs.monitors.keeping import Kept
from tenuto.packs.monitors.models import State
from tenuto.packs.monitors.schedule import (
    ENTRY_ATTRIBUTE,
    MARK,
    NAME_ATTRIBUTE,
    STATE_ATTRIBUTE,
    Owner,
    stands,
)
from tenuto.packs.monitors.timing import spoken
from tenuto.triggers.schedules.outcomes import outcomes_of

_PAGE = 1000
_QUERY = f"{ENTRY_ATTRIBUTE} = '{monitor_check.name}'"
_HARMLESS = re.compile(r"[^\W_][\w ?!.,:+/()-]*")

CheckStatus = Literal["running", "success", "failed", "cancelled"]

_STATUSES: dict[RunStatus, CheckStatus] = {
    RunStatus.RUNNING: "running",
    RunStatus.COMPLETED: "success",
    RunStatus.CANCELED: "cancelled",
}


class MonitorRow(Record):
    """One monitor, as a list shows it."""

    id: str
    name: str
    owner: str
    state: State
    schedule: str
    time_zone: str
    next_check: AwareDatetime | None
    """None while it looks no more."""
    last_check: AwareDatetime | None
    last_status: CheckStatus | None
    """How the last check ended; None before the first."""


async def list_monitors(client: Client, *, owner: str | None = None) -> list[MonitorRow]:
    """Every monitor, or those of `owner`, by name; a change shows after about a second.

    Raises UnreachableError where the server does not answer.
    """
    return await _listed(client, _QUERY, owner)


async def named_monitors(client: Client, name: str, *, owner: str) -> list[MonitorRow]:
    """The monitors of `owner` that are called `name`, as far as the engine lists them by now: one
    small question, however many monitors there are. Raises as `list_monitors`."""
    rows = await _listed(client, _QUERY + _narrowed_to(name), owner)
    return [row for row in rows if row.name == name]


def next_checks(kept: Kept, most: int = 5) -> list[datetime]:
    """The next moments at which the monitor is due, in its own time zone."""
    zone = ZoneInfo(kept.monitor.time_zone)
    due = kept.info.future_action_times[:most]
    return [each.ToDatetime(UTC).astimezone(zone) for each in due]


def _narrowed_to(name: str) -> str:
    """What narrows a query to `name`, or where it holds signs that may mean something in a query,
    to all names that begin as it does. Nothing is escaped: what is not harmless is left out."""
    harmless = _HARMLESS.match(name)
    if harmless is None:
        return ""
    is_whole = harmless[0] == name
    return f" AND {NAME_ATTRIBUTE} {'=' if is_whole else 'STARTS_WITH'} '{harmless[0]}'"


async def _listed(client: Client, query: str, owner: str | None) -> list[MonitorRow]:
    rows: list[MonitorRow] = []
    token = b""
    while True:
        request = ListSchedulesRequest(
            namespace=client.namespace,
            maximum_page_size=_PAGE,
            next_page_token=token,
            query=query,
        )
        with refusals("list of monitors"):
            page = await client.workflow_service.list_schedules(
                request, retry=True, timeout=PATIENCE
            )
        entries = [each for each in page.schedules if MARK in each.memo.fields]
        ended = await outcomes_of(client, filter(None, map(_open_run, entries)))
        rows += [await _row(client, each, ended) for each in entries]
        token = page.next_page_token
        if not token:
            break
    found = [row for row in rows if owner is None or row.owner == owner]
    return sorted(found, key=lambda row: (row.name.casefold(), row.id))


async def _row(
    client: Client, entry: ScheduleListEntry, ended: Mapping[str, RunStatus]
) -> MonitorRow:
    (owner,) = await client.data_converter.decode([entry.memo.fields[MARK]], [Owner])
    assert isinstance(owner, Owner)  # noqa: S101 (narrowing: decoded as that)
    words = {
        name: str(PayloadConverter.default.from_payload(payload))
        for name, payload in entry.search_attributes.indexed_fields.items()
        if name in (NAME_ATTRIBUTE, STATE_ATTRIBUTE)
    }
    info = entry.info
    marked: State = "completed" if words.get(STATE_ATTRIBUTE) == "completed" else "paused"
    state = stands(info.paused, marked)
    last = info.recent_actions[-1] if info.recent_actions else None
    due = info.future_action_times[0] if info.future_action_times else None
    return MonitorRow(
        id=owner.monitor_id,
        name=words.get(NAME_ATTRIBUTE, owner.monitor_id),
        owner=owner.owner,
        state=state,
        schedule=_written(info.spec),
        time_zone=info.spec.timezone_name or "UTC",
        next_check=moment(due) if due is not None and state == "active" else None,
        last_check=moment(last.actual_time) if last else None,
        last_status=_status(entry, ended) if last else None,
    )


def _written(spec: ScheduleSpec) -> str:
    if spec.interval:
        return f"every {spoken(timedelta(seconds=spec.interval[0].interval.ToSeconds()))}"
    return spec.structured_calendar[0].comment if spec.structured_calendar else ""


def _open_run(entry: ScheduleListEntry) -> str | None:
    """The last run, where the schedule does not know yet that it has ended: a paused one learns it
    late."""
    for last in entry.info.recent_actions[-1:]:
        if RunStatus.from_raw(last.start_workflow_status) is RunStatus.RUNNING:
            return last.start_workflow_result.run_id
    return None


def _status(entry: ScheduleListEntry, ended: Mapping[str, RunStatus]) -> CheckStatus:
    last = entry.info.recent_actions[-1]
    known = RunStatus.from_raw(last.start_workflow_status)
    return _STATUSES.get(ended.get(last.start_workflow_result.run_id, known), "failed")
