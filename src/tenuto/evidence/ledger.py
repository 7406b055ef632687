"""The ledger: records in segments, each segment sealed by a signed checkpoint.

    blobs/ab/<sha256>.gz                      content that records speak of
    segments/<first>.<sha256>.jsonl.gz        records, one JSON line each
    checkpoints/<size>                        the signed note that seals a segment

A checkpoint is written last, and only where there is none of that size. So records are in the
ledger all at once or not at all, a writer that is killed leaves nothing but files that no
checkpoint names, and of two writers one is refused.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from tenuto.artifacts.place import Place
from tenuto.core.errors import CorruptError, NotFoundError, TransientError
from tenuto.evidence.checkpoint import (
    Checkpoint,
    SignedCheckpoint,
    encoded,
    read_checkpoint,
    signed,
    unreadable,
)
from tenuto.evidence.compressed import compress, expand
from tenuto.evidence.merkle import Frontier, leaf_hash
from tenuto.evidence.record import (
    NOTHING,
    Entry,
    LedgerRecord,
    Stored,
    line_hash,
    read_line,
)
from tenuto.identity.keys import KeyRing

_CHECKPOINT = re.compile(r"checkpoints/(\d{12})")


@dataclass(frozen=True, slots=True)
class Line:
    """A record and its exact bytes."""

    data: bytes
    record: LedgerRecord


class Ledger:
    """The evidence of one namespace, in one place."""

    def __init__(self, place: Place, origin: str) -> None:
        self.place = place
        self.origin = origin

    def sizes(self) -> list[int]:
        """The sizes of all checkpoints, ascending."""
        found = (_CHECKPOINT.fullmatch(path) for path, _ in self.place.walk("checkpoints"))
        return sorted(int(match[1]) for match in found if match)

    def checkpoint(self, size: int) -> SignedCheckpoint:
        """The checkpoint of that size; its signature is not judged here.

        Raises NotFoundError, and CorruptError for a file that is none or of another ledger.
        """
        path = checkpoint_path(size)
        described = f"{self.place.url}/{path}"
        try:
            read = read_checkpoint(self.place.read(path), described)
        except FileNotFoundError as missing:
            raise _missing(described) from missing
        if read.checkpoint.origin != self.origin:
            raise _other_ledger(described, read.checkpoint.origin, self.origin)
        if read.checkpoint.size != size:
            raise unreadable(described)
        return read

    def newest(self) -> SignedCheckpoint | None:
        """The checkpoint of everything; None for an empty ledger."""
        sizes = self.sizes()
        return self.checkpoint(sizes[-1]) if sizes else None

    def lines(self, checkpoint: Checkpoint) -> Iterator[Line]:
        """The records of one segment.

        Raises NotFoundError and CorruptError where it is not what the checkpoint says.
        """
        path = segment_path(checkpoint)
        described = f"{self.place.url}/{path}"
        try:
            stored = self.place.read(path)
        except FileNotFoundError as missing:
            raise _missing(described) from missing
        if hashlib.sha256(stored).hexdigest() != checkpoint.segment:
            raise _altered(described)
        for line in expand(stored, described).split(b"\n")[:-1]:
            yield Line(data=line, record=read_line(line, described))

    def all_lines(self) -> Iterator[Line]:
        """Every record, oldest first."""
        for size in self.sizes():
            yield from self.lines(self.checkpoint(size).checkpoint)

    def lines_since(self, moment: datetime) -> Iterator[Line]:
        """Every record that was recorded at or after the moment, in no order."""
        for size in reversed(self.sizes()):
            lines = list(self.lines(self.checkpoint(size).checkpoint))
            yield from (line for line in lines if line.record.t >= moment)
            if lines[0].record.t < moment:
                return

    def put_blob(self, content: bytes) -> Stored:
        """Keeps the content under its hash, once.

        Raises CorruptError where other bytes lie there.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        stored = compress(content)
        if not self.place.create(blob_path(sha256), stored):
            stored = self.place.read(blob_path(sha256))
            _check_blob(stored, sha256, f"{self.place.url}/{blob_path(sha256)}")
        return Stored(sha256=sha256, stored=hashlib.sha256(stored).hexdigest(), bytes=len(content))

    def stored_blob(self, blob: Stored) -> bytes:
        """The compressed file. Raises NotFoundError and CorruptError (`evidence.altered`)."""
        described = f"{self.place.url}/{blob_path(blob.sha256)}"
        try:
            stored = self.place.read(blob_path(blob.sha256))
        except FileNotFoundError as missing:
            raise _missing(described) from missing
        if hashlib.sha256(stored).hexdigest() != blob.stored:
            raise _altered(described)
        return stored

    def blob(self, blob: Stored) -> bytes:
        """The content. Raises NotFoundError and CorruptError (`evidence.altered`)."""
        stored = self.stored_blob(blob)
        return _check_blob(stored, blob.sha256, f"{self.place.url}/{blob_path(blob.sha256)}")

    def append(self, entries: Sequence[Entry], ring: KeyRing, now: datetime) -> SignedCheckpoint:
        """The checkpoint that seals these entries, in this order; at least one.

        Raises TransientError `evidence.two-writers` where somebody else wrote in the meantime,
        CorruptError where the newest checkpoint is not of a key of the ring, or is damaged.
        """
        newest = self.newest()
        if newest is not None:
            self._refuse_stranger(newest, ring)
        tree = newest.checkpoint.tree() if newest else Frontier()
        lines = _chained(entries, newest.checkpoint if newest else None, now)
        first = tree.size
        for line in lines:
            tree.push(leaf_hash(line))
        stored = compress(b"".join(line + b"\n" for line in lines))
        checkpoint = Checkpoint(
            origin=self.origin,
            size=tree.size,
            root=encoded(tree.root()),
            head=line_hash(lines[-1]),
            first=first,
            segment=hashlib.sha256(stored).hexdigest(),
            at=_after(now, newest.checkpoint if newest else None),
            frontier=tuple(encoded(each) for each in tree.hashes),
        )
        sealed = signed(checkpoint, ring)
        self.place.create(segment_path(checkpoint), stored)
        if not self.place.create(checkpoint_path(tree.size), sealed.note.encode()):
            raise _two_writers(self.place.url)
        return sealed

    def _refuse_stranger(self, newest: SignedCheckpoint, ring: KeyRing) -> None:
        signer = newest.signer(ring)
        if signer is None or signer.revoked_at is not None:
            raise CorruptError(
                f"The newest checkpoint of {self.place.url} is not signed by a key of this"
                " installation, so nothing is added to it. Give the exporter the ledger's keys"
                " (setting `identity.keys`); if it has them, somebody else wrote there: run"
                " `tenuto audit verify`.",
                code="evidence.foreign-ledger",
            )


def blob_path(sha256: str) -> str:
    """Where content lies, relative to the ledger."""
    return f"blobs/{sha256[:2]}/{sha256}.gz"


def segment_path(checkpoint: Checkpoint) -> str:
    """Where the segment lies that a checkpoint seals."""
    return f"segments/{checkpoint.first:012}.{checkpoint.segment}.jsonl.gz"


def checkpoint_path(size: int) -> str:
    """Where the checkpoint of that size lies."""
    return f"checkpoints/{size:012}"


def _chained(entries: Sequence[Entry], after: Checkpoint | None, now: datetime) -> list[bytes]:
    seq, prev = (after.size, after.head) if after else (0, NOTHING)
    moment = _after(now, after)
    lines = []
    for entry in entries:
        line = LedgerRecord(seq=seq, prev=prev, t=moment, entry=entry).line()
        lines.append(line)
        seq, prev = seq + 1, line_hash(line)
    return lines


def _after(now: datetime, newest: Checkpoint | None) -> datetime:
    """Now, or the moment of the newest checkpoint where the clock was set back."""
    return max(now, newest.at) if newest else now


def _check_blob(stored: bytes, sha256: str, described: str) -> bytes:
    content = expand(stored, described)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise _altered(described)
    return content


def _missing(described: str) -> NotFoundError:
    return NotFoundError(
        f"{described} is missing from the ledger. `tenuto audit verify` says what else is;"
        " restore it from a copy.",
        code="evidence.missing",
    )


def _altered(described: str) -> CorruptError:
    return CorruptError(
        f"{described} is not what was recorded. `tenuto audit verify` says what else is wrong;"
        " restore it from a copy.",
        code="evidence.altered",
    )


def _other_ledger(described: str, found: str, expected: str) -> CorruptError:
    return CorruptError(
        f"{described} is of the ledger `{found}`, and `{expected}` is expected there: somebody"
        " copied the files of another namespace. Move them to a folder of that namespace's name.",
        code="evidence.other-ledger",
    )


def _two_writers(url: str) -> TransientError:
    return TransientError(
        f"Somebody else wrote to the ledger {url} at the same time. It has one writer, the"
        " exporter; what was to be recorded is tried again.",
        code="evidence.two-writers",
    )
