"""A receiver is killed in the middle of a burst: its sender repeats, and each event is one run."""

import asyncio
import json
import socket
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client

from receiver_desk import SECRET, SECRET_NAME, signed
from sample.processes import WorkerProcess
from tenuto.engine.embedded import ServerInfo
from tenuto.testing import eventually

EVERY = "WorkflowId STARTS_WITH 'webhook/numbered/'"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Sender:
    """Repeats each event, at either receiver, until somebody took it."""

    def __init__(self, ports: list[int], prefix: str) -> None:
        self.http = httpx.AsyncClient(timeout=10, trust_env=False)
        self.ports = ports
        self.prefix = prefix
        self.taken: dict[int, int] = {}
        self.runs: dict[int, tuple[str, str]] = {}
        self.broken = 0
        self._room = asyncio.Semaphore(12)
        self._more = asyncio.Condition()

    async def has_taken(self, many: int) -> None:
        """Returns once so many events were taken."""
        async with self._more:
            await self._more.wait_for(lambda: len(self.taken) >= many)

    async def deliver(self, number: int) -> None:
        body = json.dumps({"number": f"{self.prefix}-{number}"}).encode()
        turn = number
        async with self._room:
            while True:
                url = f"http://127.0.0.1:{self.ports[turn % 2]}/webhooks/numbered"
                turn += 1
                try:
                    answer = await self.http.post(
                        url, content=body, headers=signed(body, f"{self.prefix}-{number}")
                    )
                except httpx.TransportError:
                    self.broken += 1
                    await asyncio.sleep(0.05)
                    continue
                assert answer.status_code in (200, 201, 503), answer.text
                if answer.status_code != 503:
                    self.taken[number] = answer.status_code
                    said = answer.json()
                    self.runs[number] = (said["workflow_id"], said["run_id"])
                    async with self._more:
                        self._more.notify_all()
                    return


@pytest.mark.parametrize(
    ("events", "kills"), [(60, 1), pytest.param(2000, 12, marks=pytest.mark.chaos)]
)
async def test_every_event_is_one_run_though_receivers_are_killed(
    temporal_server: ServerInfo,
    client: Client,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    events: int,
    kills: int,
) -> None:
    monkeypatch.setenv(SECRET_NAME, SECRET)
    ports = [free_port(), free_port()]
    prefix = f"killed-{events}"

    async def receiver(number: int) -> WorkerProcess:
        options = ("--folder", str(tmp_path), "--port", str(ports[number]))
        return await WorkerProcess.start(
            temporal_server.address,
            tmp_path / f"receiver-{number}.log",
            module="receiver_process",
            options=options,
        )

    before = (await client.count_workflows(EVERY)).count
    receivers = list(await asyncio.gather(receiver(0), receiver(1)))
    sender = Sender(ports, prefix)
    burst = asyncio.gather(*map(sender.deliver, range(events)))
    for kill in range(kills):
        reached = events * (kill + 1) // (kills + 2)
        await sender.has_taken(reached)
        await receivers[kill % 2].kill()
        receivers[kill % 2] = await receiver(kill % 2)
    await asyncio.wait_for(burst, 300)
    # Twice for good measure, the second time at the other receiver: all of it is known.
    again = Sender(ports[::-1], prefix)
    await asyncio.gather(*map(again.deliver, range(events)))
    assert sender.broken > 0
    assert set(again.taken.values()) == {200}

    assert sender.runs == again.runs
    assert len(set(sender.runs.values())) == events

    async def counted() -> None:
        assert (await client.count_workflows(EVERY)).count == before + events

    await eventually(counted)
    for each in receivers:
        each.ask_to_stop()
    assert [await each.exit_code() for each in receivers] == [0, 0]
    await sender.http.aclose()
    await again.http.aclose()
