"""From a path or glob to the files that are there, each one whole and allowed."""

import glob
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fsspec  # type: ignore[import-untyped]

from tenuto.activities.fetch.files.drivers import connected
from tenuto.activities.fetch.files.roots import (
    allowed_local,
    checked_path,
    is_remote,
    refuse_unlisted,
)
from tenuto.catalog.library.fetch.sources import FileSource
from tenuto.core.errors import NotFoundError, TransientError, UsageError

UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".crdownload")
"""Endings that senders give to a file they have not finished."""


@dataclass(frozen=True, kw_only=True)
class FoundFile:
    """One file before it is read."""

    filesystem: Any
    path: str
    name: str
    """Its path below the folder that all files of the source lie in."""

    def state(self) -> tuple[int, datetime | None]:
        """Bytes, and when it was last written, as of now."""
        with reaching(self.path):
            info = self.filesystem.info(self.path)
        return int(info["size"]), modified_at(info)


def found_files(source: FileSource) -> list[FoundFile]:
    """The files that `source.path` names, sorted by path.

    Raises NotFoundError `files.not-found`, TransientError `files.still-written`,
    `files.unreachable`, UsageError `files.too-many`, and as `roots` does.
    """
    path = checked_path(source.path or "")
    files = _remote(path, source) if is_remote(path) else _local(path, source.limits.max_files)
    if not files:
        raise NotFoundError(
            f"no file is at {path}; check the path, or wait for the file before this step",
            code="files.not-found",
            details={"path": path},
        )
    if len(files) > source.limits.max_files:
        raise UsageError(
            f"{path} matches more than {source.limits.max_files} files; narrow the pattern, or "
            "raise `limits.max_files`",
            code="files.too-many",
        )
    for file in files:
        _refuse_unfinished(file, source.min_age_s)
    return files


@contextmanager
def reaching(path: str) -> Iterator[None]:
    """Translates what a filesystem raises. A missing file is NotFoundError `files.not-found`."""
    try:
        yield
    except FileNotFoundError as exc:
        raise NotFoundError(
            f"{path} is not there (any more); check the path, or who moves it",
            code="files.not-found",
        ) from exc
    except (PermissionError, IsADirectoryError, NotADirectoryError) as exc:
        raise UsageError(
            f"{path} cannot be read: {type(exc).__name__}; check that it is a file, and the "
            "rights of the worker",
            code="files.refused",
        ) from exc
    except (OSError, EOFError) as exc:
        raise TransientError(
            f"{path} cannot be read at the moment: {exc}; it is tried again under the retry policy",
            code="files.unreachable",
        ) from exc


def _local(path: str, most: int) -> list[FoundFile]:
    filesystem = fsspec.filesystem("file")
    pattern = str(filesystem._strip_protocol(path))
    below = _fixed_folder(pattern)
    # Judged before it is looked for: what exists outside the roots is nobody's business.
    if not glob.has_magic(pattern):
        allowed_local(Path(pattern))
        matches: Iterable[str] = [pattern]
    else:
        allowed_local(Path(below))
        matches = glob.iglob(pattern, recursive=True)  # noqa: PTH207 (patterns with folders)
    files = []
    for each in matches:
        if Path(each).is_file() and (each == pattern or not is_hidden_or_unfinished(each)):
            real = allowed_local(Path(each))
            files.append(_found(filesystem, str(real), each, below))
        if len(files) > most:
            break
    return sorted(files, key=lambda file: file.name)


def _remote(path: str, source: FileSource) -> list[FoundFile]:
    refuse_unlisted(path)
    filesystem, pattern = connected(path, source.credentials)
    below = _fixed_folder(pattern)
    with reaching(path):
        if not glob.has_magic(pattern):
            matches = [pattern] if filesystem.isfile(pattern) else []
        else:
            found = sorted(filesystem.glob(pattern, detail=True).items())
            files = [each for each, info in found if info["type"] == "file"]
            matches = [each for each in files if not is_hidden_or_unfinished(each)]
    return [_found(filesystem, each, each, below) for each in matches]


def _found(filesystem: Any, path: str, named: str, below: str) -> FoundFile:
    name = named.removeprefix(below).strip("/")
    return FoundFile(filesystem=filesystem, path=path, name=name or named)


def _fixed_folder(pattern: str) -> str:
    """The folder before the first part with a wildcard, or the file's own folder."""
    parts = pattern.split("/")
    magic = (number for number, part in enumerate(parts) if glob.has_magic(part))
    return "/".join(parts[: next(magic, len(parts) - 1)])


def is_hidden_or_unfinished(path: str) -> bool:
    """Whether the file's name says that it is not to be read, or not yet."""
    name = os.path.basename(path)  # noqa: PTH119 (remote paths too)
    return name.startswith(".") or name.lower().endswith(UNFINISHED)


def _refuse_unfinished(file: FoundFile, min_age_s: int) -> None:
    if file.name.lower().endswith(UNFINISHED):
        raise _still_written(file, f"its name ends in {file.name[file.name.rindex('.') :]!r}")
    with reaching(file.path):
        marker = next((m for m in UNFINISHED if file.filesystem.exists(file.path + m)), None)
    if marker:
        raise _still_written(file, f"{file.name}{marker} lies beside it")
    modified = file.state()[1]
    if min_age_s and modified is not None:
        age_s = time.time() - modified.timestamp()
        if age_s < min_age_s:
            raise _still_written(
                file, f"it changed {max(age_s, 0):.0f} s ago, and `min_age_s` is {min_age_s}"
            )


def _still_written(file: FoundFile, why: str) -> TransientError:
    return TransientError(
        f"{file.name} is still being written: {why}; it is tried again under the retry policy",
        code="files.still-written",
        details={"file": file.name},
    )


def changed_while_read(file: FoundFile) -> TransientError:
    """The error for a file that is not what it was when its reading began."""
    return _still_written(file, "its size or time changed while it was read")


def modified_at(info: dict[str, Any]) -> datetime | None:
    """When a file last changed, UTC, by whatever name its driver gives to that; None where it gives
    nothing."""
    for key in ("mtime", "LastModified", "last_modified", "updated", "created"):
        value = info.get(key)
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, UTC)
        if isinstance(value, datetime):
            return value.astimezone(UTC)
    return None
