"""One line of the ledger, and how it is chained to the line before."""

import hashlib
from typing import Literal

from pydantic import AwareDatetime, JsonValue, NonNegativeInt, ValidationError

from tenuto.core.canonical import canonical_json
from tenuto.core.errors import CorruptError
from tenuto.core.records import Record
from tenuto.core.references import Sha256

Kind = Literal[
    "run",
    "task",
    "decision",
    "access",
    "refusal",
    "change",
    "permit",
    "policy",
    "population",
    "legal_hold",
    "erase",
    "alarm",
    "damage",
]

NOTHING = "0" * 64
"""What the first record follows."""


class Stored(Record):
    """Content in the ledger that a record speaks of: a history, a policy's text."""

    sha256: Sha256
    """Of the content, which names it."""
    stored: Sha256
    """Of the compressed file."""
    bytes: NonNegativeInt


class Entry(Record):
    """What somebody wants recorded."""

    id: str
    """For ever unique: an id is in the ledger once."""
    kind: Kind
    happened_at: AwareDatetime
    """UTC; when a run closed, when something was decided."""
    data: dict[str, JsonValue]
    blobs: tuple[Stored, ...] = ()


class LedgerRecord(Record):
    """What was recorded: an entry, its number, and the hash of the record before."""

    seq: NonNegativeInt
    """From 0."""
    prev: Sha256
    """Hash of the line before, without its end; of the first, sixty-four zeros."""
    t: AwareDatetime
    """UTC; when it was recorded. Never before the record before it."""
    entry: Entry

    def line(self) -> bytes:
        """The one form of this record, without a line's end."""
        return canonical_json(self)


def line_hash(line: bytes) -> str:
    """What the next record carries as `prev`."""
    return hashlib.sha256(line).hexdigest()


def read_line(line: bytes, described: str) -> LedgerRecord:
    """The record in a line. Raises CorruptError `evidence.unreadable` for any other line."""
    try:
        record = LedgerRecord.model_validate_json(line)
    except ValidationError as wrong:
        raise CorruptError(
            f"{described} of the ledger is no record: {wrong.errors()[0]['msg']}. `tenuto audit"
            " verify` says what else is wrong; restore it from a copy.",
            code="evidence.unreadable",
        ) from wrong
    return record
