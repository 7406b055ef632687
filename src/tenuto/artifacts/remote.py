"""A store on any other fsspec filesystem: S3, GCS, Azure, SFTP, or memory."""

import contextlib
import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from fsspec import AbstractFileSystem  # type: ignore[import-untyped]

from tenuto.artifacts.place import reading, writing

_RANGE_BYTES = 8 << 20
_YOUNG = timedelta(hours=1)

_BUCKETS = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az"}
"""Protocols without folders, where making one would create the bucket of a mistyped URL."""

_creating = threading.Lock()


class Remote:
    """Files below `root`, by what every fsspec driver offers.

    A file is written under `tmp/` and moved: a copy inside an object store, a rename over SFTP,
    both of which show the whole file or nothing. `create` excludes other writers wherever the
    driver does (S3, GCS and Azure by a conditional request, memory by a lock in this process);
    with another driver two writers in the same instant may both succeed, and one of them is
    told otherwise only if it reads the other's file back.

    Age cannot be renewed in place, so a file older than one hour has to be written again.
    """

    def __init__(self, filesystem: AbstractFileSystem, root: str) -> None:
        self.filesystem = filesystem
        self.root = root.rstrip("/")
        self.url = str(filesystem.unstrip_protocol(root)).rstrip("/")
        protocols = filesystem.protocol
        self._has_folders = _BUCKETS.isdisjoint(
            {protocols} if isinstance(protocols, str) else protocols
        )

    def size(self, path: str) -> int | None:
        """Bytes of the file, or None where there is none."""
        try:
            with reading(self.url):
                return int(self.filesystem.info(self._at(path))["size"])
        except FileNotFoundError:
            return None

    def modified(self, path: str) -> datetime | None:
        """When the file was last written (UTC); None if the driver cannot tell."""
        try:
            with reading(self.url):
                moment: datetime = self.filesystem.modified(self._at(path))
        except NotImplementedError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def read(self, path: str) -> bytes:
        """All of the file."""
        with reading(self.url):
            return bytes(self.filesystem.cat_file(self._at(path)))

    def head(self, path: str, count: int) -> bytes:
        """The first `count` bytes of a file that is not empty, or all if it is shorter."""
        with reading(self.url):
            return bytes(self.filesystem.cat_file(self._at(path), start=0, end=count))

    @contextmanager
    def borrow(self, path: str) -> Iterator[Path]:
        """A copy in the machine's temporary folder."""
        with self.scratch() as copy:
            self._download(path, copy)
            yield copy

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A path in the machine's temporary folder."""
        descriptor, name = tempfile.mkstemp(prefix="tenuto-artifact-")
        os.close(descriptor)
        scratch = Path(name)
        try:
            yield scratch
        finally:
            scratch.unlink(missing_ok=True)

    def adopt(self, scratch: Path, path: str) -> None:
        """Makes a scratch file the file at `path`, replacing what was there."""
        with self._moving_to(path) as temporary:
            self.filesystem.put_file(str(scratch), temporary)

    def write(self, path: str, data: bytes) -> None:
        """Makes `data` the file at `path`, replacing what was there."""
        with self._moving_to(path) as temporary:
            self.filesystem.pipe_file(temporary, data)

    def create(self, path: str, data: bytes) -> bool:
        """Writes the file only where there is none, as far as the driver can exclude others."""
        with writing(self.url), _creating:
            self._make_folder(self._at(path))
            try:
                self.filesystem.pipe_file(self._at(path), data, mode="create")
            except FileExistsError:
                return False
        return self.read(path) == data

    def renew(self, path: str) -> bool:
        """Whether the file is young already; where ages are unknown nothing is ever collected."""
        try:
            modified = self.modified(path)
        except FileNotFoundError:
            return False
        return modified is None or datetime.now(UTC) - modified < _YOUNG

    def remove(self, path: str, *, unless_after: datetime) -> bool:
        """Removes the file unless it was written after that moment; whether it did."""
        try:
            modified = self.modified(path)
            if modified is None or modified > unless_after:
                return False
            with reading(self.url):
                self.filesystem.rm_file(self._at(path))
        except FileNotFoundError:
            return False
        return True

    def walk(self, folder: str) -> Iterator[tuple[str, int]]:
        """Path and bytes of every file below, in no order; nothing where there is no folder.

        Not by fsspec's own `find` or `walk`: below the first level they leave out what they
        failed to list, and garbage collection would take that for absence.
        """
        try:
            with reading(self.url):
                entries = self.filesystem.ls(self._at(folder), detail=True)
        except FileNotFoundError:
            return
        for entry in entries:
            name = entry["name"].rstrip("/").rsplit("/", 1)[-1]
            path = f"{folder}/{name}"
            if path == folder:
                continue
            if entry["type"] == "directory":
                yield from self.walk(path)
            else:
                yield path, int(entry["size"])

    def _at(self, path: str) -> str:
        return f"{self.root}/{path}"

    def _download(self, path: str, target: Path) -> None:
        # By ranges, because an open file of fsspec's memory driver is shared by all its readers.
        size = self.size(path)
        if size is None:
            raise FileNotFoundError(path)
        with target.open("wb") as file:
            for start in range(0, size, _RANGE_BYTES):
                with reading(self.url):
                    part = self.filesystem.cat_file(
                        self._at(path), start=start, end=min(start + _RANGE_BYTES, size)
                    )
                file.write(part)

    @contextmanager
    def _moving_to(self, path: str) -> Iterator[str]:
        temporary = self._at(f"tmp/{uuid4().hex}")
        with writing(self.url):
            self._make_folder(temporary)
            self._make_folder(self._at(path))
            try:
                yield temporary
                self.filesystem.mv(temporary, self._at(path))
            except BaseException:
                with contextlib.suppress(OSError):
                    self.filesystem.rm_file(temporary)
                raise

    def _make_folder(self, file: str) -> None:
        if self._has_folders:
            self.filesystem.makedirs(file.rsplit("/", 1)[0], exist_ok=True)
