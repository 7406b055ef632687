"""A loop over more than one message may hold goes on with fresh histories, through the store."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from temporalio.client import Client

from definition_desk import compiled, start
from sample.servers import KillableServer
from tenuto.activities.definitions.pack import pack
from tenuto.artifacts.external import external_storage
from tenuto.artifacts.store import open_store
from tenuto.engine.connection import Target, connect
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers

ITEMS = 50
CHARS = 100_000
LOOP = """
do:
  - each:
      for: {each: item, in: .items}
      do:
        - pause: {wait: {milliseconds: 1}}
        - count:
            set: "${ {done: ((.done // 0) + 1), chars: ((.chars // 0) + ($item | length))} }"
"""


@pytest.mark.chaos
async def test_a_loop_over_five_megabytes_goes_on_with_fresh_histories(
    own_server: KillableServer, own_client: Client, tmp_path: Path
) -> None:
    storage = external_storage(open_store(str(tmp_path / "artifacts")))
    target = Target(address=own_server.address, origin="embedded")
    client = await connect(target, external_storage=storage)
    async with AsyncExitStack() as stack:
        for worker in build_workers(
            client, load_registration([pack]), WorkerSettings(), is_embedded=True
        ):
            await stack.enter_async_context(worker)
        items = [f"{n:03}".ljust(CHARS, "x") for n in range(ITEMS)]
        run = await start(client, compiled(LOOP), {"items": list(items)}, most_events=60)
        output = await asyncio.wait_for(run.result(), 60)
        chain = (await client.get_workflow_handle(run.id).describe()).run_id
    assert output == {"done": ITEMS, "chars": ITEMS * CHARS}
    assert chain != run.first_execution_run_id
    assert list((tmp_path / "artifacts").rglob("*")), "what is too large for a message is stored"
