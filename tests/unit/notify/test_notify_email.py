"""E-mail against a real SMTP server: encryption, refusals, and what a repetition looks like."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from mail_server import PASSWORD, USER, MailServer, Script
from tenuto.activities.notify.mime import one_line, parse_address
from tenuto.activities.notify.send_email import email
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.catalog.library.notify.requests import EmailRequest, SmtpServer
from tenuto.core.errors import (
    DataError,
    NotFoundError,
    TransientError,
    UnreachableError,
    UsageError,
)
from tenuto.core.references import Document

pytestmark = pytest.mark.usefixtures("no_settings")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return authority


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArtifactStore]:
    store = open_store(str(tmp_path / "store"))
    use_store(store)
    yield store
    use_store(None)


@pytest.fixture
def reach(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The worker's settings for a server on this machine."""

    def use(server: MailServer, security: str = "plain", **more: str) -> None:
        monkeypatch.setenv("TENUTO_SMTP_HOST", "127.0.0.1")
        monkeypatch.setenv("TENUTO_SMTP_PORT", str(server.port))
        monkeypatch.setenv("TENUTO_SMTP_SECURITY", security)
        monkeypatch.setenv("TENUTO_SMTP_FROM", "Fund desk <desk@fund.example>")
        for name, value in more.items():
            monkeypatch.setenv(f"TENUTO_SMTP_{name.upper()}", value)

    return use


def request(*to: str, **more: Any) -> EmailRequest:
    fields = {"subject": "NAV of ATLAS", "text": "It is out.", "idempotency_key": "run-1/told"}
    return EmailRequest(to=to or ("ann@example.com",), **{**fields, **more})


def test_an_email_arrives_as_it_was_written(run: Any, reach: Any, store: ArtifactStore) -> None:
    pack = store.put_bytes(b"%PDF-1.7", name="nav pack.pdf", media_type="application/pdf")
    with MailServer() as server:
        reach(server)
        told = request(
            text="Łódź: 1 234,50 €",
            html="<p>Łódź</p>",
            reply_to="Ops <ops@fund.example>",
            attachments=(pack,),
        )
        (receipt,) = run(email, told).receipts
    (mail,) = server.received
    assert (mail.sender, mail.to) == ("desk@fund.example", ("ann@example.com",))
    message = mail.message
    assert message["subject"] == "NAV of ATLAS"
    assert message["from"] == "Fund desk <desk@fund.example>"
    assert message["reply-to"] == "Ops <ops@fund.example>"
    assert message["message-id"] == receipt.message_id
    assert message["message-id"].endswith("@fund.example>")
    assert message["idempotency-key"].startswith("msg_")
    text = message.get_body(("plain",))
    html = message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().strip() == "Łódź: 1 234,50 €"
    assert html.get_content().strip() == "<p>Łódź</p>"
    (attachment,) = message.iter_attachments()
    assert attachment.get_filename() == "nav pack.pdf"
    assert attachment.get_content_type() == "application/pdf"
    assert attachment.get_content() == b"%PDF-1.7"
    assert (receipt.outcome, receipt.attempts, receipt.recipient) == (
        "delivered",
        1,
        "ann@example.com",
    )
    assert receipt.delivered_at is not None


def test_every_attempt_has_the_same_bytes_and_another_message_another_id(
    run: Any, reach: Any, store: ArtifactStore
) -> None:
    pack = store.put_bytes(b"x", name="a.bin", media_type="application/octet-stream")
    with MailServer() as server:
        reach(server)
        for attempt in (1, 2):
            run(email, request(html="<p>x</p>", attachments=(pack,)), attempt=attempt)
        run(email, request(idempotency_key="run-1/other"))
    first, again, other = server.received
    assert first.content == again.content
    assert first.message["message-id"] != other.message["message-id"]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_it_is_encrypted(run: Any, reach: Any, trusted: trustme.CA, security: str) -> None:
    with MailServer(security, authority=trusted) as server:
        reach(server, security)
        (receipt,) = run(email, request()).receipts
    assert receipt.outcome == "delivered"
    assert [mail.is_encrypted for mail in server.received] == [True]


def test_it_logs_in(
    run: Any, reach: Any, trusted: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENUTO_SMTP_PASSWORD", PASSWORD)
    with MailServer("starttls", authority=trusted, needs_login=True) as server:
        reach(server, "starttls", user=USER)
        (receipt,) = run(email, request()).receipts
    assert receipt.outcome == "delivered"


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("wrong", ["authority", "name"])
def test_a_wrong_certificate_is_refused(
    run: Any, reach: Any, trusted: trustme.CA, security: str, wrong: str
) -> None:
    authority = trustme.CA() if wrong == "authority" else trusted
    name = "mail.elsewhere.example" if wrong == "name" else "127.0.0.1"
    with MailServer(security, authority=authority, name=name) as server:
        reach(server, security)
        with pytest.raises(DataError) as refused:
            run(email, request())
    assert refused.value.code == "notify.smtp-certificate"
    assert server.received == []


def test_a_server_without_starttls_gets_nothing(run: Any, reach: Any) -> None:
    with MailServer() as server:
        reach(server, "starttls")
        with pytest.raises(DataError) as refused:
            run(email, request())
    assert refused.value.code == "notify.smtp-no-tls"
    assert server.received == []


def test_a_wrong_password_is_refused_and_never_shown(
    run: Any, reach: Any, trusted: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENUTO_SMTP_PASSWORD", "hunter2-hunter2")
    with MailServer("starttls", authority=trusted, needs_login=True) as server:
        reach(server, "starttls", user=USER)
        with pytest.raises(DataError) as refused:
            run(email, request())
    assert refused.value.code == "notify.smtp-login-refused"
    assert "hunter2" not in str(refused.value)
    assert server.received == []


def test_a_user_without_a_password_is_an_error(run: Any, reach: Any) -> None:
    with MailServer() as server:
        reach(server, user=USER)
        with pytest.raises(NotFoundError, match="TENUTO_SMTP_PASSWORD"):
            run(email, request())


def test_a_deferred_message_goes_out_with_the_next_attempt(run: Any, reach: Any) -> None:
    with MailServer(script=Script(data=["450 later", "250 OK"])) as server:
        reach(server)
        with pytest.raises(TransientError) as later:
            run(email, request())
        (receipt,) = run(email, request(), attempt=2).receipts
    assert (later.value.code, later.value.details) == (
        "notify.smtp-try-later",
        {"status": 450, "attempts": 1},
    )
    assert (receipt.outcome, receipt.attempts) == ("delivered", 2)
    assert len(server.received) == 1


def test_a_refused_message_is_not_tried_again(run: Any, reach: Any) -> None:
    with MailServer(script=Script(data=["550 no such policy"])) as server:
        reach(server)
        with pytest.raises(DataError, match="550 no such policy") as refused:
            run(email, request())
    assert refused.value.code == "notify.smtp-refused"


def test_all_9_a_connection_cut_after_the_data_repeats_under_the_same_id(
    run: Any, reach: Any
) -> None:
    with MailServer(script=Script(data=["cut"])) as server:
        reach(server)
        with pytest.raises(TransientError) as cut:
            run(email, request())
        run(email, request(), attempt=2)
    assert cut.value.code == "notify.smtp-broken-off"
    assert len(server.received) == 2
    assert len({mail.message["message-id"] for mail in server.received}) == 1


def test_ops_5_one_refused_address_is_a_failure_of_that_address_only(run: Any, reach: Any) -> None:
    script = Script(rcpt=lambda address: "550 unknown" if "gone" in address else "250 OK")
    with MailServer(script=script) as server:
        reach(server)
        receipts = run(email, request("ann@example.com", "gone@example.com")).receipts
    assert [(each.recipient, each.outcome) for each in receipts] == [
        ("ann@example.com", "delivered"),
        ("gone@example.com", "failed"),
    ]
    assert "550 unknown" in receipts[1].detail
    assert [mail.to for mail in server.received] == [("ann@example.com",)]


def test_ops_5_a_deferred_address_is_tried_again_and_the_others_are_not(
    run: Any, reach: Any
) -> None:
    asked: list[str] = []

    def grey(address: str) -> str:
        asked.append(address)
        if "gone" in address:
            return "550 unknown"
        return "450 greylisted" if asked.count(address) == 1 and "grey" in address else "250 OK"

    told = request("ann@example.com", "grey@example.com", "gone@example.com")
    with MailServer(script=Script(rcpt=grey)) as server:
        reach(server)
        with pytest.raises(TransientError) as later:
            run(email, told)
        assert later.value.code == "notify.addresses-try-later"
        assert later.value.details["deferred"] == ["grey@example.com"]
        receipts = run(email, told, attempt=2, known=run.beats[-1]).receipts
    assert [each.outcome for each in receipts] == ["delivered", "delivered", "failed"]
    assert [mail.to for mail in server.received] == [("ann@example.com",), ("grey@example.com",)]


def test_all_9_an_attempt_after_a_lost_worker_knows_that_the_message_was_taken(
    run: Any, reach: Any
) -> None:
    with MailServer() as server:
        reach(server)
        first = run(email, request())
        assert run(email, request(), attempt=2, known=run.beats[-1]) == first
    assert len(server.received) == 1


def test_every_address_refused_is_an_error(run: Any, reach: Any) -> None:
    with MailServer(script=Script(rcpt=lambda _: "550 unknown")) as server:
        reach(server)
        with pytest.raises(DataError) as refused:
            run(email, request("gone@example.com"))
    assert refused.value.code == "notify.every-address-refused"


def test_a_server_that_is_not_there_may_come_back(run: Any, reach: Any) -> None:
    with MailServer() as server:
        reach(server)
    with pytest.raises(UnreachableError) as down:
        run(email, request())
    assert down.value.code == "notify.smtp-unreachable"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("subject", "NAV\r\nBcc: everybody@example.com", "notify.header-invalid"),
        ("subject", "NAV\u2028X", "notify.header-invalid"),
        ("reply_to", "a@example.com\nBcc: b@example.com", "notify.header-invalid"),
        ("sender", "Desk\r\nX: y <a@example.com>", "notify.header-invalid"),
        ("to", ("ann@example.com\r\nRCPT TO:<b@example.com>",), "notify.header-invalid"),
        ("to", ("ann@example.com, bob@example.com",), "notify.address-invalid"),
        ("to", ("ann",), "notify.address-invalid"),
        ("to", ("ann@exämple.com",), "notify.address-invalid"),
    ],
)
def test_nothing_can_be_smuggled_into_the_headers(
    run: Any, reach: Any, field: str, value: Any, code: str
) -> None:
    with MailServer() as server:
        reach(server)
        with pytest.raises(DataError) as refused:
            run(email, request(**{field: value}) if field != "to" else request(*value))
    assert refused.value.code == code
    assert server.received == []


@given(st.text())
def test_what_passes_as_a_line_has_no_line_break(text: str) -> None:
    try:
        passed = one_line("subject", text)
    except DataError:
        return
    assert len(passed.splitlines()) <= 1


@given(st.emails())
def test_ordinary_addresses_are_addresses(address: str) -> None:
    assert parse_address(f"Ann <{address}>").addr_spec == address


def test_the_name_of_an_attachment_cannot_break_a_header(
    run: Any, reach: Any, store: ArtifactStore
) -> None:
    bad = store.put_bytes(b"x", name="a\r\nX: y.pdf", media_type="text/csv")
    with MailServer() as server:
        reach(server)
        with pytest.raises(DataError) as refused:
            run(email, request(attachments=(bad,)))
    assert refused.value.code == "notify.header-invalid"


def test_too_large_attachments_are_refused_before_they_are_read(run: Any, reach: Any) -> None:
    huge = Document(uri="artifact://" + "0" * 64, sha256="0" * 64, bytes=21 * 1024 * 1024)
    with MailServer() as server:
        reach(server)
        with pytest.raises(DataError) as refused:
            run(email, request(attachments=(huge,)))
    assert refused.value.code == "notify.attachments-too-large"


def test_plain_text_beyond_this_machine_is_refused(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENUTO_SMTP_HOST", "192.0.2.25")
    monkeypatch.setenv("TENUTO_SMTP_SECURITY", "plain")
    monkeypatch.setenv("TENUTO_SMTP_FROM", "desk@fund.example")
    with pytest.raises(UsageError) as refused:
        run(email, request())
    assert refused.value.code == "notify.smtp-plain-text"
    monkeypatch.setenv("TENUTO_SMTP_ALLOW_PLAIN_TEXT", "yes")
    monkeypatch.setenv("TENUTO_SMTP_USER", "desk")
    monkeypatch.setenv("TENUTO_SMTP_PASSWORD", "hunter2")
    with pytest.raises(UsageError, match="never with a password"):
        run(email, request())


def test_a_server_in_the_request_may_not_be_private_unless_it_is_listed(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MailServer() as server:
        named = SmtpServer(host="127.0.0.1", port=server.port, security="plain")
        told = request(server=named, sender="desk@fund.example")
        with pytest.raises(UsageError) as refused:
            run(email, told)
        assert refused.value.code == "notify.smtp-address-refused"
        assert server.received == []
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        assert run(email, told).receipts[0].outcome == "delivered"


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "70000"), ("SECURITY", "ssl"), ("ALLOW_PLAIN_TEXT", "maybe")]
)
def test_a_wrong_setting_says_which(run: Any, reach: Any, name: str, value: str) -> None:
    with MailServer() as server:
        reach(server, **{name: value})
        with pytest.raises(UsageError, match=f"TENUTO_SMTP_{name}") as wrong:
            run(email, request())
    assert wrong.value.code == "notify.smtp-settings-invalid"


def test_tor_14_not_configured_is_skipped_and_names_the_setting(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def outcome(told: EmailRequest) -> tuple[str, str]:
        (receipt,) = run(email, told).receipts
        return receipt.outcome, receipt.detail

    nobody = EmailRequest(subject="s", text="t", idempotency_key="k")
    assert outcome(nobody) == (
        "skipped",
        "not configured: set TENUTO_NOTIFY_EMAIL_TO on the worker",
    )
    assert outcome(request()) == ("skipped", "not configured: set TENUTO_SMTP_HOST on the worker")
    monkeypatch.setenv("TENUTO_SMTP_HOST", "127.0.0.1")
    assert outcome(request()) == ("skipped", "not configured: set TENUTO_SMTP_FROM on the worker")


def test_sig_20_default_recipients_come_from_the_settings(
    run: Any, reach: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENUTO_NOTIFY_EMAIL_TO", "ann@example.com, bob@example.com")
    with MailServer() as server:
        reach(server)
        run(email, EmailRequest(subject="s", text="t", idempotency_key="k"))
    assert [mail.to for mail in server.received] == [("ann@example.com", "bob@example.com")]


def test_sig_20_test_mode_writes_a_file_and_connects_nowhere(
    run: Any, reach: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENUTO_NOTIFY_MODE", "test")
    monkeypatch.setenv("TENUTO_NOTIFY_OUTBOX", str(tmp_path / "outbox"))
    with MailServer() as server:
        reach(server)
        for attempt in (1, 2):
            (receipt,) = run(email, request(), attempt=attempt).receipts
    assert server.received == []
    (written,) = (tmp_path / "outbox" / "email").iterdir()
    assert b"Subject: NAV of ATLAS" in written.read_bytes()
    assert (receipt.outcome, receipt.delivered_at) == ("captured", None)


@pytest.mark.parametrize(
    ("mode", "outbox", "code"),
    [
        ("test", "", "notify.outbox-missing"),
        ("test", "s3://bucket", "notify.outbox-missing"),
        ("tset", "/tmp/x", "notify.mode-invalid"),
    ],
)
def test_sig_20_a_test_mode_that_is_set_wrong_sends_nothing(
    run: Any, reach: Any, monkeypatch: pytest.MonkeyPatch, mode: str, outbox: str, code: str
) -> None:
    monkeypatch.setenv("TENUTO_NOTIFY_MODE", mode)
    monkeypatch.setenv("TENUTO_NOTIFY_OUTBOX", outbox)
    with MailServer() as server:
        reach(server)
        with pytest.raises(UsageError) as wrong:
            run(email, request())
    assert wrong.value.code == code
    assert server.received == []


def test_a_cancellation_stops_it(reach: Any) -> None:
    entered, hold = threading.Event(), threading.Event()

    def slow(_: str) -> str:
        entered.set()
        hold.wait(10)
        return "250 OK"

    with MailServer(script=Script(rcpt=slow)) as server:
        reach(server)
        environment = ActivityEnvironment()
        outcome: list[BaseException] = []

        def attempt() -> None:
            try:
                environment.run(email, request())
            except BaseException as error:  # noqa: BLE001 (looked at below)
                outcome.append(error)

        thread = threading.Thread(target=attempt)
        thread.start()
        assert entered.wait(10)
        environment.cancel()
        hold.set()
        thread.join(10)
    assert isinstance(outcome[0], CancelledError)
    assert server.received == []
