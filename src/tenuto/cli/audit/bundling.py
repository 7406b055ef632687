"""One run's bundle, put together from the ledger and the artifact store."""

import json

from temporalio.converter import PayloadCodec

from tenuto.artifacts.garbage import uris_in
from tenuto.artifacts.store import ArtifactStore
from tenuto.cli.audit.readable import history_of, readable
from tenuto.core.errors import NotFoundError
from tenuto.evidence.bundle import bundle_files
from tenuto.evidence.dossier import Dossier
from tenuto.evidence.ledger import Ledger
from tenuto.identity.keys import KeyRing


async def packed(
    ledger: Ledger,
    dossier: Dossier,
    ring: KeyRing,
    store: ArtifactStore,
    codec: PayloadCodec | None,
) -> tuple[dict[str, bytes], list[str]]:
    """The bundle's files, and the artifacts that are referred to and no longer there."""
    texts: dict[str, bytes] = {}
    found: set[str] = set()
    for run in dossier.of("run"):
        told = await readable(history_of(ledger, run), codec)
        text = json.dumps(told, indent=1, ensure_ascii=False).encode()
        texts[f"{run.data['history']}.json"] = text
        found |= set(uris_in([text]))
    artifacts, missing = _contents(store, found)
    return bundle_files(ledger, dossier, ring, texts, artifacts), missing


def _contents(store: ArtifactStore, uris: set[str]) -> tuple[dict[str, bytes], list[str]]:
    contents, missing = {}, []
    for uri in sorted(uris):
        try:
            contents[uri.removeprefix("artifact://")] = store.get_bytes(uri)
        except NotFoundError:
            missing.append(uri)
    return contents, missing
