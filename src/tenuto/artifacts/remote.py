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

from tenuto.artifacts.connections import Connections
from tenuto.artifacts.place import reading, writing
from tenuto.core.errors import TransientError

_RANGE_BYTES = 8 << 20
_YOUNG = timedelta(hours=1)

_DRIVER_FAILURES = Exception
"""Drivers let errors of their client libraries through, which share no base."""

_BUCKETS = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az"}
"""Stores that take conditional requests, and where making a folder would make the bucket."""

_creating = threading.Lock()


class Remote:
    """Files below `root`, by what every fsspec driver offers.

    A file is written under `tmp/` and moved: a copy inside an object store, a rename over SFTP,
    both of which show the whole file or nothing. `create` excludes the threads of this process,
    and on S3, GCS and Azure every other writer, by a conditional request. With another driver,
    or an imitation of S3 that ignores conditions, two processes in the same instant may both
    succeed; each reads its file back, which tells most of the losers.

    Age cannot be renewed in place, so a file older than one hour has to be written again. And
    no driver removes on a condition: a file written again between the last look at its age and
    its removal, one round trip, is lost. Collect garbage when few runs are in flight.
    """

    def __init__(self, connections: Connections, root: str) -> None:
        self._connections = connections
        self.root = root.rstrip("/")
        self.url = str(self.filesystem.unstrip_protocol(root)).rstrip("/")
        protocols = self.filesystem.protocol
        self._is_bucket = not _BUCKETS.isdisjoint(
            {protocols} if isinstance(protocols, str) else protocols
        )

    @property
    def filesystem(self) -> AbstractFileSystem:
        """The driver, to be used in this thread only."""
        return self._connections.driver()

    def size(self, path: str) -> int | None:
        """Bytes of the file, or None where there is none."""
        try:
            with self._reading():
                return int(self.filesystem.info(self._at(path))["size"])
        except FileNotFoundError:
            return None

    def modified(self, path: str) -> datetime | None:
        """When the file was last written (UTC); None if the driver cannot tell."""
        with self._reading():
            try:
                moment: datetime = self.filesystem.modified(self._at(path))
            except NotImplementedError:
                return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def read(self, path: str) -> bytes:
        """All of the file."""
        with self._reading():
            return bytes(self.filesystem.cat_file(self._at(path)))

    def head(self, path: str, count: int) -> bytes:
        """The first `count` bytes of a file that is not empty, or all if it is shorter."""
        with self._reading():
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
        if self._is_bucket:
            is_new = self._create_on_condition(path, data)
        else:
            with _creating:
                is_new = self.size(path) is None
                if is_new:
                    self.write(path, data)
        return is_new and self.read(path) == data

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
            with self._reading():
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
            with self._reading():
                entries = self.filesystem.ls(self._at(folder), detail=True)
        except FileNotFoundError:
            return
        for entry in entries:
            name = entry["name"].rstrip("/")
            if name.lstrip("/") == self._at(folder).lstrip("/"):
                continue  # the empty object by which some tools mark a folder
            path = f"{folder}/{name.rpartition('/')[2]}"
            if entry["type"] == "directory":
                yield from self.walk(path)
            else:
                yield path, int(entry["size"])

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            with reading(self.url, _DRIVER_FAILURES):
                yield
        except TransientError:
            self._connections.give_up()
            raise

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with writing(self.url, _DRIVER_FAILURES):
                yield
        except TransientError:
            self._connections.give_up()
            raise

    def _at(self, path: str) -> str:
        return f"{self.root}/{path}"

    def _download(self, path: str, target: Path) -> None:
        # By ranges, because an open file of fsspec's memory driver is shared by all its readers.
        size = self.size(path)
        if size is None:
            raise FileNotFoundError(path)
        with target.open("wb") as file:
            for start in range(0, size, _RANGE_BYTES):
                with self._reading():
                    part = self.filesystem.cat_file(
                        self._at(path), start=start, end=min(start + _RANGE_BYTES, size)
                    )
                file.write(part)

    @contextmanager
    def _moving_to(self, path: str) -> Iterator[str]:
        temporary = self._at(f"tmp/{uuid4().hex}")
        with self._writing():
            self._make_folder(temporary)
            self._make_folder(self._at(path))
            try:
                yield temporary
                self.filesystem.mv(temporary, self._at(path))
            except BaseException:
                with contextlib.suppress(_DRIVER_FAILURES):
                    self.filesystem.rm_file(temporary)
                raise

    def _create_on_condition(self, path: str, data: bytes) -> bool:
        # Looks first, for stores that ignore the condition and would overwrite.
        if self.size(path) is not None:
            return False
        with self._writing():
            try:
                self.filesystem.pipe_file(self._at(path), data, mode="create")
            except FileExistsError:
                return False
            return True

    def _make_folder(self, file: str) -> None:
        if not self._is_bucket:
            self.filesystem.makedirs(file.rsplit("/", 1)[0], exist_ok=True)
