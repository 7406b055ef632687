"""How content is addressed: its SHA-256, the URI made of that, and where the bytes lie."""

import hashlib
import re
from collections.abc import Iterator
from io import BufferedReader
from typing import BinaryIO

from pydantic import NonNegativeInt

from tenuto.core.errors import CorruptError, DataError, NotFoundError, UsageError
from tenuto.core.records import Record
from tenuto.core.references import ArtifactUri, Reference, Sha256

CHUNK_BYTES = 1 << 20
SCHEME = "artifact://"

_URI = re.compile(SCHEME + r"([0-9a-f]{64})")


class Blob(Record):
    """Stored content: what it is and how much of it there is."""

    uri: ArtifactUri
    sha256: Sha256
    bytes: NonNegativeInt


class Totals(Record):
    """How much a store holds."""

    blobs: NonNegativeInt
    bytes: NonNegativeInt


def is_sha256(text: str) -> bool:
    """Whether it is 64 lower-case hexadecimal digits."""
    return _URI.fullmatch(SCHEME + text) is not None


def uri_of(sha256: str) -> str:
    """`artifact://<sha256>`."""
    return SCHEME + sha256


def blob_path(sha256: str) -> str:
    """Where the content lies, relative to the store: `blobs/<first two digits>/<sha256>`."""
    return f"blobs/{sha256[:2]}/{sha256}"


def sha256_of(reference: Reference | str) -> str:
    """The hash a reference or an `artifact://` URI names.

    Raises UsageError for any other string, and DataError for a reference whose URI and hash
    name different content.
    """
    uri = reference if isinstance(reference, str) else reference.uri
    found = _URI.fullmatch(uri)
    if found is None:
        raise UsageError(
            f"`{uri[:100]}` is not an artifact; expected `artifact://` and the 64 lower-case "
            "hexadecimal digits of a SHA-256.",
            code="artifact.bad-uri",
        )
    sha256 = found[1]
    if not isinstance(reference, str) and reference.sha256 != sha256:
        raise DataError(
            f"The reference {label(reference)} contradicts itself: its `uri` names {sha256}, its "
            f"`sha256` is {reference.sha256}; use the reference as the store returned it.",
            code="artifact.contradictory-reference",
        )
    return sha256


def label(reference: Reference | str) -> str:
    """What a person calls it: its name if it has one, and the start of its hash."""
    if isinstance(reference, str):
        return f"`{reference.removeprefix(SCHEME)[:12]}`"
    short = reference.sha256[:12]
    return f"`{reference.name}` ({short})" if reference.name else f"`{short}`"


def chunks_of(source: BinaryIO) -> Iterator[bytes]:
    """The rest of the file, in pieces of at most 1 MiB."""
    while chunk := source.read(CHUNK_BYTES):
        yield chunk


def copy_hashing(source: BinaryIO, target: BinaryIO) -> tuple[str, int]:
    """Copies to the end of `source`; returns the SHA-256 and the bytes of what was written."""
    digest = hashlib.sha256()
    size = 0
    for chunk in chunks_of(source):
        digest.update(chunk)
        target.write(chunk)
        size += len(chunk)
    return digest.hexdigest(), size


def hash_rest(source: BufferedReader) -> tuple[str, int]:
    """The SHA-256 and the bytes from here to the end of the file."""
    start = source.tell()
    digest = hashlib.file_digest(source, "sha256").hexdigest()
    return digest, source.tell() - start


def not_found(reference: Reference | str, url: str) -> NotFoundError:
    """The error for content that the store does not hold."""
    return NotFoundError(
        f"Artifact {label(reference)} is not in the store {url}. Check that this process uses the "
        "store it was written to; if it does, restore it from a backup or run the step that "
        "wrote it again.",
        code="artifact.not-found",
        details={"sha256": sha256_of(reference), "store": url},
    )


def corrupt(reference: Reference | str, url: str, found: str) -> CorruptError:
    """The error for content that is not what its address says; `found` says what it is."""
    sha256 = sha256_of(reference)
    return CorruptError(
        f"Artifact {label(reference)} is damaged: {url}/{blob_path(sha256)} {found}. Restore that "
        "file from a backup, or move it away and run the step that wrote it again.",
        code="artifact.corrupt",
        details={"sha256": sha256, "store": url, "path": blob_path(sha256)},
    )
