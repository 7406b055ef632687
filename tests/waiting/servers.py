"""Talking to a server that a test started itself."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker

from tenuto.engine.connection import Target, connect
from tenuto.engine.embedded.server import EmbeddedServer
from waiting.runs import QUEUE, WaitForTime, WaitForTimes, WaitForWord


async def client_of(server: EmbeddedServer) -> Client:
    """A client of `server`."""
    return await connect(Target(address=server.info.address, origin="embedded"))


def worker_of(client: Client) -> Worker:
    """A worker for the waiting runs."""
    return Worker(
        client,
        task_queue=QUEUE,
        workflows=[WaitForWord, WaitForTime, WaitForTimes],
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
    )
