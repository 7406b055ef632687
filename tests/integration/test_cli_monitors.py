"""`tenuto monitor` as people and programs use it, on a platform that runs: one `tenuto up`."""

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, TypeVar

import pytest

from integration.cli_project.inside import Inside
from integration.cli_project.project import Project
from mail_server import MailServer
from tenuto.packs.monitors.demo.certificate import write_certificate
from tenuto.packs.monitors.webhooks.signature import verify_webhook
from tenuto.testing import eventually
from tenuto.testing.loopback import Answer, LoopbackServer, Received

ResultT = TypeVar("ResultT")

MONITOR = {
    *("id", "version", "owner", "generation", "name", "search_query", "condition_description"),
    *("schedule", "time_zone", "notify_behavior", "config", "notifications", "on_failure"),
    *("failures_before_alarm", "state", "next_checks"),
}
"""What each command that answers with a monitor prints of it."""
ROW = {
    *("id", "name", "owner", "state", "schedule", "time_zone", "next_check", "last_check"),
    "last_status",
}
CHECK = {
    *("workflow_id", "run_id", "status", "started_at", "ended_at", "condition_met", "explanation"),
    *("answer", "result", "notices", "spent", "error"),
}
PRICE = ("--option", 'fields=[{"name": "price", "type": "number", "selector": "b.price"}]')
BELOW = 'condition={"kind": "number", "selector": "b.price", "compare": "<", "value": "400"}'


def soon(check: Callable[[], ResultT]) -> ResultT:
    """What `check` returns once it holds; commands have an event loop of their own."""

    async def held() -> ResultT:
        return await eventually(lambda: asyncio.to_thread(check))

    return asyncio.run(held())


@dataclass
class Shop:
    """A page of a price for each path."""

    prices: dict[str, str] = field(default_factory=dict)

    def __call__(self, request: Received) -> Answer:
        price = self.prices.get(request.path)
        if price is None:
            return Answer(status=404)
        html = f'<title>Shop</title><h1>Kettle</h1><p>Price:</p><b class="price">{price}</b>'
        return Answer(headers={"content-type": "text/html"}, body=html.encode())


@dataclass(frozen=True)
class Desk:
    """A project whose platform runs, a shop, a mailbox, and a receiver of webhooks."""

    run: Inside
    process: Project
    """The same in processes of their own, which trust the receiver's certificate."""
    shop: Shop
    shop_url: str
    mail: MailServer
    hook: LoopbackServer

    def page(self, path: str, price: str | None) -> str:
        """The URL of a page that says `price`, or that is gone."""
        if price is not None:
            self.shop.prices[path] = price
        return f"{self.shop_url}{path}"

    def create(self, name: str, *more: str) -> Any:
        """A monitor of a page of its own, and what `create --json` said of it."""
        url = self.page(f"/{name}", "499.00")
        words = ("What does it cost?", "--when", "it costs less", "--every", "24 hours")
        told = ("monitor", "create", *words, "--url", url, "--name", name)
        return self.run.json(*told, *more)

    def checked(self, name: str) -> Any:
        """The check that runs now, once it has ended."""
        started = self.run.json("monitor", "run", name)

        def ended() -> Any:
            checks = self.run.json("monitor", "history", name)
            (found,) = [each for each in checks if each["run_id"] == started["run_id"]] or (None,)
            assert found is not None
            assert found["ended_at"] is not None
            return found

        return soon(ended)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The desk, for all tests of this file."""
    project = Project(tmp_path_factory.mktemp("desk"), tmp_path_factory.mktemp("bytecode"))
    pem = write_certificate(project.folder)
    shop = Shop()
    with (
        LoopbackServer(shop) as page,
        LoopbackServer(lambda _: Answer(status=204), certificate=pem) as hook,
        MailServer() as mail,
    ):
        project.environment |= {
            "TENUTO_SMTP_HOST": "127.0.0.1",
            "TENUTO_SMTP_PORT": str(mail.port),
            "TENUTO_SMTP_SECURITY": "plain",
            "TENUTO_SMTP_FROM": "monitors@example.com",
            "TENUTO_HTTP_ALLOW": f"127.0.0.1:{page.port},127.0.0.1:{hook.port}",
            "SSL_CERT_FILE": str(pem),
            "TENUTO_MONITORS__MODEL": "scripted:web.yaml",
        }
        try:
            project.up()
            yield Desk(Inside(project), project, shop, page.url, mail, hook)
        finally:
            project.close()


def test_tor_1_the_whole_life_of_a_monitor(desk: Desk) -> None:
    created = desk.create("kettle", *PRICE, "--option", BELOW, "--email", "ann@example.com")
    assert set(created) == MONITOR | {"check"}
    assert created["check"] is None
    assert (created["state"], created["notify_behavior"]) == ("active", "once")

    unmet = desk.checked("kettle")
    assert set(unmet) == CHECK
    assert (unmet["status"], unmet["condition_met"]) == ("success", False)
    desk.page("/kettle", "379.00")
    met = desk.checked("kettle")
    assert met["condition_met"] is True
    assert met["result"]["metadata"]["current_state"] == {"price": "379"}
    assert [each["receipt"]["outcome"] for each in met["notices"]] == ["delivered"]

    shown = desk.run.json("monitor", "show", "kettle")
    assert set(shown) == MONITOR | {"last_check"}
    assert (shown["state"], shown["next_checks"]) == ("completed", [])
    assert shown["last_check"]["run_id"] == met["run_id"]
    page = desk.run("monitor", "show", "kettle").stdout
    assert "ann@example.com, once, then it is completed" in page
    assert "condition met to ann@example.com: delivered" in page
    assert "price: 499 -> 379" in desk.run("monitor", "history", "kettle").stdout

    opened = desk.run.json("monitor", "resume", "kettle")
    assert set(opened) == MONITOR
    assert (opened["state"], opened["generation"]) == ("active", 2)
    paused = desk.run.json("monitor", "pause", "kettle")
    assert (paused["state"], paused["next_checks"]) == ("paused", [])
    changed = desk.run.json("monitor", "update", "kettle", "--every", "2 days", "--email", "")
    assert (changed["state"], changed["schedule"], changed["notifications"]) == (
        *("paused", "2 days"),
        [],
    )
    assert changed["config"] == shown["config"]

    def is_listed() -> None:
        rows = {row["name"]: row for row in desk.run.json("monitor", "list")}
        assert set(rows["kettle"]) == ROW
        assert rows["kettle"]["state"] == "paused"
        assert rows["kettle"]["last_status"] == "success"

    soon(is_listed)
    deleted = desk.run.json("monitor", "delete", "kettle")
    assert deleted == {"monitor": "kettle", "deleted": True}
    assert desk.run.json("monitor", "delete", "kettle")["deleted"] is False
    assert len(desk.run.json("monitor", "history", created["id"])) == 2
    assert "monitors.not-found" in desk.run("monitor", "show", "kettle", code=4).stderr


def test_tor_1_intervals_are_exact_and_cron_is_in_its_zone(desk: Desk) -> None:
    created = desk.create("ninety", "--every", "90 minutes")
    due = [datetime.fromisoformat(each) for each in created["next_checks"]]
    assert len(due) == 5
    assert {later - one for one, later in pairwise(due)} == {timedelta(minutes=90)}
    assert created["schedule"] == "90 minutes"
    weekly = desk.run.json(
        *("monitor", "update", "ninety", "--cron", "0 9 * * mon", "--zone", "Asia/Tokyo")
    )
    assert {each[10:] for each in weekly["next_checks"]} == {"T09:00:00+09:00"}
    assert "0 9 * * mon (Asia/Tokyo)" in desk.run("monitor", "show", "ninety").stdout


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--cron", "0 9 * *"), "`schedule`"),
        (("--cron", "0 25 * * *"), "`schedule`"),
        (("--every", "10 seconds"), "`schedule`"),
        (("--every", "24 hours", "--zone", "Mars/Base"), "`time_zone`"),
        (("--every", "24 hours", "--email", "nobody"), "`notifications.0.email.address`"),
        (("--every", "24 hours", "--provider", "oepnai"), "Did you mean `openai`?"),
        (("--every", "24 hours"), "`url`"),
    ],
)
def test_tor_1_a_mistake_names_the_field_and_keeps_nothing(
    desk: Desk, words: tuple[str, ...], named: str
) -> None:
    asked = ("monitor", "create", "Is it out?", "--when", "it is", "--name", "wrong", *words)
    assert named in desk.run(*asked, code=2).stderr
    assert "monitors.not-found" in desk.run("monitor", "show", "wrong", code=4).stderr


def test_tor_1_a_monitor_comes_from_a_file_too(desk: Desk) -> None:
    url = desk.page("/filed", "1")
    text = (
        "search_query: What does the kettle cost?\n"
        "condition_description: it is cheap\n"
        "schedule: 12 hours\n"
        f"config: {{ options: {{ url: '{url}' }} }}\n"
    )
    file = desk.run.folder / "kettle.yaml"
    file.write_text(text)
    created = desk.run.json("monitor", "create", "--file", "kettle.yaml", "--email", "a@b.example")
    assert created["name"] == "What does the kettle cost?"
    assert created["config"]["options"] == {"url": url}
    assert [each["address"] for each in created["notifications"]] == ["a@b.example"]
    file.write_text(text.replace("12 hours", "12 howers"))
    refused = desk.run("monitor", "create", "--file", "kettle.yaml", code=2).stderr
    assert "kettle.yaml:3:1" in refused
    assert "`schedule`" in refused
    assert "--when and --every" in desk.run("monitor", "create", "What?", code=2).stderr


def test_tor_18_a_preview_finds_and_is_kept_nowhere(desk: Desk) -> None:
    url = desk.page("/previewed", "379.00")
    asked = ("monitor", "preview", "What?", "--when", "cheap", "--every", "1 day", "--url", url)
    mails = len(desk.mail.received)
    found = desk.run.json(*asked, *PRICE, "--option", BELOW, "--name", "seen")
    assert (found["condition_met"], found["is_preview"], found["notices"]) == (True, True, [])
    assert found["metadata"]["current_state"] == {"price": "379"}
    page = desk.run(*asked).stdout
    assert re.search(r"why +This is the first check", page)
    assert re.search(rf"sources +{re.escape(url)}", page)
    assert len(desk.mail.received) == mails
    assert "seen" not in {row["name"] for row in desk.run.json("monitor", "list")}


def test_tor_18_a_fork_is_paused_and_has_no_secret(desk: Desk) -> None:
    desk.create(
        *("original", "--email", "ann@example.com", "--option", "key=secret://env/KEY"),
        *("--webhook", "https://hooks.example/x", "--webhook-secret", "secret://env/HOOK"),
        *("--provider", "openai", "--model", "gpt-5-mini"),
    )
    assert "secret://env/" in desk.run("monitor", "show", "original", "--json").stdout
    copy = desk.run("monitor", "fork", "original", "--name", "copied", "--json")
    assert "secret://" not in copy.stdout
    assert "ann@example.com" not in copy.stdout
    assert '"state": "paused"' in copy.stdout


def test_apply_makes_monitors_what_the_file_says(desk: Desk) -> None:
    mine = _as(desk, "u:file")
    one = "{{ search_query: What?, condition_description: cheap, schedule: {}, config: {} }}"
    page = f"{{ options: {{ url: '{desk.page('/applied', '1')}' }} }}"
    file = desk.run.folder / "monitors.yaml"
    file.write_text(
        f"monitors:\n  a: {one.format('6 hours', page)}\n  b: {one.format('1 day', page)}\n"
    )
    plan = [("create", "a"), ("create", "b")]
    assert [(each["action"], each["name"]) for each in mine("--dry-run")] == plan
    assert [(each["action"], each["name"]) for each in mine("--dry-run")] == plan
    assert [(each["action"], each["name"]) for each in mine()] == plan

    def agrees(*expected: tuple[str, str], with_: tuple[str, ...] = ()) -> Any:
        def planned() -> Any:
            found = mine("--dry-run", *with_)
            assert [(each["action"], each["name"]) for each in found] == list(expected)
            return found

        return soon(planned)

    agrees(("unchanged", "a"), ("unchanged", "b"))
    file.write_text(f"monitors:\n  a: {one.format('90 minutes', page)}\n")
    (changed, _) = agrees(("update", "a"), ("not in the file", "b"))
    assert changed["differences"] == [
        {"field": "schedule", "before": "6 hours", "after": "90 minutes"}
    ]
    agrees(("update", "a"), ("delete", "b"), with_=("--delete",))
    mine("--delete")
    agrees(("unchanged", "a"))


def test_apply_refuses_a_file_with_its_places(desk: Desk) -> None:
    (desk.run.folder / "wrong.yaml").write_text("monitors:\n  a: { schedul: 6 hours }\n")
    refused = desk.run("monitor", "apply", "wrong.yaml", code=2).stderr
    assert "wrong.yaml:2:" in refused
    assert "schedule" in refused


def test_templates_are_listed_by_category(desk: Desk) -> None:
    found = desk.run.json("monitor", "templates", "--category", "software")
    assert {each["category"] for each in found} == {"software"}
    assert set(found[0]) == {
        *("name", "category", "search_query", "condition_description", "schedule"),
        "notify_behavior",
    }
    refused = desk.run("monitor", "templates", "--category", "cooking", code=4).stderr
    assert "shopping" in refused


def test_tor_15_the_secret_of_a_webhook_and_an_event_to_try_it_with(desk: Desk) -> None:
    url = f"https://127.0.0.1:{desk.hook.port}/events"
    secret = desk.run.json("monitor", "webhook", "secret", url)
    assert secret == {"url": url, "secret": secret["secret"], "previous": None}
    assert len(secret["secret"]) == 43
    assert desk.run("monitor", "webhook", "secret", url).stdout.strip() == secret["secret"]
    tried = desk.process.json("monitor", "webhook", "test", url)
    assert tried == {"url": url, "status": 204}
    rotated = desk.run.json("monitor", "webhook", "secret", url, "--rotate")
    assert rotated["previous"] == secret["secret"] != rotated["secret"]
    desk.process("monitor", "webhook", "test", url)
    old, new = desk.hook.received
    assert verify_webhook(old.body, old.headers, secret["secret"])["event_type"] == "task.test"
    for each in (secret["secret"], rotated["secret"]):
        assert verify_webhook(new.body, new.headers, each)["event_type"] == "task.test"
    refused = desk.run("monitor", "webhook", "secret", "http://hooks.example/", code=2).stderr
    assert "monitors.webhook-insecure" in refused


def test_tor_13_a_check_that_failed_says_why(desk: Desk) -> None:
    url = desk.page("/gone", None)
    desk.create("lost", "--url", url)
    failed = desk.checked("lost")
    assert failed["status"] == "failed"
    assert "404" in failed["error"]
    assert re.search(r"last check +.*: failed", desk.run("monitor", "show", "lost").stdout)


def _as(desk: Desk, who: str) -> Callable[..., Any]:
    return lambda *more: desk.run.json("monitor", "apply", *more, "--as", who)


SCRIPT = """\
answers:
  Is the kettle out?:
    text: The kettle {words}.
    sources: [{{url: 'https://shop.example/kettle', title: Kettle}}]
    condition_met: {met}
    fields:
      - {{name: status, type: enum, options: [expected, released], value: {status}}}
      - {{name: released_on, type: date, value: {day}}}
      - {{name: price, type: number, value: '499.00'}}
"""


def test_tor_3_a_search_is_rehearsed_without_a_provider(desk: Desk) -> None:
    script = desk.run.folder / "web.yaml"
    asked = ("Is the kettle out?", "--when", "it is released", "--every", "1 day")
    searching = (*asked, "--provider", "search", "--name", "search")
    script.write_text(
        SCRIPT.format(words="is expected", met="false", status="expected", day="null")
    )
    desk.run("monitor", "create", *searching, "--email", "ann@example.com")
    first = desk.checked("search")
    assert (first["status"], first["condition_met"]) == ("success", False), first["error"]
    assert first["spent"]["usd"] == "0"
    again = desk.checked("search")
    assert again["result"]["metadata"]["comparison_method"] == "hash"
    script.write_text(
        SCRIPT.format(words="is out", met="true", status="released", day="'2026-10-01'")
    )
    found = desk.checked("search")
    assert found["condition_met"] is True
    assert found["result"]["sources"][0]["url"] == "https://shop.example/kettle"
    assert found["result"]["metadata"]["current_state"]["released_on"] == "2026-10-01"
    assert [each["receipt"]["outcome"] for each in found["notices"]] == ["delivered"]
    refused = desk.run(
        *("monitor", "preview", *searching, "--model", "scripted:web.yaml"), code=2
    ).stderr
    assert "monitors.model-unknown" in refused
