"""What a pack's demonstration gets to play with, and what it gives back to be shown."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from temporalio.client import Client

from tenuto.artifacts.external import external_storage
from tenuto.artifacts.store import ArtifactStore
from tenuto.engine.bootstrap import prepare_namespace
from tenuto.engine.connection import Target, connect, payload_codec
from tenuto.engine.settings import load_settings
from tenuto.triggers.gate.gate import Gate

if TYPE_CHECKING:
    from rich.console import Console


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A running platform, and a folder for files."""

    client: Client
    gate: Gate
    """Runs are started through it, in the name of whoever plays."""
    store: ArtifactStore
    folder: Path
    """Where inputs and reports go; it exists."""
    gate_of: "Callable[[str, tuple[str, ...]], Gate]"
    """The gate in the name of somebody who plays a part, with these groups."""
    say: Callable[[str], None]
    """Tells the person who waits what happens."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Played:
    """What came out of a demonstration."""

    record: dict[str, Any]
    """For a program."""
    draw: "Callable[[Console], None]"
    """For a person."""
    is_as_promised: bool
    """False makes the command fail."""


Play = Callable[[Stage], Awaitable[Played]]


async def own_namespace(stage: Stage, name: str) -> Client:
    """A client of a new namespace on the stage's server, where nothing else runs."""
    target = Target(
        address=stage.client.service_client.config.target_host,
        namespace=f"demo-{name}-{secrets.token_hex(4)}",
        origin="embedded",
    )
    client = await connect(
        target,
        external_storage=external_storage(stage.store),
        codec=payload_codec(load_settings(), target),
    )
    await prepare_namespace(client)
    return client
