"""How fast runs are exported, a ledger verified, and a tree grown. Run: python bench_evidence.py.

Floors: 100 closed runs exported per second, 500 records verified per second with their histories.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from temporalio.testing import ActivityEnvironment

from evidence_desk import home_in, listed, notes, own_namespace, workers
from tenuto.activities.evidence.export import export
from tenuto.catalog.library.evidence.models import ExportStep, Progress
from tenuto.engine.embedded.recipe import Profile
from tenuto.engine.embedded.server import EmbeddedServer
from tenuto.evidence.home import use_evidence
from tenuto.evidence.merkle import Frontier, inclusion_proof, leaf_hash
from tenuto.evidence.verify import verify

RUNS = 1_000
LEAVES = 100_000


async def _export(folder: Path) -> None:
    server = EmbeddedServer(folder / "server", profile=Profile.TESTING)
    info = await server.start()
    try:
        home = home_in(folder)
        client = await own_namespace(info.address)
        async with workers(client, home):
            for _ in range(RUNS // 100):
                await notes(client, 100)
        await listed(client, RUNS)
        use_evidence(home)
        began = time.perf_counter()
        report = await ActivityEnvironment(client=client).run(
            export, ExportStep(every_s=300, known=Progress())
        )
        took = time.perf_counter() - began
        print(f"export: {report.runs} runs in {took:.2f} s, {report.runs / took:.0f}/s")
        began = time.perf_counter()
        found = verify(home.ledger(client.namespace), home.keys.read("ledger"))
        took = time.perf_counter() - began
        assert found.is_sound
        print(f"verify: {found.records} records in {took:.2f} s, {found.records / took:.0f}/s")
    finally:
        await server.stop()


def _grow() -> None:
    leaves = [leaf_hash(number.to_bytes(8, "big")) for number in range(LEAVES)]
    began = time.perf_counter()
    tree = Frontier()
    for leaf in leaves:
        tree.push(leaf)
    took = time.perf_counter() - began
    print(f"merkle: {LEAVES} leaves in {took:.3f} s, {LEAVES / took:,.0f}/s")
    began = time.perf_counter()
    proof = inclusion_proof(leaves, LEAVES // 3)
    took = time.perf_counter() - began
    print(f"proof: {len(proof)} hashes in {took:.3f} s")


def main() -> None:
    """Prints four lines."""
    _grow()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_export(Path(folder)))


if __name__ == "__main__":
    main()
