"""A bundle: what somebody needs who has to be convinced, with a program that convinces."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tenuto.core.errors import UsageError
from tenuto.evidence.dossier import Dossier
from tenuto.evidence.ledger import Ledger
from tenuto.evidence.standalone import verify
from tenuto.identity.keys import KeyRing

_README = """\
Evidence of run {run}

    python3 -I verify.py

checks everything here. It needs Python 3.10 or later and nothing else. `keys.json` has the public
keys; compare them with a copy that came to you another way.

records.jsonl   what the ledger says: who asked, who decided, under which policy, what ran
proofs.json     that each of these records is in the ledger (RFC 6962)
checkpoint      the whole ledger at that time, signed (C2SP signed-note, Ed25519)
blobs/          histories as the server had them (protobuf, temporal.api.history.v1.History), and
                the texts of policies (JSON)
readable/       derived, for reading: page.txt tells the run, policy-.../ has the rules of that
                time, the other files are the histories as JSON
artifacts/      files that the histories refer to
"""


def bundle_files(
    ledger: Ledger,
    dossier: Dossier,
    ring: KeyRing,
    readable: Mapping[str, bytes],
    artifacts: Mapping[str, bytes],
) -> dict[str, bytes]:
    """Path -> bytes of every file of the bundle.

    `readable` is JSON by the name it gets, `artifacts` content by its SHA-256. Raises NotFoundError
    and CorruptError for content that the ledger has lost.
    """
    files = {
        "README.txt": _README.format(run=dossier.run).encode(),
        "verify.py": Path(verify.__file__).read_bytes(),
        "checkpoint": dossier.checkpoint.note.encode(),
        "keys.json": _json([{"kid": k.kid, "public": k.public} for k in ring.keys]),
        "records.jsonl": b"".join(line.data + b"\n" for line in dossier.lines),
        "proofs.json": _json(
            [[step.hex() for step in dossier.proof(line)] for line in dossier.lines]
        ),
    }
    for line in dossier.lines:
        for blob in line.record.entry.blobs:
            files[f"blobs/{blob.sha256}"] = ledger.blob(blob)
    files |= {f"readable/{name}": data for name, data in readable.items()}
    files |= {f"artifacts/{sha256}": data for sha256, data in artifacts.items()}
    files["SHA256SUMS"] = "".join(
        f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)
    ).encode()
    return files


def write_bundle(files: Mapping[str, bytes], target: Path) -> None:
    """Writes a new folder, or a new zip file where the target ends in `.zip`.

    Raises UsageError `evidence.bundle-exists` where something is there.
    """
    if target.exists():
        raise UsageError(
            f"{target} exists, and a bundle is only written to a new place. Choose another, or"
            " remove it.",
            code="evidence.bundle-exists",
        )
    if target.suffix == ".zip":
        _write_zip(files, target)
        return
    for name, data in files.items():
        file = target / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def _write_zip(files: Mapping[str, bytes], target: Path) -> None:
    with ZipFile(target, "x", ZIP_DEFLATED) as zipped:
        for name, data in files.items():
            zipped.writestr(ZipInfo(name), data)


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1).encode() + b"\n"
