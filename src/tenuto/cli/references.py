"""References into the artifact store, as they are typed and as they are shown."""

import re
from typing import Any

from tenuto.artifacts.blobs import SCHEME, uri_of
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.references import Dataset, Reference

_SHA256 = re.compile(r"[0-9a-f]{64}")


def find_reference(store: ArtifactStore, text: str) -> Reference | str:
    """What a name, an `artifact://` URI, or a bare SHA-256 means.

    A name gives its reference; of the other two only the URI is known. Raises NotFoundError
    when it is not in the store.
    """
    if text.startswith(SCHEME) or _SHA256.fullmatch(text):
        uri = text if text.startswith(SCHEME) else uri_of(text)
        store.stat(uri)
        return uri
    return store.resolve(text)


def reference_record(reference: Reference, name: str) -> dict[str, Any]:
    """A bound name as a program reads it."""
    is_table = isinstance(reference, Dataset)
    return {
        "name": name,
        "kind": "dataset" if is_table else "document",
        "uri": reference.uri,
        "sha256": reference.sha256,
        "bytes": reference.bytes,
        "rows": reference.rows if isinstance(reference, Dataset) else None,
        "media_type": None if isinstance(reference, Dataset) else reference.media_type,
    }


def size(count: int) -> str:
    """`812 B`, `12.3 kB`, `4.0 MB`: thousands, not 1,024s."""
    if count < 1000:
        return f"{count} B"
    amount = float(count)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.95:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"
