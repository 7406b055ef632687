"""Ledgers in tests: written, copied, attacked."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tenuto.artifacts.folder import Folder
from tenuto.evidence.ledger import Ledger
from tenuto.evidence.record import Entry
from tenuto.evidence.verify import Verification, verify
from tenuto.identity.keys import KeyRing, new_key

START = datetime(2026, 3, 31, 12, tzinfo=UTC)
ORIGIN = "tenuto/tests"


def ring() -> KeyRing:
    """One fresh key."""
    return KeyRing(keys=(new_key(START),))


def ledger_at(folder: Path) -> Ledger:
    """The ledger in a folder."""
    return Ledger(Folder(folder), ORIGIN)


def entry(ledger: Ledger, number: int) -> Entry:
    """A record of a run, with a blob for its history."""
    blob = ledger.put_blob(b"history of run %d, " % number * 20)
    return Entry(
        id=f"run:r{number}:1",
        kind="run",
        happened_at=START + timedelta(seconds=number),
        data={
            "workflow_id": f"r{number}",
            "run_id": f"r{number}-run",
            "status": "Completed",
            "root": f"r{number}",
            "parent": None,
            "permit": {"jti": f"permit-{number}", "policy": "a" * 64},
            "messages": [],
            "history": blob.sha256,
        },
        blobs=(blob,),
    )


def written(folder: Path, keys: KeyRing, *sizes: int) -> Ledger:
    """A ledger of segments with so many records each."""
    ledger = ledger_at(folder)
    number = 0
    for segment, size in enumerate(sizes):
        entries = [entry(ledger, number + each) for each in range(size)]
        ledger.append(entries, keys, START + timedelta(minutes=segment))
        number += size
    return ledger


def copied(ledger_folder: Path, to: Path) -> Ledger:
    """A copy that may be changed."""
    shutil.copytree(ledger_folder, to)
    for file in to.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)
    return ledger_at(to)


def words(found: Verification) -> set[str]:
    """What was found, without where."""
    return {each.word for each in found.findings}


def judged(ledger: Ledger, keys: KeyRing, *pins: int, of: Ledger | None = None) -> Verification:
    """The verdict, with pins of the checkpoints of these sizes of the ledger `of`."""
    kept = of or ledger
    return verify(ledger, keys, [kept.checkpoint(size) for size in pins])
