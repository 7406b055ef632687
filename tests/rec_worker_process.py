"""A worker of the reconciliation pack as its own process; its matching may be held half way."""

import argparse
import asyncio
import os
import time
from pathlib import Path
from typing import Any

from temporalio import activity

from sample.serving import miss_soon, serve_until_stopped
from tenuto.artifacts.current import use_store
from tenuto.artifacts.external import external_storage
from tenuto.artifacts.store import open_store
from tenuto.engine.connection import Target, connect
from tenuto.engine.process import leave
from tenuto.engine.registration import load_registration
from tenuto.identity.keys import KeyRing
from tenuto.identity.trust import trust
from tenuto.packs.finance.reconciliation.activities.matching.pairing import Pairing
from tenuto.packs.finance.reconciliation.pack import pack


def _hold_after_first_pass(marks: Path) -> None:
    """Matching stops after its first pass until `marks/release` is there."""
    use = Pairing.use

    def held(self: Pairing, rule: Any, pass_no: int) -> None:
        use(self, rule, pass_no)
        (marks / f"matching-{os.getpid()}").touch()
        while not (marks / "release").exists():
            activity.heartbeat("held")
            time.sleep(0.02)

    Pairing.use = held  # type: ignore[method-assign]


async def _run(address: str, artifacts: str) -> None:
    store = open_store(artifacts)
    use_store(store)
    target = Target(address=address, origin="embedded")
    client = await connect(target, external_storage=external_storage(store))
    registration = load_registration([pack])
    miss_soon(registration)
    await serve_until_stopped(client, registration)


def main() -> None:
    """Serves until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--address", required=True)
    parser.add_argument("--artifacts", required=True)
    parser.add_argument("--marks", type=Path, required=True)
    parser.add_argument("--ring", type=Path, required=True, help="keys that tickets are judged by")
    given = parser.parse_args()
    trust(KeyRing.model_validate_json(given.ring.read_text(encoding="utf-8")))
    _hold_after_first_pass(given.marks)
    asyncio.run(_run(given.address, given.artifacts))
    leave(0)


if __name__ == "__main__":
    main()
