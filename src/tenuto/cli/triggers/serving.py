"""The receiver in this process: alone, or beside the workers of `tenuto up`."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tenuto.cli.output import Output
from tenuto.cli.policies.in_force import keep_in_force
from tenuto.cli.session import Session, open_session
from tenuto.cli.triggers.opening import open_receiver, read_project, triggers_file
from tenuto.core.errors import UsageError
from tenuto.engine.serving import StopRequest


@dataclass(frozen=True, kw_only=True, slots=True)
class Receiving:
    """A receiver whose port is open, not yet serving."""

    address: str
    paths: tuple[str, ...]
    serve: Callable[[StopRequest], Awaitable[None]]
    """Takes deliveries until somebody asks to stop."""


async def serve(output: Output, host: str | None, port: int | None) -> None:
    """Receives until it is told to stop. Raises as `open_receiving` does."""
    stop = StopRequest()
    stop.listen()
    session = await open_session()
    receiving = open_receiving(session, host, port)
    if receiving is None:
        raise UsageError(
            f"{triggers_file(session.settings)} has neither `webhooks` nor `events`: nothing is"
            " received over HTTP. `tenuto triggers apply` watches files.",
            code="triggers.nothing-to-receive",
        )
    record = {"address": receiving.address, "paths": list(receiving.paths)}
    output.record(record, lambda console: console.print(f"Receiving on {receiving.address}"))
    for path in receiving.paths:
        output.note(f"  POST {path}")
    await receiving.serve(stop)
    output.note("Stopped.")


def open_receiving(
    session: Session, host: str | None = None, port: int | None = None
) -> Receiving | None:
    """The receiver of the project's triggers; None where nothing comes over HTTP.

    Raises InvalidTriggers, NotFoundError `triggers.no-file`, UsageError `triggers.port-taken`, and
    as `open_receiver` does.
    """
    settings = session.settings
    triggers = read_project(settings).whole()
    if not triggers.is_receiving:
        return None
    host = host or settings.triggers.host
    receiver = open_receiver(session, triggers, host)
    from tenuto.triggers.events.receiver.serving import address_of, open_port, serve_receiver

    listening = open_port(host, settings.triggers.port if port is None else port)

    async def run(stop: StopRequest) -> None:
        keeping = asyncio.create_task(keep_in_force(settings, receiver.gates.use))
        serving = asyncio.create_task(serve_receiver(receiver, listening, stop))
        done, _ = await asyncio.wait([keeping, serving], return_when=asyncio.FIRST_COMPLETED)
        keeping.cancel()
        for each in done:
            each.result()

    paths = tuple(inlet.path for inlet in receiver.inlets)
    return Receiving(address=address_of(listening), paths=paths, serve=run)
