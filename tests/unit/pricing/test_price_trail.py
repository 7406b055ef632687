"""Where a price comes from is one question, and a changed byte anywhere is its answer."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pricing_desk import DAY, QUOTES, PricingDesk, limits, policy
from tenuto.artifacts.blobs import blob_path
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.cli.output import Output
from tenuto.core.errors import CorruptError, NotFoundError, UsageError
from tenuto.packs.finance.pricing.commands import prices
from tenuto.packs.finance.pricing.models import PricingAudit
from tenuto.packs.finance.pricing.trail import explain, find_set, verify_set


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def store(folder: Path) -> ArtifactStore:
    return open_store(str(folder))


@pytest.fixture
def audit(store: ArtifactStore) -> PricingAudit:
    """A published set of two instruments from two files."""
    use_store(store)
    desk = PricingDesk(store)
    request = desk.request(
        "instrument_id,type,currency\nX,equity,EUR\nY,equity,EUR\n",
        [f"{QUOTES}X,{DAY},A,close,10\nY,{DAY},A,close,0\n", f"{QUOTES}Y,{DAY},B,close,5\n"],
        policy=policy(limits=limits()),
    )
    published = desk.publish(desk.examine(request))
    use_store(None)
    return published.audit


def test_ops_8_one_price_returns_the_whole_chain(store: ArtifactStore, audit: PricingAudit) -> None:
    trail = explain(store, find_set(store, None, None), "Y")
    assert [(each["source"], each["reason"]) for each in trail.waterfall] == [
        ("A", "not-positive"),
        ("B", None),
        ("C", "missing"),
    ]
    assert sorted(each.name for each in trail.files) == ["quotes-1.csv", "quotes-2.csv"]
    assert {each["rule"] for each in trail.checks} == {"not-positive", "stale"}
    assert trail.policy_sha256 == audit.policy_sha256
    assert trail.released_at.startswith("2024-01-03T18:00:00")
    assert [(each["file"], each["row"]) for each in trail.quotes] == [
        ("quotes-1.csv", 3),
        ("quotes-2.csv", 2),
    ]


def _artifacts(audit: PricingAudit) -> dict[str, str]:
    tables = {"price_set": audit.price_set, "quotes": audit.quotes, "checks": audit.checks}
    found = {name: each.sha256 for name, each in tables.items()}
    found |= {"candidates": audit.candidates.sha256, "report": audit.report.sha256}
    found |= {"prices": audit.prices.sha256}
    return found | {f"{each.input} {each.name}": each.sha256 for each in audit.files}


@pytest.mark.parametrize(
    "what",
    [
        "price_set",
        "prices",
        "quotes",
        "checks",
        "candidates",
        "report",
        "quotes quotes-1.csv",
        "instruments instruments.csv",
    ],
)
def test_ops_8_changed_byte_is_detected(
    folder: Path, store: ArtifactStore, audit: PricingAudit, what: str
) -> None:
    verify_set(store, audit)
    blob = folder / blob_path(_artifacts(audit)[what])
    data = bytearray(blob.read_bytes())
    data[len(data) // 2] ^= 1
    blob.chmod(0o644)
    blob.write_bytes(bytes(data))
    with pytest.raises(CorruptError):
        explain(store, audit, "X")


def test_ops_8_changed_audit_is_detected(
    folder: Path, store: ArtifactStore, audit: PricingAudit
) -> None:
    document = store.resolve(f"{audit.pricing_id}/audit.json")
    blob = folder / blob_path(document.sha256)
    blob.chmod(0o644)
    blob.write_bytes(blob.read_bytes().replace(b'"Bob"', b'"Eve"').replace(b"EOD", b"EOX"))
    with pytest.raises(CorruptError):
        find_set(store, "EOD", DAY)


def test_ops_8_name_that_leads_elsewhere_is_detected(
    folder: Path, store: ArtifactStore, audit: PricingAudit
) -> None:
    other = store.put_json({"report": "another"}, name="report.json")
    pointer = folder / "names" / audit.pricing_id / "report.json.ref"
    pointer.chmod(0o644)
    pointer.write_text(pointer.read_text().replace(audit.report.sha256, other.sha256))
    with pytest.raises(CorruptError, match="was changed after publication"):
        verify_set(store, audit)


def test_what_is_not_there_is_said(store: ArtifactStore, audit: PricingAudit) -> None:
    with pytest.raises(NotFoundError, match="is not in `pricing/EOD"):
        explain(store, audit, "Q")
    with pytest.raises(NotFoundError, match="has published nothing for 1999-01-01"):
        find_set(store, "EOD", DAY.replace(year=1999, day=1))
    store.bind("pricing/OTHER/2024-01-03/v1/note", store.put_json({}, name="note"))
    with pytest.raises(UsageError, match="`EOD`, `OTHER`"):
        find_set(store, None, None)


class TestCommands:
    """`tenuto prices`."""

    @pytest.fixture(autouse=True)
    def _project(self, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("TENUTO_ARTIFACTS", str(folder))

    def test_explain_as_json(self, audit: PricingAudit) -> None:
        ran = CliRunner().invoke(prices, ["explain", "Y", "--json"], obj=Output())
        assert ran.exit_code == 0, ran.output
        told = json.loads(ran.output)
        assert told["price"]["price"] == "5.0000000000"
        assert told["pricing_id"] == audit.pricing_id

    def test_explain_and_show_for_a_person(self, audit: PricingAudit) -> None:
        ran = CliRunner().invoke(prices, ["explain", "Y", "--date", str(DAY)], obj=Output())
        assert "not-positive" in ran.output
        assert "every byte unchanged" in ran.output
        ran = CliRunner().invoke(prices, ["show", "--policy", "EOD"], obj=Output())
        assert f"{audit.pricing_id}: 2 instruments" in ran.output

    def test_tampered_set_is_said_loudly(self, folder: Path, audit: PricingAudit) -> None:
        blob = folder / blob_path(audit.price_set.sha256)
        blob.chmod(0o644)
        blob.write_bytes(blob.read_bytes() + b"x")
        for arguments in (["explain", "X"], ["show"]):
            ran = CliRunner().invoke(prices, arguments, obj=Output())
            assert isinstance(ran.exception, CorruptError)
