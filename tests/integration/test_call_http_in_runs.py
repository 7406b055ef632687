"""Calls of runs on a real server: retried, cancelled, killed; and a POST that is sent once."""

import asyncio
import base64
import json
import re
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError

from definition_calls import answering
from definition_desk import plan, start
from definition_worker_process import serving
from sample.processes import StartWorker, worker_processes
from sample.servers import KillableServer
from tenuto.activities.definitions.pack import pack
from tenuto.definitions.check.whole import check
from tenuto.definitions.compiling import compile_plan
from tenuto.definitions.plan import CallOptions, CallTask, ServerRetry
from tenuto.engine.registration import load_catalog
from tenuto.testing import eventually
from tenuto.testing.loopback import Answer, LoopbackServer, Received

_DATA = re.compile(r'"data": ?"([^"]+)"')
JSON = {"content-type": "application/json"}


@pytest_asyncio.fixture
async def start_worker(own_server: KillableServer, tmp_path: Path) -> AsyncIterator[StartWorker]:
    """Starts workers of definitions on this test's own server; whichever are left are killed."""
    async with worker_processes(
        own_server, tmp_path, module="definition_worker_process"
    ) as one_more:
        yield one_more


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def worker(client: Client) -> AsyncIterator[None]:
    """Workers in this process on the server that all tests share."""
    async with serving(client):
        yield


async def run_document(client: Client, text: str, value: Any) -> WorkflowHandle[Any, Any]:
    """A finished run of a definition as its author writes it."""
    catalog = load_catalog([pack])
    checked = check(text, "definition.yaml", catalog)
    assert checked.is_runnable, checked.findings
    assert checked.loaded is not None
    handle = await start(client, compile_plan(checked.loaded.value, catalog), value)
    await handle.result()
    return handle


class Service:
    """Answers with `status` until `after` requests were there, or holds each until `let_go`."""

    def __init__(self, *, status: int = 200, after: int = 0, holds: int = 0) -> None:
        self.status, self.after, self.holds = status, after, holds
        self.let_go = threading.Event()
        self._count = 0

    def __call__(self, request: Received) -> Answer:
        self._count += 1
        if self._count <= self.holds:
            self.let_go.wait(60)
        if self._count <= self.after:
            return Answer(status=self.status)
        return Answer(headers=JSON, body=b'{"done": true}')


def call(server: LoopbackServer, method: str) -> CallTask:
    """A call that is tried three times, without much delay."""
    return CallTask(
        name="pay",
        at="/do/0/pay",
        function="http",
        activity="call.http",
        arguments={"method": method, "endpoint": server.url, "body": {"amount": "1.10"}},
        options=CallOptions(
            queue="integration",
            start_to_close_s=60,
            heartbeat_s=2,
            retry=ServerRetry(initial_s=0.2, backoff=1.0, maximum_s=1, attempts=3),
        ),
    )


def allow(server: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENUTO_HTTP_ALLOW", f"127.0.0.1:{server.port}")


async def failure_of(handle: WorkflowHandle[Any, Any]) -> dict[str, Any]:
    """The problem that a run failed with."""
    with pytest.raises(WorkflowFailureError) as failed:
        await handle.result()
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    problem: dict[str, Any] = cause.details[0]
    return problem


async def received(server: LoopbackServer, count: int) -> None:
    async def are_there() -> None:
        assert len(server.received) >= count

    await eventually(are_there)


@pytest.mark.parametrize(
    ("method", "status"), [("get", 503), ("put", 500), ("post", 429), ("patch", 408)]
)
async def test_a_call_that_had_no_effect_is_tried_again(
    method: str,
    status: int,
    client: Client,
    worker: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with LoopbackServer(Service(status=status, after=2)) as server:
        allow(server, monkeypatch)
        handle = await start(client, plan(call(server, method)))
        assert await handle.result() == {"done": True}
    keys = {each.headers.get("idempotency-key") for each in server.received}
    assert len(server.received) == 3
    assert len(keys) == 1


async def test_a_post_that_failed_in_the_service_is_not_sent_again(
    client: Client, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LoopbackServer(Service(status=500, after=9)) as server:
        allow(server, monkeypatch)
        problem = await failure_of(await start(client, plan(call(server, "post"))))
    assert problem["type"].endswith("/communication")
    assert (problem["status"], problem["instance"]) == (500, "/do/0/pay")
    assert len(server.received) == 1


@pytest.mark.chaos
@pytest.mark.parametrize(("method", "sent"), [("put", 2), ("post", 1)])
async def test_inv_18_a_worker_killed_while_it_waits_for_an_answer_sends_no_second_post(
    method: str,
    sent: int,
    own_client: Client,
    start_worker: StartWorker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = Service(holds=1)
    with LoopbackServer(service) as server:
        allow(server, monkeypatch)
        first = await start_worker()
        handle = await start(own_client, plan(call(server, method)))
        await received(server, 1)
        await first.kill()
        service.let_go.set()
        await start_worker()
        if method == "put":
            assert await handle.result() == {"done": True}
        else:
            problem = await failure_of(handle)
            assert problem["type"].endswith("/communication")
            assert "may have been acted on" in problem["detail"]
    assert len(server.received) == sent


async def test_a_cancelled_run_does_not_wait_for_a_silent_service(
    client: Client, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(holds=1)
    with LoopbackServer(service) as server:
        allow(server, monkeypatch)
        handle = await start(client, plan(call(server, "get")))
        await received(server, 1)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as ended:
            await asyncio.wait_for(handle.result(), 20)
        service.let_go.set()
    assert "ancel" in str(ended.value.cause)
    assert len(server.received) == 1


DEFINITION = """
document: {dsl: '1.0.3', namespace: tests, name: secrets, version: '1.0.0'}
use:
  secrets: [bank]
do:
  - pay:
      call: http
      with:
        method: post
        endpoint:
          uri: "${ .service }"
          authentication:
            basic: {use: bank}
        headers:
          X-Key: "${ $secrets.bank.key }"
        body:
          note: "${ .note }"
        output: response
"""


async def test_inv_18_a_secret_is_sent_and_is_nowhere_in_the_history(
    client: Client, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"USERNAME": "desk-4711", "PASSWORD": "pw-0815-x", "KEY": "k3y-2342-y"}
    for member, secret in values.items():
        monkeypatch.setenv(f"BANK_{member}", secret)

    def echo(request: Received) -> Answer:
        return Answer(headers=JSON, body=json.dumps(dict(request.headers)).encode())

    with LoopbackServer(echo) as server:
        allow(server, monkeypatch)
        given = {"service": server.url, "note": "see secret://env/BANK_KEY"}
        handle = await run_document(client, DEFINITION, given)
    (received,) = server.received
    basic = base64.b64encode(b"desk-4711:pw-0815-x").decode()
    assert received.headers["x-key"] == "k3y-2342-y"
    assert received.headers["authorization"] == f"Basic {basic}"
    told = (await handle.fetch_history()).to_json()
    payloads = [base64.b64decode(each).decode(errors="replace") for each in _DATA.findall(told)]
    assert any("secret://env/BANK_KEY" in each for each in payloads)
    for secret in (*values.values(), basic):
        assert not any(secret in each for each in (told, *payloads))


async def test_a_reference_in_a_runs_input_is_not_resolved(
    client: Client, worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for member in ("USERNAME", "PASSWORD", "KEY"):
        monkeypatch.setenv(f"BANK_{member}", "k3y-2342-y")
    with answering() as server:
        allow(server, monkeypatch)
        given = {"service": server.url, "note": "secret://env/BANK_KEY"}
        with pytest.raises(WorkflowFailureError) as failed:
            await run_document(client, DEFINITION, given)
    assert "/body/note" in str(failed.value.cause)
    assert server.received == []
