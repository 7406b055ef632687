"""One load, in order: what was left behind first, then what is new, and nothing twice."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import dlt
from dlt.common.runtime.collector_base import Collector
from dlt.extract.source import DltSource

from tenuto.packs.sync.activities.loading import anomalies, counts, history
from tenuto.packs.sync.activities.loading.destinations import Target
from tenuto.packs.sync.activities.loading.locks import only_one
from tenuto.packs.sync.activities.loading.opening import Hide, Place, open_place, opened
from tenuto.packs.sync.activities.loading.records import PackageRecord, PackageRecords
from tenuto.packs.sync.activities.loading.resuming import make_repeatable
from tenuto.packs.sync.activities.loading.stamps import refuse_unstamped
from tenuto.packs.sync.activities.loading.wire import Job
from tenuto.packs.sync.models import LoadResult, MergeCounts
from tenuto.packs.sync.sources.remarks import taken_remarks

_UNKNOWN_OWNER = "an interrupted load was completed; newer rows come with the next sync"

Say = Callable[[str], None]


def load(job: Job, say: Say, hide: Hide) -> LoadResult:
    """What this run loaded, with what its earlier attempts did.

    Raises UsageError for what is wrong in
    `sync.yaml`, `sync.already-running`; whatever dlt and the source raise.
    """
    place = open_place(job, hide)
    with only_one(place.locks, place.pipeline_name, job.run, job.name):
        return _Load(job, place, say, hide).run()


class _Load:
    def __init__(self, job: Job, place: Place, say: Say, hide: Hide) -> None:
        self._job = job
        self._place = place
        self._say = say
        self._hide = hide
        self._target: Target = place.target
        self._records = PackageRecords(place.folder / "packages" / place.pipeline_name)
        self._pipeline: dlt.Pipeline = place.pipeline(_Telling(say))
        self._unknown = False

    def run(self) -> LoadResult:
        with self._alone():
            self._say("looking where the last sync ended")
            self._pipeline.sync_destination()
        self._forget()
        if self._pending():
            self._say("completing what an earlier attempt left")
            self._unknown = any(not self._records.read(each).run for each in self._pending())
            self._claim()
            self._normalize_and_load()
        if not self._mine():
            self._extract(opened(self._job, self._place, self._hide))
            self._normalize_and_load()
        return self._conclude()

    def _alone(self) -> AbstractContextManager[None]:
        return self._target.alone(self._place.locks, self._say)

    def _pending(self) -> list[str]:
        pipeline = self._pipeline
        return [*pipeline.list_extracted_load_packages(), *pipeline.list_normalized_load_packages()]

    def _mine(self) -> list[str]:
        """The packages of this run that are loaded or on their way, in order.

        Where the destination had gone on without this machine, its packages were dropped, and
        what is left of them is their record.
        """
        there = {*self._pending(), *self._pipeline.list_completed_load_packages()}
        return [each for each in self._records.of_run(self._job.run) if each in there]

    def _forget(self) -> None:
        """Drops what is left of the loads of other runs that are done."""
        self._records.forget(set(self._pending()), self._job.run)
        packages = self._pipeline._get_load_storage().loaded_packages
        kept = set(self._mine())
        for load_id in self._pipeline.list_completed_load_packages():
            if load_id not in kept:
                packages.delete_package(load_id)

    def _claim(self) -> None:
        """What nobody says is theirs was extracted by an attempt that died at once afterwards."""
        for load_id in self._pending():
            record = self._records.read(load_id)
            if not record.run:
                self._records.write(load_id, record.model_copy(update={"run": self._job.run}))

    def _extract(self, source: DltSource) -> None:
        self._say("extracting")
        self._pipeline.extract(source)
        for load_id in self._pending():
            self._records.write(load_id, PackageRecord(run=self._job.run))

    def _normalize_and_load(self) -> None:
        if self._pipeline.list_extracted_load_packages():
            self._normalize()
        loaded = self._pipeline.list_normalized_load_packages()
        with self._alone():
            self._say("loading")
            for load_id in loaded:
                self._look_before(load_id)
                if self._target.has_sql:  # a file that is written again replaces itself
                    make_repeatable(self._pipeline, load_id)
            self._pipeline.load()

    def _normalize(self) -> None:
        self._say("normalizing")
        for load_id, (metrics, *_) in self._pipeline.normalize().metrics.items():
            rows = counts.of_normalized(metrics["table_metrics"])
            refuse_unstamped(self._pipeline.default_schema, rows)
            record = self._records.read(load_id)
            self._records.write(load_id, record.model_copy(update={"rows": rows}))

    def _look_before(self, load_id: str) -> None:
        record = self._records.read(load_id)
        if record.before is not None or not self._target.has_sql:
            return
        tables = counts.merged_tables(self._pipeline.default_schema, record.rows or {})
        with self._pipeline.sql_client() as client:
            before = {table: counts.count(client, table) for table in tables}
        self._records.write(load_id, record.model_copy(update={"before": before}))

    def _conclude(self) -> LoadResult:
        rows: dict[str, int] = {}
        merged: dict[str, MergeCounts] = {}
        mine = self._mine()
        checks = self._place.source.checks
        if not mine or not self._target.has_sql:
            for load_id in mine:
                _add(rows, self._records.read(load_id).rows or {})
            return self._result(mine, rows, merged, anomalies.oddities(checks, rows, ()))
        with self._alone(), self._pipeline.sql_client() as client:
            earlier = history.past_loads(
                client, self._place.pipeline_name, anomalies.MOST_COMPARED + len(mine)
            )
            for load_id in mine:
                brought = self._brought(client, load_id)
                became = self._became(client, load_id, brought)
                history.remember(
                    client,
                    load_id=load_id,
                    pipeline=self._place.pipeline_name,
                    loaded_at=self._job.loaded_at,
                    rows=brought,
                    merged=became,
                )
                _add(rows, brought)
                merged |= became
        others = [each for each in earlier if each.load_id not in mine]
        return self._result(mine, rows, merged, anomalies.oddities(checks, rows, others))

    def _brought(self, client: Any, load_id: str) -> dict[str, int]:
        rows = self._records.read(load_id).rows
        if rows is not None:
            return rows
        # Its process died between normalising and writing it down.
        tables = self._pipeline.default_schema.data_table_names()
        found = {table: counts.count(client, table, load_id) for table in tables}
        return {table: number for table, number in found.items() if number}

    def _became(self, client: Any, load_id: str, rows: dict[str, int]) -> dict[str, MergeCounts]:
        before = self._records.read(load_id).before or {}
        return {
            table: counts.became(client, table, load_id, before[table])
            for table in rows
            if table in before
        }

    def _result(
        self,
        mine: list[str],
        rows: dict[str, int],
        merged: dict[str, MergeCounts],
        warnings: tuple[str, ...],
    ) -> LoadResult:
        return LoadResult(
            pipeline_name=self._place.pipeline_name,
            load_id=mine[-1] if mine else "",
            row_counts=rows,
            merged=merged,
            warnings=(*warnings, *taken_remarks(), *((_UNKNOWN_OWNER,) if self._unknown else ())),
            destination=self._target.words,
        )


def _add(rows: dict[str, int], more: dict[str, int]) -> None:
    for table, number in more.items():
        rows[table] = rows.get(table, 0) + number


class _Telling(Collector):
    """Passes dlt's counters on as progress."""

    def __init__(self, say: Say) -> None:
        self.step = ""
        self._say = say
        self._counted: dict[str, int] = {}

    def update(
        self,
        name: str,
        inc: int = 1,
        total: int | None = None,
        inc_total: int | None = None,
        message: str | None = None,
        label: str | None = None,
    ) -> None:
        """Adds `inc` to a counter."""
        if label is None and not name.startswith("_dlt"):
            self._counted[name] = self._counted.get(name, 0) + inc
            self._say(f"{self.step.lower()}: {name} {self._counted[name]}")

    def _start(self, step: str) -> None:
        self.step = step
        self._counted.clear()

    def _stop(self) -> None:
        self._counted.clear()
