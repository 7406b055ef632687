"""The project of docs/how-to/automate-a-project.md, made quick, and the world outside of it."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from integration.cli_project.project import TENUTO, Project, children
from mail_server import Mail, MailServer
from receiver_desk import signed
from tenuto.testing.loopback import Answer, LoopbackServer, Received

PAGE = Path(__file__).parents[1] / "docs/how-to/automate-a-project.md"
FILES: dict[str, str] = dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```", PAGE.read_text(), re.DOTALL))
"""Name -> text of each file that the page shows."""

SECRET = "whsec_" + b64encode(b"the shop's own key, so long").decode()
TOKEN = "a token of the shop"

QUICK = (
    ("schedules.yaml", "every: 15 minutes", "every: 3 seconds"),
    ("schedules.yaml", "cron: '0 7 * * 1-5'\n    time_zone: Europe/Zurich", "every: 5 seconds"),
    ("triggers.yaml", "every: 1 minute", "every: 1 second"),
    ("triggers.yaml", "stable_for: 30 seconds", "stable_for: 1 second"),
    ("monitors.yaml", "schedule: 6 hours", "schedule: 1 minute"),
)
"""What a test does not wait for: file, what the page has, what stands there instead."""


@dataclass
class World:
    """A shop with orders and a supplier with a page; nothing here is ever killed."""

    web: LoopbackServer
    mail: MailServer
    orders: int = 0
    price: str = "5.00"
    asked: int = 0
    """How often orders were asked for."""
    looked: int = 0
    """How often somebody read the supplier's page."""

    def order(self, number: int) -> dict[str, Any]:
        """One order, always the same."""
        return {"id": number, "customer": f"c{number % 7}", "amount": number}

    def answer(self, request: Received) -> Answer:
        """What the shop and the supplier say."""
        parts = urlsplit(request.path)
        if parts.path == "/boxes":
            self.looked += 1
            page = f'<html><body>A box: <b class="price">{self.price}</b> EUR</body></html>'
            return Answer(headers={"content-type": "text/html"}, body=page.encode())
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer(status=401)
        self.asked += 1
        since = int(parse_qs(parts.query).get("since", ["0"])[0])
        rows = [self.order(number) for number in range(max(1, since), self.orders + 1)]
        body = json.dumps({"data": rows}).encode()
        return Answer(headers={"content-type": "application/json"}, body=body)

    def mails(self, to: str) -> list[Mail]:
        """What came to that address."""
        return [each for each in self.mail.received if to in each.to]


@contextmanager
def world() -> Iterator[World]:
    """The outside, for the time of the block."""
    mail = MailServer()
    made: list[World] = []
    with mail, LoopbackServer(lambda request: made[0].answer(request)) as web:
        made.append(World(web=web, mail=mail))
        yield made[0]


@dataclass
class Sender:
    """Sends each event until somebody has taken it, as the shop does."""

    url: str
    http: httpx.AsyncClient
    taken: dict[int, list[int]] = field(default_factory=dict)
    """Number of the event -> statuses of its answers."""
    broken: int = 0
    """How often there was no answer."""

    async def deliver(self, number: int) -> None:
        """Until 2xx."""
        body = json.dumps({"order": f"order-{number}"}).encode()
        while True:
            try:
                answer = await self.http.post(
                    self.url, content=body, headers=signed(body, f"event-{number}", secret=SECRET)
                )
            except httpx.TransportError:
                self.broken += 1
                await asyncio.sleep(0.1)
                continue
            self.taken.setdefault(number, []).append(answer.status_code)
            if answer.is_success:
                return
            assert answer.status_code == 503, answer.text
            await asyncio.sleep(0.1)


class Shop(Project):
    """The page's project in a folder, and `tenuto up` in it, again and again."""

    def __init__(self, folder: Path, bytecode: Path) -> None:
        super().__init__(folder, bytecode)
        self.port, self.receiver_port = free_port(), free_port()

    def write(self, outside: World) -> None:
        """The files of the page."""
        self("init", "--quiet")
        with (self.folder / "tenuto.toml").open("a") as settings:
            settings.write(
                f"[embedded]\nport = {self.port}\nui = false\n"
                f"[triggers]\nport = {self.receiver_port}\n"
            )
        texts = dict(FILES)
        moved = (
            ("sync.yaml", "https://shop.example/api/", f"{outside.web.url}/api/"),
            ("monitors.yaml", "https://supplier.example/boxes", f"{outside.web.url}/boxes"),
        )
        for name, before, after in (*QUICK, *moved):
            assert texts[name].count(before) == 1, (name, before)
            texts[name] = texts[name].replace(before, after)
        (self.folder / "reports").mkdir()
        (self.folder / "inbox").mkdir()
        for name, text in texts.items():
            (self.folder / name).write_text(text)
        self.environment |= {
            "SHOP_API_TOKEN": TOKEN,
            "SHOP_WEBHOOK_SECRET": SECRET,
            "TENUTO_SMTP_HOST": "127.0.0.1",
            "TENUTO_SMTP_PORT": str(outside.mail.port),
            "TENUTO_SMTP_SECURITY": "plain",
            "TENUTO_SMTP_FROM": "shop@example.com",
            "TENUTO_HTTP_ALLOW": f"127.0.0.1:{outside.web.port}",
        }

    @property
    def address(self) -> str:
        """Of its Temporal server."""
        return f"127.0.0.1:{self.port}"

    @property
    def running(self) -> subprocess.Popen[str]:
        """The latest `tenuto up`."""
        return self._spawned[-1]

    def start(self) -> None:
        """`tenuto up` in a process group of its own, until it says that it is up."""
        with self.log.open("a") as log:
            process = subprocess.Popen(
                [TENUTO, "up", "-o", "jsonl", "--log-level", "info"],
                cwd=self.folder,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self._spawned.append(process)
        assert process.stdout is not None
        assert process.stdout.readline(), self.log.read_text()[-3000:]

    def pull_the_plug(self) -> set[int]:
        """SIGKILL to server, workers, and receiver at once; the ids of what was there."""
        family = {self.running.pid} | children(self.running.pid)
        os.killpg(self.running.pid, signal.SIGKILL)
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.running.wait()
        return family - {self.running.pid}


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
