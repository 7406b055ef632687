"""A place of the demonstration's own: a namespace, a page, a mailbox, a receiver, a worker."""

import asyncio
import os
import secrets
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from temporalio.client import Client

from tenuto.packs.monitors.demo.certificate import write_certificate
from tenuto.packs.monitors.demo.mailbox import Mailbox, open_mailbox
from tenuto.packs.monitors.demo.shop import Receiver, Shop, open_servers
from tenuto.packs.monitors.operations import Monitors
from tenuto.triggers.demo import Stage, own_namespace

SECRET = "TENUTO_DEMO_WEBHOOK"  # noqa: S105 (the name of a variable)


class Worker:
    """The worker's process."""

    def __init__(self, command: tuple[str, ...], environment: Mapping[str, str]) -> None:
        self._command = command
        self._environment = environment
        self._process: Process | None = None
        self._next: Process | None = None

    async def prepare(self) -> None:
        """One more process, which imports what it needs and waits to be let begin."""
        self._next = await asyncio.create_subprocess_exec(
            *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=self._environment
        )

    async def begin(self) -> None:
        """Lets the prepared process begin, and returns once it serves."""
        self._process, self._next = self._next, None
        assert self._process is not None  # noqa: S101 (prepared, as asked for)
        assert self._process.stdin is not None  # noqa: S101 (a pipe, as asked for)
        assert self._process.stdout is not None  # noqa: S101 (a pipe, as asked for)
        self._process.stdin.write(b"begin\n")
        await self._process.stdout.readline()

    async def kill(self) -> None:
        """SIGKILL: the one that serves finishes nothing and says goodbye to nobody."""
        await _killed(self._process)

    async def leave(self) -> None:
        """Nothing stays, not even the one that waits."""
        await _killed(self._process)
        await _killed(self._next)


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """Where the demonstration plays."""

    stage: Stage
    monitors: Monitors
    shop: Shop
    page: str
    mailbox: Mailbox
    receiver: Receiver
    hook: str
    worker: Worker


@asynccontextmanager
async def workplace(stage: Stage) -> AsyncIterator[Workplace]:
    """The place, with everything running, for the time of the block."""
    client = await own_namespace(stage, "monitor")
    secret = secrets.token_urlsafe(32)
    shop, receiver = Shop(), Receiver(secret)
    pem = await asyncio.to_thread(write_certificate, stage.folder)
    async with AsyncExitStack() as inside:
        page, hook = inside.enter_context(open_servers(shop, receiver, pem))
        mailbox = await inside.enter_async_context(open_mailbox())
        environment = {
            "TENUTO_SMTP_HOST": "127.0.0.1",
            "TENUTO_SMTP_PORT": str(mailbox.port),
            "TENUTO_SMTP_SECURITY": "plain",
            "TENUTO_SMTP_FROM": "monitors@example.com",
            "TENUTO_HTTP_ALLOW": f"{_host(page)},{_host(hook)}",
            "SSL_CERT_FILE": str(pem),
            SECRET: secret,
        }
        worker = Worker(_command(client), {**os.environ, **environment})
        inside.push_async_callback(worker.leave)
        await worker.prepare()
        await worker.begin()
        await worker.prepare()
        yield Workplace(
            stage=stage,
            monitors=Monitors(client, stage.gate),
            shop=shop,
            page=page,
            mailbox=mailbox,
            receiver=receiver,
            hook=hook,
            worker=worker,
        )


async def _killed(process: Process | None) -> None:
    if process is not None and process.returncode is None:
        process.kill()
        await process.wait()


def _command(client: Client) -> tuple[str, ...]:
    module = "tenuto.packs.monitors.demo.worker"
    address = client.service_client.config.target_host
    return (
        *(sys.executable, "-m", module),
        *("--address", address, "--namespace", client.namespace),
    )


def _host(url: str) -> str:
    return url.split("/")[2]
