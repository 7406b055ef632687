"""A pack for a worker that somebody else builds: everything it needs as one Temporal plugin."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from temporalio.plugin import SimplePlugin

from tenuto.artifacts.current import use_store
from tenuto.artifacts.external import external_storage
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import TenutoError
from tenuto.core.pack import Pack
from tenuto.engine.admission import Admission
from tenuto.engine.converter import data_converter
from tenuto.engine.encryption import EncryptionCodec
from tenuto.engine.guard import ArgumentGuard
from tenuto.engine.heartbeat import SteadyHeartbeat
from tenuto.engine.local_watch import LocalActivityWatch
from tenuto.engine.offered import offer
from tenuto.engine.registration import load_registration
from tenuto.engine.worker import sandboxed_runner


def pack_plugin(
    packs: Iterable[Pack],
    store: ArtifactStore,
    codec: EncryptionCodec | None = None,
    admission: Admission | None = None,
) -> SimplePlugin:
    """The plugin that makes a plain client and its workers run `packs`.

    Give it to `Client.connect(plugins=[...])`; workers of that client have it too. It brings the
    data converter, the sandbox, workflows and activity bodies, and sets `store` as the process's
    artifact store while a worker runs. Yours remain the task queue (the pack's catalog says which)
    and a thread pool as `activity_executor`. `codec` is for a namespace whose payloads are
    encrypted. `admission` says which runs and messages the workers take, by default all; with one
    that demands permits keep its keys trusted (`tenuto.engine.trusting`). Raises UsageError for a
    pack that cannot be imported.
    """
    registration = load_registration(packs)
    codes = registration.queues.values()
    admission = admission or Admission()

    @asynccontextmanager
    async def with_store() -> AsyncIterator[None]:
        use_store(store)
        offer(registration.catalog)
        yield

    return SimplePlugin(
        "tenuto",
        data_converter=data_converter(external_storage(store), codec),
        interceptors=[
            *admission.interceptors(),
            ArgumentGuard(),
            SteadyHeartbeat(),
            LocalActivityWatch(),
        ],
        workflows=[workflow for code in codes for workflow in code.workflows],
        activities=[body for code in codes for body in code.activities] + admission.activities(),
        workflow_runner=sandboxed_runner(registration.passthrough),
        workflow_failure_exception_types=[TenutoError],
        run_context=with_store,
    )
