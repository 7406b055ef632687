"""CloudEvents over HTTP: start a run, tell one run of many events, reach the runs that listen."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cloudevents.core.bindings.http import to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from temporalio.client import Client

from definition_desk import listen, plan, start, start_worker
from event_intake import PACK
from receiver_desk import SECRET, Desk, opened, signed
from tenuto.definitions.plan import Filter
from tenuto.engine.embedded import ServerInfo
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.testing import eventually

TEXT = """
events:
  shop:
    path: /events
    secrets: [secret://env/EVENT_SECRET]
    routes:
      orders:
        types: [shop.order.*]
        start: {run: intake, input: {number: "${ .number }", note: "${ $event.source }"}}
      talk:
        types: [shop.talk]
        signal:
          run: conversation
          id: .who
          input: {number: "${ .who }"}
          payload: ${ .word }
      listeners:
        types: [shop.listened]
        deliver: true
  near:
    scheme: none
    routes:
      all: {start: {run: intake, input: {number: "${ .number }"}}}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(client: Client, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A receiver, and a worker for what it starts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVENT_SECRET", SECRET)
        (worker,) = build_workers(
            client, load_registration([PACK]), WorkerSettings(), is_embedded=True
        )
        async with worker, opened(client, tmp_path_factory.mktemp("events"), TEXT) as receiving:
            yield receiving


def event(named: str, type_: str = "shop.order.paid", **data: Any) -> dict[str, Any]:
    return {"specversion": "1.0", "id": named, "source": "/shop", "type": type_, "data": data}


async def structured(desk: Desk, value: Any, *, batch: bool = False) -> Any:
    kind = "application/cloudevents-batch+json" if batch else "application/cloudevents+json"
    return await desk.post("/events", value, **{"content-type": kind})


async def test_ova_16_the_same_event_in_any_mode_is_one_run(desk: Desk) -> None:
    made = CloudEvent({"id": "one", "source": "/shop", "type": "shop.order.paid"}, {"number": "1"})
    whole, parts = to_structured(made, JSONFormat()), to_binary(made, JSONFormat())
    answers = [
        await desk.send("/events", whole.body, {**signed(whole.body), **whole.headers}),
        await desk.send(
            "/events",
            parts.body,
            {**signed(parts.body, "one"), **parts.headers, "content-type": "application/json"},
        ),
        await structured(desk, [json.loads(whole.body)], batch=True),
    ]
    assert [each.status_code for each in answers] == [201, 200, 200], [a.text for a in answers]
    assert len({each.json()["workflow_id"] for each in answers}) == 1


async def test_a_batch_is_checked_as_a_whole_before_anything_starts(desk: Desk) -> None:
    good, bad = event("b1", number="b1"), event("b2", wrong="b2")
    refused = await structured(desk, [good, bad], batch=True)
    assert refused.status_code == 422
    taken = await structured(desk, [good, event("b3", "shop.other")], batch=True)
    assert [each["status"] for each in taken.json()["outcomes"]] == ["started", "filtered"]


async def test_one_run_hears_each_of_its_events_once(desk: Desk) -> None:
    words = ["hello", "again", "again", "bye"]
    for number, word in [(0, 0), (1, 1), (1, 1), (2, 3)]:
        said = event(f"talk-{number}", "shop.talk", who="ann", word=words[word])
        answer = await structured(desk, said)
        assert answer.status_code == 200, answer.text
        assert answer.json()["workflow_id"] == "event/shop/talk/ann"
    ended = await desk.client.get_workflow_handle("event/shop/talk/ann").result()
    assert ended["heard"] == ["hello", "again", "bye"]
    late = await structured(desk, event("talk-9", "shop.talk", who="ann", word="late"))
    assert late.status_code == 409


async def test_runs_that_listen_are_told(
    desk: Desk, temporal_server: ServerInfo, client: Client, tmp_path: Path
) -> None:
    worker = await start_worker(client, temporal_server.address, tmp_path / "worker.log")
    wanted = plan(listen("one", Filter(with_={"type": "shop.listened"})), awaits=("shop.listened",))
    run = await start(client, wanted)

    async def told() -> None:
        answer = await structured(desk, event("heard", "shop.listened", number="7"))
        assert answer.json()["delivered_to"] == [run.id]

    await eventually(told)
    (heard,) = await asyncio.wait_for(run.result(), 20)
    assert heard["data"] == {"number": "7"}
    nobody = await structured(desk, event("unheard", "shop.listened"))
    assert nobody.json()["status"] == "delivered"
    await worker.kill()


async def test_what_is_no_event_is_refused(desk: Desk) -> None:
    odd: list[Any] = [{"id": "1"}, [], 7]
    for value in (*odd, {**event("x"), "specversion": "0.3"}, {**event("x"), "Bad": 1}):
        answer = await structured(desk, value)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "triggers.bad-event")


@pytest.mark.attack
async def test_a_recorded_binary_event_cannot_be_sent_under_another_id(desk: Desk) -> None:
    body = b'{"number": "replayed"}'
    headers = {
        **signed(body, "mine"),
        "ce-id": "mine",
        "ce-source": "/shop",
        "ce-type": "shop.order.paid",
        "ce-specversion": "1.0",
    }
    assert (await desk.send("/events", body, headers)).status_code == 201
    assert (await desk.send("/events", body, {**headers, "ce-id": "yours"})).status_code == 401
