"""Whether everything is in the ledger: runs are counted, and each that was once seen is awaited.

Three numbers for each hour: runs that the server says have closed, runs in the ledger, permits
that were issued. And by name: every run that was open at one count, that a permit was issued for,
or that a parent's history tells of, has to be in the ledger or still with the server at the next.
So a run that somebody deletes before it was exported is missed.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from pydantic import JsonValue, TypeAdapter
from temporalio.client import Client

from tenuto.activities.evidence.server import closed_between, open_runs, started_at
from tenuto.activities.evidence.tally import Awaited, Tally, tally
from tenuto.core.canonical import canonical_json
from tenuto.evidence.ledger import Ledger
from tenuto.evidence.record import Entry, Stored

HOUR = timedelta(hours=1)
_IN_FLIGHT = timedelta(minutes=15)
"""How long after its permit a run may begin."""
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Population:
    """One count."""

    entries: tuple[Entry, ...]
    awaited: Stored
    counted_until: datetime
    missing_since: datetime | None
    """Where the first span with a run that is not in the ledger begins; None for none."""
    alarms: tuple[str, ...]


async def count(
    client: Client,
    ledger: Ledger,
    counted: Tally,
    before: Iterable[Awaited],
    spans: list[tuple[datetime, datetime]],
) -> Population:
    """Counts the spans, of which there is at least one; `before` is what the last count awaited."""
    entries, alarms = [], []
    for start, end in spans:
        entry, alarm = await _count_span(client, counted, start, end)
        entries.append(entry)
        alarms += alarm
    unrecorded = counted.unrecorded(datetime.now(UTC) - _IN_FLIGHT)
    wanted = {*before, *counted.awaited(), *unrecorded}
    waiting, vanished = await _look_for(wanted, client, ledger, counted)
    alarms += [_vanished(run) for run in vanished]
    # Whoever has vanished is missed at every count, until somebody answers for it.
    kept = await asyncio.to_thread(ledger.put_blob, _encoded(waiting.union(vanished)))
    entries[-1] = _with_awaited(entries[-1], kept, len(waiting), vanished)
    missing = [start for (start, _), entry in zip(spans, entries, strict=True) if _is_short(entry)]
    return Population(
        entries=tuple(entries),
        awaited=kept,
        counted_until=spans[-1][1],
        missing_since=min(missing, default=None),
        alarms=tuple(alarms),
    )


def spans_to_count(
    since: datetime | None, now: datetime, lag: timedelta, until: datetime | None
) -> list[tuple[datetime, datetime]]:
    """Every hour that has ended `lag` ago; the first span takes in all that was before.

    With `until`, also the time from there to that moment, even where that is no time at all.
    """
    last_hour = _hour(now - lag)
    start, spans = since or BEGINNING, []
    while start < last_hour:
        end = last_hour if start == BEGINNING else min(_hour(start) + HOUR, last_hour)
        spans.append((start, end))
        start = end
    if until is not None:
        spans.append((start, max(start, until)))
    return spans


def read_awaited(content: bytes) -> list[Awaited]:
    """What `count` kept."""
    return _LIST.validate_json(content)


_LIST = TypeAdapter(list[Awaited])


async def _count_span(
    client: Client, counted: Tally, start: datetime, end: datetime
) -> tuple[Entry, list[str]]:
    closed = await closed_between(client, start, end)
    exported = Counter(status for at, status in counted.closed if start <= at < end)
    permits = sum(start <= issued < end for issued, _ in counted.permits.values())
    missing = {
        status: runs - exported[status]
        for status, runs in closed.items()
        if runs > exported[status]
    }
    data: dict[str, JsonValue] = {
        "from": start.isoformat(),
        "until": end.isoformat(),
        "closed": {**closed},
        "exported": {**exported},
        "permits": permits,
        "missing": {**missing},
    }
    entry = Entry(
        id=f"population:{uuid4().hex}",
        kind="population",
        happened_at=end,
        data=data,
    )
    return entry, [
        f"{runs} runs that ended as {status} between {start:%Y-%m-%d %H:%M} and"
        f" {end:%Y-%m-%d %H:%M} UTC are not in the ledger."
        for status, runs in missing.items()
    ]


async def _look_for(
    wanted: set[Awaited], client: Client, ledger: Ledger, counted: Tally
) -> tuple[set[Awaited], list[Awaited]]:
    """Those that are still with the server, with everything that is open; and those nowhere."""
    waiting = {Awaited(workflow_id=each, run_id=run) async for each, run in open_runs(client)}
    vanished = []
    for run in wanted - waiting:
        if counted.has(run):
            continue
        if run.is_unrecorded:
            vanished.append(run)
            continue
        started = await started_at(client, run.workflow_id, run.run_id)
        if started is not None and run.is_refused_for(started):
            continue
        if started is not None or _is_on_its_way(run):
            waiting.add(run)
        else:
            vanished.append(run)
    if vanished:
        # A child may have ended, and left the server, long before its parent told of it.
        everything = await asyncio.to_thread(tally, ledger, None)
        vanished = [run for run in vanished if not everything.has(run)]
    return waiting, sorted(vanished, key=lambda run: (run.workflow_id, run.run_id))


def _is_on_its_way(run: Awaited) -> bool:
    """Whether its permit is so young that the server may not have it yet."""
    return run.issued is not None and datetime.now(UTC) - run.issued < _IN_FLIGHT


def _is_short(entry: Entry) -> bool:
    return bool(entry.data["missing"])


def _with_awaited(entry: Entry, kept: Stored, waiting: int, vanished: list[Awaited]) -> Entry:
    told: dict[str, JsonValue] = {
        "awaited": kept.sha256,
        "waiting": waiting,
        "vanished": [run.model_dump(mode="json") for run in vanished],
    }
    return entry.model_copy(update={"data": entry.data | told, "blobs": (kept,)})


def _encoded(waiting: set[Awaited]) -> bytes:
    ordered = sorted(waiting, key=lambda run: (run.workflow_id, run.run_id, run.permit))
    return canonical_json([run.model_dump(mode="json") for run in ordered])


def _vanished(run: Awaited) -> str:
    if run.is_unrecorded:
        return _unrecorded(run)
    why = f"permit {run.permit} was issued for it" if run.permit else f"run {run.run_id} was seen"
    return (
        f"Run `{run.workflow_id}` is neither with the server nor in the ledger, though {why}:"
        " it was deleted before its export, or never started."
    )


def _unrecorded(run: Awaited) -> str:
    what = f"`{run.teller}` told it something" if run.teller else f"its permit is {run.permit}"
    return (
        f"Run `{run.workflow_id}` is in the ledger, and {what}, but no record tells who allowed"
        " that: the machine where it was done keeps its records in a spool that is not exported."
        " Run `tenuto worker --queue evidence` there, in the same project."
    )


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
