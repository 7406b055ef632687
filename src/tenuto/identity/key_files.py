"""Files that hold keys: written whole or not at all, and refused where others can read them."""

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from tenuto.core.errors import CorruptError, UsageError

RingT = TypeVar("RingT", bound=BaseModel)
Version = tuple[int, int, int]
"""Of a file: node, moment of the last change in nanoseconds, bytes. Differs after every change."""

_WRITTEN_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_ring(path: Path, kind: type[RingT]) -> RingT | None:
    """The ring in the file, or None where there is no file.

    Raises CorruptError `keys.unreadable` for a file that is no key ring, UsageError
    `keys.open-to-others` for one that others may write, or read although it holds a secret.
    """
    try:
        with path.open("rb") as file:
            mode, data = os.fstat(file.fileno()).st_mode, file.read()
    except FileNotFoundError:
        return None
    except OSError as wrong:
        raise UsageError(
            f"{path} cannot be read: {wrong.strerror}. Expected a key file that this user may"
            " read; run as the user who made it, or give it to this one (`chown`).",
            code="keys.no-access",
        ) from wrong
    _refuse_open(path, mode & _WRITTEN_BY_OTHERS, mode)
    try:
        ring = kind.model_validate_json(data)
    except ValidationError as wrong:
        raise CorruptError(
            f"{path} is not a key file: {wrong.error_count()} problem(s), first"
            f" {wrong.errors(include_input=False)[0]['msg']}. Restore it from a copy.",
            code="keys.unreadable",
        ) from None  # its cause quotes what was in the file
    if getattr(ring, "is_secret", True):
        _refuse_open(path, mode & _OPEN_TO_OTHERS, mode)
    return ring


def create_ring(path: Path, ring: BaseModel) -> None:
    """Writes the file unless there is one: of several processes, the first one's stays."""
    scratch = _scratch(path, ring)
    try:
        os.link(scratch, path)
    except FileExistsError:
        return
    finally:
        scratch.unlink()


def replace_ring(path: Path, ring: BaseModel) -> None:
    """Writes the file, in the place of what was there."""
    _scratch(path, ring).replace(path)


@contextmanager
def changing(path: Path) -> Iterator[None]:
    """Inside the `with`, no other process that changes this file does so."""
    lock = path.parent / f".{path.stem}.lock"
    with _written(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def version_of(path: Path) -> Version | None:
    """What tells one state of the file from another; None where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def _refuse_open(path: Path, bits: int, mode: int) -> None:
    if bits:
        raise UsageError(
            f"{path} is open to other users of this machine (mode {stat.S_IMODE(mode):04o},"
            f" expected 0600). Close it: `chmod 600 {path}`. If others could read it, make a new"
            " key and revoke the old one (`tenuto keys rotate`, `tenuto keys revoke`).",
            code="keys.open-to-others",
        )


def _scratch(path: Path, ring: BaseModel) -> Path:
    scratch = path.parent / f".{path.stem}-{secrets.token_hex(8)}"
    with _written(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(ring.model_dump_json(indent=2).encode())
            file.flush()
            os.fsync(file.fileno())
    return scratch


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as wrong:
        raise UsageError(
            f"Keys cannot be written to {folder}: {wrong.strerror}. Let this user write there,"
            " copy the key files there, or name another folder (`identity.keys`).",
            code="keys.no-access",
        ) from wrong
