"""Files for somebody else to pick up, in any folder that fsspec can reach.

A file appears under its name whole or not at all, and a name never changes its content: so a
repeated delivery is recognised, and a different one is refused.
"""

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any, BinaryIO

import fsspec  # type: ignore[import-untyped]
from fsspec.implementations.local import LocalFileSystem  # type: ignore[import-untyped]

from tenuto.core.errors import DataError, TransientError, UsageError

_CHUNK = 1024 * 1024


def drop_file(folder: str, name: str, content: BinaryIO, *, sha256: str) -> str:
    """Puts `content` at `folder/name` and returns the URL of what is there now.

    `folder` is a path or an fsspec URL; `name` may hold subfolders, which are made. When the
    same content is there already, nothing is written. Raises DataError `notify.file-differs`
    when other content is there; UsageError `notify.name-invalid`, `notify.folder-unsupported`,
    `notify.folder-refused`; TransientError `notify.folder-unavailable`.
    """
    _refuse_escape(name)
    with _translated():
        files, root = _opened(folder)
        target = f"{root.rstrip('/')}/{name}"
        url = str(files.unstrip_protocol(target))
        if files.exists(target):
            _refuse_other_content(files, target, url, sha256)
        else:
            _write_whole(files, target, content)
    return url


def _refuse_other_content(files: Any, target: str, url: str, sha256: str) -> None:
    digest = hashlib.sha256()
    with files.open(target, "rb") as existing:
        while chunk := existing.read(_CHUNK):
            digest.update(chunk)
    if digest.hexdigest() != sha256:
        raise DataError(
            f"{url} exists with other content (SHA-256 {digest.hexdigest()[:12]}..., expected "
            f"{sha256[:12]}...), and a delivered file is never overwritten; find out who wrote "
            "it, move it away, and deliver again",
            code="notify.file-differs",
            details={"url": url, "found": digest.hexdigest(), "expected": sha256},
        )


def _write_whole(files: Any, target: str, content: BinaryIO) -> None:
    parent, _, name = target.rpartition("/")
    files.makedirs(parent, exist_ok=True)
    # A name of its own for every attempt: two attempts at once must not share a half-written file.
    part = f"{parent}/.{name}.{uuid.uuid4().hex}.part"
    try:
        with files.open(part, "wb") as handle:
            shutil.copyfileobj(content, handle, _CHUNK)
            if isinstance(files, LocalFileSystem):  # on disk before it has its name
                handle.flush()
                os.fsync(handle.fileno())
        files.mv(part, target)
        if isinstance(files, LocalFileSystem):
            _flush(parent)
    except BaseException:
        if files.exists(part):
            files.rm_file(part)
        raise


def _flush(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_escape(name: str) -> None:
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\\" in name or "\0" in name:
        raise UsageError(
            f"{name!r} is not a name inside the folder; use a relative path without `..`",
            code="notify.name-invalid",
        )


def _opened(folder: str) -> tuple[Any, str]:
    if not folder.strip():
        raise UsageError(
            "the folder is empty; write a path or an fsspec URL",
            code="notify.folder-unsupported",
        )
    try:
        files, root = fsspec.url_to_fs(folder)
    except (ValueError, ImportError) as exc:
        raise UsageError(
            f"a folder of the kind {folder.partition('://')[0]!r} cannot be used here ({exc}); "
            "write a path or an fsspec URL, and install what its protocol needs",
            code="notify.folder-unsupported",
        ) from exc
    return files, root


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (PermissionError, NotADirectoryError, IsADirectoryError, FileExistsError) as exc:
        raise UsageError(
            f"the folder does not accept files: {exc}; check the path and the worker's rights",
            code="notify.folder-refused",
        ) from exc
    except OSError as exc:
        raise TransientError(
            f"the folder cannot be written at the moment: {exc}; it is tried again under the "
            "retry policy",
            code="notify.folder-unavailable",
        ) from exc
