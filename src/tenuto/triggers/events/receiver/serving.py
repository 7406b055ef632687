"""Serving the receiver: uvicorn on a port of its own, and no delivery lost when it stops."""

import asyncio
import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from tenuto.core.errors import UsageError
from tenuto.engine.serving import StopRequest
from tenuto.triggers.events.receiver.app import Receiver, receiver_app

GRACE_S = 20
"""So long deliveries that have begun may take when the receiver stops."""

logger = logging.getLogger(__name__)


def open_port(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises UsageError `triggers.port-taken`."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise UsageError(
            f"The receiver cannot listen on {host}:{port}: {error.strerror or error}. Set"
            " `triggers.host` and `triggers.port` in tenuto.toml, or stop what listens there.",
            code="triggers.port-taken",
        ) from error


def address_of(listening: socket.socket) -> str:
    """`http://host:port`."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def serve_receiver(receiver: Receiver, listening: socket.socket, stop: StopRequest) -> None:
    """Takes deliveries until `stop`; what has begun is finished, nothing new is taken.

    Whoever asks twice does not wait.
    """
    server = _Server(
        uvicorn.Config(
            receiver_app(receiver),
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    stopping = asyncio.create_task(_stop(server, receiver, stop))
    logger.info("receiver_started", extra={"address": address_of(listening)})
    try:
        await server.serve(sockets=[listening])
    finally:
        stopping.cancel()
        listening.close()
    logger.info("receiver_stopped")


async def _stop(server: uvicorn.Server, receiver: Receiver, stop: StopRequest) -> None:
    await stop.wait()
    receiver.is_draining = True
    server.should_exit = True
    await stop.wait_urgent()
    server.force_exit = True


class _Server(uvicorn.Server):
    """Leaves signals to this process, which stops more than the receiver."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
