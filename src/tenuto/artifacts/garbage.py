"""Mark and sweep: what nothing refers to any more is removed, once it is old enough.

Roots are the bound names, the references handed in, and every blob younger than `min_age`.
A kept blob keeps in turn each `artifact://` URI that stands in its bytes. Whether a blob is
JSON is not asked: any blob is searched as bytes, except formats that compress their text
(Parquet, zip and so Excel, PDF, gzip, zstd), told by their first bytes. That finds URIs in JSON
of any layout and in stored payloads; text that only looks like a reference keeps a blob
longer, which is harmless. It cannot look into encrypted payloads: what those refer to has to
be handed in.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import NonNegativeInt

from tenuto.artifacts.blobs import Blob, blob_path, chunks_of, sha256_of, uri_of
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import DataError, UsageError
from tenuto.core.records import Record
from tenuto.core.references import ArtifactUri

MIN_AGE = timedelta(days=1)

_URI = re.compile(rb"artifact:(?:\\?/){2}([0-9a-f]{64})")
_LONGEST_URI_BYTES = len(rb"artifact:\/\/") + 64
_SHORTEST_URI_BYTES = len(b"artifact://") + 64
_COMPRESSED = (b"PAR1", b"PK\x03\x04", b"%PDF", b"\x1f\x8b", b"\x28\xb5\x2f\xfd")


class GarbageReport(Record):
    """What a collection kept and removed; with `dry_run`, what it would have removed."""

    version: Literal[1] = 1
    dry_run: bool
    kept_blobs: NonNegativeInt
    kept_bytes: NonNegativeInt
    removed_blobs: NonNegativeInt
    removed_bytes: NonNegativeInt
    removed_partial_files: NonNegativeInt
    """Left by writers that died."""
    removed_partial_bytes: NonNegativeInt
    missing: tuple[ArtifactUri, ...]
    """References handed in whose content is not in the store, sorted."""


def collect_garbage(
    store: ArtifactStore,
    keep: Iterable[str],
    min_age: timedelta = MIN_AGE,
    dry_run: bool = True,
) -> GarbageReport:
    """Removes blobs that no root reaches, and partial files, both older than `min_age`.

    `keep` holds the URIs that runs and the ledger refer to. `min_age` must exceed the time
    between a run's writing content and the moment the caller read that run's references; below
    two hours it is safe only while nothing runs.

    Removes nothing, and raises, when the roots cannot be followed: CorruptError for damaged
    content or a damaged name, DataError for a name whose content is gone, UsageError where
    the store's driver does not tell how old a file is.
    """
    oldest_kept = datetime.now(UTC) - min_age
    blobs = {blob.sha256: blob for blob in store.list_blobs()}
    kept, missing = _mark(store, blobs, keep, oldest_kept)
    garbage = [blob for sha256, blob in blobs.items() if sha256 not in kept]
    removed = [
        blob.bytes
        for blob in garbage
        if _remove(store, blob_path(blob.sha256), oldest_kept, dry_run)
    ]
    partial = [
        size for path, size in store.place.walk("tmp") if _remove(store, path, oldest_kept, dry_run)
    ]
    total = sum(blob.bytes for blob in blobs.values())
    return GarbageReport(
        dry_run=dry_run,
        kept_blobs=len(blobs) - len(removed),
        kept_bytes=total - sum(removed),
        removed_blobs=len(removed),
        removed_bytes=sum(removed),
        removed_partial_files=len(partial),
        removed_partial_bytes=sum(partial),
        missing=tuple(sorted(missing)),
    )


def uris_in(chunks: Iterable[bytes]) -> Iterator[str]:
    """Each `artifact://` URI in the bytes, wherever the chunks are cut; with repetitions."""
    tail = b""
    for chunk in chunks:
        window = tail + chunk
        end = 0
        for match in _URI.finditer(window):
            end = match.end()
            yield uri_of(match[1].decode())
        tail = window[max(end, len(window) - _LONGEST_URI_BYTES + 1) :]


def _mark(
    store: ArtifactStore,
    blobs: Mapping[str, Blob],
    keep: Iterable[str],
    oldest_kept: datetime,
) -> tuple[set[str], set[str]]:
    kept: set[str] = set()
    handed_in = [sha256_of(uri) for uri in keep]
    _reach(store, blobs, handed_in, kept)
    _reach(store, blobs, _named(store), kept)
    _reach(store, blobs, _young(store, blobs, kept, oldest_kept), kept)
    # Names bound while this was marking.
    _reach(store, blobs, _named(store), kept)
    missing = {uri_of(s) for s in handed_in if s not in blobs and not _is_there(store, s)}
    return kept, missing


def _reach(
    store: ArtifactStore, blobs: Mapping[str, Blob], roots: Iterable[str], kept: set[str]
) -> None:
    waiting = [sha256 for sha256 in roots if sha256 in blobs]
    while waiting:
        sha256 = waiting.pop()
        if sha256 not in kept:
            kept.add(sha256)
            waiting.extend(s for s in _mentioned(store, blobs[sha256]) if s in blobs)


def _mentioned(store: ArtifactStore, blob: Blob) -> Iterator[str]:
    if blob.bytes < _SHORTEST_URI_BYTES:
        return
    if store.place.head(blob_path(blob.sha256), 4).startswith(_COMPRESSED):
        return
    with store.open(blob.uri) as file:
        yield from {sha256_of(uri) for uri in uris_in(chunks_of(file))}


def _named(store: ArtifactStore) -> Iterator[str]:
    for name, reference in store.names():
        if not _is_there(store, reference.sha256):
            raise DataError(
                f"The name `{name}` is bound to {reference.uri}, which is not in the store "
                f"{store.url}. Nothing was removed. Restore that artifact from a backup, or "
                f"remove the pointer `names/{name}.ref` if it is lost for good.",
                code="artifact.name-dangles",
                details={"name": name, "uri": reference.uri, "store": store.url},
            )
        yield reference.sha256


def _young(
    store: ArtifactStore, blobs: Mapping[str, Blob], kept: set[str], oldest_kept: datetime
) -> Iterator[str]:
    for sha256 in blobs:
        if sha256 in kept:
            continue
        try:
            modified = store.place.modified(blob_path(sha256))
        except FileNotFoundError:
            continue
        if modified is None:
            raise UsageError(
                f"The driver of the store {store.url} does not tell how old a file is, so nothing "
                "can be removed safely; use the life-cycle rules of that storage instead.",
                code="artifact.no-ages",
            )
        if modified > oldest_kept:
            yield sha256


def _remove(store: ArtifactStore, path: str, oldest_kept: datetime, dry_run: bool) -> bool:
    if not dry_run:
        return store.place.remove(path, unless_after=oldest_kept)
    try:
        modified = store.place.modified(path)
    except FileNotFoundError:
        return False
    return modified is not None and modified <= oldest_kept


def _is_there(store: ArtifactStore, sha256: str) -> bool:
    return store.place.size(blob_path(sha256)) is not None
