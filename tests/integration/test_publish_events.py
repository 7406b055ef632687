"""Events on their way out: to the runs that listen, to the one that is named, to a sink."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from pydantic import JsonValue, ValidationError
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import ActivityEnvironment

from definition_calls import problem_of
from definition_desk import emit, listen, plan, start
from definition_worker_process import serving
from tenuto.activities.definitions.publish_event import publish
from tenuto.catalog.library.definitions.events import Published, PublishRequest
from tenuto.core.errors import DataError, TransientError, UsageError
from tenuto.definitions.plan import Filter
from tenuto.testing import eventually
from tenuto.testing.loopback import Answer, LoopbackServer

KEY = bytes(range(24))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def worker(client: Client) -> AsyncIterator[None]:
    """Workers in this process on the server that all tests share."""
    async with serving(client):
        yield


@pytest.fixture(autouse=True)
def no_sink(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TENUTO_EVENTS_SINK", "TENUTO_EVENTS_SECRET", "TENUTO_NOTIFY_MODE"):
        monkeypatch.delenv(name, raising=False)


def event(**more: JsonValue) -> dict[str, JsonValue]:
    """An event of a type of its own."""
    attributes: dict[str, JsonValue] = {
        "specversion": "1.0",
        "id": uuid4().hex,
        "source": "/tests",
        "data": {"a": 1},
    }
    return {**attributes, "type": f"test.{uuid4().hex}", **more}


async def published(client: Client, sent: dict[str, JsonValue]) -> Published:
    """What one attempt at publishing gives."""
    return await ActivityEnvironment(client=client).run(publish, PublishRequest(event=sent))


async def listener(client: Client, event_type: JsonValue) -> WorkflowHandle[Any, Any]:
    """A run that waits for one event of the type, once it can be found by it."""
    task = listen("one", Filter(with_={"type": event_type}))
    handle = await start(client, plan(task, awaits=(str(event_type),)))
    query = f"WorkflowId = '{handle.id}' AND TenutoAwaits = '{event_type}'"

    async def is_found() -> None:
        assert (await client.count_workflows(query)).count == 1

    await eventually(is_found)
    return handle


async def test_inv_18_every_run_that_listens_for_the_type_gets_the_event(
    client: Client, worker: None
) -> None:
    sent = event()
    runs = [await listener(client, sent["type"]) for _ in range(2)]
    other = await listener(client, f"test.{uuid4().hex}")
    told = await published(client, sent)
    assert told == Published(
        event=sent, delivered_to=tuple(sorted(run.id for run in runs)), sink=False
    )
    assert [await run.result() for run in runs] == [[sent], [sent]]
    assert await other.query("trace") is not None
    await other.terminate()


async def test_the_subject_names_the_one_run_that_gets_it(client: Client, worker: None) -> None:
    sent = event()
    named, other = [await listener(client, sent["type"]) for _ in range(2)]
    told = await published(client, sent | {"subject": named.id})
    assert told.delivered_to == (named.id,)
    assert await named.result() == [sent | {"subject": named.id}]
    await other.terminate()


async def test_a_subject_that_is_no_open_run_is_a_subject_like_any_other(
    client: Client, worker: None
) -> None:
    sent = event(subject="order-4711")
    run = await listener(client, sent["type"])
    assert (await published(client, sent)).delivered_to == (run.id,)
    assert await run.result() == [sent]


async def test_a_repeated_attempt_is_one_event_to_its_receivers(
    client: Client, worker: None
) -> None:
    kind = f"test.{uuid4().hex}"
    both = listen("all", Filter(with_={"id": "first"}), Filter(with_={"id": "second"}))
    run = await start(client, plan(both, awaits=(kind,)))
    await listener_is_found(client, kind)
    for identity in ("first", "first", "second"):
        await published(client, event(type=kind, id=identity))
    assert [each["id"] for each in await run.result()] == ["first", "second"]


async def listener_is_found(client: Client, kind: str) -> None:
    async def is_found() -> None:
        assert (await client.count_workflows(f"TenutoAwaits = '{kind}'")).count == 1

    await eventually(is_found)


async def test_a_run_emits_to_another_run(client: Client, worker: None) -> None:
    kind = f"test.{uuid4().hex}"
    waiting = await listener(client, kind)
    telling = await start(client, plan(emit(type=kind, data={"nav": "100.00"})))
    told = await telling.result()
    assert await waiting.result() == [told]
    assert told["data"] == {"nav": "100.00"}


async def test_nobody_listening_is_no_error(client: Client) -> None:
    assert (await published(client, event())).delivered_to == ()


@pytest.mark.parametrize(
    "kind",
    [
        "x' OR TenutoAwaits = 'y",
        'a\\\' OR StartTime > "2000-01-01T00:00:00Z" -- ',
        "order placed",
        "-dash",
        "a" * 130,
    ],
)
async def test_a_type_that_cannot_be_searched_for_is_refused(kind: str, client: Client) -> None:
    with pytest.raises(UsageError) as refused:
        await published(client, event(type=kind, subject="anybody"))
    assert refused.value.code == "events.type-unsearchable"
    assert problem_of(refused.value)["type"] == "validation"


@pytest.mark.parametrize(
    "more", [{"source": ""}, {"id": None}, {"specversion": "0.3"}, {"time": "yesterday"}]
)
def test_what_is_no_cloud_event_is_refused(more: dict[str, JsonValue]) -> None:
    with pytest.raises(ValidationError):
        PublishRequest(event=event(**more))


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Callable[[LoopbackServer], None]:
    """Makes a server the sink of published events."""

    def configure(server: LoopbackServer) -> None:
        monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")
        monkeypatch.setenv("TENUTO_EVENTS_SINK", f"{server.url}/events")

    return configure


async def test_the_sink_gets_the_event_as_it_is(client: Client, sink: Any) -> None:
    sent = event(time="2026-03-31T17:00:00Z", traceparent="00-1-2-00")
    with LoopbackServer(lambda _: Answer(status=202)) as server:
        sink(server)
        told = [await published(client, sent) for _ in range(2)]
    assert all(each.sink for each in told)
    first, second = server.received
    assert json.loads(first.body) == sent
    assert first.headers["content-type"] == "application/cloudevents+json"
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


async def test_the_sink_can_check_the_signature(
    client: Client, sink: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SINK_KEY", "whsec_" + base64.b64encode(KEY).decode())
    monkeypatch.setenv("TENUTO_EVENTS_SECRET", "secret://env/SINK_KEY")
    with LoopbackServer(lambda _: Answer()) as server:
        sink(server)
        await published(client, event())
    (received,) = server.received
    head = received.headers
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + received.body
    digest = hmac.new(KEY, signed, hashlib.sha256).digest()
    assert head["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    assert head["content-type"] == "application/cloudevents+json"


@pytest.mark.parametrize(
    ("status", "kind"), [(503, TransientError), (429, TransientError), (400, DataError)]
)
async def test_a_sink_that_refuses_is_a_communication_problem(
    status: int, kind: type[Exception], client: Client, sink: Any
) -> None:
    with LoopbackServer(lambda _: Answer(status=status)) as server:
        sink(server)
        with pytest.raises(kind) as failed:
            await published(client, event())
    problem = problem_of(failed.value)  # type: ignore[arg-type]
    assert (problem["type"], problem["status"]) == ("communication", status)


async def test_a_sink_that_is_a_secret_is_not_in_its_errors(
    client: Client, sink: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LoopbackServer(lambda _: Answer(status=404)) as server:
        sink(server)
        monkeypatch.setenv("HOOK", f"{server.url}/t0ken-4711/events")
        monkeypatch.setenv("TENUTO_EVENTS_SINK", "secret://env/HOOK")
        with pytest.raises(DataError) as failed:
            await published(client, event())
    assert server.received[0].path == "/t0ken-4711/events"
    assert "t0ken" not in str(failed.value) + str(problem_of(failed.value))


async def test_a_sink_in_the_clear_is_refused(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENUTO_EVENTS_SINK", "http://sink.example/")
    with pytest.raises(UsageError) as refused:
        await published(client, event())
    assert refused.value.code == "events.sink-insecure"


async def test_in_test_mode_nothing_leaves_the_machine(
    client: Client, sink: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENUTO_NOTIFY_MODE", "test")
    monkeypatch.setenv("TENUTO_NOTIFY_OUTBOX", str(tmp_path))
    sent = event()
    with LoopbackServer(lambda _: Answer()) as server:
        sink(server)
        told = await published(client, sent)
    assert (told.sink, server.received) == (False, [])
    (captured,) = (tmp_path / "events").iterdir()
    assert json.loads(captured.read_text()) == sent
