"""The one builder of workers: every process that runs workflows or activities gets them here."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, PollerBehaviorSimpleMaximum, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from tenuto.core.errors import TenutoError, UsageError
from tenuto.engine.admission import Admission
from tenuto.engine.guard import ArgumentGuard
from tenuto.engine.heartbeat import SteadyHeartbeat
from tenuto.engine.local_watch import LocalActivityWatch
from tenuto.engine.offered import offer
from tenuto.engine.registration import QueueCode, Registration
from tenuto.engine.runner import GuardedWorkflowRunner
from tenuto.engine.settings import WorkerSettings

NOTHING_DEMANDED = Admission()
_ONE_POLLER = PollerBehaviorSimpleMaximum(1)
"""Without a cache there is no sticky queue, and the engine wants a plain poller."""

SHARED_MODULES = (
    "tenuto.core",
    "tenuto.catalog",
    "tenuto.identity",
    "pydantic",
    "annotated_types",
    "typing_extensions",
    "typing_inspection",
)
"""Data and contracts: imported once, shared with the sandbox. Nothing here may act."""

NATIVE_MODULES = (
    "pydantic_core",
    "cryptography",
    "_cffi_backend",
    "cedarpy",
    "jsonschema_rs",
    "jwt",
)
"""Native modules: imported through the sandbox, one error inside them aborts the process."""


def build_workers(
    client: Client,
    registration: Registration,
    settings: WorkerSettings,
    *,
    queues: Iterable[str] = (),
    is_embedded: bool = False,
    admission: Admission = NOTHING_DEMANDED,
    cached_runs: int = 1000,
) -> list[Worker]:
    """One worker per task queue, not started: all queues of `registration`, or only `queues`.

    `admission` says which runs and messages they take. Runs beyond `cached_runs` are replayed from
    their history whenever something happens to them.
    Raises UsageError for a queue nobody registers code for.
    """
    wanted = tuple(queues) or tuple(registration.queues)
    unknown = [queue for queue in wanted if queue not in registration.queues]
    if unknown:
        raise UsageError(
            f"No code is registered for task queue `{unknown[0]}`. Valid queues are"
            f" {', '.join(f'`{queue}`' for queue in sorted(registration.queues))}.",
            code="worker.unknown-queue",
        )
    runner = sandboxed_runner(registration.passthrough)
    offer(registration.catalog)
    return [
        _build_worker(
            client,
            queue,
            registration.queues[queue],
            settings,
            runner,
            is_embedded,
            admission,
            cached_runs,
        )
        for queue in wanted
    ]


def sandboxed_runner(passthrough: Iterable[str] = ()) -> SandboxedWorkflowRunner:
    """The workflow sandbox, on, sharing only what is proven safe and `passthrough`."""
    return GuardedWorkflowRunner(
        restrictions=SandboxRestrictions.default.with_passthrough_modules(
            *SHARED_MODULES, *NATIVE_MODULES, *passthrough
        )
    )


def _build_worker(
    client: Client,
    queue: str,
    code: QueueCode,
    settings: WorkerSettings,
    runner: SandboxedWorkflowRunner,
    is_embedded: bool,
    admission: Admission,
    cached_runs: int,
) -> Worker:
    polling = PollerBehaviorAutoscaling(minimum=1, maximum=20, initial=5)
    return Worker(
        client,
        task_queue=queue,
        workflows=code.workflows,
        activities=[*code.activities, *admission.activities()],
        # What is registered here alone is local: other workers may poll the queue for theirs.
        no_remote_activities=not code.activities,
        activity_executor=ThreadPoolExecutor(settings.threads, thread_name_prefix=f"{queue}-"),
        max_concurrent_activities=settings.threads,
        workflow_runner=runner,
        workflow_failure_exception_types=[TenutoError],
        interceptors=[
            *admission.interceptors(),
            ArgumentGuard(),
            SteadyHeartbeat(),
            LocalActivityWatch(),
        ],
        max_cached_workflows=cached_runs,
        workflow_task_poller_behavior=polling if cached_runs else _ONE_POLLER,
        activity_task_poller_behavior=polling,
        max_eager_activity_reservations_per_workflow_task=20,
        # A crashed worker's runs wait this long for it before another takes over.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1 if is_embedded else 5),
        # Progress is visible from outside this soon; heartbeat timeouts are far longer.
        max_heartbeat_throttle_interval=timedelta(seconds=1),
        default_heartbeat_throttle_interval=timedelta(seconds=1),
        graceful_shutdown_timeout=timedelta(seconds=settings.drain_timeout_s),
    )
