"""Every kind of file of a ledger and of a bundle, changed in every way: somebody notices."""

import base64
import gzip
import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ledger_room import START, copied, entry, judged, ledger_at, ring, words, written
from tenuto.core.errors import TenutoError
from tenuto.evidence.bundle import bundle_files, write_bundle
from tenuto.evidence.dossier import find_dossier
from tenuto.evidence.ledger import Ledger
from tenuto.evidence.record import Entry
from tenuto.evidence.standalone import verify as standalone
from tenuto.identity.keys import KeyRing

KEYS = ring()
POLICY = b'{"rules.cedar":"permit (principal, action, resource);"}'

Change = Callable[[bytes], bytes]


def flipped(at: float) -> Change:
    """One bit of the byte at that share of the file."""

    def change(data: bytes) -> bytes:
        place = round(at * (len(data) - 1))
        return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]

    return change


CHANGES: dict[str, Change] = {
    "first byte": flipped(0),
    "a byte in the first half": flipped(0.3),
    "a byte in the second half": flipped(0.7),
    "last byte": flipped(1),
    "one byte less": lambda data: data[:-1],
    "half": lambda data: data[: len(data) // 2],
    "nothing": lambda data: b"",
    "one byte more": lambda data: data + b"\n",
    "twice": lambda data: data + data,
}


@pytest.fixture(scope="module")
def genuine(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """Two segments of runs, and one with a policy's text."""
    ledger = written(tmp_path_factory.mktemp("ledger"), KEYS, 3, 4)
    text = ledger.put_blob(POLICY)
    data = {"digest": "a" * 64, "texts": text.sha256}
    policy = Entry.model_validate(
        {"id": "policy", "kind": "policy", "happened_at": START, "data": data, "blobs": (text,)}
    )
    ledger.append([policy, entry(ledger, 50)], KEYS, ledger.checkpoint(7).checkpoint.at)
    return ledger


def root(ledger: Ledger) -> Path:
    return Path(ledger.place.url)


def kinds(ledger: Ledger) -> dict[str, Path]:
    """One file of each kind."""
    folder = root(ledger)
    texts = next(f for f in folder.glob("blobs/*/*") if POLICY in gzip.decompress(f.read_bytes()))
    histories = (f for f in folder.glob("blobs/*/*") if f != texts)
    return {
        "history": next(histories),
        "policy": texts,
        "first segment": min(folder.glob("segments/*")),
        "last segment": max(folder.glob("segments/*")),
        "first checkpoint": min(folder.glob("checkpoints/*")),
        "last checkpoint": max(folder.glob("checkpoints/*")),
    }


@pytest.mark.attack
@pytest.mark.parametrize("how", CHANGES)
def test_inv_23_every_kind_of_file_of_a_ledger_is_guarded(
    genuine: Ledger, tmp_path: Path, how: str
) -> None:
    copy = copied(root(genuine), tmp_path / "copy")
    assert judged(copy, KEYS).is_sound
    for kind, file in kinds(copy).items():
        original = file.read_bytes()
        file.write_bytes(CHANGES[how](original))
        assert not judged(copy, KEYS).is_sound, kind
        file.write_bytes(original)
    assert judged(copy, KEYS).is_sound


@pytest.mark.attack
def test_a_dropped_file_of_any_kind_is_noticed_the_last_checkpoint_by_a_pin(
    genuine: Ledger, tmp_path: Path
) -> None:
    copy = copied(root(genuine), tmp_path / "copy")
    for kind, file in kinds(copy).items():
        original = file.read_bytes()
        file.unlink()
        assert not judged(copy, KEYS, 9, of=genuine).is_sound, kind
        file.write_bytes(original)


@pytest.mark.attack
def test_an_added_file_is_told_of_and_an_added_checkpoint_is_refused(
    genuine: Ledger, tmp_path: Path
) -> None:
    copy = copied(root(genuine), tmp_path / "copy")
    for stray in ("segments/notes.txt", "blobs/zz/more.gz", "checkpoints/note"):
        (root(copy) / stray).parent.mkdir(exist_ok=True)
        (root(copy) / stray).write_text("x")
    found = judged(copy, KEYS)
    assert set(found.left_over) == {"segments/notes.txt", "blobs/zz/more.gz", "checkpoints/note"}
    forger = ledger_at(root(copy))
    stolen = KeyRing(keys=(*ring().keys,))
    with pytest.raises(TenutoError):
        forger.append([entry(forger, 99)], stolen, START)
    last = max(root(copy).glob("checkpoints/*"))
    (last.parent / f"{12:012}").write_bytes(last.read_bytes())
    assert not judged(copy, KEYS).is_sound


@pytest.mark.attack
def test_records_that_are_doubled_or_segments_that_are_swapped_break_the_chain(
    genuine: Ledger, tmp_path: Path
) -> None:
    copy = copied(root(genuine), tmp_path / "copy")
    one, two, _ = sorted(root(copy).glob("segments/*"))
    original, other = one.read_bytes(), two.read_bytes()
    lines = gzip.decompress(original).splitlines(keepends=True)
    one.write_bytes(gzip.compress(b"".join([*lines[:2], lines[1], *lines[2:]]), 6, mtime=0))
    assert {"ALTERED", "BAD chain"} <= words(judged(copy, KEYS))
    one.write_bytes(other)
    two.write_bytes(original)
    assert {"ALTERED", "BAD chain"} <= words(judged(copy, KEYS))


@pytest.mark.attack
def test_another_public_key_verifies_nothing(genuine: Ledger) -> None:
    key = KEYS.keys[0]
    for place in range(0, len(key.public_bytes), 5):
        other = bytearray(key.public_bytes)
        other[place] ^= 1
        public = base64.b64encode(other).decode()
        changed = KeyRing(keys=(key.model_copy(update={"public": public}),))
        assert not judged(genuine, changed).is_sound


@pytest.fixture(scope="module")
def bundle(genuine: Ledger, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("bundle") / "out"
    hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    files = bundle_files(
        genuine, find_dossier(genuine, "r50"), KEYS, {"page.txt": b"r50"}, {hello: b"hello"}
    )
    write_bundle(files, target)
    return target


def members(folder: Path) -> Iterator[Path]:
    return (file for file in sorted(folder.rglob("*")) if file.is_file())


def verdict(folder: Path) -> tuple[bool, str]:
    """What the script in the folder says."""
    try:
        standalone.check(folder)
    except (standalone.WrongError, ValueError, OSError, KeyError, IndexError, TypeError) as wrong:
        return False, str(wrong)
    return True, ""


@pytest.mark.attack
@pytest.mark.parametrize("how", CHANGES)
def test_inv_23_every_member_of_a_bundle_is_guarded(bundle: Path, tmp_path: Path, how: str) -> None:
    copy = Path(shutil.copytree(bundle, tmp_path / "copy"))
    assert verdict(copy) == (True, "")
    for file in members(copy):
        original = file.read_bytes()
        file.write_bytes(CHANGES[how](original))
        assert not verdict(copy)[0], file.name
        file.unlink()
        assert not verdict(copy)[0], file.name
        file.write_bytes(original)
    (copy / "readable" / "more.txt").write_text("x")
    assert not verdict(copy)[0]


@pytest.mark.attack
@pytest.mark.parametrize("how", ["doubled", "swapped"])
def test_records_of_a_bundle_stand_once_and_in_their_order(
    bundle: Path, tmp_path: Path, how: str
) -> None:
    copy = Path(shutil.copytree(bundle, tmp_path / "copy"))
    lines = (copy / "records.jsonl").read_bytes().splitlines(keepends=True)
    proofs = json.loads((copy / "proofs.json").read_text())
    assert len(lines) == 2
    order = [0, 1, 1] if how == "doubled" else [1, 0]
    (copy / "records.jsonl").write_bytes(b"".join(lines[number] for number in order))
    (copy / "proofs.json").write_text(json.dumps([proofs[number] for number in order]))
    _resum(copy)
    assert "order" in verdict(copy)[1]


def _resum(folder: Path) -> None:
    names = sorted(f.relative_to(folder).as_posix() for f in members(folder))
    names.remove("SHA256SUMS")
    sums = (f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}\n" for n in names)
    (folder / "SHA256SUMS").write_text("".join(sums))
