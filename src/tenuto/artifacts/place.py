"""The port between a store and wherever its files lie."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from tenuto.core.errors import TenutoError, TransientError


class Place(Protocol):
    """Files under relative `/` paths, each visible whole or not at all.

    The methods that read raise FileNotFoundError where there is no such file. Any other
    failure of the disk or the network is a TransientError (`artifact.store-failed`).
    """

    url: str
    """Where it is, for a person: absolute, and without credentials."""

    def size(self, path: str) -> int | None:
        """Bytes of the file, or None where there is none."""

    def modified(self, path: str) -> datetime | None:
        """When the file was last written or renewed (UTC); None if the driver cannot tell."""

    def read(self, path: str) -> bytes:
        """All of the file."""

    def head(self, path: str, count: int) -> bytes:
        """The first `count` bytes of a file that is not empty, or all if it is shorter."""

    def borrow(self, path: str) -> AbstractContextManager[Path]:
        """A local file with the content, to be read inside the `with` only."""

    def scratch(self) -> AbstractContextManager[Path]:
        """A local path to write a file to before it is adopted; left-overs are removed."""

    def adopt(self, scratch: Path, path: str) -> None:
        """Makes a scratch file the file at `path`, replacing what was there."""

    def write(self, path: str, data: bytes) -> None:
        """Makes `data` the file at `path`, replacing what was there."""

    def create(self, path: str, data: bytes) -> bool:
        """Writes the file only where there is none; whether it did."""

    def renew(self, path: str) -> bool:
        """Whether the file is now young; False means that it must be written again to be."""

    def remove(self, path: str, *, unless_after: datetime) -> bool:
        """Removes the file unless it was written or renewed after that moment; whether it did."""

    def walk(self, folder: str) -> Iterator[tuple[str, int]]:
        """Path and bytes of every file below, in no order; nothing where there is no folder."""


@contextmanager
def reading(url: str, failures: type[Exception] = OSError) -> Iterator[None]:
    """Translates failures of a disk or a driver; a missing file stays FileNotFoundError."""
    try:
        yield
    except (FileNotFoundError, TenutoError):
        raise
    except failures as failure:
        raise _failed(url, failure) from failure


@contextmanager
def writing(url: str, failures: type[Exception] = OSError) -> Iterator[None]:
    """Translates failures of a disk or a driver."""
    try:
        yield
    except TenutoError:
        raise
    except failures as failure:
        raise _failed(url, failure) from failure


def _failed(url: str, failure: Exception) -> TransientError:
    return TransientError(
        f"The artifact store {url} failed: {type(failure).__name__}: {failure}. Check that it is "
        "mounted or reachable, that this process may write there, and that space is left; "
        "nothing half-written has become visible.",
        code="artifact.store-failed",
        details={"store": url},
    )
