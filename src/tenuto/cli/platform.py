"""Server, namespace, and workers of this project, started and stopped together.

The one place that knows the order; `tenuto up` and `tenuto demo` differ only in what they do
in between.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import NoReturn

from temporalio.worker import Worker

from tenuto.app import missing_packs, project_catalog, project_registration
from tenuto.artifacts.current import use_store
from tenuto.artifacts.external import external_storage
from tenuto.artifacts.store import open_store
from tenuto.cli import exit_codes
from tenuto.cli.audit.places import project_evidence
from tenuto.cli.policies.in_force import keep_in_force
from tenuto.cli.session import Session, project_rules
from tenuto.cli.triggers.opening import project_targets
from tenuto.core.pack import Pack
from tenuto.engine.admission import admission_of
from tenuto.engine.bootstrap import SEARCH_ATTRIBUTE_TYPES, prepare_namespace
from tenuto.engine.connection import Target, connect, payload_codec, profile_target
from tenuto.engine.embedded import ServerInfo, running_server
from tenuto.engine.embedded.recipe import Profile
from tenuto.engine.embedded.server import EmbeddedServer
from tenuto.engine.process import leave
from tenuto.engine.project import use_settings
from tenuto.engine.service import speak_through
from tenuto.engine.serving import StopRequest, serve
from tenuto.engine.settings import Settings
from tenuto.engine.trusting import keep_trusting, trust_keys
from tenuto.engine.worker import build_workers
from tenuto.evidence.home import use_evidence
from tenuto.identity.keys import KeyFolder
from tenuto.policy.current import use_policy
from tenuto.policy.decision import PolicyEngine
from tenuto.triggers.events.current import use_targets
from tenuto.triggers.gate.opening import open_gate
from tenuto.triggers.gate.service import WORKER, GateForActivities


@dataclass(frozen=True, kw_only=True, slots=True)
class Platform:
    """What runs now."""

    session: Session
    server: ServerInfo | None
    """The embedded server, whoever started it; None where a profile names another."""
    started: EmbeddedServer | None
    """The embedded server, if this process started it."""
    workers: list[Worker]
    """Built and not running; none were asked for, or this process serves no queue."""
    skipped: list[Pack]
    """Packs that cannot run here."""
    changed: list[str]
    """What was done to the namespace, in words."""


@asynccontextmanager
async def open_platform(
    settings: Settings,
    *,
    with_workers: bool = True,
    joins_running: bool = False,
) -> AsyncIterator[Platform]:
    """Starts the embedded server, unless a profile names another, and prepares what it serves.

    `joins_running` uses a server that another process of this project runs, where there is one.
    Raises UsageError for a server that runs already, a taken port, code that cannot be
    imported; UnreachableError for a server that does not answer. A server started here is
    stopped at the end.
    """
    target = profile_target(settings)
    running = running_server(settings.state_path) if joins_running and target is None else None
    started = None if target or running else _embedded(settings)
    if started:
        running = await started.start()
    try:
        target = target or Target(address=_address(running), origin="embedded")
        yield await _prepare(settings, target, running, started, with_workers=with_workers)
    finally:
        if started:
            await started.stop()


def on_free_ports(settings: Settings) -> Settings:
    """The settings, with whatever ports are free for the embedded server."""
    ports = {"port": 0, "ui_port": 0, "metrics_port": 0}
    return settings.model_copy(update={"embedded": settings.embedded.model_copy(update=ports)})


def build_project_workers(session: Session, queues: Iterable[str] = ()) -> list[Worker]:
    """Workers of everything this installation can run, not started; only of `queues` if given.

    Activities find the session's artifact store and its ledger, and messages are judged by this
    project's keys. Raises UsageError for an unknown queue, for code that cannot be imported, and
    for keys that others can read.
    """
    use_settings(session.settings)
    use_store(session.store)
    use_evidence(project_evidence(session.settings))
    use_targets(partial(project_targets, session.settings))
    registration = project_registration(session.settings)
    rules = project_rules(session.settings)
    if rules is None:
        use_policy(None)
    else:
        judge_by(session.settings, rules)
    trust_keys(KeyFolder(session.settings.keys_path))
    return build_workers(
        session.client,
        registration,
        session.settings.worker,
        queues=queues,
        is_embedded=session.target.is_embedded,
        admission=admission_of(session.settings),
    )


def judge_by(settings: Settings, rules: PolicyEngine) -> None:
    """Makes `rules` those that this process's activities ask and are asked by."""
    use_policy(rules)
    gate = open_gate(settings, WORKER, rules)
    gate.record_policy()  # steps ask these rules too, and record nothing themselves
    speak_through(GateForActivities(gate, project_catalog(settings)))


async def serve_until_stopped(
    settings: Settings,
    workers: list[Worker],
    stop: StopRequest,
    started: EmbeddedServer | None = None,
    receive: Callable[[StopRequest], Awaitable[None]] | None = None,
) -> None:
    """Runs `workers` until somebody asks to stop, and drains them; beside them runs `receive`.

    Keys that change on disk meanwhile are the ones that messages are judged by, and rules that are
    published those that steps are.

    Whoever asks twice ends the process at once, with 130. Raises UnreachableError when the
    embedded server dies, and what a worker died of.
    """
    urgent = asyncio.create_task(stop.wait_urgent())
    ends = [
        asyncio.create_task(_all(workers, stop, receive)),
        *([asyncio.create_task(started.exited())] if started else []),
    ]
    keeping = [
        asyncio.create_task(keep_trusting(KeyFolder(settings.keys_path))),
        asyncio.create_task(keep_in_force(settings, partial(judge_by, settings))),
    ]
    done, _ = await asyncio.wait([urgent, *keeping, *ends], return_when=asyncio.FIRST_COMPLETED)
    if urgent.done():
        await _leave_now(started)
    urgent.cancel()
    for task in keeping:
        task.cancel()
    for each in done:
        each.result()


async def _all(
    workers: list[Worker],
    stop: StopRequest,
    receive: Callable[[StopRequest], Awaitable[None]] | None,
) -> None:
    parts: list[Awaitable[None]] = [serve(workers, stop) if workers else stop.wait()]
    await asyncio.gather(*parts, *([receive(stop)] if receive else []))


async def _leave_now(started: EmbeddedServer | None) -> NoReturn:
    if started:
        await started.stop(timedelta(0))
    # Not by an exception: the loop would wait for activities that nobody wants to wait for.
    leave(exit_codes.INTERRUPTED)


async def _prepare(
    settings: Settings,
    target: Target,
    server: ServerInfo | None,
    started: EmbeddedServer | None,
    *,
    with_workers: bool,
) -> Platform:
    store = open_store(settings.artifacts_url)
    client = await connect(
        target,
        external_storage=external_storage(store),
        codec=payload_codec(settings, target),
    )
    retention = timedelta(days=settings.embedded.retention_days) if started else None
    changed = await prepare_namespace(client, retention=retention)
    if started:
        await started.fit_indexes()
    session = Session(settings=settings, target=target, client=client, store=store)
    return Platform(
        session=session,
        server=server,
        started=started,
        workers=build_project_workers(session) if with_workers else [],
        skipped=missing_packs(settings),
        changed=changed,
    )


def _embedded(settings: Settings) -> EmbeddedServer:
    wanted = settings.embedded
    return EmbeddedServer(
        settings.state_path,
        profile=Profile(wanted.durability),
        port=wanted.port,
        metrics_port=wanted.metrics_port,
        ui_port=wanted.ui_port if wanted.ui else None,
        search_attributes=SEARCH_ATTRIBUTE_TYPES,
    )


def _address(server: ServerInfo | None) -> str:
    assert server is not None  # noqa: S101 (narrowing: without a profile there is a server)
    return server.address
