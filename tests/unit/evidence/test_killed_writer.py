"""A writer that is killed at its worst moment leaves a ledger that verifies and goes on."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ledger_room import START, entry, ledger_at, written
from tenuto.evidence.verify import verify
from tenuto.identity.keys import KeyFolder

KILLED = """
import os, signal, sys
from pathlib import Path
from tenuto.artifacts.folder import Folder
from tenuto.identity.keys import KeyFolder
from ledger_room import START, entry, ledger_at

real = Folder.create

def create(self, path, data):
    if path.startswith(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, path, data)

Folder.create = create
ledger = ledger_at(Path(sys.argv[1]) / "ledger")
ring = KeyFolder(Path(sys.argv[1]) / "keys").read("ledger")
ledger.append([entry(ledger, 10), entry(ledger, 11)], ring, START)
"""


@pytest.mark.parametrize("before", ["blobs/", "segments/", "checkpoints/"])
def test_nothing_half_written_is_seen(tmp_path: Path, before: str) -> None:
    ring = KeyFolder(tmp_path / "keys").open("ledger", START)
    ledger = written(tmp_path / "ledger", ring, 3)
    tests = Path(__file__).parents[2]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), before],
        check=False,
        env={"PYTHONPATH": str(tests), "PATH": ""},
    )
    assert killed.returncode == -signal.SIGKILL
    assert (verify(ledger, ring).is_sound, verify(ledger, ring).records) == (True, 3)
    again = ledger_at(tmp_path / "ledger")
    again.append([entry(again, 10), entry(again, 11)], ring, START)
    found = verify(again, ring)
    assert found.is_sound, found.findings
    assert found.records == 5
