"""`tenuto triggers` and `tenuto up` as the how-to shows them, with real processes."""

import asyncio
import json
import re
import socket
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from integration.cli_project.project import Project, stop
from receiver_desk import signed
from tenuto.engine.connection import Target, connect
from tenuto.testing import eventually

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it

PAGE = Path(__file__).parents[2] / "docs/how-to/receive-events.md"
BLOCKS = [
    block.removeprefix("# triggers.yaml\n")
    for block in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL)
]


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, dict[str, Any]]]:
    """A project whose triggers are those of the page, up."""
    folder = tmp_path_factory.mktemp("project")
    project = Project.make(folder, tmp_path_factory.mktemp("bytecode"))
    secret = "whsec_" + b64encode(b"x" * 24).decode()
    for name in ("HELLO", "REPOSITORY", "PAYMENTS", "SHOP"):
        project.environment[f"{name}_SECRET"] = secret
    hooks, others, events, files = BLOCKS
    webhooks = hooks + others.removeprefix("webhooks:\n")
    (folder / "triggers.yaml").write_text(webhooks + events + files)
    (folder / "inbox").mkdir()
    with (folder / "tenuto.toml").open("a") as settings:
        settings.write("[triggers]\nport = 0\n")
    process, said = project.up()
    yield project, said
    code = stop(process)
    project.close()
    assert code == 0


async def test_what_the_page_shows_works(up: tuple[Project, dict[str, Any]]) -> None:
    tenuto, said = up
    listed = tenuto.json("triggers", "list")
    assert [row["kind"] for row in listed] == ["webhook"] * 3 + ["event"] * 2 + ["file"]
    ada = ("--data", '{"name": "Ada"}')
    (rehearsed,) = tenuto.json("triggers", "test", "hello", *ada, "--dry-run")
    assert (rehearsed["does"], rehearsed["input"]) == ("start", {"name": "Ada"})
    sent = tenuto.json("triggers", "test", "hello", *ada, "--url", said["receiver"])
    assert (sent["status"], sent["answer"]["status"]) == (201, "started")
    client = await connect(Target(address=said["address"], origin="embedded"))
    run = client.get_workflow_handle(sent["answer"]["workflow_id"])
    assert await asyncio.wait_for(run.result(), 20) == "Hello, Ada!"


async def test_an_event_is_sent_whole(up: tuple[Project, dict[str, Any]]) -> None:
    tenuto, said = up
    paid = {
        "specversion": "1.0",
        "id": "1",
        "source": "/shop",
        "type": "shop.order.paid",
        "data": {"customer": "Ada"},
    }
    sent = tenuto.json(
        "triggers", "test", "shop", "--data", json.dumps(paid), "--url", said["receiver"]
    )
    outcomes = [each["status"] for each in sent["answer"]["outcomes"]]
    assert (sent["status"], outcomes) == (201, ["started", "delivered"])


async def test_watches_are_applied(up: tuple[Project, dict[str, Any]]) -> None:
    tenuto, _ = up
    for options in (("--dry-run",), ()):
        (applied,) = tenuto.json("triggers", "apply", *options)
        assert (applied["schedule_id"], applied["deed"]) == ("files/inbox", "create"), applied


async def test_what_has_begun_is_answered_when_a_receiver_stops(
    up: tuple[Project, dict[str, Any]],
) -> None:
    tenuto, said = up
    process = tenuto.spawn("triggers", "serve", "--port", "0", "-o", "jsonl")
    assert process.stdout is not None
    address = json.loads(await asyncio.to_thread(process.stdout.readline))["address"]
    host, port = address.removeprefix("http://").split(":")
    body = b'{"name": "Late"}'
    headers = signed(body, "late", secret=tenuto.environment["HELLO_SECRET"])
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST /webhooks/hello HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(body)}\r\n"
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"{head}{lines}\r\n".encode() + body[:5])
    await writer.drain()
    async with httpx.AsyncClient(trust_env=False) as http:
        # It was read before this one was: the first half has arrived.
        assert (await http.get(f"{address}/healthz")).status_code == 200
    process.terminate()

    def takes_nothing_new() -> None:
        with socket.socket() as probe:
            assert probe.connect_ex((host, int(port))) != 0

    await eventually(takes_nothing_new)
    assert process.poll() is None
    writer.write(body[5:])
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 201"), answer
    assert await asyncio.to_thread(process.wait, 20) == 0
    client = await connect(Target(address=said["address"], origin="embedded"))
    workflow_id = json.loads(answer.partition(b"\r\n\r\n")[2])["workflow_id"]
    run = client.get_workflow_handle(workflow_id)
    assert await asyncio.wait_for(run.result(), 20) == "Hello, Late!"


async def test_a_wrong_file_is_refused(up: tuple[Project, dict[str, Any]]) -> None:
    tenuto, _ = up
    (tenuto.folder / "bad.yaml").write_text("webhooks: {a: {run: greting, scheme: none}}\n")
    (found,) = tenuto.json("triggers", "check", "bad.yaml", code=2)
    assert (found["code"], found["line"], found["column"]) == ("triggers.unknown-workflow", 1, 21)
    assert "Did you mean `greeting`?" in found["message"]
