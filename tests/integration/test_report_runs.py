"""Reports on a real engine: what every receiver got is counted, a failure says who was told."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.client import Client

from alerting_catalog import Failures, alerting
from alerting_runs import pack as alerting_pack
from guarded_desk import WordRules
from report_desk import (
    SPEND,
    Receivers,
    changed,
    go,
    make_project,
    receivers,
    refused,
    report_worker,
    write,
)
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.notify.audience import Recipient
from tenuto.core.errors import UsageError
from tenuto.engine.settings import Settings
from tenuto.identity.keys import KeyFolder
from tenuto.identity.principal import Principal
from tenuto.packs.reports.calling import run_report
from tenuto.packs.reports.deliveries import Delivery, deliveries
from tenuto.testing import eventually
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.gate.records import RecordsInMemory
from tenuto.triggers.start import start


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_project(tmp_path_factory.mktemp("reports"))


@pytest_asyncio.fixture(scope="module")
async def store(client: Client, settings: Settings) -> AsyncIterator[ArtifactStore]:
    async with report_worker(client, settings, alerting_pack) as store:
        yield store


@pytest.fixture(scope="module")
def world() -> Iterator[Receivers]:
    with pytest.MonkeyPatch.context() as patch, receivers(patch.setenv, patch.setattr) as found:
        yield found


@pytest.fixture(autouse=True)
def empty(world: Receivers, store: ArtifactStore) -> None:
    world.clear()


async def test_sig_14_every_channel_gets_one_message_with_a_receipt(
    client: Client, world: Receivers, settings: Settings, tmp_path: Path
) -> None:
    files = {"file": [{"name": "archive", "target": str(tmp_path)}]}
    write(settings.root, "every", changed(recipients={**SPEND["recipients"], **files}))
    result = await go(client, "every", "all")
    told = {each.channel: [r.outcome for r in each.receipts] for each in result.channels}
    assert told == {
        "email": ["delivered", "delivered"],
        "slack": ["delivered"],
        "sms": ["delivered"],
        "webhook": ["delivered"],
        "file": ["delivered"],
    }
    assert {mail.to for mail in world.mail.received} == {("ann@example.com",), ("ben@example.com",)}
    assert len(world.mail.received) == 2
    mail = world.mail.received[0].message
    assert mail["Subject"] == "Spend of Jan 31, 2024"
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))
    assert html is not None
    assert text is not None
    assert "Acme &lt;b&gt;: $1,234.50; Globex &amp; Co: n/a;" in html.get_content()
    assert "Acme <b>: $1,234.50; Globex & Co: n/a;" in text.get_content()
    (slack,) = world.at("/api/chat.postMessage")
    said = json.loads(slack.body)
    assert "*Spend* Acme &lt;b&gt; $1,234.50 Globex &amp; Co n/a" in said["attachments"][0]["text"]
    assert said["mrkdwn"] is True
    (sms,) = world.at("/sms")
    assert json.loads(sms.body)["text"] == "Spend $1,234.50"
    (hook,) = world.at("/hook")
    data = json.loads(hook.body)["data"]
    assert data["tables"]["rows"]["rows"][1] == {
        "client": "Globex & Co",
        "spend": None,
        "clicks": None,
    }
    assert {each.suffix for each in tmp_path.rglob("*.*")} == {".pdf", ".xlsx", ".txt"}


async def test_sig_14_without_sending_everything_is_rendered_and_nobody_told(
    client: Client, world: Receivers, store: ArtifactStore
) -> None:
    result = await go(client, "spend", "email", send=False)
    (email,) = result.channels
    assert (result.sent, email.receipts) == (False, ())
    assert not world.mail.received
    assert b"$1,234.50" in store.get_bytes(email.rendered[0])
    assert store.get_table(result.tables["rows"]).height == 2


async def test_sig_14_a_missing_credential_fails_the_step_and_names_the_setting(
    client: Client, world: Receivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TENUTO_SMS_PROVIDER")
    monkeypatch.delenv("DESK_SLACK")
    monkeypatch.delenv("TENUTO_SMTP_FROM")
    for channel, setting in (
        ("sms", "TENUTO_SMS_PROVIDER"),
        ("slack", "DESK_SLACK"),
        ("email", "TENUTO_SMTP_FROM"),
    ):
        failure = await refused(client, "spend", channel)
        assert setting in failure.message
    assert not world.mail.received
    assert not world.web.received


async def test_sig_14_a_recipient_who_is_refused_fails_the_run_which_says_who_was_reached(
    client: Client, settings: Settings, world: Receivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = {"email": ["ann@example.com", {"name": "Ben", "target": "nobody"}]}
    write(settings.root, "half", changed(recipients=both))
    failure = await refused(client, "half", "email")
    assert "email to ann@example.com: delivered." in failure.message
    assert "email to Ben: failed" in failure.message
    assert len(world.mail.received) == 1


async def test_sig_14_channels_are_independent(
    client: Client, settings: Settings, world: Receivers
) -> None:
    templates = {**SPEND["templates"], "sms": "{{ row.spnd }}"}
    templates.pop("file")
    write(settings.root, "one-broken", changed(templates=templates))
    failure = await refused(client, "one-broken", "all")
    assert (
        "reports/one-broken.yaml:1: there is no column `spnd`; did you mean `spend`?"
        in failure.message
    )
    assert "slack to DESK_SLACK: delivered." in failure.message
    assert len(world.at("/api")) == 1
    assert not world.at("/sms")


async def test_sig_13_all_null_is_missing_never_zero(
    client: Client, settings: Settings, world: Receivers
) -> None:
    query = "SELECT client, NULLIF(spend, spend) AS spend FROM spend WHERE day <= :date::date"
    write(settings.root, "nulls", changed(query=query))
    write(settings.root, "empty", changed(query=f"{query} AND 1 = 0"))
    for name in ("nulls", "empty"):
        await go(client, name, "sms")
    assert [json.loads(each.body)["text"] for each in world.at("/sms")] == ["Spend n/a"] * 2


async def test_sig_13_a_table_that_is_missing_fails_and_tells_nobody(
    client: Client, settings: Settings, world: Receivers
) -> None:
    write(settings.root, "no-table", changed(query="SELECT client, spend FROM absent"))
    failure = await refused(client, "no-table", "sms")
    assert "absent" in failure.message
    assert not world.web.received


async def test_sig_20_the_same_report_twice_is_told_once_and_a_new_one_again(
    client: Client, settings: Settings, world: Receivers
) -> None:
    write(settings.root, "again", changed())
    outcomes = [
        (await go(client, "again", "sms")).channels[0].receipts[0].outcome for _ in range(2)
    ]
    later = await go(client, "again", "sms", params={"date": "2024-01-30"})
    outcomes.append(later.channels[0].receipts[0].outcome)
    assert outcomes == ["delivered", "suppressed", "delivered"]
    assert len(world.at("/sms")) == 2


async def test_sig_20_test_mode_cannot_reach_production(
    client: Client, world: Receivers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TENUTO_NOTIFY_MODE", "test")
    monkeypatch.setenv("TENUTO_NOTIFY_OUTBOX", str(tmp_path))
    monkeypatch.delenv("DESK_SLACK")
    result = await go(client, "spend", "slack")
    assert [each.outcome for each in result.channels[0].receipts] == ["captured"]
    assert not world.web.received
    assert len(list(tmp_path.rglob("*.json"))) == 1


async def test_sig_13_from_python(client: Client, world: Receivers, settings: Settings) -> None:
    write(settings.root, "called", changed())
    result = await run_report("called", "sms", {"date": "2024-01-31"}, True, client=client)
    assert result.params == {"date": "2024-01-31"}
    assert len(world.at("/sms")) == 1
    with pytest.raises(UsageError, match="channel"):
        await run_report("called", "pigeon", client=client)


async def test_deliveries_name_each_recipient_and_each_channels_own_failure(
    client: Client, settings: Settings, world: Receivers, tmp_path: Path
) -> None:
    name = f"told-{uuid4().hex[:8]}"
    templates = {"sms": "{{ row.spnd }}", "file": {}, "slack": SPEND["templates"]["slack"]}
    recipients = {
        **SPEND["recipients"],
        "file": [{"name": "archive", "target": str(tmp_path)}],
        "slack": ["secret://env/NOWHERE"],
    }
    write(settings.root, name, changed(templates=templates, recipients=recipients))
    await refused(client, name, "all")
    await go(client, name, "file", send=False)
    gate = Gate(Principal(id="u:ann"), None, KeyFolder(tmp_path / "keys"), RecordsInMemory())

    async def are_listed() -> list[Delivery]:
        found = await deliveries(client, gate, name, limit=20)
        assert len({each.run for each in found}) == 2
        return found

    unsent, *sent = await eventually(are_listed)
    assert (unsent.outcome, unsent.detail) == ("not tried", "rendered, not to be sent")
    told = {each.channel: each for each in sent}
    assert told.keys() == {"sms", "file", "slack"}
    assert (told["file"].recipient, told["file"].outcome) == ("archive", "delivered")
    assert "there is no column `spnd`" in told["sms"].detail
    assert "NOWHERE" in told["slack"].detail
    assert told["sms"].outcome == told["slack"].outcome == "not tried"
    denied = Gate(
        Principal(id="u:ben"), WordRules(), KeyFolder(tmp_path / "keys"), RecordsInMemory()
    )
    assert await deliveries(client, denied, name, limit=20) == []


async def test_an_alert_that_repeats_itself_is_told_once_and_when_it_is_over(
    client: Client, store: ArtifactStore, tmp_path: Path
) -> None:
    outcomes, texts = await alerts(client, tmp_path, times=3, ends=True)
    assert outcomes == (("delivered",), ("suppressed",), ("suppressed",), ("delivered",))
    first, over = sorted(texts(), key=lambda text: "Over" in text)
    assert "ERROR: No rows today" in first
    assert "INFO: Over: No rows today" in over
    assert "2 further notice(s) held back" in over


async def test_what_was_held_back_of_an_alert_is_told_in_a_digest(
    client: Client, store: ArtifactStore, tmp_path: Path
) -> None:
    outcomes, texts = await alerts(client, tmp_path, times=2, ends=False)
    assert outcomes == (("delivered",), ("suppressed",))

    def has_a_digest() -> None:
        others = [each for each in texts() if "ERROR" not in each]
        assert ["sync of orders: No rows today" in each for each in others] == [True]

    await eventually(has_a_digest)


async def alerts(
    client: Client, folder: Path, *, times: int, ends: bool
) -> tuple[tuple[tuple[str, ...], ...], Callable[[], list[str]]]:
    """How each alert of a workflow ended, and what has arrived so far."""
    request = Failures(
        audience=f"desk/{uuid4().hex[:8]}",
        times=times,
        ends=ends,
        recipients=(Recipient(name="desk", channel="file", target=str(folder)),),
    )
    told = await (await start(client, alerting, request)).result()
    return told.outcomes, lambda: [each.read_text() for each in folder.rglob("*.txt")]
