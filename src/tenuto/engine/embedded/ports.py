"""Which ports the server takes, checked before it starts."""

import errno
import socket
from dataclasses import dataclass

from tenuto.core.errors import UsageError

HOST = "127.0.0.1"
"""The server has no authentication, so it never listens on anything but loopback."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ports:
    """Every port of one server."""

    frontend: int
    """gRPC: clients and workers."""
    metrics: int
    """Prometheus text at `/metrics`."""
    http: int
    """Temporal's HTTP API, which the recipe closes; it takes a port all the same."""
    ui: int | None
    """Temporal's own web page, or None without one."""


def choose_ports(*, frontend: int, metrics: int = 0, ui: int | None = None) -> Ports:
    """The ports asked for, each checked, with a free one wherever 0 is asked for.

    Raises UsageError for a port in use, naming the setting that changes it.
    """
    return Ports(
        frontend=_take(frontend, "Temporal's gRPC frontend", "embedded.port"),
        metrics=_take(metrics, "the server's metrics", "embedded.metrics_port"),
        http=free_port(),
        ui=None if ui is None else _take(ui, "Temporal's web page", "embedded.ui_port"),
    )


def free_port() -> int:
    """A port nobody listens on and the system will not hand out again for a minute.

    Closing an accepted connection from the listening side leaves the port in TIME_WAIT: taken
    for whoever asks for any port, free for a server that binds it by number.
    """
    with socket.create_server((HOST, 0)) as listener:
        port = int(listener.getsockname()[1])
        with socket.create_connection((HOST, port)):
            accepted, _ = listener.accept()
            accepted.close()
    return port


def _take(port: int, purpose: str, setting: str) -> int:
    if port == 0:
        return free_port()
    try:
        socket.create_server((HOST, port)).close()
    except OSError as error:
        raise UsageError(
            f"Port {port} for {purpose} cannot be used: {_reason(error)}. Stop the program that"
            f" uses it, or set `{setting}` (environment `{_variable(setting)}`) to another port;"
            " 0 takes a free one.",
            code="embedded.port-in-use",
            details={"port": port, "setting": setting},
        ) from error
    return port


def _reason(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"another program listens on {HOST}"
    return (error.strerror or str(error)).lower()


def _variable(setting: str) -> str:
    return "TENUTO_" + setting.upper().replace(".", "__")
