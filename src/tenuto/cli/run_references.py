"""Which artifacts the runs of a namespace refer to, found in the bytes of their histories."""

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.converter import DataConverter

from tenuto.artifacts.garbage import uris_in
from tenuto.core.errors import DataError, NotFoundError
from tenuto.engine.runs.decrypted import decrypted, is_plain, names_no_key, payloads_in
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.listing import list_runs
from tenuto.engine.runs.raw import events


async def referenced_artifacts(client: Client) -> tuple[int, set[str]]:
    """How many runs there are, and every `artifact://` URI in their histories.

    Claims of payloads that were moved to the store are among them, and what encrypted payloads
    refer to. Raises DataError for a payload that cannot be decrypted and was not erased: what it
    refers to could not be kept.
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
                found.update(await _hidden(event, client.data_converter))
        if page.next_page is None:
            return runs, found
        page = await list_runs(client, page=page.next_page)


async def _hidden(event: HistoryEvent, converter: DataConverter) -> set[str]:
    found: set[str] = set()
    for payload in payloads_in(event):
        if is_plain(payload) or names_no_key(payload):
            continue
        try:
            found.update(uris_in([await decrypted(payload, converter)]))
        except NotFoundError:
            continue  # its claim is handed in all the same, and reported as missing
        except DataError as wrong:
            if wrong.code != "encryption.key-destroyed":
                raise
    return found
