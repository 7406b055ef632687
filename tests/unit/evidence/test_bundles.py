"""A bundle convinces on bare Python, and shows every changed byte."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from ledger_room import START, ledger_at, ring
from tenuto.core.errors import NotFoundError, UsageError
from tenuto.evidence.bundle import bundle_files, write_bundle
from tenuto.evidence.dossier import find_dossier
from tenuto.evidence.ledger import Ledger
from tenuto.evidence.record import Entry
from tenuto.evidence.standalone import verify as standalone

KEYS = ring()


def run_entry(ledger: Ledger, name: str, parent: str | None = None) -> Entry:
    blob = ledger.put_blob(f"history of {name}".encode() * 9)
    data: dict[str, JsonValue] = {
        "workflow_id": name,
        "run_id": f"{name}-run",
        "root": parent or name,
        "parent": parent,
        "permit": {"jti": f"{name}-permit", "policy": "a" * 64},
        "messages": [],
    }
    return Entry(id=f"run:{name}", kind="run", happened_at=START, data=data, blobs=(blob,))


def other(kind: str, number: int, **data: object) -> Entry:
    return Entry.model_validate(
        {"id": f"{kind}-{number}", "kind": kind, "happened_at": START, "data": data}
    )


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    kept = ledger_at(tmp_path_factory.mktemp("bundled"))
    texts = kept.put_blob(b'{"rules.cedar":"permit(principal, action, resource);"}')
    policy = other("policy", 0, digest="a" * 64).model_copy(update={"blobs": (texts,)})
    kept.append([run_entry(kept, "unrelated"), policy], KEYS, START)
    decision = other("decision", 1, resource={"type": "Run", "id": "order-7"}, allowed=True)
    strange = other("decision", 2, resource={"type": "Run", "id": "else"}, allowed=True)
    kept.append([decision, strange], KEYS, START)
    kept.append([run_entry(kept, "task-1", "order-7"), run_entry(kept, "order-7")], KEYS, START)
    kept.append([run_entry(kept, "later")], KEYS, START)
    return kept


@pytest.fixture(scope="module")
def bundle(ledger: Ledger, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("bundle") / "out"
    files = bundle_files(
        ledger,
        find_dossier(ledger, "order-7"),
        KEYS,
        {"order-7.json": b"{}"},
        {"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824": b"hello"},
    )
    write_bundle(files, target)
    return target


def verified(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", str(folder / "verify.py"), *options],
        capture_output=True,
        text=True,
        env={},
        check=False,
    )


def test_a_dossier_has_the_run_its_children_and_what_was_decided(ledger: Ledger) -> None:
    found = find_dossier(ledger, "order-7-run")
    assert found.run == "order-7"
    assert [line.record.entry.id for line in found.lines] == [
        "policy-0",
        "decision-1",
        "run:task-1",
        "run:order-7",
    ]
    with pytest.raises(NotFoundError) as unknown:
        find_dossier(ledger, "nobody")
    assert unknown.value.code == "evidence.no-run"


def test_ops_23_a_bundle_verifies_on_bare_python(bundle: Path) -> None:
    said = verified(bundle)
    assert (said.returncode, said.stderr) == (0, "")
    assert "ok: 4 records are among them" in said.stdout
    assert "ok: 3 histories and texts" in said.stdout
    assert verified(bundle, "--key", KEYS.active.kid).returncode == 0
    assert "WRONG" in verified(bundle, "--key", "0" * 16).stdout


def test_a_zip_holds_the_same_files(ledger: Ledger, tmp_path: Path) -> None:
    files = bundle_files(ledger, find_dossier(ledger, "order-7"), KEYS, {}, {})
    write_bundle(files, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as zipped:
        zipped.extractall(tmp_path / "out")
    assert verified(tmp_path / "out").returncode == 0
    with pytest.raises(UsageError) as taken:
        write_bundle(files, tmp_path / "b.zip")
    assert taken.value.code == "evidence.bundle-exists"


@pytest.mark.attack
@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_inv_23_one_changed_byte_in_a_bundle_is_found(bundle: Path, data: st.DataObject) -> None:
    files = sorted(file for file in bundle.rglob("*") if file.is_file())
    file = data.draw(st.sampled_from(files), label="file")
    original = file.read_bytes()
    content = bytearray(original)
    place = data.draw(st.integers(0, len(content) - 1), label="place")
    content[place] ^= data.draw(st.integers(1, 255), label="change")
    file.write_bytes(content)
    try:
        with pytest.raises((standalone.WrongError, ValueError, OSError)):
            standalone.check(bundle)
    finally:
        file.write_bytes(original)


@pytest.mark.attack
def test_repacked_sums_do_not_hide_a_changed_record(bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    file = copy / "records.jsonl"
    file.write_bytes(file.read_bytes().replace(b"order-7-run", b"order-8-run"))
    _resum(copy)
    assert "is not in the ledger of the checkpoint" in verified(copy).stdout


@pytest.mark.attack
def test_another_key_in_the_bundle_does_not_sign(bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    stranger = ring().active
    (copy / "keys.json").write_text(f'[{{"kid": "{stranger.kid}", "public": "{stranger.public}"}}]')
    _resum(copy)
    assert "is not signed by any key of the bundle" in verified(copy).stdout


@pytest.mark.attack
def test_a_file_more_is_found(bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(bundle, copy)
    (copy / "readable" / "more.json").write_text("{}")
    assert "files were added or removed" in verified(copy).stdout


def _resum(folder: Path) -> None:
    import hashlib

    names = sorted(
        each.relative_to(folder).as_posix()
        for each in folder.rglob("*")
        if each.is_file() and each.name != "SHA256SUMS"
    )
    (folder / "SHA256SUMS").write_text(
        "".join(
            f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
            for name in names
        )
    )


@pytest.mark.parametrize(
    ("public", "message", "signature"),
    [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ],
)
def test_signatures_are_judged_as_rfc_8032_section_7_1_has_them(
    public: str, message: str, signature: str
) -> None:
    key, text, signed = (bytes.fromhex(each) for each in (public, message, signature))
    assert standalone.is_signed(key, text, signed)
    assert not standalone.is_signed(key, text + b"x", signed)
    order = int.from_bytes(signed[32:], "little") + standalone.ORDER
    assert not standalone.is_signed(key, text, signed[:32] + order.to_bytes(32, "little"))
