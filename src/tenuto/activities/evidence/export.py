"""`evidence.export`: what closed since the last export goes into the ledger."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from pydantic import JsonValue
from temporalio import activity
from temporalio.client import Client

from tenuto.activities.evidence.facts import run_facts
from tenuto.activities.evidence.population import (
    BEGINNING,
    HOUR,
    count,
    read_awaited,
    spans_to_count,
)
from tenuto.activities.evidence.server import ClosedRun, closed_runs, raw_history, retention
from tenuto.activities.evidence.spooled import policy_entry, spooled_entry
from tenuto.activities.evidence.standing import head_of, refuse_other_ledger
from tenuto.activities.evidence.tally import Awaited, tally
from tenuto.activities.evidence.tasks import TYPE, task_facts
from tenuto.catalog import implements
from tenuto.catalog.library.evidence import catalog
from tenuto.catalog.library.evidence.models import ExportReport, ExportStep, Kept, Progress
from tenuto.evidence.home import EvidenceHome, current_evidence
from tenuto.evidence.ledger import Ledger
from tenuto.evidence.record import Entry, Kind, Stored
from tenuto.evidence.retention import retention_problem
from tenuto.evidence.spool import SpoolEntry
from tenuto.policy.current import current_policy

ItemT = TypeVar("ItemT")

OVERLAP = timedelta(minutes=15)
"""How long the server may take to list what closed."""

_JUST_AFTER = timedelta(microseconds=1)
_AT_ONCE = 16
_BATCH = 250
"""Runs that are sealed together."""


@implements(catalog.export)
async def export(step: ExportStep) -> ExportReport:
    """What was exported.

    Raises CorruptError `evidence.rolled-back` or `evidence.forked` where the ledger is not the one
    that was written to last time, and what `Ledger.append` raises.
    """
    home, client = current_evidence(), activity.client()
    ledger = await asyncio.to_thread(home.ledger, client.namespace)
    await asyncio.to_thread(refuse_other_ledger, ledger, step.known.head)
    return await _Export(client, home, ledger, step).report()


class _Export:
    def __init__(
        self, client: Client, home: EvidenceHome, ledger: Ledger, step: ExportStep
    ) -> None:
        self.client, self.home, self.ledger, self.step = client, home, ledger, step
        self.closed_until = step.known.closed_until
        self.policy = step.known.policy
        self.alarms: list[str] = []
        self.vanished: list[Awaited] = []
        self.gaps: tuple[str, ...] | None = None
        self.runs = self.tasks = self.spooled = 0
        self._fetching = asyncio.Semaphore(_AT_ONCE)

    async def report(self) -> ExportReport:
        since = self.closed_until - OVERLAP if self.closed_until else None
        spooled = await asyncio.to_thread(self.home.spool.take)
        known = await asyncio.to_thread(self._known_ids, since, spooled)
        await self._ship([each for each in spooled if each.id not in known])
        await asyncio.to_thread(self.home.spool.done, spooled)
        await self._record_policy()
        async for page in closed_runs(self.client, since):
            await self._export([run for run in page if run.id not in known])
            known.update(run.id for run in page)
            self._has_seen(page)
        await self._look_at_retention()
        known_now = await self._count()
        newest = await asyncio.to_thread(self.ledger.newest)
        head = head_of(newest) if newest else None
        return ExportReport(
            known=known_now.model_copy(update={"head": head}),
            runs=self.runs,
            tasks=self.tasks,
            spooled=self.spooled,
            alarms=tuple(self.alarms),
            gaps=self.gaps,
        )

    def _known_ids(self, since: datetime | None, spooled: Sequence[SpoolEntry]) -> set[str]:
        """Ids that the ledger has already, of whatever this export may meet.

        A record is never older in the ledger than what it tells of, so nothing before the oldest
        of those has to be read.
        """
        if since is None:
            return {line.record.entry.id for line in self.ledger.all_lines()}
        oldest = min([since, *(each.t for each in spooled)])
        return {line.record.entry.id for line in self.ledger.lines_since(oldest)}

    async def _ship(self, spooled: Sequence[SpoolEntry]) -> None:
        for batch in _batches(spooled):
            entries = [await asyncio.to_thread(spooled_entry, each, self.ledger) for each in batch]
            await self._append(entries)
            self.spooled += len(entries)

    async def _record_policy(self) -> None:
        """What was decided under a policy is judged by its texts years later."""
        policy = current_policy()
        if policy is None or policy.digest == self.step.known.policy:
            return
        now = datetime.now(UTC)
        await self._append([await asyncio.to_thread(policy_entry, policy, self.ledger, now)])
        self.policy = policy.digest

    async def _export(self, runs: Sequence[ClosedRun]) -> None:
        for batch in _batches(runs):
            read = await asyncio.gather(*(self._entries(run) for run in batch))
            entries = [entry for each in read for entry in each]
            if entries:
                await self._append(entries)
            self.runs += sum(entry.kind == "run" for entry in entries)
            self.tasks += sum(entry.kind == "task" for entry in entries)

    async def _entries(self, run: ClosedRun) -> list[Entry]:
        async with self._fetching:
            history = await raw_history(self.client, run)
            if history is None:
                self.vanished.append(Awaited(workflow_id=run.workflow_id, run_id=run.run_id))
                return []
            content = history.SerializeToString(deterministic=True)
            blob = await asyncio.to_thread(self.ledger.put_blob, content)
        facts = run_facts(run.workflow_id, run.run_id, history)
        entries = [_entry(run, "run", {**facts, "history": blob.sha256}, (blob,))]
        if facts["type"] == TYPE:
            told = await task_facts(facts, history, self.client.data_converter)
            entries.append(_entry(run, "task", {**told, "history": blob.sha256}, ()))
        return entries

    async def _count(self) -> Progress:
        """Counts the hours that have ended; what is known afterwards. At once where a run that the
        server lists has no history any more: it is missed until somebody answers for it.

        Where runs are missing, the next export looks for them again, and the next count counts
        them again.
        """
        known = self.step.known.model_copy(
            update={"closed_until": self.closed_until, "policy": self.policy}
        )
        counts_now = self.step.counts_now or self.vanished
        until = (self.closed_until or BEGINNING) + _JUST_AFTER if counts_now else None
        spans = spans_to_count(known.counted_until, datetime.now(UTC), OVERLAP, until)
        if not spans:
            return known
        since = known.counted_until - HOUR if known.counted_until else None
        counted = await asyncio.to_thread(tally, self.ledger, since)
        before = await asyncio.to_thread(self._awaited, known.awaited)
        before += self.vanished
        found = await count(self.client, self.ledger, counted, before, spans)
        await self._append(found.entries)
        self.gaps = found.alarms
        return Progress(
            closed_until=found.missing_since or known.closed_until,
            counted_until=found.missing_since or found.counted_until,
            policy=self.policy,
            awaited=Kept.model_validate(found.awaited.model_dump()),
        )

    def _awaited(self, kept: Kept | None) -> list[Awaited]:
        if kept is None:
            return []
        return read_awaited(self.ledger.blob(Stored.model_validate(kept.model_dump())))

    async def _append(self, entries: Sequence[Entry]) -> None:
        now = datetime.now(UTC)
        ring = await asyncio.to_thread(self.home.keys.open, "ledger", now)
        await asyncio.to_thread(self.ledger.append, entries, ring, now)

    def _has_seen(self, page: Sequence[ClosedRun]) -> None:
        seen = [run.closed_at for run in page]
        if self.closed_until is not None:
            seen.append(self.closed_until)
        self.closed_until = max(seen, default=None)

    async def _look_at_retention(self) -> None:
        problem = retention_problem(
            await retention(self.client), timedelta(seconds=self.step.every_s)
        )
        if problem:
            self.alarms.append(problem)


def _entry(
    run: ClosedRun, kind: Kind, data: dict[str, JsonValue], blobs: tuple[Stored, ...]
) -> Entry:
    return Entry(
        id=f"{kind}:{run.workflow_id}:{run.run_id}",
        kind=kind,
        happened_at=run.closed_at,
        data=data,
        blobs=blobs,
    )


def _batches(items: Sequence[ItemT]) -> Iterator[Sequence[ItemT]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))
