"""Signed checkpoints: what the whole ledger was at one size, in one short text.

The shape is that of C2SP's signed notes (c2sp.org/signed-note) and tree checkpoints
(c2sp.org/tlog-checkpoint): origin, size, root, extension lines, a blank line, signatures. So other
people's witnesses can read and countersign it. The extension lines say which segment the size was
reached with, the head of the chain, and the tree's frontier, which is all that a writer needs to
go on.
"""

import base64
import binascii
import hashlib
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from pydantic import AwareDatetime, NonNegativeInt, PositiveInt

from tenuto.core.errors import CorruptError
from tenuto.core.records import Record
from tenuto.core.references import Sha256
from tenuto.evidence.merkle import Frontier
from tenuto.identity.keys import KeyRing, StoredKey

_ED25519 = b"\x01"
_DASH = "\u2014"


class Checkpoint(Record):
    """The ledger at one size."""

    origin: str
    """Which ledger: `tenuto/<namespace>`."""
    size: PositiveInt
    """Records."""
    root: str
    """Root of the Merkle tree, base64."""
    head: Sha256
    """Hash of the last record's line."""
    first: NonNegativeInt
    """Number of the first record of the segment that reached this size."""
    segment: Sha256
    """Hash of that segment as stored."""
    at: AwareDatetime
    """UTC."""
    frontier: tuple[str, ...]
    """Hashes of the tree's complete subtrees, the largest first, base64."""

    def text(self) -> str:
        """What is signed."""
        lines = [
            self.origin,
            str(self.size),
            self.root,
            f"head {self.head}",
            f"segment {self.first} {self.segment}",
            f"at {self.at.isoformat()}",
            *(f"subtree {each}" for each in self.frontier),
        ]
        return "\n".join(lines) + "\n"

    def tree(self) -> Frontier:
        """The tree at this size. Raises CorruptError where it does not lead to the root."""
        try:
            tree = Frontier(self.size, [_exact(each) for each in self.frontier])
        except ValueError as wrong:
            raise unreadable(f"checkpoint {self.size}") from wrong
        if encoded(tree.root()) != self.root:
            raise unreadable(f"checkpoint {self.size}")
        return tree


class SignedCheckpoint(Record):
    """A checkpoint and the note it stands in."""

    checkpoint: Checkpoint
    note: str
    """The text and its signatures."""

    def signer(self, ring: KeyRing) -> StoredKey | None:
        """The key of the ring, revoked ones included, that signed it; None where none did."""
        text, _, signatures = self.note.partition("\n\n")
        for line in signatures.splitlines():
            key = _signer(line, self.checkpoint.origin, (text + "\n").encode(), ring)
            if key is not None:
                return key
        return None


def signed(checkpoint: Checkpoint, ring: KeyRing) -> SignedCheckpoint:
    """The checkpoint, signed with the ring's active key."""
    key = ring.active
    text = checkpoint.text()
    signature = key_hash(checkpoint.origin, key) + key.signer().sign(text.encode())
    line = f"{_DASH} {checkpoint.origin} {encoded(signature)}\n"
    return SignedCheckpoint(checkpoint=checkpoint, note=f"{text}\n{line}")


def read_checkpoint(note: bytes, described: str) -> SignedCheckpoint:
    """The checkpoint in a note; whether a trusted key signed it is not judged here.

    Raises CorruptError `evidence.unreadable` for bytes that are not exactly what `signed` writes.
    """
    try:
        text, blank, signatures = note.decode().partition("\n\n")
        read = SignedCheckpoint(checkpoint=_checkpoint(text.split("\n")), note=note.decode())
        for line in signatures.split("\n")[:-1]:
            _, _, signature = line.split(" ")
            _exact(signature)
        is_exact = text + "\n" == read.checkpoint.text() and signatures.endswith("\n")
    except ValueError as wrong:
        raise unreadable(described) from wrong
    if not blank or not is_exact:
        raise unreadable(described)
    return read


def key_hash(origin: str, key: StoredKey) -> bytes:
    """The four bytes that tell which key signed a note (C2SP signed-note)."""
    named = origin.encode() + b"\n" + _ED25519 + key.public_bytes
    return hashlib.sha256(named).digest()[:4]


def encoded(data: bytes) -> str:
    """Base64, as notes have it."""
    return base64.b64encode(data).decode()


def unreadable(described: str) -> CorruptError:
    """The error for what is no checkpoint."""
    return CorruptError(
        f"{described} is no checkpoint of a ledger, or was changed. `tenuto audit verify` says what"
        " else is wrong; restore it from a copy.",
        code="evidence.unreadable",
    )


def _checkpoint(lines: list[str]) -> Checkpoint:
    origin, size, root, head, segment, at, *subtrees = lines
    _, first, stored = segment.split(" ")
    return Checkpoint(
        origin=origin,
        size=int(size),
        root=root,
        head=head.removeprefix("head "),
        first=int(first),
        segment=stored,
        at=datetime.fromisoformat(at.removeprefix("at ")),
        frontier=tuple(each.removeprefix("subtree ") for each in subtrees),
    )


def _signer(line: str, origin: str, text: bytes, ring: KeyRing) -> StoredKey | None:
    dash, name, signature = line.split(" ")
    if (dash, name) != (_DASH, origin):
        return None
    raw = _exact(signature)
    for key in ring.keys:
        if key_hash(origin, key) == raw[:4]:
            try:
                key.verifier().verify(raw[4:], text)
            except InvalidSignature:
                continue
            return key
    return None


def _exact(text: str) -> bytes:
    """The bytes of base64 that is written in its one form."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as wrong:
        raise ValueError("not base64") from wrong
    if encoded(data) != text:
        raise ValueError("not the one form of base64")
    return data
