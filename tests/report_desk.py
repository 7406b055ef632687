"""Reports in tests: a project with data, its worker here or apart, receivers on loopback."""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb
import pytest
from apprise.plugins.slack import NotifySlack
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from mail_server import MailServer
from notify_worker_process import _held_after as held_after
from sample.serving import miss_soon, serve_until_stopped
from tenuto.activities.notify.pack import pack as notify
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.core.pack import Pack
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.project import use_settings
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import Settings, WorkerSettings, load_settings
from tenuto.engine.worker import build_workers
from tenuto.packs.reports.catalog import run_report
from tenuto.packs.reports.models import RunReportRequest, RunReportResult
from tenuto.packs.reports.pack import pack as reports
from tenuto.testing.loopback import Answer, LoopbackServer, Received
from tenuto.triggers.start import start

DAY = "2024-01-31"
QUERY = "SELECT client, spend, clicks FROM spend WHERE day = :date::date ORDER BY client"
MJML = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>{% for row in rows %}{{ row.client }}: "
    "{{ row.spend | currency }}; {% endfor %}</mj-text></mj-column></mj-section></mj-body></mjml>"
)
SPEND: dict[str, Any] = {
    "currency": "USD",
    "source": {"duckdb": "spend.duckdb"},
    "query": QUERY,
    "templates": {
        "email": {"subject": "Spend of {{ params.date | date }}", "mjml": MJML},
        "slack": "*Spend* {% for row in rows %}{{ row.client }} {{ row.spend | currency }} "
        "{% endfor %}",
        "sms": "Spend {{ rows | total('spend') | currency }}",
        "webhook": {},
        "file": {},
    },
    "recipients": {
        "email": ["ann@example.com", "ben@example.com"],
        "slack": ["secret://env/DESK_SLACK"],
        "sms": ["+442079460000"],
        "webhook": [
            {
                "name": "program",
                "target": "secret://env/DESK_HOOK_URL",
                "secrets": ["secret://env/DESK_HOOK"],
            }
        ],
    },
}


def make_project(folder: Path) -> Settings:
    """A project with a DuckDB file of spend: two clients on `DAY`, one of them unknown."""
    (folder / "tenuto.toml").write_text("")
    (folder / "reports").mkdir()
    with duckdb.connect(str(folder / "spend.duckdb")) as data:
        data.execute("CREATE TABLE spend (day DATE, client TEXT, spend DECIMAL(12,2), clicks INT)")
        data.execute(
            "INSERT INTO spend VALUES ('2024-01-31', 'Acme <b>', 1234.50, 7),"
            " ('2024-01-31', 'Globex & Co', NULL, NULL), ('2024-01-30', 'Acme <b>', 1.00, 1)"
        )
    write(folder, "spend", SPEND)
    return load_settings(folder)


def write(folder: Path, name: str, report: dict[str, Any]) -> None:
    """The report as a file; JSON is YAML."""
    (folder / "reports" / f"{name}.yaml").write_text(json.dumps(report))


def changed(**fields: Any) -> dict[str, Any]:
    """The report of spend with other fields."""
    return {**SPEND, **fields}


@asynccontextmanager
async def report_worker(
    client: Client, settings: Settings, *beside: Pack
) -> AsyncIterator[ArtifactStore]:
    """A worker of reports, channels, and further packs in this process; yields its store."""
    store = open_store(settings.artifacts_url)
    use_store(store)
    use_settings(settings)
    registration = load_registration([reports, notify, *beside])
    async with AsyncExitStack() as running:
        for worker in build_workers(client, registration, WorkerSettings(), is_embedded=True):
            await running.enter_async_context(worker)
        yield store
    use_store(None)
    use_settings(None)


class Receivers:
    """What was really received, by channel."""

    def __init__(self, mail: MailServer, web: LoopbackServer) -> None:
        self.mail, self.web = mail, web

    def clear(self) -> None:
        self.mail.received.clear()
        self.web.received.clear()

    def at(self, path: str) -> list[Received]:
        return [each for each in self.web.received if each.path.startswith(path)]


def _answer(received: Received) -> Answer:
    """Slack's web API, a telephone company, and a program, by path."""
    if received.path.startswith("/api/"):
        said = json.dumps({"ok": True, "channel": "C1", "ts": "1.1"}).encode()
        return Answer(headers={"content-type": "application/json"}, body=said)
    return Answer(body=b"ok")


@contextmanager
def receivers(setenv: Any, setattr_: Any) -> Iterator[Receivers]:
    """Real servers on loopback, and a worker's settings that lead to them."""
    with MailServer() as mail, LoopbackServer(_answer) as web:
        setattr_(NotifySlack, "api_url", f"{web.url}/api/{{}}")
        for name, value in {
            "TENUTO_SMTP_HOST": "127.0.0.1",
            "TENUTO_SMTP_PORT": str(mail.port),
            "TENUTO_SMTP_SECURITY": "plain",
            "TENUTO_SMTP_FROM": "desk@fund.example",
            "TENUTO_HTTP_ALLOW": f"127.0.0.1:{web.port}",
            "TENUTO_SMS_PROVIDER": "http",
            "TENUTO_SMS_URL": f"{web.url}/sms",
            "DESK_SLACK": "slack://xoxb-1234-1234-4ddbc191d40ee098cbaae6f3523ada2d/#desk",
            "DESK_HOOK_URL": f"{web.url}/hook",
            "DESK_HOOK": "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0",
        }.items():
            setenv(name, value)
        yield Receivers(mail, web)


async def go(client: Client, name: str, channel: Any, **fields: Any) -> RunReportResult:
    """The result of a run of the report for `DAY`."""
    request = RunReportRequest(
        report_name=name, channel=channel, **{"params": {"date": DAY}, **fields}
    )
    handle = await start(client, run_report, request, workflow_id=f"report/{uuid4().hex}")
    result = await handle.result()
    assert isinstance(result, RunReportResult)
    return result


async def refused(client: Client, name: str, channel: Any, **fields: Any) -> ApplicationError:
    """How a run of the report failed: the innermost error."""
    with pytest.raises(WorkflowFailureError) as failed:
        await go(client, name, channel, **fields)
    cause: BaseException = failed.value
    while cause.__cause__ is not None:
        cause = cause.__cause__
    assert isinstance(cause, ApplicationError)
    return cause


async def _run(address: str, project: Path, hold_in: Path | None) -> None:
    settings = load_settings(project)
    use_store(open_store(settings.artifacts_url))
    use_settings(settings)
    registration = load_registration([reports, notify])
    if hold_in is not None:
        code = registration.queues["integration"]
        code.activities[:] = [
            held_after(each, hold_in) if each.__name__ == "email" else each
            for each in code.activities
        ]
    client = await connect(Target(address=address, origin="embedded"))
    miss_soon(registration)
    await serve_until_stopped(client, registration)


def main() -> None:
    """Serves until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--project", required=True, type=Path)
    parser.add_argument("--hold-in", type=Path)
    given = parser.parse_args()
    asyncio.run(_run(given.address, given.project, given.hold_in))
    leave(0)


if __name__ == "__main__":
    main()
