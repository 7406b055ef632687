"""OVA-4: a million rows and a hundred megabytes pass through a workflow as a reference."""

from pathlib import Path

from temporalio.client import Client

from sample.large_tables import ExtractTransformLoad
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import open_store
from tenuto.catalog.describe import describe_workflow
from tenuto.engine.registration import load_registration
from tenuto.engine.runs.describe import describe_run
from tenuto.engine.runs.execution import Execution
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.triggers.start import start

MODULE = "sample.large_tables"
ROWS = 1_000_000


async def test_ova_4_a_million_rows_travel_as_a_reference(client: Client, tmp_path: Path) -> None:
    use_store(open_store(str(tmp_path / "artifacts")))
    registration = load_registration([], [MODULE], "large")
    (worker,) = build_workers(client, registration, WorkerSettings(), is_embedded=True)
    async with worker:
        entry = describe_workflow(ExtractTransformLoad, "large")
        handle = await start(client, entry, {"rows": ROWS})
        loaded = await handle.result()
    use_store(None)
    assert loaded.rows == loaded.table.rows == ROWS
    assert loaded.table.bytes > 100_000_000
    run = await describe_run(client, Execution(workflow_id=handle.id))
    assert run.history_bytes < 10_000
