"""Monitors in tests: real schedules, mail over real SMTP, and pages that say what a test wants."""

import json
import threading
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from guarded_desk import WordRules
from mail_server import Mail, MailServer, Script
from tenuto.activities.notify.pack import pack as notify
from tenuto.catalog.library.notify.catalog import QUEUE as INTEGRATION
from tenuto.core.pack import Pack
from tenuto.engine.admission import Admission
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.identity.keys import KeyFolder
from tenuto.identity.principal import Principal
from tenuto.packs.monitors.catalog import QUEUE
from tenuto.packs.monitors.history import ExecutionRecord
from tenuto.packs.monitors.models import Draft, Monitor
from tenuto.packs.monitors.operations import Monitors
from tenuto.packs.monitors.pack import pack as monitors
from tenuto.packs.monitors.running import Started
from tenuto.testing import eventually
from tenuto.testing.loopback import Answer, LoopbackServer, Received
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.gate.records import RecordsInMemory

ORACLE = replace(
    monitors,
    activities=(
        "tenuto.packs.monitors.activities.standing",
        "tenuto.packs.monitors.addresses.activities",
        "monitor_bodies",
    ),
)
"""The pack with a provider that asks an HTTP server."""

_SCRIPT = Script(rcpt=lambda address: "550 no" if address.startswith("refused@") else "250 OK")

OPEN = ("pending", "running", "retrying")


@dataclass
class Web:
    """What the pages say now, and the events that webhooks were sent."""

    pages: dict[str, dict[str, Any] | int] = field(default_factory=dict)
    """Path -> what was found there, or the status that it answers with."""
    hooks: dict[str, int] = field(default_factory=dict)
    """Path -> status that a webhook there answers with; by default 200."""
    url: str = ""
    events: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    holds: dict[str, threading.Event] = field(default_factory=dict)
    """Path -> what a webhook there waits for, before it takes an event."""
    held: list[dict[str, Any]] = field(default_factory=list)
    """Events that came while it waited."""

    def answer(self, request: Received) -> Answer:
        """What the server says."""
        hold = self.holds.get(request.path)
        if hold is not None and not hold.is_set():
            self.held.append(json.loads(request.body))
            hold.wait(30)
            return Answer(status=503)
        if request.method == "POST":
            status = self.hooks.get(request.path, 200)
            if status == 200:
                self.events.append({"path": request.path, **json.loads(request.body)})
            return Answer(status=status)
        self.asked.append(request.path)
        said = self.pages.get(request.path, 404)
        if isinstance(said, int):
            return Answer(status=said)
        return Answer(body=json.dumps(said).encode())

    def says(
        self, path: str, state: str, *, met: bool, sources: tuple[str, ...] = ("https://a.example",)
    ) -> None:
        """What is found at `path` from now on."""
        self.pages[path] = {
            "answer": f"It is {state}.",
            "sources": sources,
            "met": met,
            "state": {"state": state},
        }

    def fails(self, path: str, status: int = 500) -> None:
        """The page cannot be read from now on."""
        self.pages[path] = status


@dataclass(kw_only=True)
class MonitorDesk:
    """One server's monitors, what they look at, and whom they tell."""

    client: Client
    web: Web
    mail: MailServer
    keys: KeyFolder
    records: RecordsInMemory = field(default_factory=RecordsInMemory)

    def gate(self, who: str = "u:ann", rules: WordRules | None = None) -> Gate:
        """The gate as `who` passes it; without rules, policy is off."""
        return Gate(Principal(id=who), rules, self.keys, self.records)

    def monitors(self, who: str = "u:ann", rules: WordRules | None = None) -> Monitors:
        """Monitors in the name of `who`."""
        return Monitors(self.client, self.gate(who, rules))

    def draft(self, **given: Any) -> Draft:
        """A monitor of a page of its own, that e-mails somebody of its own, daily."""
        name = given.pop("name", f"page {uuid.uuid4().hex[:8]}")
        path = given.pop("path", f"/{name.replace(' ', '-')}")
        mails = given.pop("email", f"{path[1:]}@example.com")
        notices = [{"type": "email", "address": mails}] if mails else []
        return Draft.model_validate(
            {
                "name": name,
                "search_query": "What is it?",
                "condition_description": "it is there",
                "schedule": "24 hours",
                "config": {"provider": "oracle", "options": {"url": f"{self.web.url}{path}"}},
                "notifications": notices,
                **given,
            }
        )

    async def create(self, **given: Any) -> Monitor:
        """A new monitor, without a check yet."""
        return (await self.monitors().create(self.draft(**given))).monitor

    async def check(self, monitor: Monitor) -> ExecutionRecord:
        """A check of it now, once it has ended."""
        return await self.ended(monitor, await self.monitors().run(monitor.id))

    async def ended(self, monitor: Monitor, started: Started) -> ExecutionRecord:
        """The check, once it has ended and the engine knows that."""

        async def found() -> ExecutionRecord:
            records = await self.monitors().history(monitor.id)
            ended = [each for each in records if each.run_id == started.run_id]
            assert ended
            assert ended[0].status not in OPEN, ended
            kept = await self.monitors().find(monitor.id)
            assert not kept.info.running_workflows
            return ended[0]

        return await eventually(found)

    def mails(self, monitor: Monitor) -> list[Mail]:
        """What its address was sent."""
        return [each for each in self.mail.received if monitor.email in each.to]

    def subjects(self, monitor: Monitor) -> list[str]:
        """First words of the mails to its address, in order."""
        return [each.message["subject"].split(":")[0] for each in self.mails(monitor)]


def path_of(monitor: Monitor) -> str:
    """The page that it looks at."""
    return "/" + str(monitor.config.options["url"]).split("/", 3)[3]


@contextmanager
def web_and_mail() -> Iterator[tuple[Web, MailServer]]:
    """Both servers, and the settings by which a worker of this machine reaches them."""
    web = Web()
    with (
        LoopbackServer(web.answer) as server,
        MailServer(script=_SCRIPT) as mail,
        pytest.MonkeyPatch.context() as env,
    ):
        web.url = server.url
        for name, value in {
            "TENUTO_SMTP_HOST": "127.0.0.1",
            "TENUTO_SMTP_PORT": str(mail.port),
            "TENUTO_SMTP_SECURITY": "plain",
            "TENUTO_SMTP_FROM": "monitors@example.com",
        }.items():
            env.setenv(name, value)
        yield web, mail


@asynccontextmanager
async def monitor_desk(
    client: Client, folder: Path, *, packs: tuple[Pack, ...] = (ORACLE, notify)
) -> AsyncIterator[MonitorDesk]:
    """A desk with a worker of this process."""
    with web_and_mail() as (web, mail):
        workers = build_workers(
            client,
            load_registration(packs),
            WorkerSettings(),
            queues=(QUEUE, INTEGRATION),
            is_embedded=True,
            admission=Admission(),
        )
        async with workers[0], workers[1]:
            yield MonitorDesk(client=client, web=web, mail=mail, keys=KeyFolder(folder / "keys"))
