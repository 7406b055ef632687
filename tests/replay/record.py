"""Records the history of a released workflow: `python tests/replay/record.py daily-nav 1`.

Runs the workflow's recording (`recordings.py`) on a real embedded server with a real worker and
writes `histories/<workflow>/<version>.json`. Do it in the commit that releases a change of the
workflow's steps, under the next version. A recorded history is never written anew: runs like it
are out there, and today's code has to go on with them.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from temporalio.client import WorkflowFailureError, WorkflowHistory

from replay.recordings import RECORDINGS
from task_desk import RING
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import open_store
from tenuto.engine.bootstrap import SEARCH_ATTRIBUTE_TYPES, prepare_namespace
from tenuto.engine.connection import Target, connect
from tenuto.engine.embedded.server import EmbeddedServer
from tenuto.engine.process import leave
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.identity.trust import trust

HISTORIES = Path(__file__).parent / "histories"


async def record(workflow: str) -> WorkflowHistory:
    """The history of the recording of `workflow`."""
    recording = RECORDINGS[workflow]
    with tempfile.TemporaryDirectory() as folder:
        use_store(open_store(f"{folder}/artifacts"))
        trust(RING)
        server = EmbeddedServer(Path(folder) / "server", search_attributes=SEARCH_ATTRIBUTE_TYPES)
        async with server, contextlib.AsyncExitStack() as workers:
            client = await connect(Target(address=server.info.address, origin="embedded"))
            await prepare_namespace(client)
            registration = load_registration([recording.pack, *recording.beside])
            for queue in recording.queues or registration.queues:
                for worker in build_workers(
                    client, registration, WorkerSettings(), queues=[queue], is_embedded=True
                ):
                    await workers.enter_async_context(worker)
            handle = await recording.run(client, Path(folder))
            with contextlib.suppress(WorkflowFailureError):
                await handle.result()
            return await handle.fetch_history()


def _without_this_machine(told: Any) -> Any:
    """The same history without file names and process ids; a replay compares neither."""
    if isinstance(told, list):
        return [_without_this_machine(each) for each in told]
    if not isinstance(told, dict):
        return told
    kept = {key: _without_this_machine(each) for key, each in told.items() if key != "stackTrace"}
    return kept | {"identity": "recorder"} if "identity" in kept else kept


def main() -> None:
    """Records one workflow; refuses to replace a history."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workflow", choices=sorted(RECORDINGS))
    parser.add_argument("version", type=int)
    given = parser.parse_args()
    file = HISTORIES / given.workflow.partition(":")[0] / f"{given.version}.json"
    if file.exists():
        parser.error(f"{file} is recorded already; record the next version")
    told = _without_this_machine(json.loads(asyncio.run(record(given.workflow)).to_json()))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(file)
    leave(0)


if __name__ == "__main__":
    main()
