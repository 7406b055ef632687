"""With policy on and the rules that `tenuto policy init` copies, the platform's own work goes on:
guards, desks and events are started and told by activities, and each of it carries a signature."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.client import Client

from evidence_desk import own_namespace
from notify_workflows import TellRequest
from rec_room import RecRoom, rules_for
from rec_runs import open_cases
from tenuto.activities.notify.pack import pack as notices
from tenuto.activities.tasks.pack import pack as tasks
from tenuto.app import project_catalog
from tenuto.artifacts.current import use_store
from tenuto.artifacts.external import external_storage
from tenuto.artifacts.store import open_store
from tenuto.catalog.library.evidence.catalog import EXPORTER_ID, evidence_export
from tenuto.catalog.library.evidence.models import ExportRequest, Progress
from tenuto.catalog.library.notify.audience import Recipient
from tenuto.catalog.registry import Catalog
from tenuto.cli.audit.exporter import ensure_exporter
from tenuto.cli.policies.bundle import copy_bundle
from tenuto.engine.admission import Admission
from tenuto.engine.connection import Target, connect
from tenuto.engine.embedded import ServerInfo
from tenuto.engine.headers import header_text
from tenuto.engine.registration import load_registration
from tenuto.engine.rules import start_schemas
from tenuto.engine.service import speak_through
from tenuto.engine.settings import PolicySettings, Settings, WorkerSettings, load_settings
from tenuto.engine.trusting import trust_keys
from tenuto.engine.worker import build_workers
from tenuto.identity.keys import KeyFolder
from tenuto.identity.principal import Principal
from tenuto.identity.signing import unverified
from tenuto.identity.ticket import HEADER_PERMIT, HEADER_TICKET, Permit, Ticket
from tenuto.identity.trust import trust
from tenuto.packs.finance.reconciliation.catalog import reconciliation
from tenuto.packs.finance.reconciliation.pack import pack as recs
from tenuto.policy.cedar import CedarPolicy, load_policy
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.gate.records import RecordsInMemory
from tenuto.triggers.gate.service import WORKER, GateForActivities

OURS = "account,isin,type,quantity\nA1,US0378331005,equity,5\n"
THEIRS = "account,isin,type,quantity\nA1,US0378331005,equity,500\n"


class Platform:
    """Workers that demand permits and tickets, under the shipped rules."""

    def __init__(self, client: Client, room: RecRoom, folder: Path) -> None:
        copy_bundle(folder / "policy")
        self.client = client
        self.room = room
        self.records = RecordsInMemory()
        self._keys = KeyFolder(folder / "keys")
        self.registration = load_registration(
            [notices, tasks, recs], ["notify_workflows"], f"own-{uuid4().hex}"
        )
        known = start_schemas(project_catalog(load_settings(folder)))
        self._rules: CedarPolicy = load_policy(
            folder / "policy", {**known, **start_schemas(self.registration.catalog)}
        )
        self.operator = self.gate(Principal(id="u:olga", groups=("g:operators",)))

    def gate(self, who: Principal) -> Gate:
        return Gate(who, self._rules, self._keys, self.records)

    @property
    def catalog(self) -> Catalog:
        return self.registration.catalog

    async def serve(self, running: AsyncExitStack) -> None:
        trust_keys(self._keys)
        running.callback(trust, None)
        speak_through(GateForActivities(self.gate(WORKER), self.catalog))
        running.callback(speak_through, None)
        use_store(self.room.store)
        running.callback(use_store, None)
        for worker in build_workers(
            self.client,
            self.registration,
            WorkerSettings(),
            is_embedded=True,
            admission=Admission(is_demanded=True),
        ):
            await running.enter_async_context(worker)

    async def signers(self, workflow_id: str) -> tuple[str, list[str]]:
        """Who started a run, and who told it something, by what is signed in its history."""
        starter, tellers = "", []
        handle = self.client.get_workflow_handle(workflow_id)
        async for event in handle.fetch_history_events():
            started: Any = event.workflow_execution_started_event_attributes
            permit = header_text(started.header.fields, HEADER_PERMIT)
            starter = unverified(permit, Permit).sub if permit else starter
            told = event.workflow_execution_update_accepted_event_attributes.accepted_request.input
            ticket = header_text(told.header.fields, HEADER_TICKET)
            tellers += [unverified(ticket, Ticket).sub] if ticket else []
        return starter, tellers


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def platform(
    temporal_server: ServerInfo, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Platform]:
    folder = tmp_path_factory.mktemp("platform")
    room = RecRoom(open_store(str(folder / "artifacts")))
    client = await connect(
        Target(address=temporal_server.address, origin="embedded"),
        external_storage=external_storage(room.store),
    )
    platform = Platform(client, room, folder)
    async with AsyncExitStack() as running:
        await platform.serve(running)
        yield platform


async def test_a_storm_guard_is_started_and_asked_by_an_activity(
    platform: Platform, tmp_path: Path
) -> None:
    audience = f"room/{uuid4().hex}"
    request = TellRequest(
        recipients=(Recipient(name="room", channel="file", target=str(tmp_path)),),
        audience=audience,
    )
    entry = next(
        each for each in platform.catalog.workflows.values() if each.type_name == "TellEverybody"
    )
    for outcome in ("delivered", "suppressed"):
        run = await platform.operator.start(
            platform.client, entry, request, workflow_id=f"tell/{uuid4().hex}"
        )
        told = await asyncio.wait_for(run.result(), 30)
        assert told.receipts[0].outcome == outcome
    assert await platform.signers(f"storm-guard/{audience}") == ("s:worker", ["s:worker"] * 2)


async def test_a_break_desk_is_opened_and_told_by_an_activity(platform: Platform) -> None:
    rec_id = f"rules-{uuid4().hex[:8]}"
    request = platform.room.request(rules_for("position", rec_id=rec_id), OURS, THEIRS)
    run = await platform.operator.start(
        platform.client, reconciliation, request.model_copy(update={"version": None})
    )
    result = await asyncio.wait_for(run.result(), 60)
    assert (result.open_breaks, result.desk) == (1, f"breaks/{rec_id}")
    assert len(await open_cases(platform.client, rec_id)) == 1
    assert await platform.signers(f"breaks/{rec_id}") == ("s:worker", ["s:worker"])
    decisions: list[Any] = platform.records.of("decision")
    asked = [each for each in decisions if each["principal"] == "s:worker"]
    assert {"worker-opens-break-desks", "worker-tells-its-own"} <= {
        reason["rule"] for each in asked for reason in each["reasons"]
    }


async def test_an_exporter_from_before_policy_gives_way_to_one_with_a_permit(
    temporal_server: ServerInfo, tmp_path: Path
) -> None:
    client = await own_namespace(temporal_server.address)
    known = Progress(policy="a" * 64)
    await client.start_workflow(
        evidence_export.type_name,
        ExportRequest(namespace=client.namespace, known=known, exports=7),
        id=EXPORTER_ID.format(namespace=client.namespace),
        task_queue=evidence_export.queue,
    )
    off = Settings(root=tmp_path)
    before = await (await ensure_exporter(client, off)).describe()
    on = Settings(root=tmp_path, policy=PolicySettings(folder="policy"))
    after = await (await ensure_exporter(client, on)).describe()
    assert after.run_id != before.run_id
    again = await (await ensure_exporter(client, on)).describe()
    assert again.run_id == after.run_id
    handle = client.get_workflow_handle(after.id)
    first = await anext(aiter(handle.fetch_history_events()))
    started = first.workflow_execution_started_event_attributes
    assert HEADER_PERMIT in started.header.fields
    (carried,) = await client.data_converter.decode(started.input.payloads, [ExportRequest])
    assert (carried.known, carried.exports) == (known, 7)
