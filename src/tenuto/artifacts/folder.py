"""A store in a local folder: atomic, flushed to the disk, and safe between processes."""

import contextlib
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from tenuto.artifacts.place import reading, writing


class Folder:
    """The place `root`, written so that neither kill -9 nor a power cut leaves half a file.

    A file is written under `tmp/`, flushed, renamed, and its directory flushed. fsspec's local
    driver renames too, but flushes nothing and cannot create exclusively. Stored files lose
    their write permission, so that no editor changes evidence by accident.

    Removing locks out renewing and writing for the moment it looks and deletes. So garbage
    collection never takes a file that a writer has just been told is there.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.url = str(root)

    def size(self, path: str) -> int | None:
        """Bytes of the file, or None where there is none."""
        try:
            with reading(self.url):
                return (self.root / path).stat().st_size
        except FileNotFoundError:
            return None

    def modified(self, path: str) -> datetime:
        """When the file was last written or renewed (UTC)."""
        with reading(self.url):
            return datetime.fromtimestamp((self.root / path).stat().st_mtime, tz=UTC)

    def read(self, path: str) -> bytes:
        """All of the file."""
        with reading(self.url):
            return (self.root / path).read_bytes()

    def head(self, path: str, count: int) -> bytes:
        """Its first `count` bytes."""
        with reading(self.url), (self.root / path).open("rb") as file:
            return file.read(count)

    @contextmanager
    def borrow(self, path: str) -> Iterator[Path]:
        """The stored file itself."""
        yield self.root / path

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A path under `tmp/`, on the same disk as the blobs."""
        scratch = self.root / "tmp" / uuid4().hex
        with writing(self.url):
            _make_folder(scratch.parent)
        try:
            yield scratch
        finally:
            scratch.unlink(missing_ok=True)

    def adopt(self, scratch: Path, path: str) -> None:
        """Makes a scratch file the file at `path`, replacing what was there."""
        target = self.root / path
        with writing(self.url):
            _seal(scratch)
            _make_folder(target.parent)
            with self._lock(fcntl.LOCK_SH):
                scratch.replace(target)
            _flush(target.parent)

    def write(self, path: str, data: bytes) -> None:
        """Makes `data` the file at `path`, replacing what was there."""
        with self.scratch() as scratch:
            with writing(self.url):
                scratch.write_bytes(data)
            self.adopt(scratch, path)

    def create(self, path: str, data: bytes) -> bool:
        """Writes the file only where there is none; exactly one of many processes does."""
        target = self.root / path
        with self.scratch() as scratch, writing(self.url):
            scratch.write_bytes(data)
            _seal(scratch)
            _make_folder(target.parent)
            try:
                os.link(scratch, target)
                is_new = True
            except FileExistsError:
                is_new = False
            # Also for a file that is not ours: its writer may not have got to this line yet.
            _flush(target.parent)
            return is_new

    def renew(self, path: str) -> bool:
        """Whether the file is now young; False where there is none, or it is another user's."""
        target = self.root / path
        with writing(self.url):
            try:
                with self._lock(fcntl.LOCK_SH):
                    os.utime(target)
            except (FileNotFoundError, PermissionError):
                return False
            # Its writer may not have got to this line yet.
            _flush(target.parent)
            return True

    def remove(self, path: str, *, unless_after: datetime) -> bool:
        """Removes the file unless it was written or renewed after that moment; whether it did."""
        target = self.root / path
        with writing(self.url), self._lock(fcntl.LOCK_EX):
            try:
                if self.modified(path) > unless_after:
                    return False
                target.unlink()
            except FileNotFoundError:
                return False
            return True

    def walk(self, folder: str) -> Iterator[tuple[str, int]]:
        """Path and bytes of every file below, in no order; nothing where there is no folder."""
        try:
            with reading(self.url):
                entries = list(os.scandir(self.root / folder))
        except FileNotFoundError:
            return
        for entry in entries:
            path = f"{folder}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield from self.walk(path)
            elif (size := self.size(path)) is not None:
                yield path, size

    @contextmanager
    def _lock(self, kind: int) -> Iterator[None]:
        _make_folder(self.root)
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, kind)
            yield
        finally:
            os.close(descriptor)


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _flush(folder.parent)


def _seal(file: Path) -> None:
    _flush(file)
    file.chmod(file.stat().st_mode & 0o444)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if sys.platform == "darwin":
            # fsync on macOS leaves the bytes in the drive's own cache. Network disks refuse this.
            with contextlib.suppress(OSError):
                fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
                return
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
