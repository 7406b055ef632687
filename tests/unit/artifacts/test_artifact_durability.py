"""Killed writers, racing writers, large files, and a disk that fails: with real processes."""

import json
import os
import signal
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tenuto.artifacts.garbage import collect_garbage
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.core.errors import CorruptError, TransientError, UsageError

MIB = 1 << 20

PUT_FILE = """
import sys
from tenuto.artifacts.store import open_store
open_store(sys.argv[1]).put_file(sys.argv[2])
"""

DIE_BEFORE_EACH_STEP = """
import itertools, os, signal, sys
from tenuto.artifacts.store import open_store

store = open_store(sys.argv[1])
STEPS = {"open", "write", "fsync", "rename", "replace", "link", "chmod", "utime", "mkdir", "unlink"}

def write(attempt):
    pack = store.put_json({"attempt": attempt, "filling": "x" * 100_000}, name="pack.json")
    store.bind(f"nav/{attempt}", pack)
    return pack

def die_before(step):
    seen = itertools.count(1)
    def before_call(frame, event, called):
        if event == "c_call" and called.__name__ in STEPS and next(seen) == step:
            os.kill(os.getpid(), signal.SIGKILL)
    sys.setprofile(before_call)

for attempt in itertools.count(1):
    child = os.fork()
    if not child:
        die_before(attempt)
        write(attempt)
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    for blob in store.list_blobs():
        store.verify(blob.uri)
    for _, reference in store.names():
        store.verify(reference)
    assert write(attempt) == store.resolve(f"nav/{attempt}")
    if status == 0:
        print(attempt)
        break
    assert os.WTERMSIG(status) == signal.SIGKILL, status
"""

PUT_FOR_EVER = """
import sys
from tenuto.artifacts.store import open_store
store = open_store(sys.argv[1])
n = 0
while True:
    kept = store.put_bytes(b"%d " % n * 300_000, name="n", media_type="text/plain")
    store.bind(f"n/{n}", kept)
    print(n, kept.sha256, flush=True)
    n += 1
"""

BIND = """
import sys
from tenuto.artifacts.store import open_store
from tenuto.core.errors import UsageError
url, me, names = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = open_store(url)
kept = store.put_json(me, name=me)
print("ready", flush=True)
sys.stdin.readline()
for n in range(names):
    try:
        store.bind(f"race/{n}", kept)
        print(n, flush=True)
    except UsageError as refused:
        assert refused.code == "artifact.name-taken", refused.code
"""

PEAK_OF_PUT_FILE = """
import resource, sys
from tenuto.artifacts.store import open_store
store = open_store(sys.argv[1])
store.put_bytes(b"warm", name="warm", media_type="x/y")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
kept = store.put_file(sys.argv[2])
with store.open(kept) as file:
    file.read(1)
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
unit = 1 if sys.platform == "darwin" else 1024
print(kept.bytes, (after - before) * unit)
"""


def python(code: str, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("kind", ["folder", "driver"])
def test_a_writer_killed_in_the_middle_leaves_nothing_to_see(kind: str, tmp_path: Path) -> None:
    url = str(tmp_path / "s") if kind == "folder" else f"dir::file://{tmp_path / 's'}"
    store = open_store(url)
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    with python(PUT_FILE, url, str(pipe)) as writer, pipe.open("wb") as source:
        source.write(b"x" * 5 * MIB)
        source.flush()
        writer.send_signal(signal.SIGKILL)
        writer.wait()

    assert list(store.list_blobs()) == []
    if kind == "folder":
        partial = list(store.place.walk("tmp"))
        assert len(partial) == 1
        report = collect_garbage(store, (), timedelta(0), dry_run=False)
        assert (report.removed_partial_files, report.removed_partial_bytes) == (1, partial[0][1])
        assert list(store.place.walk("tmp")) == []


@pytest.mark.parametrize("kind", ["folder", "driver"])
def test_a_writer_killed_before_any_step_leaves_only_whole_files(kind: str, tmp_path: Path) -> None:
    url = str(tmp_path / "s") if kind == "folder" else f"dir::file://{tmp_path / 's'}"

    with python(DIE_BEFORE_EACH_STEP, url) as process:
        printed = process.communicate()[0]

    assert process.returncode == 0
    assert int(printed) > 10, "the writer was killed at all of these steps but the last"


def test_whatever_a_killed_writer_reported_is_there_and_whole(
    folder_store: ArtifactStore,
) -> None:
    reported: dict[str, str] = {}
    for lines in (1, 4, 9, 2, 7):
        with python(PUT_FOR_EVER, folder_store.url) as writer:
            assert writer.stdout is not None
            for _ in range(lines):
                number, sha256 = writer.stdout.readline().split()
                reported[number] = sha256
            writer.send_signal(signal.SIGKILL)

    for number, sha256 in reported.items():
        assert folder_store.resolve(f"n/{number}").sha256 == sha256
    for blob in folder_store.list_blobs():
        folder_store.verify(blob.uri)
    for _, reference in folder_store.names():
        folder_store.verify(reference)


def test_of_several_processes_exactly_one_binds_each_name(folder_store: ArtifactStore) -> None:
    writers = [python(BIND, folder_store.url, f"writer {n}", "20") for n in range(4)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    outputs = [writer.communicate()[0].split() for writer in writers]

    assert all(writer.returncode == 0 for writer in writers)
    assert sorted(int(n) for output in outputs for n in output) == list(range(20))
    for n, output in enumerate(outputs):
        for bound in output:
            reference = folder_store.resolve(f"race/{bound}")
            assert folder_store.get_json(reference) == f"writer {n}"


@pytest.mark.parametrize("kind", ["folder", "driver"])
def test_a_large_file_does_not_pass_through_memory(kind: str, tmp_path: Path) -> None:
    url = str(tmp_path / "s") if kind == "folder" else f"dir::file://{tmp_path / 's'}"
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(96 * MIB)

    with python(PEAK_OF_PUT_FILE, url, str(large)) as writer:
        size, growth = map(int, writer.communicate()[0].split())

    assert size == 96 * MIB
    assert growth < 40 * MIB


def test_stored_files_cannot_be_written_to(folder_store: ArtifactStore) -> None:
    kept = folder_store.put_bytes(b"evidence", name="e", media_type="x/y")
    folder_store.bind("e", kept)

    with folder_store.local_path(kept) as path:
        assert stat.S_IMODE(path.stat().st_mode) & 0o222 == 0
    pointer = Path(folder_store.url) / "names" / "e.ref"
    assert json.loads(pointer.read_text())["reference"]["sha256"] == kept.sha256
    assert stat.S_IMODE(pointer.stat().st_mode) & 0o222 == 0


def test_a_disk_that_fails_is_worth_another_attempt(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_bytes(b"")
    store = open_store(str(in_the_way / "store"))

    with pytest.raises(TransientError) as caught:
        store.put_bytes(b"x", name="x", media_type="x/y")

    assert caught.value.code == "artifact.store-failed"
    assert str(in_the_way) in caught.value.message


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "artifact.bad-url"),
        ("  ", "artifact.bad-url"),
        ("nothing-known://bucket", "artifact.bad-url"),
        ("sftp://user:s3cret@host/path", "artifact.driver-missing"),
    ],
)
def test_a_url_without_a_driver_is_refused(url: str, code: str) -> None:
    if code == "artifact.driver-missing":
        pytest.MonkeyPatch().setitem(sys.modules, "paramiko", None)
    with pytest.raises(UsageError) as caught:
        open_store(url)

    assert caught.value.code == code
    assert "s3cret" not in caught.value.message


def test_a_changed_byte_on_the_disk_is_found(folder_store: ArtifactStore) -> None:
    kept = folder_store.put_bytes(bytes(MIB), name="zeros", media_type="x/y")
    with folder_store.local_path(kept) as path:
        path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(MIB // 2)
        file.write(b"\x01")

    with pytest.raises(CorruptError, match="`zeros`"):
        folder_store.verify(kept)
