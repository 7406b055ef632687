"""Events reach the runs that listen: kept, once each, across runs; garbage harms none."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import JsonValue
from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)

from definition_desk import (
    approve,
    asked,
    compiled,
    emit,
    listen,
    plan,
    replays,
    sign_off,
    start,
    start_worker,
)
from sample.processes import WorkerProcess
from tenuto.definitions.plan import Catch, Filter, ForkTask, ForTask, SetTask, TryTask, WaitTask
from tenuto.engine.converter import error_code
from tenuto.engine.embedded import ServerInfo
from tenuto.testing import eventually

Run = WorkflowHandle[Any, Any]


@pytest_asyncio.fixture(scope="module", loop_scope="session", autouse=True)
async def desk(
    temporal_server: ServerInfo, client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[WorkerProcess]:
    """The interpreter's worker, which no test kills."""
    log = tmp_path_factory.mktemp("events") / "worker.log"
    worker = await start_worker(client, temporal_server.address, log)
    yield worker
    await worker.kill()


def event(number: object, type_: str = "order.placed", **attributes: Any) -> dict[str, Any]:
    return {"id": str(number), "source": "/shop", "type": type_, **attributes}


def wanted(type_: str = "order.placed", **attributes: JsonValue) -> Filter:
    return Filter(with_={"type": type_, **attributes})


async def output_of(run: Run) -> Any:
    return await asyncio.wait_for(run.result(), 20)


async def pending(run: Run) -> Any:
    return await run.query("pending")


def waits(run: Run, listeners: int = 1) -> Any:
    async def check() -> None:
        assert len((await pending(run))["events"]["listening"]) == listeners

    return check


async def test_events_before_the_listen_are_kept_and_each_counts_once(client: Client) -> None:
    first = sign_off()
    run = await start(client, plan(first, listen("one", wanted()), listen("one", wanted())))
    for number in (1, 1, 2, 1):
        await run.signal("event", event(number))

    async def arrived() -> None:
        told = (await pending(run))["events"]
        assert (told["kept"], told["duplicates"]) == (2, 2)

    await eventually(arrived)
    await approve(client, run, "signOff")
    assert [each["id"] for each in await output_of(run)] == ["2"]


async def test_all_waits_for_each_and_takes_them_in_order_of_arrival(client: Client) -> None:
    run = await start(client, plan(listen("all", wanted("paid"), wanted("packed"))))
    await run.signal("event", event(1, "packed"))
    await run.signal("event", event(2, "packed"))
    await eventually(waits(run))
    assert (await pending(run))["events"]["kept"] == 2
    await run.signal("event", event(3, "paid"))
    assert [each["id"] for each in await output_of(run)] == ["1", "3"]


async def test_a_listener_that_takes_too_long_leaves_its_events(client: Client) -> None:
    both = listen("all", wanted("paid"), wanted("packed"), at="/do/0/both/try/0/wait")
    late = both.model_copy(update={"timeout": {"seconds": 1}})
    attempt = TryTask(name="both", at="/do/0/both", tasks=(late,), catch=Catch())
    run = await start(client, plan(attempt, listen("one", wanted("paid"), at="/do/1/wait")))
    await run.signal("event", event(1, "paid"))
    assert [each["id"] for each in await output_of(run)] == ["1"]


async def test_a_losing_branch_takes_nothing(client: Client, tmp_path: Path) -> None:
    at = "/do/0/race/fork/branches"
    race = ForkTask(
        name="race",
        at="/do/0/race",
        compete=True,
        branches=(
            listen("one", wanted("order.placed"), name="a", at=f"{at}/0/a"),
            listen("one", wanted("order.placed"), name="b", at=f"{at}/1/b"),
            listen("one", wanted("order.cancelled"), name="c", at=f"{at}/2/c"),
        ),
    )
    run = await start(
        client, plan(sign_off(), race, listen("all", wanted(), wanted("order.cancelled")))
    )
    # All three are there before the race begins, so that every branch could take one at once.
    for number, type_ in ((1, "order.placed"), (2, "order.cancelled"), (3, "order.placed")):
        await run.signal("event", event(number, type_))
    await approve(client, run, "signOff")
    assert [each["id"] for each in await output_of(run)] == ["2", "3"]
    await replays(run, tmp_path)


async def test_what_is_no_event_is_refused_and_the_run_goes_on(client: Client) -> None:
    run = await start(client, plan(listen("one", wanted())))
    garbage: list[Any] = [None, 5, "text", [], {}, {"type": "order.placed"}, event(7, subject=3)]
    garbage += [event(8, data="x" * 300_000), event(9) | {"specversion": "0.1"}]
    for each in garbage:
        await run.signal("event", each)
    await run.signal("event")
    await run.signal("event", args=[event(10), event(11)])
    await run.signal("event", Payload(metadata={"encoding": b"json/plain"}, data=b"{not json"))
    await run.signal("no-such-signal", event(12))

    async def told() -> None:
        events = (await pending(run))["events"]
        assert events["refused"] >= len(garbage)
        assert events["kept"] == 0

    await eventually(told)
    await run.signal("event", event(1))
    assert [each["id"] for each in await output_of(run)] == ["1"]


async def test_garbage_to_updates_and_queries_is_answered_and_the_run_goes_on(
    client: Client,
) -> None:
    run = await start(client, plan(sign_off()))
    garbage: list[Any] = [None, 5, "text", [], {}, {"task": 3, "decision": [], "by": {}}]
    for each in garbage:
        with pytest.raises(WorkflowUpdateFailedError):
            await run.execute_update("decide", each)
    task = await asked(run)
    for args in ([], [{"task": "signOff", "decision": "approve", "by": "ann"}] * 2):
        with pytest.raises(WorkflowUpdateFailedError):
            await run.execute_update("decide", args=args)
    broken = Payload(metadata={"encoding": b"json/plain"}, data=b"{not json")
    with pytest.raises(WorkflowUpdateFailedError):
        await run.execute_update("decide", broken)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await run.execute_update("decide", {"task": "signOff", "decision": "approve", "by": "ann"})
    assert error_code(refused.value.cause) == "approval.is-a-task"
    assert task in str(refused.value.cause)
    await approve(client, run, "signOff")
    assert (await output_of(run))["decision"] == "approve"


async def test_one_run_tells_another_by_its_id_and_by_what_it_awaits(client: Client) -> None:
    type_ = f"order.{uuid.uuid4().hex}"
    named = await start(client, plan(listen("one", wanted("by.subject"))))
    awaiting = [
        await start(client, plan(listen("one", wanted(type_)), awaits=(type_,))) for _ in range(2)
    ]
    await asyncio.gather(*(eventually(waits(run)) for run in (named, *awaiting)))

    async def findable() -> None:
        assert (await client.count_workflows(f"TenutoAwaits = '{type_}'")).count == 2

    await eventually(findable)
    note = SetTask(name="note", at="/do/2/note", value={"order": 17})
    teller = await start(
        client,
        plan(
            emit(type="by.subject", subject=named.id),
            emit("tellAll", "/do/1/tellAll", type=type_, data={"from": "${ $workflow.id }"}),
            note,
        ),
    )
    assert await output_of(teller) == {"order": 17}
    assert [each["subject"] for each in await output_of(named)] == [named.id]
    for run in awaiting:
        assert [each["data"] for each in await output_of(run)] == [{"from": teller.id}]


LISTENER = """
do:
  - both:
      listen:
        to:
          all:
            - with: {type: warmth, data: "${ .degrees > 20 }"}
              correlate: {room: {from: .room}}
            - with: {type: damp}
              correlate: {room: {from: .room}}
      output:
        as: "map(.percent // .degrees)"
"""
TELLER = """
do:
  - tell:
      for: {each: reading, in: $workflow.input.readings}
      do:
        - one:
            emit:
              event:
                with:
                  type: ${ $reading.type }
                  subject: ${ $workflow.input.listener }
                  room: ${ $reading.room }
                  data: ${ $reading.data }
"""


async def test_a_document_says_what_is_listened_for_and_emitted(client: Client) -> None:
    run = await start(client, compiled(LISTENER))
    readings: list[JsonValue] = [
        {"room": "a", "type": "warmth", "data": {"degrees": 19}},
        {"room": "b", "type": "warmth", "data": {"degrees": 21}},
        {"room": "a", "type": "damp", "data": {"percent": 50}},
        {"room": "b", "type": "damp", "data": {"percent": 60}},
    ]
    teller = await start(client, compiled(TELLER), {"listener": run.id, "readings": readings})
    assert (await output_of(teller))["source"] == "/tests/written/1.0.0"
    assert await output_of(run) == [21, 60]


async def test_a_fresh_history_keeps_events_and_knows_those_that_came(client: Client) -> None:
    pause = WaitTask(name="pause", at="/do/1/each/do/0/pause", duration="PT0.01S")
    pauses = ForTask(name="each", at="/do/1/each", in_=list(range(30)), do=(pause,))
    rest = (sign_off("end", "/do/3/end"), listen("one", wanted(), at="/do/4/wait"))
    run = await start(
        client,
        plan(sign_off(), pauses, listen("one", wanted(), at="/do/2/wait"), *rest),
        most_events=50,
    )
    for number in (1, 2):
        await run.signal("event", event(number))
    await run.signal("event", "garbage")
    await approve(client, run, "signOff")

    async def at_the_end() -> None:
        assert [each["task"] for each in (await pending(run))["approvals"]] == ["end"]

    await eventually(at_the_end)
    assert (await run.describe()).run_id != run.first_execution_run_id
    await run.signal("event", event(1))

    async def known() -> None:
        told = (await pending(run))["events"]
        assert (told["kept"], told["duplicates"], told["refused"]) == (1, 1, 1)

    await eventually(known)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await run.execute_update("decide", {"task": "signOff", "decision": "approve", "by": "b"})
    assert error_code(refused.value.cause) == "approval.is-a-task"
    assert await asked(run, "end") == f"task/{run.id}/end"
    await approve(client, run, "end")
    assert [each["id"] for each in await output_of(run)] == ["2"]


async def test_an_approval_reminds_by_an_event(client: Client, tmp_path: Path) -> None:
    type_ = "tenuto.approval.reminder"
    told = await start(client, plan(listen("one", wanted(type_)), awaits=(type_,)))

    async def findable() -> None:
        assert (await client.count_workflows(f"TenutoAwaits = '{type_}'")).count == 1

    await eventually(findable)
    run = await start(client, plan(sign_off(reminders=["PT0.2S", "PT1H"])))
    (reminder,) = await output_of(told)
    assert reminder["data"]["workflow_id"] == run.id
    assert reminder["data"]["id"] == f"task/{run.id}/signOff"
    await approve(client, run, "signOff")
    assert (await output_of(run))["decision"] == "approve"
    await replays(run, tmp_path)


async def test_an_event_that_cannot_be_sent_is_a_problem_of_the_run(client: Client) -> None:
    run = await start(client, plan(emit(type="${ null }")))
    with pytest.raises(WorkflowFailureError) as failed:
        await run.result(rpc_timeout=timedelta(seconds=20))
    problem: Any = failed.value.cause
    assert problem.type.endswith("/validation")
    assert problem.details[0]["instance"] == "/do/0/tell"
