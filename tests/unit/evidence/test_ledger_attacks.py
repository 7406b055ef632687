"""The ten attacks on a ledger, and that nothing is found where nothing is wrong."""

import gzip
import hashlib
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger_room import copied, entry, judged, ledger_at, ring, words, written
from tenuto.core.errors import CorruptError, TransientError
from tenuto.evidence.ledger import Ledger, segment_path
from tenuto.identity.keys import KeyRing

KEYS = ring()
SIZES = (3, 5, 4)


@pytest.fixture(scope="module")
def genuine(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return written(tmp_path_factory.mktemp("genuine") / "ledger", KEYS, *SIZES)


@pytest.fixture
def copy(genuine: Ledger, tmp_path: Path) -> Ledger:
    return copied(Path(genuine.place.url), tmp_path / "copy")


def folder(ledger: Ledger) -> Path:
    return Path(ledger.place.url)


def segments(ledger: Ledger) -> list[Path]:
    return sorted(folder(ledger).glob("segments/*"))


def checkpoints(ledger: Ledger) -> list[Path]:
    return sorted(folder(ledger).glob("checkpoints/*"))


def edited(ledger: Ledger, change: str) -> None:
    """Changes the middle segment as somebody would who can write to the place."""
    file = segments(ledger)[1]
    lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
    if change == "edited":
        lines[2] = lines[2].replace(b"Completed", b"Cancelled")
    elif change == "dropped":
        del lines[2]
    else:
        lines[1], lines[2] = lines[2], lines[1]
    file.write_bytes(gzip.compress(b"".join(lines), mtime=0))


def test_inv_23_nothing_is_found_where_nothing_is_wrong(genuine: Ledger) -> None:
    found = judged(genuine, KEYS, 3, 8, 12)
    assert found.is_sound
    assert (found.records, found.blobs, found.checkpoints, found.pins) == (12, 12, 3, 3)
    assert found.left_over == ()


@pytest.mark.attack
def test_a_changed_bit_in_a_blob_is_altered(copy: Ledger) -> None:
    file = next(folder(copy).glob("blobs/*/*"))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert words(judged(copy, KEYS)) == {"ALTERED"}


@pytest.mark.attack
def test_a_deleted_blob_is_missing(copy: Ledger) -> None:
    next(folder(copy).glob("blobs/*/*")).unlink()
    assert words(judged(copy, KEYS)) == {"MISSING"}


@pytest.mark.attack
@pytest.mark.parametrize("change", ["edited", "dropped", "swapped"])
def test_a_changed_record_breaks_the_chain(copy: Ledger, change: str) -> None:
    edited(copy, change)
    found = judged(copy, KEYS)
    assert words(found) == {"ALTERED", "BAD chain"}
    broken = next(each for each in found.findings if each.word == "BAD chain")
    assert "record 6" in broken.text or "record 5" in broken.text or "record 4" in broken.text


@pytest.mark.attack
def test_a_middle_segment_removed_is_a_gap(copy: Ledger) -> None:
    segments(copy)[1].unlink()
    assert words(judged(copy, KEYS)) == {"GAP"}


@pytest.mark.attack
def test_a_middle_segment_removed_with_its_checkpoint_is_a_gap(copy: Ledger) -> None:
    segments(copy)[1].unlink()
    checkpoints(copy)[1].unlink()
    assert "GAP" in words(judged(copy, KEYS))


@pytest.mark.attack
def test_the_last_segment_removed_is_truncated(copy: Ledger) -> None:
    segments(copy)[-1].unlink()
    assert words(judged(copy, KEYS)) == {"TRUNCATED"}


@pytest.mark.attack
def test_the_last_segment_and_checkpoint_removed_is_rolled_back(
    copy: Ledger, genuine: Ledger
) -> None:
    segments(copy)[-1].unlink()
    checkpoints(copy)[-1].unlink()
    assert judged(copy, KEYS, 8, of=genuine).is_sound  # nothing here tells; only a pin does
    assert words(judged(copy, KEYS, 12, of=genuine)) == {"ROLLED BACK"}


@pytest.mark.attack
def test_everything_removed_is_rolled_back(genuine: Ledger, tmp_path: Path) -> None:
    assert words(judged(ledger_at(tmp_path), KEYS, 12, of=genuine)) == {"ROLLED BACK"}


@pytest.mark.attack
def test_rewritten_with_another_key_is_a_bad_signature(genuine: Ledger, tmp_path: Path) -> None:
    forged = written(tmp_path, ring(), 3, 9)
    found = judged(forged, KEYS)
    assert words(found) == {"BAD signature"}


@pytest.mark.attack
@pytest.mark.parametrize("pinned", [3, 8, 12])
def test_rewritten_with_the_real_key_is_forked(
    genuine: Ledger, tmp_path: Path, pinned: int
) -> None:
    rewritten = ledger_at(tmp_path)
    entries = [entry(rewritten, number) for number in range(100, 113)]
    rewritten.append(entries, KEYS, genuine.checkpoint(12).checkpoint.at)
    assert judged(rewritten, KEYS).is_sound
    assert words(judged(rewritten, KEYS, pinned, of=genuine)) == {"FORKED"}


@pytest.mark.attack
def test_a_rechained_segment_does_not_lead_to_the_root(copy: Ledger) -> None:
    sealed = copy.checkpoint(12).checkpoint
    other = ledger_at(folder(copy).parent / "other")
    other.append([entry(other, number) for number in range(8)], KEYS, sealed.at)
    other.append([entry(other, number) for number in range(20, 24)], KEYS, sealed.at)
    theirs = other.checkpoint(12).checkpoint
    (folder(copy) / segment_path(sealed)).write_bytes(
        (folder(other) / segment_path(theirs)).read_bytes()
    )
    assert {"ALTERED", "BAD chain"} <= words(judged(copy, KEYS))


@pytest.mark.attack
def test_a_revoked_key_signs_nothing_new(genuine: Ledger, tmp_path: Path) -> None:
    ledger = copied(folder(genuine), tmp_path / "copy")
    stolen = KEYS.keys[0]
    revoked = KeyRing(
        keys=(stolen.model_copy(update={"revoked_at": stolen.created_at}), *ring().keys)
    )
    assert words(judged(ledger, revoked)) == {"BAD signature"}
    with pytest.raises(CorruptError) as refused:
        ledger.append([entry(ledger, 50)], revoked, stolen.created_at)
    assert refused.value.code == "evidence.foreign-ledger"


def test_a_rotated_key_still_verifies(genuine: Ledger, tmp_path: Path) -> None:
    ledger = copied(folder(genuine), tmp_path / "copy")
    old = KEYS.keys[0]
    rotated = KeyRing(keys=(old.model_copy(update={"retired_at": old.created_at}), *ring().keys))
    ledger.append([entry(ledger, 50)], rotated, old.created_at)
    found = judged(ledger, rotated, 12, 13)
    assert found.is_sound
    assert found.records == 13


@pytest.mark.attack
def test_two_writers_do_not_both_win(genuine: Ledger, tmp_path: Path) -> None:
    ledger = copied(folder(genuine), tmp_path / "copy")
    at = genuine.checkpoint(12).checkpoint.at
    behind = _Behind(ledger)
    ledger.append([entry(ledger, 60)], KEYS, at)
    with pytest.raises(TransientError) as refused:
        behind.append([entry(ledger, 61)], KEYS, at)
    assert refused.value.code == "evidence.two-writers"
    found = judged(ledger, KEYS)
    assert found.is_sound
    assert found.records == 13
    assert len(found.left_over) == 2  # what the loser wrote: a blob and a segment


class _Behind(Ledger):
    """A writer that looked before the other one wrote."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger.place, ledger.origin)
        self._newest = ledger.newest()

    def newest(self):  # type: ignore[no-untyped-def]
        return self._newest


@pytest.mark.attack
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_inv_23_one_changed_byte_anywhere_is_found(genuine: Ledger, data: st.DataObject) -> None:
    files = sorted(file for file in folder(genuine).rglob("*") if file.is_file())
    file = data.draw(st.sampled_from(files), label="file")
    content = bytearray(file.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1), label="place")
    content[place] ^= data.draw(st.integers(1, 255), label="change")
    original = file.read_bytes()
    file.chmod(0o644)
    file.write_bytes(content)
    try:
        assert not judged(genuine, KEYS).is_sound
    finally:
        file.write_bytes(original)


def test_a_record_without_its_hash_chain_would_not_be_noticed_by_json(genuine: Ledger) -> None:
    line = next(genuine.all_lines())
    assert json.loads(line.data)["prev"] == "0" * 64
    after = list(genuine.all_lines())[1]
    assert after.record.prev == hashlib.sha256(line.data).hexdigest()
