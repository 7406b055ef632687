"""Text messages: how they are counted, and two kinds of provider on this machine."""

import base64
import json
import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from tenuto.activities.notify.send_sms import sms
from tenuto.activities.notify.sms_text import count_segments, telephone
from tenuto.catalog.library.notify.requests import SmsRequest
from tenuto.core.errors import DataError, TransientError, UsageError
from tenuto.testing.loopback import Answer, LoopbackServer, Received

pytestmark = pytest.mark.usefixtures("no_settings")

SID = "SM" + "0" * 32
ACCOUNT = "AC" + "1" * 32


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("GSM-7", 1)),
        ("a" * 160, ("GSM-7", 1)),
        ("a" * 161, ("GSM-7", 2)),
        ("a" * 306, ("GSM-7", 2)),
        ("a" * 307, ("GSM-7", 3)),
        ("€" * 80, ("GSM-7", 1)),
        ("€" * 81, ("GSM-7", 2)),
        ("a" * 152 + "€" * 77, ("GSM-7", 3)),  # 306 septets, but no escape is cut in two
        ("я" * 70, ("UCS-2", 1)),
        ("я" * 71, ("UCS-2", 2)),
        ("я" * 134, ("UCS-2", 2)),
        ("я" * 135, ("UCS-2", 3)),
        ("😀" * 35, ("UCS-2", 1)),
        ("😀" * 36, ("UCS-2", 2)),
        ("😀" * 67, ("UCS-2", 3)),  # 134 units, but a pair is never cut in two
        ("NAV 1.234,50 é", ("GSM-7", 1)),
        ("č", ("UCS-2", 1)),
    ],
)
def test_segments_are_those_of_ts_23_038_and_23_040(text: str, expected: tuple[str, int]) -> None:
    assert count_segments(text) == expected


@given(st.text(alphabet="aé€[", max_size=600), st.text(alphabet="aé€[", max_size=20))
def test_more_text_never_takes_fewer_segments(text: str, more: str) -> None:
    assert count_segments(text).parts <= count_segments(text + more).parts
    assert count_segments(text).parts <= count_segments(text + "я").parts


@pytest.mark.parametrize("number", ["+44 20 7946 0000", "+1 (212) 555-0100", "+442079460000"])
def test_numbers_are_e_164(number: str) -> None:
    assert telephone(number) in {"+442079460000", "+12125550100"}


@pytest.mark.parametrize("number", ["", "02079460000", "+0441", "+44", "+1234567890123456", "+44x"])
def test_other_numbers_are_refused(number: str) -> None:
    with pytest.raises(DataError) as refused:
        telephone(number)
    assert refused.value.code == "notify.number-invalid"


def twilio(received: Received) -> Answer:
    """Twilio's REST API: a form, basic authentication, 201 and JSON."""
    pair = base64.b64encode(f"{ACCOUNT}:hunter2".encode()).decode()
    if received.headers.get("authorization") != f"Basic {pair}":
        return Answer(status=401, body=b'{"code":20003,"status":401}')
    if received.path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
        return Answer(status=404)
    form = parse_qs(received.body.decode())
    if form["To"] == ["+442079460999"]:
        return Answer(status=400, body=b'{"code":21211,"message":"not a valid number"}')
    said = {"sid": SID, "status": "queued", "num_segments": "1", "error_code": None}
    return Answer(status=201, body=json.dumps(said).encode())


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Any:
    def use(server: LoopbackServer, provider: str = "twilio", **more: str) -> None:
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        names = {
            "PROVIDER": provider,
            "URL": server.url,
            "ACCOUNT": ACCOUNT,
            "TOKEN": "hunter2",
            "FROM": "+12125550100",
            **more,
        }
        for name, value in names.items():
            monkeypatch.setenv(f"TENUTO_SMS_{name}", value)

    return use


def text(to: str = "+442079460000", **more: Any) -> SmsRequest:
    return SmsRequest(to=to, **{"text": "NAV is out", "idempotency_key": "r/s", **more})


def test_sig_20_twilio(run: Any, settings: Any) -> None:
    with LoopbackServer(twilio) as server:
        settings(server)
        receipt = run(sms, text())
    assert (receipt.outcome, receipt.recipient) == ("delivered", "+442079460000")
    assert SID in receipt.detail
    (received,) = server.received
    assert parse_qs(received.body.decode()) == {
        "To": ["+442079460000"],
        "From": ["+12125550100"],
        "Body": ["NAV is out"],
    }
    assert received.headers["idempotency-key"] == receipt.message_id


def test_twilio_refuses_a_number(run: Any, settings: Any) -> None:
    with LoopbackServer(twilio) as server:
        settings(server)
        with pytest.raises(DataError) as refused:
            run(sms, text("+442079460999"))
    assert refused.value.code == "http.refused"


def test_twilio_says_failed_in_a_success(run: Any, settings: Any) -> None:
    said = json.dumps({"sid": SID, "status": "failed", "error_code": 30003}).encode()
    with LoopbackServer(lambda _: Answer(status=201, body=said)) as server:
        settings(server)
        with pytest.raises(DataError, match="30003") as refused:
            run(sms, text())
    assert refused.value.code == "notify.sms-refused"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_all_9_a_provider_that_fails_is_tried_again(run: Any, settings: Any, status: int) -> None:
    with LoopbackServer(lambda _: Answer(status=status)) as server:
        settings(server)
        with pytest.raises(TransientError) as later:
            run(sms, text(), attempt=3)
    assert later.value.details["attempts"] == 3


def test_a_wrong_token_is_refused_and_never_shown(run: Any, settings: Any) -> None:
    with LoopbackServer(twilio) as server:
        settings(server, TOKEN="hunter3")
        with pytest.raises(DataError) as refused:
            run(sms, text())
    assert refused.value.details["status"] == 401
    assert "hunter3" not in str(refused.value)


@pytest.mark.parametrize("form", ["json", "form"])
def test_any_gateway_by_its_field_names(run: Any, settings: Any, form: str) -> None:
    with LoopbackServer(lambda _: Answer(status=202)) as server:
        settings(server, "http", FORMAT=form, FIELDS="to=recipient, text=message, id=reference")
        receipts = [run(sms, text(), attempt=attempt) for attempt in (1, 2)]
    first, again = server.received
    body = first.body.decode()
    sent = json.loads(body) if form == "json" else {k: v[0] for k, v in parse_qs(body).items()}
    assert sent == {
        "recipient": "+442079460000",
        "from": "+12125550100",
        "message": "NAV is out",
        "reference": receipts[0].message_id,
    }
    assert first.body == again.body
    assert first.headers["authorization"] == "Bearer hunter2"


def test_a_text_that_costs_too_much_is_not_sent(run: Any, settings: Any) -> None:
    with LoopbackServer(twilio) as server:
        settings(server)
        with pytest.raises(DataError) as refused:
            run(sms, text(text="x" * 460))
        assert run(sms, text(text="x" * 460, max_segments=4)).outcome == "delivered"
    assert refused.value.code == "notify.sms-too-long"
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PROVIDER", "carrier-pigeon"),
        ("ACCOUNT", ""),
        ("FROM", ""),
        ("URL", "http://sms.example.com"),
    ],
)
def test_wrong_settings_say_which(run: Any, settings: Any, name: str, value: str) -> None:
    with LoopbackServer(twilio) as server:
        settings(server, **{name: value})
        with pytest.raises(UsageError, match=f"TENUTO_SMS_{name}") as wrong:
            run(sms, text())
    assert wrong.value.code == "notify.sms-settings-invalid"


def test_wrong_field_names_are_an_error(run: Any, settings: Any) -> None:
    with LoopbackServer(twilio) as server:
        settings(server, "http", FIELDS="body=text")
        with pytest.raises(UsageError, match="TENUTO_SMS_FIELDS"):
            run(sms, text())


def test_a_private_gateway_has_to_be_listed(
    run: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LoopbackServer(twilio) as server:
        settings(server)
        monkeypatch.delenv("TENUTO_HTTP_ALLOW")
        with pytest.raises(UsageError) as refused:
            run(sms, text())
    assert refused.value.code == "http.address-refused"


def test_tor_14_not_configured_is_skipped(run: Any) -> None:
    receipt = run(sms, text())
    assert (receipt.outcome, receipt.recipient) == ("skipped", "+442079460000")
    assert "TENUTO_SMS_PROVIDER" in receipt.detail
    assert "TENUTO_NOTIFY_SMS_TO" in run(sms, text("")).detail


def test_sig_20_test_mode_keeps_texts_in_files(
    run: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENUTO_NOTIFY_MODE", "test")
    monkeypatch.setenv("TENUTO_NOTIFY_OUTBOX", str(tmp_path))
    with LoopbackServer(twilio) as server:
        settings(server)
        receipts = [run(sms, text(), attempt=attempt) for attempt in (1, 2)]
    assert server.received == []
    assert {each.outcome for each in receipts} == {"captured"}
    (written,) = (tmp_path / "sms").iterdir()
    assert json.loads(written.read_text())["to"] == "+442079460000"


def test_a_cancellation_stops_it(settings: Any) -> None:
    entered, hold = threading.Event(), threading.Event()

    def slow(received: Received) -> Answer:
        entered.set()
        hold.wait(10)
        return twilio(received)

    outcome: list[BaseException] = []
    environment = ActivityEnvironment()
    with LoopbackServer(slow) as server:
        settings(server)

        def attempt() -> None:
            try:
                environment.run(sms, text())
            except BaseException as error:  # noqa: BLE001 (looked at below)
                outcome.append(error)

        thread = threading.Thread(target=attempt)
        thread.start()
        assert entered.wait(10)
        environment.cancel()
        hold.set()
        thread.join(10)
    assert isinstance(outcome[0], CancelledError)
