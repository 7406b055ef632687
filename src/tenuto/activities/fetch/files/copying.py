"""A found file as a pinned artifact, so that what was read can be shown for ever."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tenuto.activities.fetch.files.finding import (
    FoundFile,
    changed_while_read,
    found_files,
    reaching,
)
from tenuto.activities.heartbeat import beat
from tenuto.artifacts.media_types import media_type_of
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.fetch.sources import FileSource, ReadLimits
from tenuto.core.errors import DataError
from tenuto.core.references import Document

_CHUNK = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class PinnedFile:
    """One file of a fetch, in the artifact store."""

    name: str
    content: Document
    modified: datetime | None = None


def pinned_files(source: FileSource, store: ArtifactStore) -> Iterator[PinnedFile]:
    """The files of `source`, in order of path, each copied into the store whole.

    Raises TransientError `files.still-written` for a file that changes meanwhile, DataError
    `files.too-large`, and as `found_files` does.
    """
    if source.document is not None:
        _refuse_larger(source.document.name, source.document.bytes, source.limits)
        yield PinnedFile(name=source.document.name or "document", content=source.document)
        return
    for file in found_files(source):
        beat(f"copying {file.name}")
        yield _pinned(file, source.limits, store)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for the time of the `with`, also when it ends by cancellation."""
    folder = Path(tempfile.mkdtemp(prefix="tenuto-fetch-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _pinned(file: FoundFile, limits: ReadLimits, store: ArtifactStore) -> PinnedFile:
    before = file.state()
    _refuse_larger(file.name, before[0], limits)
    with scratch_folder() as folder:
        copy = folder / "copy"
        _copy(file, copy, before[0])
        if copy.stat().st_size != before[0] or file.state() != before:
            raise changed_while_read(file)
        content = store.put_file(copy, name=file.name, media_type=media_type_of(file.name))
    return PinnedFile(name=file.name, content=content, modified=before[1])


def _copy(file: FoundFile, target: Path, size: int) -> None:
    copied = 0
    with (
        reaching(file.name),
        file.filesystem.open(file.path, "rb") as source,
        target.open("wb") as copy,
    ):
        while piece := source.read(_CHUNK):
            copied += len(piece)
            if copied > size:  # it may grow faster than it is read
                raise changed_while_read(file)
            copy.write(piece)
            beat(f"copying {file.name}")


def _refuse_larger(name: str, size: int, limits: ReadLimits) -> None:
    if size > limits.max_bytes:
        raise DataError(
            f"{name} has {size} bytes or more (limit {limits.max_bytes}); split it, or raise "
            "`limits.max_bytes`",
            code="files.too-large",
            details={"file": name},
        )
