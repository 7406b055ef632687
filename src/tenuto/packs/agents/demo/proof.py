"""The evidence of the demonstration's run: exported, packed, and checked by itself."""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tenuto.catalog.library.evidence.catalog import EXPORTER_ID, evidence_export
from tenuto.catalog.library.evidence.models import ExporterView, ExportRequest
from tenuto.evidence.bundle import bundle_files, write_bundle
from tenuto.evidence.dossier import find_dossier
from tenuto.packs.agents.demo.workplace import Workplace
from tenuto.packs.agents.models import Transcript
from tenuto.testing import eventually

_EVERY_S = 3600


async def export(place: Workplace, run_ids: set[str]) -> None:
    """Writes what closed so far into the ledger, until all these runs are there."""
    namespace = place.client.namespace
    handle = await place.client.start_workflow(
        evidence_export.type_name,
        ExportRequest(namespace=namespace, every_s=_EVERY_S),
        id=EXPORTER_ID.format(namespace=namespace),
        task_queue=evidence_export.queue,
    )

    async def is_there() -> None:
        await handle.signal("export_now")
        asked = (await handle.query("view", result_type=ExporterView)).asked

        async def is_done() -> None:
            view: ExporterView = await handle.query("view", result_type=ExporterView)
            assert view.exports >= asked  # noqa: S101 (waits for it)

        await eventually(is_done, timeout_s=30)
        found = await asyncio.to_thread(_exported, place)
        assert run_ids <= found, run_ids - found  # noqa: S101 (waits for it)

    await eventually(is_there, timeout_s=30)
    await handle.terminate("the demonstration is over")


def _exported(place: Workplace) -> set[str]:
    ledger = place.home.ledger(place.client.namespace)
    entries = [line.record.entry for line in ledger.all_lines()]
    return {str(each.data["workflow_id"]) for each in entries if each.kind == "run"}


def pack_evidence(place: Workplace, run_id: str, transcript: Transcript) -> Path:
    """The folder with the run's evidence and the program that checks it."""
    ledger = place.home.ledger(place.client.namespace)
    files = bundle_files(
        ledger,
        find_dossier(ledger, run_id),
        place.home.keys.read("ledger"),
        readable={},
        artifacts={
            each.sha256: place.stage.store.get_bytes(each)
            for each in (transcript.lines, transcript.page)
        },
    )
    number = len(list(place.stage.folder.glob("evidence-*"))) + 1
    target = place.stage.folder / f"evidence-{number}"
    write_bundle(files, target)
    return target


def check(folder: Path) -> tuple[bool, str]:
    """What the bundle's own program says, run as an auditor would: whether all is well, and how."""
    done = subprocess.run(
        [sys.executable, "-I", "verify.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode == 0, (done.stdout + done.stderr).strip()


def check_changed(folder: Path) -> tuple[bool, str]:
    """Whether the same program finds one changed byte in a copy, and what it says."""
    with tempfile.TemporaryDirectory() as other:
        copy = Path(shutil.copytree(folder, Path(other) / "evidence"))
        records = copy / "records.jsonl"
        data = bytearray(records.read_bytes())
        data[len(data) // 2] ^= 1
        records.write_bytes(data)
        is_whole, said = check(copy)
    return not is_whole, said
