"""A receiver in tests: real HTTP on a free port, the real engine behind it, real signatures."""

import asyncio
import json
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from temporalio.client import Client

from event_intake import PACK
from tenuto.artifacts.store import open_store
from tenuto.definitions.library import DefinitionLibrary
from tenuto.engine.registration import load_catalog
from tenuto.engine.serving import StopRequest
from tenuto.engine.settings import Settings
from tenuto.policy.decision import PolicyEngine
from tenuto.triggers.events.checking import check_triggers
from tenuto.triggers.events.receiver.app import Receiver
from tenuto.triggers.events.receiver.gates import Gates
from tenuto.triggers.events.receiver.limits import Limits
from tenuto.triggers.events.receiver.serving import address_of, open_port, serve_receiver
from tenuto.triggers.events.targets import Targets
from tenuto.triggers.events.webhooks.proving import sign_standard

SECRET = "whsec_" + b64encode(b"0123456789abcdef01234567").decode()
OTHER = "whsec_" + b64encode(b"another key of 24 bytes!").decode()
TRIGGERS = """
webhooks:
  numbered:
    run: intake
    secrets: [secret://env/RECEIVER_TEST_SECRET]
    input: {number: "${ .number }"}
"""
"""What `receiver_process` receives."""
SECRET_NAME = "RECEIVER_TEST_SECRET"


def signed(
    body: bytes, event_id: str | None = None, *, secret: str = SECRET, at: datetime | None = None
) -> dict[str, str]:
    """Headers of a signed delivery."""
    named = event_id or f"msg_{secrets.token_hex(8)}"
    headers = sign_standard(SecretStr(secret), named, body, at or datetime.now(UTC))
    return {"content-type": "application/json", **headers}


@dataclass(kw_only=True)
class Desk:
    """A receiver that serves, and a sender."""

    url: str
    http: httpx.AsyncClient
    client: Client
    targets: Targets
    settings: Settings
    receiver: Receiver

    async def post(
        self, path: str, value: Any, event_id: str | None = None, **headers: str
    ) -> httpx.Response:
        """The answer to a signed delivery of `value`."""
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return await self.send(path, body, {**signed(body, event_id), **headers})

    async def send(self, path: str, body: Any, headers: Mapping[str, str]) -> httpx.Response:
        """The answer to a delivery as it is."""
        return await self.http.post(f"{self.url}{path}", content=body, headers=dict(headers))

    async def runs(self, prefix: str) -> int:
        """How many runs the server has whose id begins so."""
        counted = await self.client.count_workflows(f"WorkflowId STARTS_WITH '{prefix}'")
        return counted.count


def targets_in(folder: Path) -> Targets:
    """What may be started here."""
    library = DefinitionLibrary(open_store(str(folder / "artifacts")))
    return Targets(load_catalog([PACK]), library)


@asynccontextmanager
async def opened(
    client: Client,
    folder: Path,
    text: str,
    *,
    rules: PolicyEngine | None = None,
    targets: Targets | None = None,
    limits: Limits | None = None,
) -> AsyncIterator[Desk]:
    """A receiver of the triggers in `text`, until the block ends; then it has drained."""
    settings = Settings(root=folder)
    targets = targets or targets_in(folder)
    triggers = check_triggers(text, "triggers.yaml", targets).whole()
    receiver = Receiver(client, triggers, targets, Gates(settings, rules), limits or Limits())
    listening = open_port("127.0.0.1", 0)
    stop = StopRequest()
    serving = asyncio.create_task(serve_receiver(receiver, listening, stop))
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        yield Desk(
            url=address_of(listening),
            http=http,
            client=client,
            targets=targets,
            settings=settings,
            receiver=receiver,
        )
    stop.stop()
    await serving
