"""`files.start_run`: the run of one version of one file, through the gate."""

import asyncio

from temporalio import activity

from tenuto.catalog import implements
from tenuto.catalog.library.arrivals.catalog import start_for_file as entry
from tenuto.catalog.library.arrivals.models import FileOutcome, StartForFile
from tenuto.engine.project import current_settings
from tenuto.policy.current import current_policy
from tenuto.triggers.events.arrivals import Arrival, is_taken
from tenuto.triggers.events.current import current_targets
from tenuto.triggers.events.model import Start
from tenuto.triggers.events.services import principal_of
from tenuto.triggers.events.starting import prepare, send
from tenuto.triggers.gate.opening import open_gate


@implements(entry)
async def start_for_file(request: StartForFile) -> FileOutcome:
    """The run of that version, started by service `s:file/<name>` or found started.

    Raises DataError and UsageError for an input that cannot be made or is refused, PolicyDenied.
    """
    watch, file = request.watch, request.file
    arrival = Arrival(
        kind="file",
        trigger=watch.name,
        event_id=file.version,
        data=file.model_dump(mode="json"),
        variables={"id": file.version},
    )
    if not await asyncio.to_thread(is_taken, arrival, watch.filter):
        return FileOutcome(status="filtered")
    start = Start(run=watch.run, input=watch.input, id=watch.id)
    gate = open_gate(current_settings(), principal_of("file", watch.name), current_policy())
    prepared = await prepare(arrival, start, current_targets())
    outcome = await send(prepared, gate, activity.client())
    is_new = outcome.status == "started"
    return FileOutcome(status="started" if is_new else "duplicate", workflow_id=outcome.workflow_id)
