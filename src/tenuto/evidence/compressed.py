"""gzip as the ledger stores it: the same bytes in, the same bytes out."""

import gzip
import zlib

from tenuto.core.errors import CorruptError

LARGEST = 1 << 30
"""Bytes that one stored file may expand to."""


def compress(data: bytes) -> bytes:
    """One gzip member without name and time."""
    return gzip.compress(data, 6, mtime=0)


def expand(stored: bytes, described: str) -> bytes:
    """What was compressed.

    Raises CorruptError `evidence.unreadable` for bytes that are not exactly one gzip member, or
    that expand to more than a gigabyte.
    """
    reader = zlib.decompressobj(wbits=31)
    try:
        data = reader.decompress(stored, LARGEST)
    except zlib.error as wrong:
        raise _unreadable(described) from wrong
    if not reader.eof or reader.unused_data:
        raise _unreadable(described)
    return data


def _unreadable(described: str) -> CorruptError:
    return CorruptError(
        f"{described} of the ledger cannot be read: it is not one whole compressed file."
        " `tenuto audit verify` says what else is wrong; restore it from a copy.",
        code="evidence.unreadable",
    )
