"""A dry run: the source is asked, nothing is written, neither there nor here."""

import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import dlt
from dlt.common.runtime.collector import NULL_COLLECTOR
from dlt.extract.incremental import Incremental, IncrementalResourceWrapper
from dlt.extract.resource import DltResource
from dlt.extract.source import DltSource

from tenuto.packs.sync.activities.loading.opening import Hide, Place, open_place, opened
from tenuto.packs.sync.activities.loading.wire import Job
from tenuto.packs.sync.models import ResourcePlan, SyncPlan

SAMPLE = 100
"""Rows that are looked at, of each resource."""


def plan(job: Job, say: Callable[[str], None], hide: Hide) -> SyncPlan:
    """What a sync would do, from the first hundred rows of each resource.

    The destination is only read, where there is one already. Raises as `load` does.
    """
    place = open_place(job, hide)
    source = opened(job, place, hide)
    with (
        tempfile.TemporaryDirectory(prefix="tenuto-sync-") as folder,
        place.target.alone(place.locks, say),
    ):
        pipeline = place.pipeline(NULL_COLLECTOR, Path(folder))
        if place.target.is_there:
            say("looking where the last sync ended")
            pipeline.sync_destination()
        cursors = _cursors(pipeline, source.name)
        resources = []
        for name in source.selected_resources:
            say(f"asking for {name}")
            resources.append(_planned(source, name, cursors.get(name, {})))
    return SyncPlan(
        source_name=job.request.source_name,
        pipeline_name=place.pipeline_name,
        destination=place.target.words,
        dataset=place.target.dataset,
        resources=tuple(resources),
        pending_packages=_pending(place),
    )


def _cursors(pipeline: dlt.Pipeline, source: str) -> dict[str, dict[str, Any]]:
    """Resource -> cursor's field -> what dlt keeps of it."""
    kept: Any = pipeline.state.get("sources", {}).get(source, {}).get("resources", {})
    return {name: each.get("incremental", {}) for name, each in kept.items()}


def _planned(source: DltSource, name: str, cursors: dict[str, Any]) -> ResourcePlan:
    resource = source.resources[name]
    was = {field: each.get("last_value") for field, each in cursors.items()}
    rows = list(islice(source.with_resources(name), SAMPLE + 1))
    table = resource.compute_table_schema(rows[0]) if rows else resource.compute_table_schema()
    cursor = _cursor_of(resource)
    field = str(cursor.cursor_path) if cursor else None
    seen = [row[field] for row in rows[:SAMPLE] if field and row.get(field) is not None]
    columns = table.get("columns", {})
    return ResourcePlan(
        resource=name,
        table=str(table["name"]),
        write_disposition=table.get("write_disposition") or "append",
        primary_key=tuple(each for each, hint in columns.items() if hint.get("primary_key")),
        cursor=field,
        cursor_from=_text(was.get(field)) if field else None,
        cursor_to=_text(max(seen)) if seen else None,
        sampled_rows=min(len(rows), SAMPLE),
        is_all=len(rows) <= SAMPLE,
        columns=tuple(sorted({str(key) for row in rows[:SAMPLE] for key in row})),
    )


def _cursor_of(resource: DltResource) -> Incremental[Any] | None:
    found: Any = resource.incremental
    return found.incremental if isinstance(found, IncrementalResourceWrapper) else found


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _pending(place: Place) -> int:
    """Read from the folders: opening the pipeline itself would make them."""
    normalized = place.folder / "pipelines" / place.pipeline_name / "load" / "normalized"
    return sum(1 for each in normalized.glob("*") if each.is_dir())
