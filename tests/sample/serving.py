"""What every worker process of the tests does: serve until it is told to stop, or killed."""

from collections.abc import Iterable
from datetime import timedelta

from temporalio.client import Client

from tenuto.engine.registration import Registration
from tenuto.engine.serving import StopRequest, serve
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers

_SILENCE = timedelta(seconds=5)


async def serve_until_stopped(
    client: Client,
    registration: Registration,
    *,
    settings: WorkerSettings | None = None,
    queues: Iterable[str] = (),
) -> None:
    """Says `ready` and serves until SIGTERM, then drains."""
    stop = StopRequest()
    stop.listen()
    workers = build_workers(
        client, registration, settings or WorkerSettings(), queues=queues, is_embedded=True
    )
    print("ready", flush=True)
    await serve(workers, stop)


def miss_soon(registration: Registration) -> None:
    """A killed worker is missed after 5 s, where the catalog says 10: half the wait of a test."""
    for entry in registration.catalog.activities.values():
        if entry.heartbeat is not None and entry.heartbeat > _SILENCE:
            object.__setattr__(entry, "heartbeat", _SILENCE)  # entries are frozen for users
