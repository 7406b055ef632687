"""The entries for programs and for folders: one event, one name, however often it is tried."""

import base64
import hmac
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from tenuto.activities.notify.put_files import file
from tenuto.activities.notify.send_webhook import webhook
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.catalog.library.notify.requests import FileRequest, WebhookRequest
from tenuto.core.errors import DataError, NotFoundError, TransientError, UsageError
from tenuto.testing.loopback import Answer, LoopbackServer, Received

pytestmark = pytest.mark.usefixtures("no_settings")

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
DAY = datetime(2026, 3, 31, 18, 5, tzinfo=UTC)


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, key in (("OLD", OLD), ("NEW", NEW)):
        monkeypatch.setenv(f"DESK_{name}", "whsec_" + base64.b64encode(key).decode())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArtifactStore]:
    store = open_store(str(tmp_path / "store"))
    use_store(store)
    yield store
    use_store(None)


def event(url: str, *secrets: str, **more: Any) -> WebhookRequest:
    return WebhookRequest(
        url=url,
        secrets=secrets or ("secret://env/DESK_NEW", "secret://env/DESK_OLD"),
        **{
            "type": "nav.released",
            "occurred_at": DAY,
            "data": {"fund": "Łódź", "nav": "104.2"},
            "idempotency_key": "r/s",
            **more,
        },
    )


def checked_with(key: bytes) -> Any:
    """A receiver that knows one secret, as the standard describes it."""

    def receive(received: Received) -> Answer:
        head = f"{received.headers['webhook-id']}.{received.headers['webhook-timestamp']}."
        expected = base64.b64encode(hmac.digest(key, head.encode() + received.body, "sha256"))
        signatures = received.headers["webhook-signature"].split(" ")
        is_genuine = any(
            hmac.compare_digest(each, f"v1,{expected.decode()}") for each in signatures
        )
        return Answer(status=204 if is_genuine else 401)

    return receive


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("key", [OLD, NEW])
def test_tor_15_while_secrets_change_both_are_good(
    run: Any, key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LoopbackServer(checked_with(key)) as server:
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        receipt = run(webhook, event(server.url))
    (received,) = server.received
    assert json.loads(received.body) == {
        "type": "nav.released",
        "timestamp": "2026-03-31T18:05:00Z",
        "data": {"fund": "Łódź", "nav": "104.2"},
    }
    assert received.headers["webhook-id"] == receipt.message_id
    assert (receipt.outcome, receipt.detail) == ("delivered", "HTTP 204")


@pytest.mark.usefixtures("keys")
def test_all_9_attempts_share_id_and_body(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([500, 503, 204])
    with LoopbackServer(lambda _: Answer(status=next(answers))) as server:
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        for attempt in (1, 2):
            with pytest.raises(TransientError) as later:
                run(webhook, event(server.url), attempt=attempt)
            assert later.value.details["attempts"] == attempt
        assert run(webhook, event(server.url), attempt=3).attempts == 3
    assert len({each.headers["webhook-id"] for each in server.received}) == 1
    assert len({each.body for each in server.received}) == 1


@pytest.mark.usefixtures("keys")
def test_a_refusal_is_permanent_and_a_secret_url_is_not_shown(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LoopbackServer(lambda _: Answer(status=410)) as server:
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        monkeypatch.setenv("DESK_HOOK", f"{server.url}/hooks/hunter2")
        with pytest.raises(DataError) as refused:
            run(webhook, event("secret://env/DESK_HOOK"))
    assert refused.value.details["status"] == 410
    assert "hunter2" not in f"{refused.value} {refused.value!r}"


def test_a_secret_that_is_not_there_is_an_error(run: Any) -> None:
    with pytest.raises(NotFoundError, match="DESK_NEW"):
        run(webhook, event("https://example.com"))


@pytest.mark.usefixtures("keys")
def test_a_webhook_in_the_clear_is_refused(run: Any) -> None:
    with pytest.raises(UsageError) as refused:
        run(webhook, event("http://example.com"))
    assert refused.value.code == "notify.webhook-insecure"


def test_sig_20_test_mode_needs_no_secret_and_reaches_nobody(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENUTO_NOTIFY_MODE", "test")
    monkeypatch.setenv("TENUTO_NOTIFY_OUTBOX", str(tmp_path))
    receipt = run(webhook, event("https://example.com/hook"))
    (written,) = (tmp_path / "webhook").iterdir()
    assert json.loads(written.read_text())["type"] == "nav.released"
    assert receipt.outcome == "captured"


def test_files_arrive_and_the_text_comes_last(
    run: Any, store: ArtifactStore, tmp_path: Path
) -> None:
    pack = store.put_bytes(b"%PDF", name="pack.pdf", media_type="application/pdf")
    asked = FileRequest(
        folder=str(tmp_path / "out"),
        name="nav/2026-03-31",
        documents=(pack,),
        text="It is out.",
        idempotency_key="r/s",
    )
    receipts = [run(file, asked, attempt=attempt) for attempt in (1, 2)]
    delivered = tmp_path / "out" / "nav" / "2026-03-31"
    assert {each.name: each.read_bytes() for each in delivered.iterdir()} == {
        "pack.pdf": b"%PDF",
        "message.txt": b"It is out.",
    }
    assert receipts[0].detail == f"file://{delivered}/message.txt"
    assert [each.attempts for each in receipts] == [1, 2]


def test_other_content_under_the_same_name_is_refused(run: Any, tmp_path: Path) -> None:
    def asked(text: str) -> FileRequest:
        return FileRequest(folder=str(tmp_path), name="n", text=text, idempotency_key="r/s")

    run(file, asked("one"))
    with pytest.raises(DataError) as refused:
        run(file, asked("two"))
    assert refused.value.code == "notify.file-differs"


def test_a_folder_that_fails_may_come_back(run: Any, tmp_path: Path) -> None:
    broken = tmp_path / "gone"
    broken.symlink_to(tmp_path / "gone")  # a loop: an OSError that is nobody's mistake
    with pytest.raises(TransientError) as later:
        run(file, FileRequest(folder=str(broken), name="n", text="x", idempotency_key="k"))
    assert later.value.code == "notify.folder-unavailable"


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [("../n", "x", "notify.name-invalid"), ("n", "", "notify.nothing-to-deliver")],
)
def test_a_wrong_delivery_writes_nothing(
    run: Any, tmp_path: Path, name: str, text: str, code: str
) -> None:
    asked = FileRequest(folder=str(tmp_path / "out"), name=name, text=text, idempotency_key="k")
    with pytest.raises(UsageError) as refused:
        run(file, asked)
    assert refused.value.code == code
    assert not (tmp_path / "out").exists()


def test_documents_need_different_names(run: Any, store: ArtifactStore, tmp_path: Path) -> None:
    same = store.put_bytes(b"a", name="a", media_type="text/plain")
    other = store.put_bytes(b"b", name="a", media_type="text/plain")
    asked = FileRequest(
        folder=str(tmp_path), name="n", documents=(same, other), idempotency_key="k"
    )
    with pytest.raises(UsageError) as refused:
        run(file, asked)
    assert refused.value.code == "notify.name-invalid"


def test_tor_14_no_folder_is_skipped(run: Any) -> None:
    asked = FileRequest(name="n", text="x", idempotency_key="k")
    assert "TENUTO_NOTIFY_FOLDER" in run(file, asked).detail
    assert run(file, asked).outcome == "skipped"


def test_sig_20_test_mode_keeps_files_on_this_machine(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENUTO_NOTIFY_MODE", "test")
    monkeypatch.setenv("TENUTO_NOTIFY_OUTBOX", str(tmp_path / "outbox"))
    asked = FileRequest(folder="s3://production/out", name="n", text="x", idempotency_key="k")
    receipt = run(file, asked)
    assert (receipt.outcome, receipt.recipient) == ("captured", "s3://production/out")
    assert (tmp_path / "outbox" / "file" / "n" / "message.txt").read_text() == "x"


@pytest.mark.usefixtures("keys")
def test_a_cancelled_webhook_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    entered, hold = threading.Event(), threading.Event()

    def slow(_: Received) -> Answer:
        entered.set()
        hold.wait(10)
        return Answer(status=204)

    outcome: list[BaseException] = []
    environment = ActivityEnvironment()
    with LoopbackServer(slow) as server:
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")

        def attempt() -> None:
            try:
                environment.run(webhook, event(server.url))
            except BaseException as error:  # noqa: BLE001 (looked at below)
                outcome.append(error)

        thread = threading.Thread(target=attempt)
        thread.start()
        assert entered.wait(10)
        environment.cancel()
        hold.set()
        thread.join(10)
    assert isinstance(outcome[0], CancelledError)


def test_a_cancelled_delivery_leaves_no_half_file(tmp_path: Path, store: ArtifactStore) -> None:
    large = store.put_bytes(b"x" * 50_000_000, name="large.bin", media_type="text/plain")
    asked = FileRequest(
        folder=str(tmp_path / "out"), name="n", documents=(large,), idempotency_key="k"
    )
    environment = ActivityEnvironment()
    environment.on_heartbeat = lambda *_: environment.cancel()
    with pytest.raises(CancelledError):
        environment.run(file, asked)
    assert not (tmp_path / "out" / "n" / "large.bin").exists()
    assert list((tmp_path / "out").rglob("*.part")) == []
