"""One run's bundle, put together from the ledger and the artifact store."""

import json
import re
from io import StringIO

from rich.console import Console
from temporalio.converter import PayloadCodec

from tenuto.artifacts.garbage import uris_in
from tenuto.artifacts.store import ArtifactStore
from tenuto.cli.audit.page import draw
from tenuto.cli.audit.readable import history_of, readable
from tenuto.cli.audit.run_evidence import run_evidence
from tenuto.core.errors import NotFoundError
from tenuto.evidence.bundle import bundle_files
from tenuto.evidence.dossier import Dossier
from tenuto.evidence.ledger import Ledger
from tenuto.identity.keys import KeyRing

_WIDTH = 160


async def packed(
    ledger: Ledger,
    dossier: Dossier,
    ring: KeyRing,
    store: ArtifactStore,
    codec: PayloadCodec | None,
) -> tuple[dict[str, bytes], list[str]]:
    """The bundle's files, and the artifacts that are referred to and no longer there."""
    texts = await _told(ledger, dossier, codec)
    found: set[str] = set()
    for run in dossier.of("run"):
        told = await readable(history_of(ledger, run), codec)
        text = json.dumps(told, indent=1, ensure_ascii=False).encode()
        texts[f"{run.data['history']}.json"] = text
        found |= set(uris_in([text]))
    artifacts, missing = _contents(store, found)
    return bundle_files(ledger, dossier, ring, texts, artifacts), missing


async def _told(ledger: Ledger, dossier: Dossier, codec: PayloadCodec | None) -> dict[str, bytes]:
    """What `tenuto audit show` prints, and the rules as files."""
    told = await run_evidence(ledger, dossier, codec)
    page = Console(file=StringIO(), width=_WIDTH, markup=False, highlight=False, emoji=False)
    with page.capture() as drawn:
        draw(page, told)
    lines = (line.rstrip() for line in drawn.get().splitlines())
    texts = {"page.txt": "\n".join(lines).encode() + b"\n"}
    for policy in told["policies"]:
        for file, text in policy["texts"].items():
            texts[f"policy-{policy['digest'][:16]}/{_plain(file)}"] = text.encode()
    return texts


def _plain(name: str) -> str:
    """A file name that leads nowhere else."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).lstrip(".") or "rules"


def _contents(store: ArtifactStore, uris: set[str]) -> tuple[dict[str, bytes], list[str]]:
    contents, missing = {}, []
    for uri in sorted(uris):
        try:
            contents[uri.removeprefix("artifact://")] = store.get_bytes(uri)
        except NotFoundError:
            missing.append(uri)
    return contents, missing
