"""Handing out a released NAV: what recipients receive, and what a failure says."""

import base64
import dataclasses
import hashlib
import hmac
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from atlas_nav import DAY, nav_result, positions
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.core.errors import DataError, NotFoundError, TenutoError, TransientError, UsageError
from tenuto.packs.finance.models import Recipient
from tenuto.packs.finance.nav.activities.deliver import deliver
from tenuto.packs.finance.nav.activities.render import render_pack
from tenuto.packs.finance.nav.models import Delivery, NavPack, NavResult
from tenuto.packs.finance.nav.release_handoffs import DeliverRequest, RenderPackRequest
from tenuto.packs.finance.nav.report.manifest import PackManifest, files_of
from tenuto.testing.loopback import Answer, LoopbackServer

NAV_ID = "nav/ATLAS/2022-12-28/official/v1"
KEY = b"0123456789abcdef0123456789abcdef"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ArtifactStore]:
    store = open_store(str(tmp_path / "store"))
    use_store(store)
    yield store
    use_store(None)


@pytest.fixture
def released(store: ArtifactStore) -> tuple[NavResult, NavPack]:
    frame = positions(10)
    result = nav_result(frame, positions=store.put_table(frame, name="positions"))
    document = store.put_json(result, name="result.json")
    return result, render_pack(RenderPackRequest(result=document))


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Iterator[LoopbackServer]:
    monkeypatch.setenv("ATLAS_HOOK", "whsec_" + base64.b64encode(KEY).decode())
    with LoopbackServer(lambda _: Answer(status=202)) as server:
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        yield server


def attempt(pack: NavPack, number: int = 1, **recipient: Any) -> Delivery:
    """The body as the engine runs it, in its `number`th attempt."""
    request = DeliverRequest(
        recipient=Recipient(name="custodian", **recipient),
        pack=pack,
        nav_id=NAV_ID,
        fund_id="ATLAS",
        date=DAY,
        idempotency_key=f"{NAV_ID}/custodian/{pack.manifest.sha256}",
    )
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, attempt=number)
    return environment.run(deliver, request)


def test_a_folder_gets_every_file_as_the_manifest_names_it(
    released: tuple[NavResult, NavPack], tmp_path: Path
) -> None:
    _, pack = released
    delivery = attempt(pack, channel="file", target=str(tmp_path / "out"))
    folder = tmp_path / "out" / NAV_ID
    assert delivery.outcome == "delivered"
    assert delivery.detail == f"file://{folder}/manifest.json"
    assert delivery.delivered_at is not None
    manifest_bytes = (folder / "manifest.json").read_bytes()
    assert hashlib.sha256(manifest_bytes).hexdigest() == pack.manifest.sha256
    manifest = PackManifest.model_validate_json(manifest_bytes)
    for each in manifest.files:
        assert hashlib.sha256((folder / each.name).read_bytes()).hexdigest() == each.sha256
    assert sorted(path.name for path in folder.iterdir()) == sorted(files_of(pack))


def test_a_repeated_delivery_changes_nothing(
    released: tuple[NavResult, NavPack], tmp_path: Path
) -> None:
    _, pack = released
    first = attempt(pack, channel="file", target=str(tmp_path / "out"))
    second = attempt(pack, 2, channel="file", target=str(tmp_path / "out"))
    assert (first.detail, first.attempts) == (second.detail, 1)
    assert second.attempts == 2


def test_another_pack_under_the_same_nav_is_refused(
    released: tuple[NavResult, NavPack], store: ArtifactStore, tmp_path: Path
) -> None:
    _, pack = released
    attempt(pack, channel="file", target=str(tmp_path / "out"))
    other = store.put_bytes(b"%PDF-other", name="nav-pack.pdf", media_type="application/pdf")
    with pytest.raises(DataError) as refused:
        attempt(
            pack.model_copy(update={"pdf": other}), 3, channel="file", target=str(tmp_path / "out")
        )
    assert refused.value.code == "notify.file-differs"
    assert refused.value.details["attempts"] == 3


def test_a_webhook_carries_the_figures_and_the_hashes_and_its_signature(
    released: tuple[NavResult, NavPack], listening: LoopbackServer
) -> None:
    result, pack = released
    delivery = attempt(
        pack, channel="webhook", target=f"{listening.url}/nav", secret="secret://env/ATLAS_HOOK"
    )
    assert (delivery.outcome, delivery.detail) == ("delivered", "HTTP 202")
    (received,) = listening.received
    signed = ".".join(received.headers[f"webhook-{part}"] for part in ("id", "timestamp"))
    digest = hmac.digest(KEY, signed.encode() + b"." + received.body, "sha256")
    assert received.headers["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    said = json.loads(received.body)
    assert said["type"] == "nav.released"
    data = said["data"]
    assert (data["nav_id"], data["fund_id"], data["date"]) == (NAV_ID, "ATLAS", "2022-12-28")
    assert (data["status"], Decimal(data["nav"])) == ("final", result.nav)
    assert {each["class_id"]: each["nav_per_unit"] for each in data["classes"]} == {
        each.class_id: str(each.nav_per_unit) for each in result.classes
    }
    assert data["pack_sha256"] == pack.manifest.sha256
    assert {each["name"]: each["sha256"] for each in data["files"]} == {
        name: file.sha256 for name, file in files_of(pack).items()
    }


def test_every_attempt_at_a_webhook_is_one_event(
    released: tuple[NavResult, NavPack], listening: LoopbackServer
) -> None:
    _, pack = released
    for number in (1, 2):
        attempt(
            pack, number, channel="webhook", target=listening.url, secret="secret://env/ATLAS_HOOK"
        )
    first, second = listening.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-id"].startswith("msg_")
    assert first.body == second.body


def test_all_9_an_answer_of_500_is_a_failure_with_its_attempt(
    released: tuple[NavResult, NavPack], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, pack = released
    monkeypatch.setenv("ATLAS_HOOK", "whsec_" + base64.b64encode(KEY).decode())
    with LoopbackServer(lambda _: Answer(status=500, headers={"retry-after": "7"})) as server:
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        with pytest.raises(TransientError) as failed:
            attempt(pack, 4, channel="webhook", target=server.url, secret="secret://env/ATLAS_HOOK")
    assert failed.value.details == {"status": 500, "retry_after_s": 7, "attempts": 4}


@pytest.mark.parametrize(
    ("secret", "kind", "code"),
    [
        (None, UsageError, "notify.no-secret"),
        ("secret://env/NOT_SET_ANYWHERE", NotFoundError, "secret.missing"),
        ("whsec_hunter2hunter2", UsageError, "secret.reference-invalid"),
    ],
)
def test_a_webhook_without_a_secret_is_not_sent(
    secret: str | None,
    kind: type[TenutoError],
    code: str,
    released: tuple[NavResult, NavPack],
    listening: LoopbackServer,
) -> None:
    _, pack = released
    with pytest.raises(kind) as refused:
        attempt(pack, channel="webhook", target=listening.url, secret=secret)
    assert refused.value.code == code
    assert "hunter2" not in str(refused.value)
    assert listening.received == []
