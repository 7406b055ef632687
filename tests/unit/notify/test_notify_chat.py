"""Chat services in their own wire formats, against servers that answer as those services do."""

import json
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import trustme
from apprise.plugins.discord import NotifyDiscord
from apprise.plugins.google_chat import NotifyGoogleChat
from apprise.plugins.slack import NotifySlack
from apprise.plugins.telegram import NotifyTelegram
from pydantic import SecretStr, ValidationError
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from tenuto.activities import http
from tenuto.activities.notify.chat_services import SERVICES, chat_service
from tenuto.activities.notify.send_chat import chat
from tenuto.catalog.library.notify.requests import ChatRequest
from tenuto.core.errors import DataError, TransientError, UsageError
from tenuto.testing.loopback import Answer, LoopbackServer, Received

pytestmark = pytest.mark.usefixtures("no_settings")

WEBHOOK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7V"
BOT = "slack://xoxb-1234-1234-4ddbc191d40ee098cbaae6f3523ada2d/#desk"
Told = Callable[..., Any]


@pytest.fixture
def tell(run: Any, monkeypatch: pytest.MonkeyPatch) -> Told:
    """Tells the service at `url`, its well-known addresses being those of `server`."""

    def tell(url: str, server: LoopbackServer | None, **more: Any) -> Any:
        if server is not None:
            monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
            monkeypatch.setattr(NotifySlack, "webhook_url", f"{server.url}/services")
            monkeypatch.setattr(NotifySlack, "api_url", f"{server.url}/api/{{}}")
            monkeypatch.setattr(NotifyDiscord, "notify_url", f"{server.url}/api/webhooks")
            monkeypatch.setattr(NotifyTelegram, "notify_url", f"{server.url}/bot")
            monkeypatch.setattr(
                NotifyGoogleChat, "notify_url", f"{server.url}/v1/spaces/{{workspace}}/messages"
            )
        monkeypatch.setenv("DESK_CHAT", url)
        fields = {"title": "Pricing failed", "text": "3 prices < limit", "idempotency_key": "r/s"}
        return run(chat, ChatRequest(target="secret://env/DESK_CHAT", **{**fields, **more}))

    return tell


def slack_webhook(received: Received) -> Answer:
    """Slack's incoming webhook: `ok` in plain text, `invalid_payload` and so on otherwise."""
    if received.headers["content-type"].partition(";")[0] != "application/json":
        return Answer(status=400, body=b"invalid_payload")
    if "attachments" not in json.loads(received.body):
        return Answer(status=400, body=b"no_text")
    return Answer(body=b"ok")


def slack_api(received: Received) -> Answer:
    """Slack's Web API: status 200 whatever happens, and `ok` in the JSON."""
    headers = {"content-type": "application/json; charset=utf-8"}
    if not received.headers.get("authorization", "").startswith("Bearer xoxb-"):
        return Answer(headers=headers, body=b'{"ok":false,"error":"not_authed"}')
    channel = json.loads(received.body)["channel"]
    said = {"ok": True, "channel": "C123", "ts": "1503435956.000247"}
    if channel != "#desk":
        said = {"ok": False, "error": "channel_not_found"}
    return Answer(headers=headers, body=json.dumps(said).encode())


def test_sig_20_slack_webhook(tell: Told) -> None:
    with LoopbackServer(slack_webhook) as server:
        receipt = tell(WEBHOOK, server)
    (received,) = server.received
    assert received.path == "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7V"
    sent = json.loads(received.body)["attachments"][0]
    assert sent["title"] == "Pricing failed"
    assert "3 prices" in sent["text"]
    assert "(ref " in sent["text"]
    assert received.headers["idempotency-key"] == receipt.message_id
    assert (receipt.outcome, receipt.recipient) == ("delivered", "secret://env/DESK_CHAT")


def test_sig_20_slack_chat_post_message_with_a_bot_token(tell: Told) -> None:
    with LoopbackServer(slack_api) as server:
        receipt = tell(BOT, server)
    (received,) = server.received
    assert received.path == "/api/chat.postMessage"
    assert receipt.outcome == "delivered"


def test_a_no_inside_a_success_is_a_failure(tell: Told) -> None:
    with LoopbackServer(slack_api) as server, pytest.raises(DataError) as refused:
        tell(BOT.replace("#desk", "#gone"), server)
    assert refused.value.code == "notify.chat-refused"
    assert "channel_not_found" in str(refused.value)
    assert "xoxb" not in str(refused.value)


@pytest.mark.parametrize("word", ["ratelimited", "internal_error", "service_unavailable"])
def test_a_no_that_may_pass_is_tried_again(tell: Told, word: str) -> None:
    body = json.dumps({"ok": False, "error": word}).encode()
    with (
        LoopbackServer(lambda _: Answer(body=body)) as server,
        pytest.raises(TransientError) as later,
    ):
        tell(BOT, server)
    assert later.value.code == "notify.chat-try-later"


def test_teams_through_its_workflows(
    tell: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Power Automate takes a message with an Adaptive Card, and answers 202."""
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
        tmp_path / "server.pem"
    )
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    http._tls.cache_clear()

    def power_automate(received: Received) -> Answer:
        (card,) = json.loads(received.body)["attachments"]
        is_known = received.path.startswith("/workflows/wf12345678/triggers/manual/paths/invoke?")
        is_card = card["contentType"] == "application/vnd.microsoft.card.adaptive"
        return Answer(status=202 if is_known and is_card else 400)

    with LoopbackServer(power_automate, certificate=tmp_path / "server.pem") as server:
        receipt = tell(f"workflows://127.0.0.1:{server.port}/wf12345678/signature", server)
    http._tls.cache_clear()
    assert receipt.outcome == "delivered"


def test_discord(tell: Told) -> None:
    def discord(received: Received) -> Answer:
        sent = json.loads(received.body)
        is_known = received.path.startswith("/api/webhooks/123456789012/abcdefghijkl")
        return Answer(status=204 if is_known and (sent.get("content") or sent["embeds"]) else 401)

    with LoopbackServer(discord) as server:
        assert tell("discord://123456789012/abcdefghijkl", server).outcome == "delivered"


def test_telegram(tell: Told) -> None:
    def telegram(received: Received) -> Answer:
        assert received.path == "/bot123456789:abcdefg_hijklmnop/sendMessage"
        body = received.body.decode()
        sent = json.loads(body) if body.startswith("{") else parse_qs(body)
        said = {"ok": True, "result": {"message_id": 7, "chat": {"id": sent["chat_id"]}}}
        return Answer(headers={"content-type": "application/json"}, body=json.dumps(said).encode())

    with LoopbackServer(telegram) as server:
        receipt = tell("tgram://123456789:abcdefg_hijklmnop/12315544/", server)
    assert receipt.outcome == "delivered"
    assert len(server.received) == 1


QUOTED = "3 < 4 & 5 > 2 <b>x</b> <https://a|b> *y*"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (WEBHOOK, "3 &lt; 4 &amp; 5 &gt; 2 &lt;b&gt;x&lt;/b&gt; &lt;https://a|b&gt; *y*"),
        (
            "tgram://123456789:abcdefg_hijklmnop/12315544/",
            "3 &lt; 4 &amp; 5 &gt; 2 &lt;b&gt;x&lt;/b&gt; &lt;https://a|b&gt; *y*",
        ),
        ("discord://123456789012/abcdefghijkl", QUOTED),
    ],
)
def test_nothing_in_a_text_is_lost_or_interpreted(tell: Told, url: str, expected: str) -> None:
    said = b'{"ok":true}' if "tgram" in url else b"ok"
    with LoopbackServer(lambda _: Answer(body=said)) as server:
        tell(url, server, text=QUOTED)
    assert expected in _texts(json.loads(server.received[0].body))


@pytest.mark.parametrize("mention", ["@everyone", "@here", "<!channel>", "<@U123>", "<users/all>"])
def test_a_text_mentions_nobody(tell: Told, mention: str) -> None:
    with LoopbackServer(lambda _: Answer(body=b"ok")) as server:
        for url in (WEBHOOK, "discord://123456789012/abcdefghijkl", "gchat://workspace/key/token"):
            tell(url, server, title=f"for {mention}", text=f"see {mention}")
    for received in server.received:
        assert mention not in _texts(json.loads(received.body))


def _texts(value: Any) -> str:
    """Every string in a JSON value."""
    if isinstance(value, dict):
        return "\n".join(_texts(each) for each in value.values())
    if isinstance(value, list):
        return "\n".join(_texts(each) for each in value)
    return str(value)


def test_google_chat(tell: Told) -> None:
    def google(received: Received) -> Answer:
        is_known = received.path.startswith("/v1/spaces/workspace/messages?")
        return Answer(status=200 if is_known and json.loads(received.body)["text"] else 400)

    with LoopbackServer(google) as server:
        assert tell("gchat://workspace/key/token", server).outcome == "delivered"


def test_mattermost(tell: Told) -> None:
    def mattermost(received: Received) -> Answer:
        is_known = received.path == "/hooks/abcdefghijklmnop"
        return Answer(status=200 if is_known else 404, body=b"ok")

    with LoopbackServer(mattermost) as server:
        receipt = tell(f"mmost://127.0.0.1:{server.port}/abcdefghijklmnop", server)
    assert receipt.outcome == "delivered"
    assert "Pricing failed" in json.loads(server.received[0].body)["text"]


def test_all_9_answer_500_is_a_failure_and_never_sent(tell: Told) -> None:
    with (
        LoopbackServer(lambda _: Answer(status=500)) as server,
        pytest.raises(TransientError) as failed,
    ):
        tell(WEBHOOK, server)
    assert (failed.value.code, failed.value.details["status"]) == ("http.try-later", 500)
    assert failed.value.details["attempts"] == 1


def test_a_pause_the_service_asks_for_is_passed_on(tell: Told) -> None:
    with (
        LoopbackServer(lambda _: Answer(status=429, headers={"Retry-After": "7"})) as server,
        pytest.raises(TransientError) as later,
    ):
        tell(WEBHOOK, server)
    assert later.value.details["retry_after_s"] == 7
    assert len(server.received) == 1


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_a_refusal_is_permanent_and_shows_no_token(tell: Told, status: int) -> None:
    with (
        LoopbackServer(lambda _: Answer(status=status)) as server,
        pytest.raises(DataError) as refused,
    ):
        tell(WEBHOOK, server)
    assert refused.value.code == "http.refused"
    shown = f"{refused.value!r} {refused.value} {refused.value.args}"
    assert "T1JJ3T3L2" not in shown
    assert "TIiajkdnlazkcOXrIdevi7V" not in shown


def test_every_attempt_is_the_same_message(tell: Told) -> None:
    with LoopbackServer(slack_webhook) as server:
        tell(WEBHOOK, server)
        tell(WEBHOOK, server)
        tell(WEBHOOK, server, idempotency_key="r/other")
    first, again, other = server.received
    assert first.body == again.body
    assert first.headers["idempotency-key"] == again.headers["idempotency-key"]
    assert first.headers["idempotency-key"] != other.headers["idempotency-key"]


def test_all_9_an_attempt_after_a_lost_worker_knows_that_the_message_was_taken(
    run: Any, tell: Told
) -> None:
    with LoopbackServer(slack_webhook) as server:
        first = tell(WEBHOOK, server)
        asked = ChatRequest(target="secret://env/DESK_CHAT", text="x", idempotency_key="r/s")
        assert run(chat, asked, attempt=2, known=run.beats[-1]) == first
    assert len(server.received) == 1


def test_a_long_text_is_shortened_and_says_so(tell: Told) -> None:
    with LoopbackServer(lambda _: Answer(status=204)) as server:
        tell("discord://123456789012/abcdefghijkl", server, text="x" * 9000)
    (received,) = server.received
    assert b"characters left out]" in received.body
    assert b"(ref " in received.body


@pytest.mark.parametrize(
    "url",
    [
        "syslog://",
        "dbus://",
        "gnome://",
        "windows://",
        "exec://ls",
        "json://127.0.0.1/",
        "mailto://user:password@example.com",
        "rsyslog://127.0.0.1",
        "mqtt://127.0.0.1",
        "apprise://127.0.0.1/token",
        "file:///etc/passwd",
        "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7V",
        "hunter2",
    ],
)
def test_other_services_are_refused_unread(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        chat_service(SecretStr(url))
    assert refused.value.code == "notify.chat-service-refused"
    assert "hunter2" not in str(refused.value)
    assert "TIiajkdnlazkcOXrIdevi7V" not in str(refused.value)


@pytest.mark.parametrize(
    "option",
    [
        "#x?template=/etc/passwd",
        "template=/etc/passwd",
        "verify=no",
        "redirect=yes",
        "overflow=split",
        "retry=5",
        "store=yes",
    ],
)
def test_options_that_read_files_or_switch_checks_off_are_refused(option: str) -> None:
    with pytest.raises(UsageError) as refused:
        chat_service(SecretStr(f"{WEBHOOK}?{option}"))
    assert refused.value.code == "notify.chat-option-refused"


def test_several_targets_are_refused() -> None:
    with pytest.raises(UsageError) as refused:
        chat_service(SecretStr(f"{BOT}/#other"))
    assert refused.value.code == "notify.chat-several-targets"


def test_a_wrong_url_is_refused_and_never_shown_or_logged(
    run: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("DESK_CHAT", "slack://hunter2-hunter2/short")
    caplog.set_level(logging.DEBUG)
    asked = ChatRequest(target="secret://env/DESK_CHAT", text="x", idempotency_key="k")
    with pytest.raises(UsageError) as wrong:
        run(chat, asked)
    assert wrong.value.code == "notify.chat-url-invalid"
    assert "hunter2" not in f"{wrong.value} {caplog.text}"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.7", "169.254.169.254", "2130706433"]
)
def test_an_internal_address_is_refused(tell: Told, host: str) -> None:
    with pytest.raises(UsageError) as refused:
        tell(f"mmosts://{host}:1/abcdefghijklmnop", None)
    assert refused.value.code in ("http.address-refused", "notify.chat-url-invalid")


def test_nothing_goes_in_the_clear_beyond_this_machine(tell: Told) -> None:
    with pytest.raises(UsageError) as refused:
        tell("mmost://chat.example.com/abcdefghijklmnop", None)
    assert refused.value.code == "notify.chat-insecure"


def test_a_redirect_is_not_followed(tell: Told) -> None:
    def elsewhere(_: Received) -> Answer:
        return Answer(status=302, headers={"location": "http://169.254.169.254/"})

    with LoopbackServer(elsewhere) as server, pytest.raises(DataError) as refused:
        tell(WEBHOOK, server)
    assert refused.value.code == "http.redirected"
    assert len(server.received) == 1


@pytest.mark.parametrize("module", sorted({each.partition(":")[0] for each in SERVICES.values()}))
def test_every_service_uses_of_http_only_what_is_taken_over(module: str) -> None:
    """A service of a newer library that connects otherwise fails here and not in production."""
    import apprise.plugins

    source = (Path(apprise.plugins.__file__).parent / f"{module}.py").read_text()
    assert "\nimport requests\n" in source
    for other in (
        "requests.Session",
        "HTTPPolicySession",
        "import socket",
        "subprocess",
        "smtplib",
    ):
        assert f"import {other}" not in source
        assert f"{other}(" not in source


def test_a_url_in_the_request_is_no_reference() -> None:
    with pytest.raises(ValidationError):
        ChatRequest(target=WEBHOOK, text="x", idempotency_key="k")


def test_tor_14_not_configured_is_skipped(run: Any) -> None:
    receipt = run(chat, ChatRequest(text="x", idempotency_key="k"))
    assert receipt.outcome == "skipped"
    assert "TENUTO_NOTIFY_CHAT_URL" in receipt.detail


def test_sig_20_the_default_channel_comes_from_the_settings(
    run: Any, tell: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LoopbackServer(slack_webhook) as server:
        tell(WEBHOOK, server)
        monkeypatch.setenv("TENUTO_NOTIFY_CHAT_URL", WEBHOOK)
        run(chat, ChatRequest(text="x", idempotency_key="k"))
    assert len(server.received) == 2


def test_sig_20_test_mode_reaches_nobody(
    tell: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENUTO_NOTIFY_MODE", "test")
    monkeypatch.setenv("TENUTO_NOTIFY_OUTBOX", str(tmp_path))
    with LoopbackServer(slack_webhook) as server:
        receipts = [tell(WEBHOOK, server) for _ in range(2)]
    assert server.received == []
    assert {each.outcome for each in receipts} == {"captured"}
    (written,) = (tmp_path / "chat").iterdir()
    assert "TIiajkdnlazkcOXrIdevi7V" not in written.read_text()


def test_a_cancellation_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    entered, hold = threading.Event(), threading.Event()

    def slow(_: Received) -> Answer:
        entered.set()
        hold.wait(10)
        return Answer(body=b"ok")

    outcome: list[BaseException] = []
    environment = ActivityEnvironment()
    with LoopbackServer(slow) as server:
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        monkeypatch.setenv("DESK_CHAT", f"mmost://127.0.0.1:{server.port}/abcdefghijklmnop")

        def attempt() -> None:
            asked = ChatRequest(target="secret://env/DESK_CHAT", text="x", idempotency_key="k")
            try:
                environment.run(chat, asked)
            except BaseException as error:  # noqa: BLE001 (looked at below)
                outcome.append(error)

        thread = threading.Thread(target=attempt)
        thread.start()
        assert entered.wait(10)
        environment.cancel()
        hold.set()
        thread.join(10)
    assert isinstance(outcome[0], CancelledError)
