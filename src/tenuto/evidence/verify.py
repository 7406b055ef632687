"""Whether a ledger is what was written: every record, blob, checkpoint, signature, and pin."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Literal

from tenuto.core.errors import CorruptError, NotFoundError, TenutoError
from tenuto.core.records import Record
from tenuto.evidence.checkpoint import Checkpoint, SignedCheckpoint, encoded
from tenuto.evidence.compressed import expand
from tenuto.evidence.ledger import Ledger, blob_path, checkpoint_path, segment_path
from tenuto.evidence.merkle import Frontier, leaf_hash
from tenuto.evidence.record import NOTHING, LedgerRecord, Stored, line_hash, read_line
from tenuto.identity.keys import KeyRing

Word = Literal[
    "ALTERED",
    "MISSING",
    "BAD chain",
    "GAP",
    "TRUNCATED",
    "ROLLED BACK",
    "BAD signature",
    "FORKED",
]


class Finding(Record):
    """One thing that is wrong."""

    word: Word
    place: str
    """Path in the ledger."""
    text: str


class Verification(Record):
    """What was looked at and what was found."""

    ledger: str
    records: int
    blobs: int
    checkpoints: int
    pins: int
    newest: Checkpoint | None
    findings: tuple[Finding, ...]
    left_over: tuple[str, ...]
    """Files that no checkpoint leads to: of a writer that was stopped before it sealed them."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def _no_checkpoint(wrong: TenutoError) -> str:
    is_of_another = wrong.code == "evidence.other-ledger"
    return wrong.message if is_of_another else "this is no checkpoint of this ledger"


Progress = Callable[[int, int], None]
"""Called with the records done and the records in all."""


def verify(
    ledger: Ledger,
    ring: KeyRing,
    pins: Sequence[SignedCheckpoint] = (),
    progress: Progress = lambda done, of: None,
) -> Verification:
    """Reads the whole ledger. `pins` are checkpoints that were kept elsewhere."""
    return _Reading(ledger, ring, pins, progress).verification()


class _Reading:
    def __init__(
        self,
        ledger: Ledger,
        ring: KeyRing,
        pins: Sequence[SignedCheckpoint],
        progress: Progress,
    ) -> None:
        self.ledger, self.ring, self.pins, self.progress = ledger, ring, pins, progress
        self.findings: list[Finding] = []
        self.seen: set[str] = set()
        self.records = self.blobs = 0
        self.tree, self.head = Frontier(), NOTHING
        self.roots: dict[int, str] = {}
        self.wanted = {pin.checkpoint.size for pin in pins}

    def verification(self) -> Verification:
        sizes = self.ledger.sizes()
        sealed = self._checkpoints(sizes)
        for each in sealed:
            self._segment(each.checkpoint, is_last=each is sealed[-1])
            self.progress(each.checkpoint.size, sealed[-1].checkpoint.size)
        self._judge_pins(sizes[-1] if sizes else 0)
        return Verification(
            ledger=self.ledger.place.url,
            records=self.records,
            blobs=self.blobs,
            checkpoints=len(sizes),
            pins=len(self.pins),
            newest=sealed[-1].checkpoint if sealed else None,
            findings=tuple(self.findings),
            left_over=self._left_over(),
        )

    def _found(self, word: Word, place: str, text: str) -> None:
        self.findings.append(Finding(word=word, place=place, text=text))

    def _checkpoints(self, sizes: Sequence[int]) -> list[SignedCheckpoint]:
        sealed = []
        for size in sizes:
            self.seen.add(checkpoint_path(size))
            try:
                sealed.append(self.ledger.checkpoint(size))
            except (CorruptError, NotFoundError) as wrong:
                self._found("ALTERED", checkpoint_path(size), _no_checkpoint(wrong))
        self._judge_signatures(sealed)
        return sealed

    def _judge_signatures(self, sealed: Sequence[SignedCheckpoint]) -> None:
        """A revoked key's word counts only under a later checkpoint of a key that is trusted."""
        is_covered = False
        for each in reversed(sealed):
            signer = each.signer(self.ring)
            if signer is not None and signer.revoked_at is None:
                is_covered = True
            elif signer is None or not is_covered:
                why = "no key of this installation" if signer is None else "a revoked key"
                self._found(
                    "BAD signature", checkpoint_path(each.checkpoint.size), f"signed by {why}"
                )

    def _segment(self, sealed: Checkpoint, *, is_last: bool) -> None:
        path = segment_path(sealed)
        self.seen.add(path)
        if sealed.first != self.tree.size:
            self._found(
                "GAP",
                checkpoint_path(sealed.size),
                f"records {self.tree.size} to {sealed.first - 1} are not here",
            )
            self._go_on_from(sealed)
            self._read(sealed, path)
            self._go_on_from(sealed)
            return
        try:
            stored = self.ledger.place.read(path)
        except FileNotFoundError:
            word: Word = "TRUNCATED" if is_last else "GAP"
            records = f"records {sealed.first} to {sealed.size - 1} are not here"
            self._found(word, path, records)
            self._go_on_from(sealed)
            return
        before = len(self.findings)
        if hashlib.sha256(stored).hexdigest() != sealed.segment:
            self._found("ALTERED", path, "not the bytes that were sealed")
        self._chain(sealed, stored, path)
        if len(self.findings) == before:
            self._compare(sealed)
        else:
            self._go_on_from(sealed)

    def _read(self, sealed: Checkpoint, path: str) -> None:
        """Looks at a segment that follows a gap: its own bytes and blobs, not its chain."""
        try:
            for line in self.ledger.lines(sealed):
                self._look_at_blobs(line.record)
                self.records += 1
        except (CorruptError, NotFoundError) as wrong:
            word: Word = "MISSING" if isinstance(wrong, NotFoundError) else "ALTERED"
            self._found(word, path, wrong.message)

    def _chain(self, sealed: Checkpoint, stored: bytes, path: str) -> None:
        try:
            *lines, rest = expand(stored, path).split(b"\n")
        except CorruptError as wrong:
            self._found("ALTERED", path, wrong.message)
            return
        if rest:
            self._found("BAD chain", path, "the last record is cut off")
        for number, line in enumerate(lines, start=sealed.first):
            if not self._link(number, line, path):
                return

    def _link(self, number: int, line: bytes, path: str) -> bool:
        try:
            record = read_line(line, path)
        except CorruptError:
            self._found("BAD chain", path, f"record {number} is no record")
            return False
        if (record.seq, record.prev) != (number, self.head) or record.line() != line:
            self._found("BAD chain", path, f"record {number} does not follow the one before")
            return False
        self.head = line_hash(line)
        self.tree.push(leaf_hash(line))
        self.records += 1
        if self.tree.size in self.wanted:
            self.roots[self.tree.size] = encoded(self.tree.root())
        self._look_at_blobs(record)
        return True

    def _compare(self, sealed: Checkpoint) -> None:
        found = (self.tree.size, encoded(self.tree.root()), self.head)
        hashes = tuple(encoded(each) for each in self.tree.hashes)
        if found != (sealed.size, sealed.root, sealed.head) or hashes != sealed.frontier:
            self._found(
                "BAD chain",
                checkpoint_path(sealed.size),
                f"its {sealed.size - sealed.first} last records are not those it seals",
            )
            self._go_on_from(sealed)

    def _go_on_from(self, sealed: Checkpoint) -> None:
        """What follows is judged by itself: from what this checkpoint says it follows."""
        try:
            self.tree = sealed.tree()
        except CorruptError:
            self._found(
                "ALTERED", checkpoint_path(sealed.size), "its frontier does not lead to its root"
            )
            self.tree = Frontier(sealed.size, [b""] * sealed.size.bit_count())
        self.head = sealed.head

    def _look_at_blobs(self, record: LedgerRecord) -> None:
        for blob in record.entry.blobs:
            self._look_at(blob, record.seq)

    def _look_at(self, blob: Stored, number: int) -> None:
        path = blob_path(blob.sha256)
        if path in self.seen:
            return
        self.seen.add(path)
        self.blobs += 1
        try:
            self.ledger.blob(blob)
        except NotFoundError:
            self._found("MISSING", path, f"record {number} speaks of it")
        except CorruptError:
            self._found("ALTERED", path, f"not the content that record {number} speaks of")

    def _judge_pins(self, size: int) -> None:
        for pin in self.pins:
            kept, place = pin.checkpoint, checkpoint_path(pin.checkpoint.size)
            signer = pin.signer(self.ring)
            if kept.origin != self.ledger.origin or signer is None:
                self._found("BAD signature", place, "the pin is not of this ledger and its keys")
            elif kept.size > size:
                self._found(
                    "ROLLED BACK", place, f"{size} records are here, {kept.size} were pinned"
                )
            elif self.roots.get(kept.size, kept.root) != kept.root:
                self._found("FORKED", place, f"the first {kept.size} records are not those pinned")

    def _left_over(self) -> tuple[str, ...]:
        folders = ("blobs", "segments", "checkpoints")
        files = (path for folder in folders for path, _ in self.ledger.place.walk(folder))
        return tuple(sorted(set(files) - self.seen))
