"""Which artifacts the runs of a namespace refer to, found in the bytes of their histories."""

from temporalio.client import Client

from tenuto.artifacts.garbage import uris_in
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.listing import list_runs
from tenuto.engine.runs.raw import events


async def referenced_artifacts(client: Client) -> tuple[int, set[str]]:
    """How many runs there are, and every `artifact://` URI in their histories.

    Claims of payloads that were moved to the store are among them. An encrypted payload hides
    what it refers to.
    """
    found: set[str] = set()
    runs = 0
    page = await list_runs(client)
    while True:
        for run in page.runs:
            runs += 1
            execution = Execution(workflow_id=run.workflow_id, run_id=run.run_id)
            async for event in events(client, execution):
                found.update(uris_in([event.SerializeToString()]))
        if page.next_page is None:
            return runs, found
        page = await list_runs(client, page=page.next_page)
