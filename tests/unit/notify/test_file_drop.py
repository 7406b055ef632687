"""Files in other people's folders: whole or not at all, and never two contents under one name."""

import hashlib
import io
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import fsspec  # type: ignore[import-untyped]
import pytest

from tenuto.activities.notify.file_drop import drop_file
from tenuto.core.errors import DataError, TransientError, UsageError

NAME = "nav/ATLAS/2022-12-28/official/v1/nav-pack.pdf"


def drop(folder: str | Path, content: bytes, name: str = NAME) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    return drop_file(str(folder), name, io.BytesIO(content), sha256=sha256)


def files_in(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*") if each.is_file())


def test_a_file_appears_under_its_name(tmp_path: Path) -> None:
    url = drop(tmp_path, b"pack")
    assert url == f"file://{tmp_path}/{NAME}"
    assert (tmp_path / NAME).read_bytes() == b"pack"
    assert files_in(tmp_path) == [NAME]


def test_the_same_content_again_is_delivered_without_being_written(tmp_path: Path) -> None:
    drop(tmp_path, b"pack")
    before = (tmp_path / NAME).stat()
    assert drop(tmp_path, b"pack") == f"file://{tmp_path}/{NAME}"
    after = (tmp_path / NAME).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_other_content_under_the_same_name_is_an_error(tmp_path: Path) -> None:
    drop(tmp_path, b"pack")
    with pytest.raises(DataError, match="never overwritten") as refused:
        drop(tmp_path, b"another pack")
    assert refused.value.code == "notify.file-differs"
    assert (tmp_path / NAME).read_bytes() == b"pack"
    assert files_in(tmp_path) == [NAME]


def test_any_filesystem_will_do() -> None:
    folder = f"memory://drop-{uuid4().hex}"
    url = drop(folder, b"pack")
    assert url.endswith(NAME)
    with fsspec.open(url, "rb") as file:
        assert file.read() == b"pack"
    assert drop(folder, b"pack") == url
    with pytest.raises(DataError):
        drop(folder, b"another pack")
    names = fsspec.filesystem("memory").find(folder.removeprefix("memory:/"))
    assert [name for name in names if name.endswith(".part")] == []


class Failing(io.RawIOBase):
    """A source that breaks off in the middle."""

    def __init__(self) -> None:
        self._left = [b"half of "]

    def read(self, _: int = -1) -> bytes:
        if self._left:
            return self._left.pop()
        raise OSError("the disk went away")


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    source: BinaryIO = Failing()  # type: ignore[assignment]
    with pytest.raises(TransientError) as failed:
        drop_file(str(tmp_path), NAME, source, sha256="0" * 64)
    assert failed.value.code == "notify.folder-unavailable"
    assert files_in(tmp_path) == []


KILLED = """
import hashlib, io, os, sys
from tenuto.activities.notify.file_drop import drop_file

class Endless(io.RawIOBase):
    def read(self, size=-1):
        print("writing", flush=True)
        return b"x" * 65536

drop_file(sys.argv[1], sys.argv[2], Endless(), sha256="0" * 64)
"""


def test_kill_9_while_writing_shows_no_half_file_and_the_next_attempt_succeeds(
    tmp_path: Path,
) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path), NAME], stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    with writer.stdout:
        for _ in range(20):
            writer.stdout.readline()
        os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    assert not (tmp_path / NAME).exists()
    drop(tmp_path, b"pack")
    assert (tmp_path / NAME).read_bytes() == b"pack"


def test_attempts_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    start = threading.Barrier(4)

    def attempt() -> None:
        start.wait()
        drop(tmp_path, content)

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / NAME).read_bytes() == content
    assert files_in(tmp_path) == [NAME]


@pytest.mark.parametrize("name", ["", "/etc/passwd", "../up", "a/../../up", "a\\b", "a\0b"])
def test_a_name_cannot_leave_the_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        drop(tmp_path / "folder", b"pack", name)
    assert refused.value.code == "notify.name-invalid"
    assert files_in(tmp_path) == []


@pytest.mark.parametrize(
    ("folder", "code"),
    [
        ("", "notify.folder-unsupported"),
        ("carrier-pigeon://loft", "notify.folder-unsupported"),
        ("/dev/null/folder", "notify.folder-refused"),
        ("ftp://127.0.0.1:1/", "notify.folder-unavailable"),
    ],
)
def test_a_folder_that_cannot_be_used_is_an_error(folder: str, code: str) -> None:
    with pytest.raises((UsageError, TransientError)) as refused:
        drop(folder, b"pack")
    assert refused.value.code == code


def test_a_folder_in_the_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir(parents=True)
    with pytest.raises(UsageError) as refused:
        drop(tmp_path, b"pack")
    assert refused.value.code == "notify.folder-refused"
