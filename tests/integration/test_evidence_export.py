"""Closed runs of a real server become records of a ledger that verifies."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.api.history.v1 import History
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from evidence_desk import (
    WORK,
    Note,
    Wait,
    counted,
    deleted,
    exported,
    exporter,
    home_in,
    listed,
    notes,
    own_namespace,
    workers,
)
from tenuto.artifacts.store import open_store
from tenuto.catalog.library.evidence.catalog import EXPORTER_ID
from tenuto.catalog.library.notify.audience import Recipient
from tenuto.cli.audit.bundling import packed
from tenuto.cli.audit.exporter import retention
from tenuto.core.errors import UsageError
from tenuto.engine.bootstrap import STATUS
from tenuto.engine.embedded import ServerInfo
from tenuto.evidence.bundle import write_bundle
from tenuto.evidence.dossier import find_dossier
from tenuto.evidence.home import EvidenceHome, use_evidence
from tenuto.evidence.ledger import checkpoint_path
from tenuto.evidence.retention import refuse_short_retention
from tenuto.evidence.standalone import verify as standalone
from tenuto.evidence.verify import verify
from tenuto.testing import eventually


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> EvidenceHome:
    return home_in(tmp_path_factory.mktemp("evidence"))


@pytest_asyncio.fixture(scope="module")
async def own(temporal_server: ServerInfo, home: EvidenceHome) -> AsyncIterator[Client]:
    client = await own_namespace(temporal_server.address)
    async with workers(client, home):
        await exporter(client)
        yield client


async def test_ops_23_closed_runs_are_in_the_ledger_once(own: Client, home: EvidenceHome) -> None:
    runs = await notes(own, 5)
    await listed(own, 5)
    handle = own.get_workflow_handle(EXPORTER_ID.format(namespace=own.namespace))
    home.spool.append("refusal", {"principal": "u:eve", "action": "task:decide"})
    first = await exported(handle)
    assert first.alarms == ()
    again = await exported(handle)
    assert again.last is not None
    assert (again.last.runs, again.last.spooled) == (0, 0)

    ledger = home.ledger(own.namespace)
    records = [line.record.entry for line in ledger.all_lines()]
    ids = [record.id for record in records]
    assert len(set(ids)) == len(ids)
    told = {r.data["workflow_id"]: r for r in records if r.kind == "run"}
    assert {run.id for run in runs} <= set(told)
    assert [r.data["principal"] for r in records if r.kind == "refusal"] == ["u:eve"]
    record = told[runs[0].id]
    assert (record.data["type"], record.data["status"]) == ("Note", "Completed")
    history = History.FromString(ledger.blob(record.blobs[0]))
    assert [event.event_id for event in history.events] == list(range(1, 1 + len(history.events)))
    found = verify(ledger, home.keys.read("ledger"), [ledger.checkpoint(ledger.sizes()[0])])
    assert found.is_sound, found.findings
    assert again.known.head is not None
    assert found.newest is not None
    assert again.known.head.root == found.newest.root


async def test_the_count_finds_nothing_where_nothing_is_missing(own: Client) -> None:
    await notes(own, 3)
    await own.start_workflow(Wait.run, id="waits-on", task_queue=WORK)
    handle = own.get_workflow_handle(EXPORTER_ID.format(namespace=own.namespace))
    await listed(own, 3)
    assert (await counted(handle)).alarms == ()
    assert (await counted(handle)).alarms == ()
    await own.get_workflow_handle("waits-on").signal(Wait.end)
    await own.get_workflow_handle("waits-on").result()
    assert (await counted(handle)).alarms == ()


@pytest.mark.attack
async def test_a_run_deleted_before_its_export_raises_an_alarm(
    own: Client, home: EvidenceHome
) -> None:
    handle = own.get_workflow_handle(EXPORTER_ID.format(namespace=own.namespace))
    victim = await own.start_workflow(Wait.run, id="victim", task_queue=WORK)
    await listed(own, 1, status="Running", workflow_id="victim")
    assert (await counted(handle)).alarms == ()
    await deleted(own, victim)
    found = await counted(handle)
    assert any("`victim`" in alarm for alarm in found.alarms), found
    description = await handle.describe()
    status = description.typed_search_attributes.get(STATUS)
    assert status is not None
    assert status.startswith("ALARM")
    records = [line.record.entry for line in home.ledger(own.namespace).all_lines()]
    missed = [r.data["vanished"] for r in records if r.kind == "population"]
    assert any("victim" in str(each) for each in missed)


@pytest.mark.chaos
async def test_ops_23_evidence_outlives_the_run(
    own: Client, home: EvidenceHome, tmp_path: Path
) -> None:
    (run,) = await notes(own, 1)
    await listed(own, 1, status="Completed", workflow_id=run.id)
    handle = own.get_workflow_handle(EXPORTER_ID.format(namespace=own.namespace))
    await exported(handle)
    await deleted(own, run, patience_s=90)
    ledger, ring = home.ledger(own.namespace), home.keys.read("ledger")
    dossier = find_dossier(ledger, run.id)
    files, missing = await packed(
        ledger, dossier, ring, open_store(str(tmp_path / "artifacts")), None
    )
    assert missing == []
    write_bundle(files, tmp_path / "bundle")
    assert any("note 0" in text for text in check_texts(tmp_path / "bundle"))
    assert any("1 records" in line for line in standalone.check(tmp_path / "bundle"))
    assert not any(f"`{run.id}`" in alarm for alarm in (await counted(handle)).alarms)


def check_texts(bundle: Path) -> list[str]:
    return [file.read_text() for file in (bundle / "readable").iterdir()]


@pytest.mark.attack
async def test_a_ledger_that_was_rolled_back_is_not_written_to(
    own: Client, home: EvidenceHome
) -> None:
    handle = own.get_workflow_handle(EXPORTER_ID.format(namespace=own.namespace))
    before = await exported(handle)
    ledger = home.ledger(own.namespace)
    newest = Path(ledger.place.url) / checkpoint_path(ledger.sizes()[-1])
    kept = newest.read_bytes()
    newest.unlink()
    found = await exported(handle)
    assert any("somebody removed the newest" in alarm for alarm in found.alarms)
    assert found.known == before.known
    newest.write_bytes(kept)
    healed = await exported(handle)
    assert not any("somebody removed" in alarm for alarm in healed.alarms)
    assert verify(ledger, home.keys.read("ledger")).is_sound


async def test_a_short_retention_is_refused_and_alarmed(own: Client, home: EvidenceHome) -> None:
    handle = own.get_workflow_handle(EXPORTER_ID.format(namespace=own.namespace))
    await handle.signal("set_interval", 9 * 3600)
    assert any("loses evidence" in alarm for alarm in (await exported(handle)).alarms)
    with pytest.raises(UsageError) as refused:
        refuse_short_retention(await retention(own), timedelta(hours=9))
    assert refused.value.code == "evidence.retention-too-short"


async def test_people_are_told_of_an_alarm_once_and_when_it_is_over(
    own: Client, home: EvidenceHome, tmp_path: Path
) -> None:
    handle = own.get_workflow_handle(EXPORTER_ID.format(namespace=own.namespace))
    home.spool.append("change", {"what": "gap_explained", "workflow_id": "victim"})
    outbox = tmp_path / "outbox"
    duty = Recipient(name="Duty", channel="file", target=str(outbox))
    await handle.signal("set_interval", 3600)
    assert (await counted(handle)).alarms == ()
    await handle.signal("set_alarm_to", [duty])
    await handle.signal("set_interval", 9 * 3600)
    for _ in range(3):
        assert (await exported(handle)).alarms

    def told(count: int) -> str:
        files = sorted(outbox.rglob("message.txt"), key=lambda file: file.stat().st_mtime)
        assert len(files) == count
        return files[-1].read_text()

    assert "loses evidence" in await eventually(lambda: told(1))
    await handle.signal("set_interval", 3600)
    await exported(handle)
    assert "nothing is missing" in await eventually(lambda: told(2))
    await exported(handle)
    assert told(2)
    await handle.signal("set_alarm_to", [])


async def test_ops_23_an_exporter_that_was_down_catches_up_within_the_retention(
    temporal_server: ServerInfo, own: Client, home: EvidenceHome
) -> None:
    """Three exports fit into every retention that is accepted, so a day without one loses none."""
    client = await own_namespace(temporal_server.address)
    refuse_short_retention(await retention(client), timedelta(hours=8))
    with pytest.raises(UsageError):
        refuse_short_retention(await retention(client), timedelta(hours=8, seconds=1))
    handle = await exporter(client)
    runner = UnsandboxedWorkflowRunner()
    async with Worker(client, task_queue=WORK, workflows=[Note], workflow_runner=runner):
        while_down = await notes(client, 8)
    await listed(client, 8)
    assert home.ledger(client.namespace).sizes() == [], "nobody exports"
    async with workers(client, home):
        assert (await exported(handle)).alarms == ()
        assert (await counted(handle)).alarms == ()
    use_evidence(home)
    lines = [line.record.entry for line in home.ledger(client.namespace).all_lines()]
    kept = {line.data["workflow_id"] for line in lines if line.kind == "run"}
    assert {run.id for run in while_down} <= kept
