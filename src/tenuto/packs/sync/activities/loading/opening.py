"""From a job to the source, the destination, and the pipeline between them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import dlt
from dlt.common.runtime.collector_base import Collector
from dlt.extract.source import DltSource

from tenuto.activities.secrets import resolve_secret
from tenuto.core.errors import UsageError
from tenuto.packs.sync.activities.loading.destinations import Target, target_of
from tenuto.packs.sync.activities.loading.isolation import isolate
from tenuto.packs.sync.activities.loading.stamps import choose, stamp
from tenuto.packs.sync.activities.loading.wire import Job
from tenuto.packs.sync.configuration import Source
from tenuto.packs.sync.names import pipeline_of
from tenuto.packs.sync.port import Opening
from tenuto.packs.sync.sources.file import read_sync_file, source_in
from tenuto.packs.sync.sources.opening import open_source

Hide = Callable[[tuple[str, ...]], None]
"""Is told what must not appear in messages."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A source with its destination, on this machine."""

    source: Source
    target: Target
    pipeline_name: str
    folder: Path
    """Of everything Sync keeps on this machine."""

    @property
    def locks(self) -> Path:
        """The folder of the locks."""
        return self.folder / "locks"

    def pipeline(self, progress: Collector, folder: Path | None = None) -> dlt.Pipeline:
        """dlt's pipeline, as the last attempt left it; a new one where `folder` is given."""
        return dlt.pipeline(
            self.pipeline_name,
            pipelines_dir=str(folder or self.folder / "pipelines"),
            destination=self.target.destination,
            dataset_name=self.target.dataset,
            progress=progress,
        )


def open_place(job: Job, hide: Hide) -> Place:
    """What the job is about. Raises UsageError for what is wrong in `sync.yaml`."""
    folder = job.state / "sync"
    isolate(folder / "dlt")
    asked = job.request
    content = read_sync_file(job.file)
    found = source_in(content, asked.source_name)
    source = found.model_copy(update={"config": {**found.config, **asked.source_kwargs}})
    target = target_of(content, source, asked.source_name, job.root, job.state)
    hide(target.secrets)
    return Place(
        source=source,
        target=target,
        pipeline_name=pipeline_of(asked.source_name, asked.window),
        folder=folder,
    )


def opened(job: Job, place: Place, hide: Hide) -> DltSource:
    """The chosen resources of the source, their rows stamped; nothing is extracted yet."""
    asked, source = job.request, place.source
    secrets = {name: resolve_secret(each) for name, each in source.secrets.items()}
    hide(tuple(each.get_secret_value() for each in secrets.values()))
    whole = open_source(
        Opening(
            name=asked.source_name,
            source=source,
            secrets=secrets,
            window=asked.window,
            root=job.root,
        )
    )
    chosen = choose(whole, asked.resources or source.resources, asked.source_name)
    _refuse_merge_into_files(chosen, place.target)
    stamp(chosen, source.client_id, job.loaded_at)
    return chosen


def _refuse_merge_into_files(source: DltSource, target: Target) -> None:
    for resource in source.selected_resources.values():
        if resource.write_disposition == "merge" and not target.has_sql:
            raise UsageError(
                f"resource `{resource.name}` is merged by key, and files are only appended to:"
                " corrections would stand beside the rows they correct; choose a database as"
                " destination, or append or replace the resource",
                code="sync.merge-into-files",
            )
