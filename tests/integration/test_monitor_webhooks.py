"""A monitor of a real page on the real engine, and the signed event that its webhook gets."""

import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client

from fake_models import answered, first_verdict, google_form, google_text, verdict
from monitor_desk import MonitorDesk, monitor_desk
from tenuto.activities.http_origins import use_origins
from tenuto.activities.notify.pack import pack as notify
from tenuto.core.errors import DataError, NotFoundError, UsageError
from tenuto.engine.project import use_settings
from tenuto.engine.settings import MonitorsSettings, Settings
from tenuto.packs.monitors.history import ExecutionRecord
from tenuto.packs.monitors.models import Monitor
from tenuto.packs.monitors.pack import pack as monitors
from tenuto.packs.monitors.webhooks.secrets import WebhookSecrets
from tenuto.packs.monitors.webhooks.sending import send_test_event
from tenuto.packs.monitors.webhooks.signature import verify_webhook
from tenuto.testing.loopback import Answer, LoopbackServer, Received

KEY = "loopback-key-0123456789"
NAMED = (
    "https://hooks.example",
    "https://shop.example",
    "https://generativelanguage.googleapis.com",
)
HOOK = "https://hooks.example/t0ken/kettle"
PAGE = b"<title>Kettles</title><p class=stock>%s</p>"


class World:
    """One page, and one receiver of events with the statuses that it answers in order."""

    def __init__(self) -> None:
        self.stock = b"sold out"
        self.statuses: list[int] = []
        self.events: list[Received] = []
        self.models: list[Answer] = []

    def __call__(self, request: Received) -> Answer:
        if request.method == "GET":
            return Answer(headers={"content-type": "text/html"}, body=PAGE % self.stock)
        if "generateContent" in request.path:
            return self.models.pop(0)
        self.events.append(request)
        status = self.statuses.pop(0) if self.statuses else 200
        return Answer(status=status, headers={"location": "/elsewhere"})


@pytest.fixture(scope="module")
def world() -> Iterator[tuple[World, LoopbackServer]]:
    """The world, and where it is."""
    there = World()
    with LoopbackServer(there) as server:
        yield there, server


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(
    client: Client,
    world: tuple[World, LoopbackServer],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[MonitorDesk]:
    """A worker of the pack as it is, whose pauses are short."""
    folder = tmp_path_factory.mktemp("webhooks")
    _, server = world
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        patch.setenv("GOOGLE_API_KEY", KEY)
        use_origins(dict.fromkeys(NAMED, server.url))
        short = MonitorsSettings(webhook_retries_s=(0.01, 0.02, 0.03))
        use_settings(Settings(root=folder, monitors=short))
        async with monitor_desk(client, folder, packs=(monitors, notify)) as open_desk:
            yield open_desk
        use_settings(None)
        use_origins(None)


@pytest.fixture
def there(world: tuple[World, LoopbackServer]) -> World:
    """The world, as new."""
    world[0].stock, world[0].statuses, world[0].events = b"sold out", [], []
    return world[0]


@pytest.fixture
def keys(desk: MonitorDesk, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The keys folder of the worker."""
    return _settings().keys_path


def _settings() -> Settings:
    from tenuto.engine.project import current_settings

    return current_settings()


async def kettle(desk: MonitorDesk, url: str = HOOK, **given: Any) -> Monitor:
    options = {
        "url": "https://shop.example/kettle",
        "part": {"selector": ".stock"},
        "fields": [{"name": "stock", "selector": ".stock"}],
        "condition": {"kind": "contains", "text": "in stock"},
    }
    return await desk.create(
        email=None,
        config={"provider": "page", "options": options},
        notifications=[{"type": "webhook", "url": url}],
        notify_behavior="always",
        **given,
    )


def receipt(record: ExecutionRecord) -> Any:
    (notice,) = record.notices
    return notice.receipt


async def test_tor_15_a_met_condition_is_one_signed_event_of_exactly_that_form(
    desk: MonitorDesk, there: World, keys: Path, client: Client
) -> None:
    monitor = await kettle(desk)
    first = await desk.check(monitor)
    assert first.condition_met is False
    assert there.events == []
    there.stock = b"in stock"
    record = await desk.check(monitor)
    assert receipt(record).outcome == "delivered"
    (event,) = there.events
    secret = WebhookSecrets(keys).of(HOOK, datetime.now(UTC))[0].get_secret_value()
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", secret)
    body = verify_webhook(event.body, event.headers, secret)
    assert list(body) == ["id", "event_type", "created_at", "object", "api_version", "data"]
    assert (body["event_type"], body["object"], body["api_version"]) == (
        "task.condition_met",
        "event",
        "v1",
    )
    data = body["data"]
    assert list(data) == ["task", "execution", "result"]
    assert list(data["task"]) == ["id", "name", "search_query", "condition_description"]
    assert list(data["execution"]) == ["id", "condition_met", "change_summary", "completed_at"]
    assert list(data["result"]) == ["answer", "grounding_sources"]
    assert data["result"]["answer"] == "in stock"
    assert data["result"]["grounding_sources"][0]["url"] == "https://shop.example/kettle"
    assert data["execution"]["change_summary"] == "stock: sold out -> in stock"
    assert event.headers["x-tenuto-event"] == "task.condition_met"
    assert event.headers["x-tenuto-timestamp"] in event.headers["x-tenuto-signature"]
    assert event.headers["x-tenuto-delivery"] == receipt(record).message_id
    history = str(
        await client.get_workflow_handle(record.workflow_id, run_id=record.run_id).fetch_history()
    )
    assert HOOK in history  # so the secret would be seen, were it there
    assert secret not in history


async def test_tor_15_a_receiver_that_fails_three_times_gets_the_same_event_a_fourth_time(
    desk: MonitorDesk, there: World
) -> None:
    there.stock = b"in stock"
    there.statuses = [500, 302, 404]
    record = await desk.check(await kettle(desk))
    assert (receipt(record).outcome, receipt(record).attempts) == ("delivered", 4)
    assert len(there.events) == 4
    assert len({each.body for each in there.events}) == 1
    assert len({each.headers["x-tenuto-delivery"] for each in there.events}) == 1


async def test_tor_15_after_four_attempts_the_receipt_says_failed_and_the_token_is_hidden(
    desk: MonitorDesk, there: World
) -> None:
    there.stock = b"in stock"
    there.statuses = [503] * 9
    record = await desk.check(await kettle(desk))
    assert (receipt(record).outcome, len(there.events)) == ("failed", 4)
    assert "503" in receipt(record).detail
    assert "t0ken" not in receipt(record).detail


@pytest.mark.attack
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://hooks.example/", "https"),
        ("https://127.0.0.1:1/", "not a public address"),
        ("https://169.254.169.254/", "not a public address"),
        ("https://[::ffff:10.0.0.1]/", "not a public address"),
    ],
)
async def test_tor_15_an_event_is_never_sent_in_the_clear_or_to_a_private_address(
    desk: MonitorDesk, there: World, url: str, said: str
) -> None:
    there.stock = b"in stock"
    record = await desk.check(await kettle(desk, url))
    assert (receipt(record).outcome, receipt(record).attempts) == ("failed", 1)
    assert said in receipt(record).detail
    assert there.events == []


def test_tor_15_a_test_event_is_signed_as_events_will_be(
    desk: MonitorDesk, there: World, keys: Path
) -> None:
    now = datetime.now(UTC)
    assert send_test_event(HOOK, keys=keys, now=now) == 200
    (event,) = there.events
    secret = WebhookSecrets(keys).of(HOOK, now)[0].get_secret_value()
    assert verify_webhook(event.body, event.headers, secret)["event_type"] == "task.test"
    there.statuses = [410]
    with pytest.raises(DataError, match="410"):
        send_test_event(HOOK, keys=keys, now=now)


def test_tor_15_rotation_signs_with_both_until_it_ends_and_another_url_has_another_secret(
    there: World, desk: MonitorDesk, keys: Path
) -> None:
    url, now = "https://hooks.example/rotating", datetime.now(UTC)
    ring = WebhookSecrets(keys)
    with pytest.raises(NotFoundError):
        ring.rotate(url, now)
    (old,) = ring.of(url, now)
    new = ring.rotate(url, now)
    assert new != old
    send_test_event(url, keys=keys, now=now)
    (event,) = there.events
    for secret in (old, new):
        verify_webhook(event.body, event.headers, secret.get_secret_value())
    assert ring.of(url, now + timedelta(hours=25)) == (new,)
    assert ring.of(f"{url}?x", now)[0] not in (old, new)
    file = keys / "webhooks.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert "hooks.example" not in file.read_text()
    file.chmod(0o644)
    with pytest.raises(UsageError, match="chmod"):
        ring.of(url, now)
    file.chmod(0o600)


def test_a_secret_of_ones_own_is_taken_by_reference(
    there: World, desk: MonitorDesk, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_URL", "https://hooks.example/mine")
    now = datetime.now(UTC)
    send_test_event("secret://env/HOOK_URL", keys=keys, now=now)
    (event,) = there.events
    secret = WebhookSecrets(keys).of("https://hooks.example/mine", now)[0]
    assert verify_webhook(event.body, event.headers, secret.get_secret_value())
    assert b"mine" not in json.dumps(json.loads(event.body)).encode()


async def test_tor_3_tor_19_a_searching_monitor_waits_for_a_busy_model_and_tells_once(
    desk: MonitorDesk, there: World, client: Client
) -> None:
    monitor = await desk.create(
        email=None,
        config={"provider": "google", "model": "gemini-2.5-flash"},
        notifications=[{"type": "webhook", "url": HOOK}],
        notify_behavior="track_state",
    )
    page = ("https://news.example/kettle", "News")
    busy = answered({"error": {"message": f"slow, {KEY}"}}, 429, **{"retry-after-ms": "20"})
    there.models = [
        busy,
        google_text("Nothing is announced.", page),
        google_form(first_verdict()),
        google_text("Launched on September 12.", page),
        google_form(verdict(met=True, status="announced", launch="2026-09-12")),
        google_text("No news since the last check.", page),
        google_form(verdict(met=True)),
        google_text("It is launched, all say."),
    ]
    checks = [await desk.check(monitor) for _ in range(4)]
    assert [each.status for each in checks] == ["success"] * 4
    assert [len(each.notices) for each in checks] == [0, 1, 0, 0]
    assert there.models == []
    states = [each.result.metadata for each in checks if each.result]
    assert [each.comparison_method for each in states] == ["none", "fields", "hash", "none"]
    assert states[2].current_state["launch"] == "2026-09-12"
    spent = [each.spent.usd for each in checks if each.spent and each.spent.usd]
    assert len(spent) == 4
    for check in checks:
        handle = client.get_workflow_handle(check.workflow_id, run_id=check.run_id)
        history = str(await handle.fetch_history())
        assert "gemini-2.5-flash" in history
        assert KEY not in history


async def test_tor_19_a_failed_check_tells_people_and_keeps_the_inside_apart(
    desk: MonitorDesk, there: World
) -> None:
    monitor = await desk.create(
        email=None, config={"provider": "google", "model": "gemini-2.5-flash"}
    )
    there.models = [answered({"error": {"message": f"bad key {KEY}"}}, 401)]
    record = await desk.check(monitor)
    assert record.status == "failed"
    assert "does not accept" in record.error
    assert KEY not in record.error
    assert "status_code" not in record.error
