"""What the demonstration's definition may call, and a worker that may reach this machine."""

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from tenuto.activities.calculate.pack import pack as calculate
from tenuto.activities.definitions import call_http
from tenuto.activities.definitions.pack import pack as definitions
from tenuto.activities.fetch.pack import pack as fetch
from tenuto.activities.notify.pack import pack as notify
from tenuto.activities.validate.pack import pack as validate
from tenuto.catalog.registry import Catalog
from tenuto.engine.registration import QueueCode, Registration, load_catalog
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.triggers.demo import Stage

QUEUE = "definition-demo"
"""Of the one call that goes to this machine."""


def definitions_catalog() -> Catalog:
    """The entries of the packs that the definition uses."""
    return load_catalog((fetch, validate, notify, calculate, definitions))


@asynccontextmanager
async def http_worker(stage: Stage, port: int) -> AsyncIterator[None]:
    """A worker of this process for `call.http` on its own queue, for the time of the block.

    Workers that run elsewhere refuse this machine's addresses, as they should.
    """
    registration = Registration(
        catalog=definitions_catalog(),
        queues={QUEUE: QueueCode(activities=[call_http.call_http])},
        passthrough=(),
    )
    (worker,) = build_workers(stage.client, registration, WorkerSettings(threads=2))
    with _allowed(f"127.0.0.1:{port}"):
        async with worker:
            yield


@contextmanager
def _allowed(target: str) -> Iterator[None]:
    before = os.environ.get("TENUTO_HTTP_ALLOW")
    os.environ["TENUTO_HTTP_ALLOW"] = ",".join(filter(None, (before, target)))
    try:
        yield
    finally:
        if before is None:
            del os.environ["TENUTO_HTTP_ALLOW"]
        else:
            os.environ["TENUTO_HTTP_ALLOW"] = before
