"""Deployed definitions are started and told by webhooks, events, and files, as rules allow."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowHandle

from event_intake import PACK
from receiver_desk import SECRET, Desk, opened, targets_in
from tenuto.activities.definitions.pack import pack as definitions
from tenuto.artifacts.store import open_store
from tenuto.core.pack import Pack
from tenuto.core.yaml12 import read_yaml
from tenuto.definitions.compiling.compile import compile_plan
from tenuto.definitions.library import DefinitionLibrary
from tenuto.engine.admission import Admission
from tenuto.engine.project import use_settings
from tenuto.engine.registration import load_catalog, load_registration
from tenuto.engine.rules import start_schemas
from tenuto.engine.settings import Settings, WorkerSettings
from tenuto.engine.trusting import trust_keys
from tenuto.engine.worker import build_workers
from tenuto.identity.keys import KeyFolder
from tenuto.identity.principal import Principal
from tenuto.identity.trust import trust
from tenuto.policy.cedar import CedarPolicy, load_policy
from tenuto.policy.current import use_policy
from tenuto.testing import eventually
from tenuto.triggers.events.current import use_targets
from tenuto.triggers.events.files.pack import pack as files
from tenuto.triggers.events.files.watching import owner_of_watches, wanted_watches
from tenuto.triggers.events.model import FileWatch
from tenuto.triggers.gate.opening import open_gate
from tenuto.triggers.schedules.apply_plan import apply_plan
from tenuto.triggers.schedules.plan import make_plan

PACKS: tuple[Pack, ...] = (definitions, files, PACK)
NOTE = """
document: {dsl: '1.0.3', namespace: shop, name: note, version: '1.0.0'}
input:
  schema:
    document: {type: object, required: [order], properties: {order: {type: string}}}
do:
  - note: {set: {order: '${ .order }'}}
"""
WAIT = """
document: {dsl: '1.0.3', namespace: shop, name: wait, version: '1.0.0'}
do:
  - hear: {listen: {to: {one: {with: {type: shop.heard}}}}}
"""
TEXT = """
webhooks:
  notes:
    run: shop/note
    secrets: [secret://env/GOVERNED_SECRET]
    input: {order: "${ .order }"}
  pinned: {run: 'shop/note:1.0.0', secrets: ['secret://env/GOVERNED_SECRET']}
  late: {run: 'shop/note:2.0.0', secrets: ['secret://env/GOVERNED_SECRET']}
  strangers: {run: shop/note, secrets: ['secret://env/GOVERNED_SECRET']}
  waits: {run: shop/wait, secrets: ['secret://env/GOVERNED_SECRET'], id: .who}
events:
  shop:
    secrets: [secret://env/GOVERNED_SECRET]
    routes:
      paid: {types: [shop.paid], start: {run: shop/note, input: {order: "${ .order }"}}}
      talk:
        types: [shop.talk]
        signal:
          run: conversation
          id: .who
          input: {number: "${ .who }"}
          payload: ${ .word }
      heard: {types: [shop.heard], deliver: true}
  mute:
    secrets: [secret://env/GOVERNED_SECRET]
    routes:
      talk:
        types: [shop.talk]
        signal: {run: conversation, id: .who, input: {number: "${ .who }"}, payload: "${ .word }"}
      heard: {types: [shop.heard], deliver: true}
"""
RULES = """
@id("notes")
permit (principal is Service, action in Action::"workflow:start", resource)
when {
    [Service::"s:webhook/notes", Service::"s:webhook/pinned", Service::"s:webhook/late",
     Service::"s:event/shop", Service::"s:file/parcels"].contains(principal)
    && resource.tags.contains("shop/note")
};

@id("waits")
permit (principal == Service::"s:webhook/waits", action in Action::"workflow:start", resource)
when { resource.tags.contains("shop/wait") };

@id("talks")
permit (principal is Service, action == Action::"workflow:start/conversation", resource)
when { [Service::"s:event/shop", Service::"s:event/mute"].contains(principal) };

@id("tells")
permit (principal == Service::"s:event/shop", action == Action::"run:signal", resource);

@id("ann")
permit (principal == User::"u:ann", action == Action::"schedule:apply", resource);
"""


def rules_in(folder: Path) -> CedarPolicy:
    """The rules above, over the catalog of what is started here."""
    (folder / "rules.cedar").write_text(RULES)
    return load_policy(folder, start_schemas(load_catalog(PACKS)))


def deploy(folder: Path, *texts: str) -> None:
    """Keeps these definitions where the receiver and the worker look for them."""
    library = DefinitionLibrary(open_store(str(folder / "artifacts")))
    for text in texts:
        document = read_yaml(text, "the test")
        library.deploy(text, document, compile_plan(document, load_catalog(PACKS)))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(client: Client, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A receiver under the rules, and a worker that refuses what carries no permit or ticket."""
    folder = tmp_path_factory.mktemp("governed")
    settings = Settings(root=folder)
    (folder / "rules").mkdir()
    rules = rules_in(folder / "rules")
    deploy(folder, NOTE, WAIT)
    async with AsyncExitStack() as open_:
        patch = open_.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("GOVERNED_SECRET", SECRET)
        patch.setenv("TENUTO_FILES_ROOTS", str(folder))
        trust_keys(KeyFolder(settings.keys_path))
        open_.callback(trust, None)
        use_settings(settings)
        open_.callback(use_settings, None)
        use_policy(rules)
        open_.callback(use_policy, None)
        use_targets(lambda: targets_in(folder))
        open_.callback(use_targets, None)
        for worker in build_workers(
            client,
            load_registration(PACKS),
            WorkerSettings(),
            is_embedded=True,
            admission=Admission(is_demanded=True),
        ):
            await open_.enter_async_context(worker)
        yield await open_.enter_async_context(opened(client, folder, TEXT, rules=rules))


def event(named: str, type_: str, **data: Any) -> dict[str, Any]:
    return {"specversion": "1.0", "id": named, "source": "/shop", "type": type_, "data": data}


async def send(desk: Desk, path: str, value: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Status and answer of an event."""
    kind = {"content-type": "application/cloudevents+json"} if path.startswith("/events") else {}
    answer = await desk.post(path, value, value.get("id"), **kind)
    said: dict[str, Any] = answer.json()
    return answer.status_code, said


async def output(desk: Desk, said: dict[str, Any]) -> Any:
    run: WorkflowHandle[Any, Any] = desk.client.get_workflow_handle(said["workflow_id"])
    return await asyncio.wait_for(run.result(), 20)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/webhooks/notes", {"id": "n-1", "order": "7"}),
        ("/webhooks/pinned", {"id": "n-2", "order": "7"}),
        ("/events/shop", event("n-3", "shop.paid", order="7")),
    ],
)
async def test_a_definition_is_started_once(desk: Desk, path: str, value: dict[str, Any]) -> None:
    status, said = await send(desk, path, value)
    assert (status, said.get("status")) == (201, "started"), said
    assert await output(desk, said) == {"order": "7"}
    again, same = await send(desk, path, value)
    assert (again, same["run_id"]) == (200, said["run_id"])


async def test_what_a_definition_refuses_and_what_no_rule_permits_starts_nothing(
    desk: Desk,
) -> None:
    status, said = await send(desk, "/webhooks/pinned", {"id": "r-1", "other": 1})
    assert (status, said["error"]["code"]) == (422, "input.invalid")
    assert "order" in said["error"]["message"]
    denied, told = await send(desk, "/webhooks/strangers", {"id": "r-2", "order": "7"})
    assert (denied, told["error"]["code"]) == (403, "policy.denied")
    assert await desk.runs("webhook/strangers/") == 0


async def test_a_delivery_waits_for_a_definition_that_is_not_deployed_yet(desk: Desk) -> None:
    value = {"id": "l-1", "order": "7"}
    assert (await send(desk, "/webhooks/late", value))[0] == 503
    deploy(desk.settings.root, NOTE.replace("1.0.0", "2.0.0"))
    assert (await send(desk, "/webhooks/late", value))[0] == 201


async def test_a_run_that_listens_is_told_by_whom_a_rule_permits(desk: Desk) -> None:
    _, waits = await send(desk, "/webhooks/waits", {"id": "w-1", "who": "ann"})
    assert waits["workflow_id"] == "webhook/waits/ann"

    async def is_refused() -> None:
        status, said = await send(desk, "/events/mute", event("h-0", "shop.heard", word="no"))
        assert (status, said.get("error", {}).get("code")) == (403, "policy.denied"), said

    await eventually(is_refused)  # before the run listens, there is nobody to tell
    status, said = await send(desk, "/events/shop", event("h-1", "shop.heard", word="yes"))
    assert (status, said["delivered_to"]) == (200, ["webhook/waits/ann"])
    assert await output(desk, waits) == [{"word": "yes"}]


async def test_one_run_is_started_and_told_by_whom_a_rule_permits(desk: Desk) -> None:
    for number, word in enumerate(("hello", "hello", "bye")):
        named = event(f"t-{max(number, 1)}", "shop.talk", who="ben", word=word)
        status, said = await send(desk, "/events/shop", named)
        assert (status, said["status"]) == (200, "signalled")
    assert (await output(desk, said))["heard"] == ["hello", "bye"]
    started = event("t-9", "shop.talk", who="cat", word="hello")
    denied, told = await send(desk, "/events/mute", started)
    assert (denied, told["error"]["code"]) == (403, "policy.denied")


async def test_a_file_starts_a_definition(desk: Desk) -> None:
    folder = desk.settings.root
    (folder / "parcel.json").write_text("{}")
    watch = FileWatch.model_validate(
        {
            "url": f"{folder}/*.json",
            "every": "1 second",
            "stable_for": "1 second",
            "run": "shop/note",
            "input": {"order": "${ .name }"},
        }
    )
    rules = rules_in(folder / "rules")
    gate = open_gate(desk.settings, Principal(id="u:ann"), rules)
    checked = wanted_watches({"parcels": watch}, "triggers.yaml")
    owner = owner_of_watches("governed")
    wanted = (desk.client, checked)
    now = datetime.now(UTC)
    changes = await make_plan(*wanted, owner=owner, stamp=gate.stamp(), sets=(), now=now)
    (done,) = await apply_plan(desk.client, gate, checked, changes, owner=owner, prune=True)
    assert not done.is_failed, done
    try:

        async def noted() -> None:
            query = "WorkflowId STARTS_WITH 'file/parcels/'"
            runs = [each async for each in desk.client.list_workflows(query)]
            assert len(runs) == 1
            assert await output(desk, {"workflow_id": runs[0].id}) == {"order": "parcel.json"}

        await eventually(noted, timeout_s=20)
    finally:
        await desk.client.get_schedule_handle("files/parcels").delete()
