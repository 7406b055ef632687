"""A pack in a worker that a team builds by itself, with nothing but the plugin."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from temporalio.client import Client
from temporalio.worker import Worker

from sample import catalog
from sample.models import FiveStepsRequest, FiveStepsResult
from sample.pack import pack
from tenuto.artifacts.current import current_store, use_store
from tenuto.artifacts.store import open_store
from tenuto.engine.embedded import ServerInfo
from tenuto.engine.plugin import pack_plugin
from tenuto.triggers.start import start


async def test_a_plain_client_and_worker_run_a_pack(
    temporal_server: ServerInfo, tmp_path: Path
) -> None:
    store = open_store(str(tmp_path / "artifacts"))
    client = await Client.connect(temporal_server.address, plugins=[pack_plugin([pack], store)])
    entry = catalog.five_steps
    with ThreadPoolExecutor(4) as threads:
        async with Worker(client, task_queue=entry.queue, activity_executor=threads):
            handle = await start(client, entry, FiveStepsRequest(folder=str(tmp_path)))
            result = await handle.result()
            assert current_store() is store
    use_store(None)
    assert isinstance(result, FiveStepsResult)
    assert result.steps == ("one", "two", "three", "four", "five")
