"""An exporter that is killed in the middle leaves a ledger that verifies and goes on."""

from collections import Counter
from pathlib import Path

from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from evidence_desk import WORK, Note, exported, exporter, home_in, listed, notes, own_namespace
from sample.processes import WorkerProcess
from tenuto.engine.embedded import ServerInfo
from tenuto.evidence.verify import verify
from tenuto.testing import eventually

RUNS = 40


async def test_a_killed_exporter_records_every_run_once(
    temporal_server: ServerInfo, tmp_path: Path
) -> None:
    client = await own_namespace(temporal_server.address)
    runner = UnsandboxedWorkflowRunner()
    async with Worker(client, task_queue=WORK, workflows=[Note], workflow_runner=runner):
        await notes(client, RUNS)
    await listed(client, RUNS)
    options = ("--namespace", client.namespace, "--folder", str(tmp_path))
    home = home_in(tmp_path)
    for number in range(5):
        home.spool.append("decision", {"number": number})

    async def started() -> WorkerProcess:
        return await WorkerProcess.start(
            temporal_server.address,
            tmp_path / "worker.log",
            module="evidence_worker_process",
            options=options,
        )

    def has_begun() -> None:
        assert len(list((tmp_path / "ledger").glob("*/blobs/*/*"))) > RUNS // 4

    worker = await started()
    handle = await exporter(client)
    await eventually(has_begun)
    await worker.kill()
    left = verify(home.ledger(client.namespace), home.keys.read("ledger"))
    assert left.is_sound, left.findings

    worker = await started()
    view = await exported(handle)
    assert view.alarms == ()
    await worker.kill()
    ledger = home.ledger(client.namespace)
    found = verify(ledger, home.keys.read("ledger"))
    assert found.is_sound, found.findings
    kinds = Counter(line.record.entry.kind for line in ledger.all_lines())
    ids = [line.record.entry.id for line in ledger.all_lines()]
    assert len(set(ids)) == len(ids)
    assert (kinds["run"], kinds["decision"]) == (RUNS, 5)
