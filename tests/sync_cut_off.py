"""A load that dies right after its rows were committed, and one that takes it up.

    python sync_cut_off.py FOLDER append|merge|replace cut|repaired|plain

`cut` dies; the others load what was left, with or without the repair, and print the number of
rows of both tables.
"""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dlt
from dlt.common.storages.load_package import PackageStorage

from tenuto.packs.sync.activities.loading.isolation import isolate
from tenuto.packs.sync.activities.loading.resuming import make_repeatable
from tenuto.packs.sync.activities.loading.stamps import stamp


def main() -> None:
    """One of the two halves."""
    folder, disposition, half = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    isolate(folder / "dlt")
    replaced = "insert-from-staging"
    pipeline = dlt.pipeline(
        "events",
        pipelines_dir=str(folder / "pipelines"),
        dataset_name="main",
        destination=dlt.destinations.duckdb(
            str(folder / "events.duckdb"), replace_strategy=replaced
        ),
    )
    if half == "cut":
        _extract(pipeline, disposition)
        PackageStorage.save_pending_transition = _die  # type: ignore[assignment, method-assign]
        pipeline.load()
    (load_id,) = pipeline.list_normalized_load_packages()
    if half == "repaired":
        make_repeatable(pipeline, load_id)
    pipeline.load()
    with pipeline.sql_client() as client:
        for table in ("events", "events__parts"):
            ((number,),) = client.execute_sql(f"SELECT count(*) FROM {table}") or ((0,),)  # noqa: S608
            print(number)


def _extract(pipeline: dlt.Pipeline, disposition: Any) -> None:
    @dlt.resource(name="events", write_disposition=disposition, primary_key="id")
    def events() -> Iterator[Any]:
        yield [{"id": each, "parts": [{"n": 1}, {"n": 2}]} for each in range(5)]

    source = dlt.source(lambda: [events], name="events")()
    stamp(source, "acme", datetime(2026, 3, 1, tzinfo=UTC))
    pipeline.extract(source)
    pipeline.normalize()


def _die(self: Any, load_id: str, file_name: str, *rest: Any) -> None:
    """The rows are committed, and nothing says so yet."""
    if file_name.startswith("events."):
        os._exit(9)


if __name__ == "__main__":
    main()
