"""Webhooks start runs: each event one, whoever repeats it; refusals are clear and start nothing."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.service import RPCError

from event_intake import PACK
from guarded_desk import WordRules
from receiver_desk import OTHER, SECRET, Desk, opened, signed
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.worker import build_workers
from tenuto.identity.ticket import HEADER_PERMIT
from tenuto.testing import eventually
from tenuto.triggers.events import starting
from tenuto.triggers.events.receiver.limits import Limits

TEXT = """
webhooks:
  orders:
    path: /hooks/orders
    run: intake
    secrets: [secret://env/HOOK_NEW, secret://env/HOOK_OLD]
    filter: .kind == "order"
    input: {number: "${ .number }", note: "${ $headers[\\"x-note\\"] // \\"none\\" }"}
    max_bytes: 2000
  by-number:
    run: intake
    secrets: [secret://env/HOOK_NEW]
    input: {number: "${ .number }"}
    id: .number
  own-name:
    run: self-named
    secrets: [secret://env/HOOK_NEW]
    input: {number: "${ .number }"}
  slow-down:
    run: intake
    secrets: [secret://env/HOOK_NEW]
    rate: {count: 2, per: 1 hour}
  octo:
    run: intake
    scheme: hmac-sha256
    signature: {header: X-Hub-Signature-256, prefix: "sha256="}
    secrets: [secret://env/HOOK_PLAIN]
  stripy:
    run: intake
    scheme: hmac-sha256
    signature: {header: Stripe-Signature, form: t-v1}
    secrets: [secret://env/HOOK_PLAIN]
  here:
    run: intake
    scheme: none
"""
PLAIN = "a plain secret of a sender"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def desk(client: Client, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """A receiver, and a worker for what it starts."""
    folder = tmp_path_factory.mktemp("receiver")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOOK_NEW", SECRET)
        patch.setenv("HOOK_OLD", OTHER)
        patch.setenv("HOOK_PLAIN", PLAIN)
        workers = build_workers(
            client, load_registration([PACK]), WorkerSettings(), is_embedded=True
        )
        async with workers[0], opened(client, folder, TEXT) as receiving:
            yield receiving


def order(number: str, **more: Any) -> dict[str, Any]:
    return {"kind": "order", "number": number, **more}


async def test_inv_8_a_signed_delivery_is_a_run_and_the_same_again_is_that_run(desk: Desk) -> None:
    first = await desk.post("/hooks/orders", order("n-1"), "msg_1", **{"x-note": "hi"})
    assert first.status_code == 201, first.text
    said = first.json()
    assert said["status"] == "started"
    handle = desk.client.get_workflow_handle(said["workflow_id"], run_id=said["run_id"])
    assert (await handle.result())["number"] == "n-1"
    again = await desk.post("/hooks/orders", order("n-1"), "msg_1")
    assert again.status_code == 200
    assert again.json() == {**said, "status": "duplicate"}
    other = await desk.post("/hooks/orders", order("n-1"), "msg_2")
    assert other.json()["workflow_id"] != said["workflow_id"]


async def test_the_same_event_fifty_times_at_once_is_one_run(desk: Desk) -> None:
    answers = await asyncio.gather(
        *(desk.post("/hooks/orders", order("at-once"), "msg_at_once") for _ in range(50))
    )
    assert sorted({each.status_code for each in answers}) == [200, 201]
    assert [each.status_code for each in answers].count(201) == 1
    assert len({(each.json()["workflow_id"], each.json()["run_id"]) for each in answers}) == 1


async def test_a_secret_is_replaced_without_a_gap(desk: Desk) -> None:
    body = json.dumps(order("rotating")).encode()
    for secret in (SECRET, OTHER):
        headers = signed(body, secret=secret)
        assert (await desk.send("/hooks/orders", body, headers)).status_code == 201
    stranger = "whsec_" + "QUJD" * 8
    refused = await desk.send("/hooks/orders", body, signed(body, secret=stranger))
    assert refused.status_code == 401


async def test_what_the_filter_leaves_out_starts_nothing(desk: Desk) -> None:
    answer = await desk.post("/hooks/orders", {"kind": "refund", "number": "x"}, "msg_filtered")
    assert (answer.status_code, answer.json()["status"]) == (202, "filtered")


async def test_an_input_that_is_refused_names_the_field_and_starts_nothing(desk: Desk) -> None:
    answer = await desk.post("/hooks/orders", {"kind": "order"}, "msg_no_number")
    assert answer.status_code == 422
    assert "number" in answer.json()["error"]["message"]
    fixed = await desk.post("/hooks/orders", order("late"), "msg_no_number")
    assert fixed.status_code == 201


async def test_an_id_of_the_data_makes_one_run_of_many_events(desk: Desk) -> None:
    first = await desk.post("/webhooks/by-number", {"number": "a/1"})
    again = await desk.post("/webhooks/by-number", {"number": "a/1", "more": 1})
    assert [first.status_code, again.status_code] == [201, 200]
    assert first.json()["workflow_id"] == "webhook/by-number/a/1"
    assert (await desk.post("/webhooks/by-number", {"number": None})).status_code == 422


async def test_a_workflow_that_names_its_runs_keeps_its_own_names(desk: Desk) -> None:
    first = await desk.post("/webhooks/own-name", {"number": "own-7"})
    again = await desk.post("/webhooks/own-name", {"number": "own-7"})
    assert [first.status_code, again.status_code] == [201, 200]
    assert first.json()["workflow_id"] == again.json()["workflow_id"] == "order/own-7"


async def test_what_is_too_much_is_sent_later(desk: Desk) -> None:
    forged = await desk.send("/webhooks/slow-down", b"{}", signed(b"{}", secret=OTHER))
    taken = [await desk.post("/webhooks/slow-down", {"number": f"{n}"}) for n in range(3)]
    assert [forged.status_code, *(each.status_code for each in taken)] == [401, 201, 201, 429]
    assert 3000 < int(taken[2].headers["retry-after"]) <= 3600


async def test_signatures_of_other_senders(desk: Desk) -> None:
    body = b'{"number": "octo-1"}'
    key = PLAIN.encode()
    plain = hmac.new(key, body, hashlib.sha256).hexdigest()
    octo = {"content-type": "application/json", "x-hub-signature-256": f"sha256={plain}"}
    first = await desk.send("/webhooks/octo", body, octo)
    again = await desk.send("/webhooks/octo", body, {**octo, "x-github-delivery": "another"})
    assert [first.status_code, again.status_code] == [201, 200]
    for wrong in (plain, f"sha256={plain[:-1]}0", f"sha256={plain}0", "sha256=", "sha256=é"):
        headers = httpx.Headers({**octo, "x-hub-signature-256": wrong}, encoding="latin-1")
        assert (
            await desk.http.post(f"{desk.url}/webhooks/octo", content=body, headers=headers)
        ).status_code == 401

    def stamped(age: int) -> dict[str, str]:
        stamp = str(int(time.time()) - age)
        made = hmac.new(key, f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        signature = f"t={stamp},v1={'0' * 64},v1={made}"
        return {"content-type": "application/json", "stripe-signature": signature}

    assert (await desk.send("/webhooks/stripy", body, stamped(0))).status_code == 201
    assert (await desk.send("/webhooks/stripy", body, stamped(400))).status_code == 401
    assert (
        await desk.send(
            "/webhooks/stripy",
            body,
            {"content-type": "application/json", "stripe-signature": "t=1"},
        )
    ).status_code == 401


async def test_refusals_say_what_is_wrong(desk: Desk) -> None:
    good = signed(b"{}")
    cases = [
        (await desk.send("/hooks/nothing", b"{}", good), 404, "triggers.unknown-path"),
        (await desk.http.get(f"{desk.url}/hooks/orders"), 405, "triggers.wrong-method"),
        (
            await desk.send("/hooks/orders", b"{}", {**good, "content-type": "text/plain"}),
            415,
            "triggers.wrong-type",
        ),
        (
            await desk.send("/hooks/orders", b"{}", {**good, "content-encoding": "gzip"}),
            415,
            "triggers.wrong-type",
        ),
        (await desk.post("/hooks/orders", b"x" * 3000), 413, "triggers.too-large"),
        (await desk.post("/hooks/orders", b"no json"), 400, "triggers.not-json"),
        (await desk.post("/hooks/orders", b'{"a":1,"a":2}'), 400, "triggers.not-json"),
        (await desk.post("/hooks/orders", b'{"a":NaN}'), 400, "triggers.not-json"),
        (
            await desk.post("/hooks/orders", b"{}", "msg", **{"webhook-signature": "v1,AAAA"}),
            401,
            "triggers.bad-signature",
        ),
    ]
    assert [(each.status_code, each.json()["error"]["code"]) for each, _, _ in cases] == [
        (status, code) for _, status, code in cases
    ]


async def test_probes(desk: Desk) -> None:
    assert (await desk.http.get(f"{desk.url}/healthz")).status_code == 200
    assert (await desk.http.get(f"{desk.url}/readyz")).status_code == 200


async def test_a_burst_is_runs_or_clear_refusals_and_none_is_lost(desk: Desk) -> None:
    numbers = [f"burst-{n}" for n in range(200)]
    room = asyncio.Semaphore(50)

    async def one(number: str) -> int:
        async with room:
            for _ in range(50):
                answer = await desk.post("/webhooks/by-number", {"number": number})
                if answer.status_code in (200, 201):
                    return answer.status_code
                assert answer.status_code == 503, answer.text
        raise AssertionError(number)

    assert set(await asyncio.gather(*map(one, numbers))) == {201}

    async def counted() -> None:
        assert await desk.runs("webhook/by-number/burst-") == 200

    await eventually(counted)


async def test_policy_decides_what_a_webhook_may_start(
    client: Client, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_NEW", SECRET)
    text = """
webhooks:
  allowed: {run: intake, secrets: ["secret://env/HOOK_NEW"], id: .number}
  denied: {run: intake, secrets: ["secret://env/HOOK_NEW"], id: .number}
"""
    rules = WordRules(("s:webhook/allowed", "workflow:start", "intake"))
    async with opened(client, tmp_path, text, rules=rules) as guarded:
        assert (await guarded.post("/webhooks/allowed", {"number": "permitted"})).status_code == 201
        denied = await guarded.post("/webhooks/denied", {"number": "forbidden"})
        assert (denied.status_code, denied.json()["error"]["code"]) == (403, "policy.denied")
        spool = "".join(file.read_text() for file in guarded.settings.spool_path.glob("*.jsonl"))
    history = await client.get_workflow_handle("webhook/allowed/permitted").fetch_history()
    began = history.events[0].workflow_execution_started_event_attributes
    assert HEADER_PERMIT in began.header.fields
    with pytest.raises(RPCError, match="not found"):
        await client.get_workflow_handle("webhook/denied/forbidden").describe()
    kinds = [json.loads(line)["kind"] for line in spool.splitlines()]
    assert {"decision", "permit", "refusal"} <= set(kinds)
    assert "s:webhook/denied" in spool


async def test_an_engine_that_is_gone_is_told_and_the_event_is_taken_later(
    own_server: Any, own_client: Client, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_NEW", SECRET)
    monkeypatch.setattr(starting, "PATIENCE_S", 1.0)
    text = 'webhooks: {one: {run: intake, secrets: ["secret://env/HOOK_NEW"]}}'
    async with opened(own_client, tmp_path, text) as lonely:
        await own_server.kill()
        answer = await lonely.post("/webhooks/one", {"number": "1"}, "msg_gone")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert (await lonely.http.get(f"{lonely.url}/readyz")).status_code == 503
        await own_server.start()

        async def taken() -> None:
            again = await lonely.post("/webhooks/one", {"number": "1"}, "msg_gone")
            assert again.status_code in (200, 201)

        await eventually(taken)


async def test_who_is_too_slow_or_comes_when_it_is_full_sends_it_again(
    client: Client, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK_NEW", SECRET)
    text = 'webhooks: {one: {run: intake, secrets: ["secret://env/HOOK_NEW"]}}'
    async with opened(client, tmp_path, text, limits=Limits(at_once=1, body_s=1.0)) as small:
        head = "POST /webhooks/one HTTP/1.1\nHost: x\nContent-Type: application/json"
        slow = asyncio.create_task(raw(small, f"{head}\nContent-Length: 100", b"{"))

        async def is_full() -> None:
            busy = await small.post("/webhooks/one", {"number": "1"}, "msg_full")
            assert (busy.status_code, busy.headers["retry-after"]) == (503, "1")
            assert busy.json()["error"]["code"] == "triggers.busy"

        await eventually(is_full)
        said = await slow
        assert said.startswith(b"HTTP/1.1 408"), said
        assert b"triggers.too-slow" in said
        taken = await small.post("/webhooks/one", {"number": "1"}, "msg_full")
        assert taken.status_code in (200, 201)  # where the first came before the slow one


async def raw(desk: Desk, head: str, body: bytes = b"", *, more: int = 0) -> bytes:
    """What the receiver says to these bytes, and to `more` chunks of a body without an end."""
    host, port = desk.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
    sent = 0
    try:
        for _ in range(more):
            writer.write(b"400\r\n" + b"x" * 1024 + b"\r\n")
            await writer.drain()
            sent += 1
            if writer.is_closing():
                break
    except ConnectionError:
        pass
    said = await asyncio.wait_for(reader.read(4000), 10)
    writer.close()
    return said


@pytest.mark.attack
async def test_a_body_without_an_end_is_cut_off(desk: Desk) -> None:
    head = (
        "POST /hooks/orders HTTP/1.1\nHost: x\nContent-Type: application/json\n"
        "Transfer-Encoding: chunked"
    )
    assert b" 413 " in (await raw(desk, head, more=20)).partition(b"\r\n")[0] + b" "
    lying = head.replace("Transfer-Encoding: chunked", "Content-Length: 99999999999999999999999")
    assert (await raw(desk, lying)).startswith((b"HTTP/1.1 413", b"HTTP/1.1 400"))


@pytest.mark.attack
async def test_a_path_is_one_spelling(desk: Desk) -> None:
    before = await desk.runs("webhook/orders/")
    for path in (
        "/hooks/orders/",
        "/hooks//orders",
        "/hooks/../hooks/orders",
        "/hooks/%6frders",
        "/HOOKS/orders",
        "/hooks/orders;x",
        "/hooks/orders%00",
        "//hooks/orders",
    ):
        body = json.dumps(order("confused")).encode()
        signature = "\n".join(f"{k}: {v}" for k, v in signed(body, "msg_path").items())
        head = f"POST {path} HTTP/1.1\nHost: x\n{signature}\nContent-Length: {len(body)}"
        status = int((await raw(desk, f"{head}\nConnection: close", body)).split()[1])
        # Percent-encoding is undone before the path is compared: the same trigger, the same event.
        assert status in (404, 400, 307) or path == "/hooks/%6frders", (path, status)
    assert await desk.runs("webhook/orders/") <= before + 1


@pytest.mark.attack
async def test_a_header_that_is_given_twice_counts_for_nothing(desk: Desk) -> None:
    body = json.dumps(order("twice")).encode()
    good = list(signed(body, "msg_twice").items())
    doubled = [*good, ("webhook-id", "msg_other")]
    answer = await desk.http.post(f"{desk.url}/hooks/orders", content=body, headers=doubled)
    assert answer.status_code == 401


@pytest.mark.attack
async def test_an_unsigned_trigger_is_for_this_machine_alone(desk: Desk) -> None:
    body, plain = b'{"number": "near"}', {"content-type": "application/json"}
    assert (await desk.send("/webhooks/here", body, plain)).status_code == 201
    for relayed in (
        {"x-forwarded-for": "127.0.0.1"},
        {"forwarded": "for=1.2.3.4"},
        {"origin": "http://evil.example"},
        {"host": "evil.example:8234"},
    ):
        answer = await desk.send("/webhooks/here", body, {**plain, **relayed})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "triggers.not-local")


@pytest.mark.attack
async def test_a_sender_cannot_take_the_place_of_others_runs(desk: Desk) -> None:
    answer = await desk.post("/webhooks/by-number", {"number": "nav/DEMO/2026-03-31"})
    assert answer.json()["workflow_id"] == "webhook/by-number/nav/DEMO/2026-03-31"
    for hostile in ("../order/1", "x' OR WorkflowId != '", "a\nb", "\u202e", "x" * 300):
        assert (await desk.post("/webhooks/by-number", {"number": hostile})).status_code == 422


@pytest.mark.attack
async def test_what_is_refused_is_not_in_the_log(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        await desk.post("/hooks/orders", {"kind": "order", "number": ["hush-hush"]})
        await desk.post("/hooks/orders", b'{"hush-hush')
        await desk.send("/hooks/orders", b'{"hush-hush": 1}', signed(b"{}"))
    logged = "".join(str(vars(record)) for record in caplog.records)
    assert "delivery_refused" in logged
    assert "hush-hush" not in logged
    assert SECRET not in logged
