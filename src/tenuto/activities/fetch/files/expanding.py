"""Compressed files as plain ones, within limits: a bomb is refused while it unfolds."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from tenuto.activities.heartbeat import beat
from tenuto.catalog.library.fetch.sources import FileSource, ReadLimits
from tenuto.core.errors import DataError

_CHUNK = 1024 * 1024
_ENCRYPTED = 0x1
_ZIP = b"PK\x03\x04"
_GZIP = b"\x1f\x8b"


def expanded(name: str, path: Path, source: FileSource, folder: Path) -> tuple[str, Path]:
    """The plain file and what it is called: `name`, or `name!entry` for one out of a zip.

    `folder` takes what is unpacked. Raises DataError `files.bomb`, `files.too-large`,
    `files.damaged`, `files.zip-entry`, `files.zip-name`, `files.zip-encrypted`.
    """
    if source.compression == "none":
        return name, path
    target = folder / "plain"
    if source.compression == "gzip":
        with damage(name, "gzip"), path.open("rb") as file:
            unfolded(name, _members(file), target, path.stat().st_size, source.limits)
        return name, target
    with damage(name, "zip"), zipfile.ZipFile(path) as archive:
        entry = _chosen(name, archive, source)
        with archive.open(entry) as file:
            unfolded(name, file, target, entry.compress_size, source.limits)
    with target.open("rb") as file:
        start = file.read(4)
    if start[:2] == _GZIP or (start == _ZIP and not entry.filename.lower().endswith(_WORKBOOKS)):
        raise DataError(
            f"{name}: {entry.filename} is packed once more; pack the plain file only once",
            code="files.zip-nested",
        )
    return f"{name}!{entry.filename}", target


def unfolded(
    name: str, file: IO[bytes], target: Path, packed_bytes: int, limits: ReadLimits
) -> int:
    """Writes what `file` yields to `target` and returns its bytes.

    Raises DataError `files.bomb` as soon as the ratio is passed after 1 MiB, `files.too-large`.
    """
    size = 0
    with target.open("wb") as plain:
        while piece := file.read(_CHUNK):
            size += len(piece)
            refuse_growth(name, size, packed_bytes, limits)
            plain.write(piece)
            beat(f"unpacking {name}")
    return size


def refuse_growth(name: str, size: int, packed_bytes: int, limits: ReadLimits) -> None:
    """Raises DataError when `size` bytes are too many to come out of `packed_bytes`."""
    if size > limits.max_bytes:
        raise DataError(
            f"{name} unpacks to more than {limits.max_bytes} bytes; split it, or raise "
            "`limits.max_bytes`",
            code="files.too-large",
            details={"file": name},
        )
    if size > _CHUNK and size > max(packed_bytes, 1) * limits.max_ratio:
        raise DataError(
            f"{name} unpacks to more than {limits.max_ratio} times its size, as a decompression "
            "bomb does; if it is genuine, raise `limits.max_ratio`",
            code="files.bomb",
            details={"file": name},
        )


def checked_entries(
    name: str, archive: zipfile.ZipFile, limits: ReadLimits
) -> list[zipfile.ZipInfo]:
    """The files of an archive, no folders. Raises DataError for too many or unsafe names."""
    entries = [each for each in archive.infolist() if not each.is_dir()]
    if len(entries) > limits.max_zip_entries:
        raise DataError(
            f"{name} holds {len(entries)} files (limit {limits.max_zip_entries}); split it, or "
            "raise `limits.max_zip_entries`",
            code="files.bomb",
        )
    names = [entry.filename for entry in entries]
    for entry in entries:
        given = entry.orig_filename
        if names.count(entry.filename) > 1:
            raise DataError(
                f"{name} holds the name {given[:80]!r} twice; have it packed again",
                code="files.zip-name",
            )
        if given.startswith("/") or ".." in PurePosixPath(given).parts or {"\\", "\0"} & set(given):
            raise DataError(
                f"{name} holds the name {given[:80]!r}, which leaves its folder; have it packed "
                "again with plain relative names",
                code="files.zip-name",
            )
        if entry.flag_bits & _ENCRYPTED:
            raise DataError(
                f"{name}: {given[:80]} is encrypted with a password; have it sent without",
                code="files.zip-encrypted",
            )
    return entries


@contextmanager
def damage(name: str, kind: str) -> Iterator[None]:
    """Translates what the decompressors raise into DataError `files.damaged`."""
    try:
        yield
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError) as exc:
        raise DataError(
            f"{name} is not a whole {kind} file: {exc}; have it sent again, or correct "
            "`compression` or `format`",
            code="files.damaged",
            details={"file": name},
        ) from exc
    except (NotImplementedError, RuntimeError) as exc:
        raise DataError(
            f"{name} is packed in a way that is not supported: {exc}; pack it with deflate",
            code="files.damaged",
            details={"file": name},
        ) from exc


_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".ods")


def _members(file: IO[bytes]) -> IO[bytes]:
    return gzip.GzipFile(fileobj=file, mode="rb")  # type: ignore[return-value]


def _chosen(name: str, archive: zipfile.ZipFile, source: FileSource) -> zipfile.ZipInfo:
    entries = checked_entries(name, archive, source.limits)
    wanted = [e for e in entries if source.zip_entry in (None, e.filename)]
    if len(wanted) == 1:
        return wanted[0]
    held = ", ".join(entry.filename[:60] for entry in entries[:10])
    asked = f"{len(wanted)} times {source.zip_entry!r}" if source.zip_entry else "no one file"
    raise DataError(
        f"{name} holds {len(entries)} files ({held}) and {asked}; name one in `zip_entry`",
        code="files.zip-entry",
    )
