"""Monitors where policy is on: under the shipped rules, with workers that demand permits."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client

from guarded_desk import refusal
from monitor_desk import ORACLE, MonitorDesk, path_of, web_and_mail
from tenuto.activities.notify.pack import pack as notify
from tenuto.app import project_catalog
from tenuto.cli.policies.bundle import copy_bundle
from tenuto.core.errors import PolicyDenied, UsageError
from tenuto.engine.admission import Admission
from tenuto.engine.project import use_settings
from tenuto.engine.registration import load_registration
from tenuto.engine.rules import start_schemas
from tenuto.engine.service import speak_through
from tenuto.engine.settings import (
    MonitorsSettings,
    PolicySettings,
    Settings,
    WorkerSettings,
    load_settings,
)
from tenuto.engine.trusting import trust_keys
from tenuto.engine.worker import build_workers
from tenuto.identity.keys import KeyFolder
from tenuto.identity.principal import Principal
from tenuto.identity.trust import trust
from tenuto.packs.monitors.addresses.asking import ask_for_code, is_proved, prove
from tenuto.packs.monitors.addresses.models import AddressRequest
from tenuto.packs.monitors.catalog import QUEUE, monitor_check
from tenuto.packs.monitors.models import CheckRequest
from tenuto.packs.monitors.operations import Monitors
from tenuto.policy.cedar import CedarPolicy, load_policy
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.gate.records import RecordsInMemory
from tenuto.triggers.gate.service import WORKER, GateForActivities

FREE = ("*@example.com",)


class GovernedDesk(MonitorDesk):
    """A desk of watchers, under the shipped rules."""

    rules_in_force: CedarPolicy

    def gate_of(self, who: str, *groups: str) -> Gate:
        """The gate as a member of `groups` passes it."""
        return Gate(Principal(id=who, groups=groups), self.rules_in_force, self.keys, self.records)

    def monitors(self, who: str = "u:wanda", rules: Any = None) -> Monitors:
        """Monitors in the name of a watcher."""
        return Monitors(self.client, self.gate_of(who, "g:monitors"), free_addresses=FREE)


@pytest_asyncio.fixture(scope="module")
async def desk(
    client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[GovernedDesk]:
    """One desk for all tests."""
    folder = tmp_path_factory.mktemp("governed")
    copy_bundle(folder / "policy")
    keys = KeyFolder(folder / "keys")
    registration = load_registration((replace(ORACLE), notify))
    known = start_schemas(project_catalog(load_settings(folder)))
    with web_and_mail() as (web, mail):
        desk = GovernedDesk(client=client, web=web, mail=mail, keys=keys, records=RecordsInMemory())
        desk.rules_in_force = load_policy(
            folder / "policy", {**known, **start_schemas(registration.catalog)}
        )
        async with AsyncExitStack() as running:
            trust_keys(keys)
            running.callback(trust, None)
            worker_gate = Gate(WORKER, desk.rules_in_force, keys, desk.records)
            speak_through(GateForActivities(worker_gate, registration.catalog))
            running.callback(speak_through, None)
            use_settings(
                Settings(
                    root=folder,
                    policy=PolicySettings(folder="policy"),
                    monitors=MonitorsSettings(recipients=FREE),
                )
            )
            running.callback(use_settings, None)
            for worker in build_workers(
                client,
                registration,
                WorkerSettings(),
                is_embedded=True,
                admission=Admission(is_demanded=True),
            ):
                await running.enter_async_context(worker)
            yield desk


async def test_a_watchers_monitor_checks_tells_and_completes_with_permits_demanded(
    desk: GovernedDesk,
) -> None:
    monitor = await desk.create()
    desk.web.says(path_of(monitor), "out", met=True)
    record = await desk.check(monitor)
    assert record.status == "success", record.error
    assert desk.subjects(monitor) == ["Monitor started", "Condition met"]
    assert (await desk.monitors().find(monitor.id)).state == "completed"


async def test_a_changed_monitor_goes_on_under_a_permit_of_its_own(desk: GovernedDesk) -> None:
    monitor = await desk.create()
    desk.web.says(path_of(monitor), "10", met=False)
    await desk.monitors().update(monitor.id, {"schedule": "12 hours"})
    assert (await desk.check(monitor)).status == "success"


async def test_a_check_that_nobody_permitted_looks_at_nothing(desk: GovernedDesk) -> None:
    monitor = await desk.create()
    run = await desk.client.start_workflow(
        monitor_check.type_name,
        CheckRequest(monitor=monitor),
        id=f"task-{monitor.id}-forged",
        task_queue=QUEUE,
    )
    assert str(await refusal(run)).startswith("permit.")
    assert path_of(monitor) not in desk.web.asked


async def test_who_is_no_watcher_makes_no_monitor(desk: GovernedDesk) -> None:
    theirs = Monitors(desk.client, desk.gate_of("u:sam", "g:others"))
    with pytest.raises(PolicyDenied):
        await theirs.create(desk.draft())


async def test_tor_14_an_address_is_written_to_once_its_code_was_given(
    desk: GovernedDesk,
) -> None:
    address = "wanda@elsewhere.example"
    with pytest.raises(UsageError) as refused:
        await desk.create(email=address)
    assert refused.value.code == "monitors.unproved-address"
    gate = desk.gate_of("u:wanda", "g:monitors")
    await ask_for_code(desk.client, gate, address)
    code = _code(desk, address)
    with pytest.raises(UsageError) as wrong:
        await prove(desk.client, gate, address, f"{(int(code) + 1) % 10**6:06}")
    assert wrong.value.code == "monitors.code-wrong"
    assert not await is_proved(desk.client, "u:wanda", address)
    assert (await prove(desk.client, gate, address, code)).is_verified
    assert not await is_proved(desk.client, "u:will", address)
    monitor = await desk.create(email=address)
    desk.web.says(path_of(monitor), "out", met=True)
    await desk.check(monitor)
    assert desk.subjects(monitor)[1:] == ["Monitor started", "Condition met"]
    named = AddressRequest(owner="u:wanda", address=address).workflow_id
    told = (await desk.client.get_workflow_handle(named).fetch_history()).to_json()
    assert code not in told


async def test_tor_14_the_worker_too_writes_to_no_address_that_nobody_proved(
    desk: GovernedDesk,
) -> None:
    past = Monitors(desk.client, desk.gate_of("u:wanda", "g:monitors"))  # made by other settings
    monitor = (await past.create(desk.draft(email="victim@elsewhere.example"))).monitor
    desk.web.says(path_of(monitor), "out", met=True)
    record = await desk.check(monitor)
    assert {each.receipt.outcome for each in record.notices} == {"skipped"}
    assert "tenuto monitor verify victim@elsewhere.example" in record.notices[0].receipt.detail
    assert desk.mails(monitor) == []
    assert (await desk.monitors().find(monitor.id)).state == "active"


async def test_tor_14_five_wrong_codes_void_it_and_a_fourth_code_an_hour_is_not_sent(
    desk: GovernedDesk,
) -> None:
    address = "guessed@elsewhere.example"
    gate = desk.gate_of("u:wanda", "g:monitors")
    await ask_for_code(desk.client, gate, address)
    code = _code(desk, address)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    codes = [await _refused(prove(desk.client, gate, address, wrong)) for _ in range(5)]
    assert codes == ["monitors.code-wrong"] * 5
    assert await _refused(prove(desk.client, gate, address, code)) == "monitors.code-spent"
    for _ in range(2):
        await ask_for_code(desk.client, gate, address)
    assert await _refused(ask_for_code(desk.client, gate, address)) == "monitors.too-many-codes"
    assert len([each for each in desk.mail.received if address in each.to]) == 3
    assert await _refused(prove(desk.client, gate, address, code)) == "monitors.code-wrong"


async def _refused(asked: Any) -> str:
    with pytest.raises(UsageError) as refused:
        await asked
    return refused.value.code


def _code(desk: GovernedDesk, address: str) -> str:
    (mail,) = [each for each in desk.mail.received if address in each.to]
    found = re.search(r"The code is (\d{6});", mail.message.get_content())
    assert found is not None
    return found[1]
