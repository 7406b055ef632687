"""The server talks to nobody but this machine, and hears no web page on it."""

import os
import re
import shutil
import signal
import subprocess
from asyncio import to_thread
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.request import urlopen

import pytest

from tenuto.engine.embedded.binary import find_binary
from tenuto.engine.embedded.environment import server_environment
from tenuto.engine.embedded.ports import HOST, Ports, choose_ports
from tenuto.engine.embedded.recipe import Profile, server_arguments
from tenuto.engine.embedded.server import LOG_NAME, EmbeddedServer
from tenuto.testing import eventually


def read(url: str) -> str:
    with urlopen(url) as answer:  # noqa: S310 (our own URLs)
        return str(answer.read().decode())


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
async def test_every_connection_of_a_life_is_to_this_machine(tmp_path: Path) -> None:
    ports = choose_ports(frontend=0, ui=0)
    with traced_server(tmp_path, ports) as trace:

        async def serve() -> None:
            try:
                await to_thread(read, f"http://{HOST}:{ports.ui}/")
                await to_thread(read, f"http://{HOST}:{ports.ui}/api/v1/settings")
                await to_thread(read, f"http://{HOST}:{ports.metrics}/metrics")
            except OSError as error:
                raise AssertionError(str(error)) from error

        await eventually(serve)
    calls = trace.read_text("utf-8").splitlines()
    assert any("SIGTERM" in call for call in calls), "traced to its end"
    outward = [call for call in calls if re.search(r"(connect|sendto|sendmsg)\(.*AF_INET", call)]
    assert len(outward) > 3, "the server's own parts connect to each other"
    assert [call for call in outward if not re.search(r'"(::ffff:)?127\.|"::1"', call)] == []


@contextmanager
def traced_server(folder: Path, ports: Ports) -> Iterator[Path]:
    trace = folder / "trace"
    arguments = server_arguments(Profile.DURABLE, ports, "temporal.db")
    tracer = subprocess.Popen(
        ["strace", "-f", "-e", "trace=network", "-o", trace, find_binary().path, *arguments],
        cwd=folder,
        env=server_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with tracer:
        try:
            yield trace
            traced = int(trace.read_text("utf-8").split(maxsplit=1)[0])
            os.kill(traced, signal.SIGTERM)
            tracer.wait(30)
        finally:
            tracer.kill()


async def test_the_http_api_refuses_whatever_a_browser_can_send(
    server: EmbeddedServer, state_dir: Path
) -> None:
    def announced_port() -> int:
        said = (state_dir / LOG_NAME).read_text("utf-8")
        banner = re.search(r"Temporal HTTP: +localhost:(\d+)", said)
        assert banner
        return int(banner[1])

    port = await eventually(announced_port)
    for host in (f"localhost:{port}", f"127.0.0.1:{port}", "rebound.example"):
        for method, path in [("GET", "namespaces"), ("POST", "namespaces/default/workflows/x")]:
            status = await to_thread(_status, port, host, method, f"/api/v1/{path}")
            assert status == 403, (host, method)


def _status(port: int, host: str, method: str, path: str) -> int:
    connection = HTTPConnection(HOST, port)
    connection.request(method, path, body="{}", headers={"Host": host})
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
async def test_secrets_of_this_process_do_not_reach_the_server(
    monkeypatch: pytest.MonkeyPatch, state_dir: Path
) -> None:
    monkeypatch.setenv("TENUTO_KEYS", "do-not-leak")
    monkeypatch.setenv("TEMPORAL_API_KEY", "do-not-leak-either")
    async with EmbeddedServer(state_dir) as server:
        environment = await to_thread(Path(f"/proc/{server.info.pid}/environ").read_text, "utf-8")
    assert "do-not-leak" not in environment
    assert "PATH=" in environment
