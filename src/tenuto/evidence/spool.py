"""Records on this machine's disk until they are in the ledger; refusals are in no history."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from pydantic import AwareDatetime, JsonValue, ValidationError

from tenuto.core.canonical import canonical_json
from tenuto.core.errors import TransientError
from tenuto.core.records import Record

MOST_BYTES = 256 << 20
"""What a spool holds before it refuses: about 500,000 records."""

_OPEN = "open.jsonl"
_SEALED = "*.sealed.jsonl"
_UNRECORDED = "unrecorded"
_ONCE = ".recorded"


class SpoolEntry(Record):
    """One thing that happened."""

    id: str
    """For ever unique; the ledger takes an id once."""
    t: AwareDatetime
    """UTC."""
    kind: str
    """`decision`, `access`, `refusal`, `change`, ..."""
    data: dict[str, JsonValue]


class Spool:
    """An append-only folder that several processes may write to at the same time.

    `append` returns once the record is flushed to the disk. `take` gives everything that was
    appended so far, `done` forgets it; whoever takes and is killed in between takes the same
    again.
    """

    def __init__(self, folder: Path, *, most_bytes: int = MOST_BYTES) -> None:
        self.folder = folder
        self.most_bytes = most_bytes

    def append(self, kind: str, data: Mapping[str, JsonValue], *, is_read: bool = False) -> str:
        """The id of the record, which is on the disk now.

        Raises TransientError `evidence.spool-full` where the spool is full, so that what cannot be
        recorded is not done. With `is_read` it does not raise: a full spool only counts the reads
        that went unrecorded, and the ledger is told how many.
        """
        entry = SpoolEntry(id=uuid4().hex, t=datetime.now(UTC), kind=kind, data=dict(data))
        with self._locked():
            if self._keeps(entry):
                return entry.id
            if is_read:
                _append(self.folder / _UNRECORDED, b".")
                return entry.id
        raise self._full()

    def append_once(self, kind: str, name: str, data: Mapping[str, JsonValue]) -> None:
        """Appends what has not been appended here before under this kind and name.

        Nothing is raised where the spool is full: whoever appends next asks again.
        """
        mark = self.folder / f"{kind}-{name}{_ONCE}"
        if mark.exists():
            return
        entry = SpoolEntry(id=uuid4().hex, t=datetime.now(UTC), kind=kind, data=dict(data))
        with self._locked():
            # Marked after: whoever is killed in between appends it twice, and never not at all.
            if not mark.exists() and self._keeps(entry):
                _append(mark, entry.id.encode())

    def take(self) -> tuple[SpoolEntry, ...]:
        """Everything that is here, in the order it came; the same again until `done`.

        Bytes that are no record (of a writer that was killed in the middle of a line, or written
        by somebody else) become a record of the kind `damage`: the ledger drops nothing silently.
        """
        with self._locked():
            self._seal()
            files = self._sealed()
        return tuple(entry for file in files for entry in _entries(file))

    def done(self, entries: tuple[SpoolEntry, ...]) -> None:
        """Forgets what was taken; call it once the ledger has it."""
        known = {entry.id for entry in entries}
        with self._locked():
            for file in self._sealed():
                if all(entry.id in known for entry in _entries(file)):
                    file.unlink()

    def waiting_since(self) -> datetime | None:
        """When the oldest record that waits here was appended; None where none waits."""
        with self._locked():
            files = (*self._sealed(), self.folder / _OPEN)
            oldest = next((file for file in files if _size(file)), None)
            return next(_entries(oldest)).t if oldest else None

    def used_bytes(self) -> int:
        """How much waits here."""
        with self._locked():
            return self._bytes()

    def _keeps(self, entry: SpoolEntry) -> bool:
        line = canonical_json(entry) + b"\n"
        if self._bytes() + len(line) > self.most_bytes:
            return False
        _append(self.folder / _OPEN, line)
        return True

    def _seal(self) -> None:
        count = _size(self.folder / _UNRECORDED)
        if count:
            entry = SpoolEntry(
                id=uuid4().hex,
                t=datetime.now(UTC),
                kind="access",
                data={"unrecorded_reads": count},
            )
            _append(self.folder / _OPEN, canonical_json(entry) + b"\n")
            (self.folder / _UNRECORDED).unlink()
        if _size(self.folder / _OPEN):
            moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
            (self.folder / _OPEN).rename(self.folder / f"{moment}-{uuid4().hex[:8]}.sealed.jsonl")

    def _sealed(self) -> list[Path]:
        return sorted(self.folder.glob(_SEALED))

    def _bytes(self) -> int:
        return sum(_size(file) for file in (*self._sealed(), self.folder / _OPEN))

    def _full(self) -> TransientError:
        return TransientError(
            f"The spool of the audit trail, {self.folder}, is full ({self.most_bytes:,} bytes), so"
            " nothing that has to be recorded is allowed. Bring its records into the ledger: keep"
            " `tenuto up` or a worker running, or run `tenuto audit export`.",
            code="evidence.spool-full",
            details={"folder": str(self.folder)},
        )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as failure:
            raise _unwritable(self.folder, failure) from failure
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        except OSError as failure:
            raise _unwritable(self.folder, failure) from failure
        finally:
            os.close(descriptor)


def _append(file: Path, data: bytes) -> None:
    is_new = not file.exists()
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        if size and data != b"." and os.pread(descriptor, 1, size - 1) != b"\n":
            data = b"\n" + data  # somebody was killed in the middle of a line
        written = os.write(descriptor, data)
        if written != len(data):
            raise OSError(f"{written} of {len(data)} bytes were written")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        _flush(file.parent)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _entries(file: Path) -> Iterator[SpoolEntry]:
    for number, line in enumerate(file.read_bytes().splitlines()):
        try:
            yield SpoolEntry.model_validate(json.loads(line))
        except (ValueError, ValidationError):
            yield SpoolEntry(
                id=f"{file.name}:{number}",
                t=datetime.fromtimestamp(file.stat().st_mtime, UTC),
                kind="damage",
                data={"file": file.name, "line": number, "bytes": line.hex()},
            )


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _unwritable(folder: Path, failure: OSError) -> TransientError:
    return TransientError(
        f"The spool of the audit trail, {folder}, cannot be used: {failure}. Check that this"
        " process may write there and that space is left on the disk.",
        code="evidence.spool-failed",
        details={"folder": str(folder)},
    )
