"""Temporal's own command line in tests: what everybody has who can reach the server."""

import asyncio
from dataclasses import dataclass

from temporalio.client import Client

from tenuto.engine.embedded.binary import find_binary


@dataclass(frozen=True)
class Answer:
    """How a command ended."""

    is_good: bool
    text: str


async def temporal(client: Client, *words: str) -> Answer:
    """What `temporal WORDS` says about the server of `client`."""
    process = await asyncio.create_subprocess_exec(
        str(find_binary().path),
        *words,
        "--address",
        client.service_client.config.target_host,
        "--namespace",
        client.namespace,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return Answer(is_good=process.returncode == 0, text=said.decode())
