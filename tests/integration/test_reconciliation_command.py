"""`tenuto breaks` as a process of its own, against a desk on the real engine."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import Client

from rec_room import RecRoom, rules_for
from rec_runs import open_cases, rec_client, rec_id, reconcile, room, scratch, task_of
from task_desk import RING
from tenuto.engine.embedded import ServerInfo
from tenuto.identity.key_files import create_ring
from tenuto.identity.keys import KeyFolder
from tenuto.testing import eventually

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it


__all__ = ["rec_client", "rec_id", "room", "scratch"]

TENUTO = str(Path(sys.executable).with_name("tenuto"))
OURS = "account,instrument_id,quantity\nA,I1,100\nA,I2,7\n"
THEIRS = "account,instrument_id,quantity\nA,I1,50\nA,I2,7\n"


async def test_ops_9_breaks_are_worked_from_the_command_line(
    temporal_server: ServerInfo, rec_client: Client, room: RecRoom, rec_id: str, tmp_path: Path
) -> None:
    await reconcile(rec_client, room.request(rules_for("position", rec_id=rec_id), OURS, THEIRS))
    create_ring(KeyFolder(tmp_path / ".tenuto" / "keys").path("decisions"), RING)
    environment = {**os.environ, "TEMPORAL_ADDRESS": temporal_server.address}

    async def tenuto(*words: str, code: int = 0) -> Any:
        done = await asyncio.to_thread(
            subprocess.run,
            [TENUTO, "breaks", *words, "--json"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout or done.stderr)

    (case,) = await tenuto("list", rec_id)
    short = case["break_id"][:8]
    assert (case["key"], case["ours"], case["theirs"]) == (
        "account=A instrument_id=I1",
        "100",
        "50",
    )
    await tenuto("assign", rec_id, short, "--to", "ann", "--by", "bob")
    await tenuto("comment", rec_id, short, "asked the bank", "--by", "ann")
    resolved = ("--as", "DATA_FIX", "--reason", "late trade", "--by", "ann")
    answer = await tenuto("resolve", rec_id, short, *resolved)
    assert answer["touched"] == 1
    shown = await tenuto("show", rec_id, short)
    assert shown["owner"] == "ann"
    assert "asked the bank" in [line["what"] for line in shown["story"]]
    assert shown["resolution"]["kind"] == "DATA_FIX"
    await task_of(rec_client, rec_id, case["break_id"])
    groups = ("--groups", "g:rec-approvers")
    refused = await tenuto("accept", rec_id, short, "--by", "ann", *groups, code=1)
    assert refused["error"]["code"] == "task.own-request"
    outsider = await tenuto("accept", rec_id, short, "--by", "eve", code=1)
    assert outsider["error"]["code"] == "task.not-a-candidate"
    await tenuto("accept", rec_id, short, "--by", "bob", *groups)

    async def is_closed() -> None:
        assert await open_cases(rec_client, rec_id) == ()

    await eventually(is_closed)
    assert await tenuto("list", rec_id) == []
    await tenuto("reopen", rec_id, short, "--reason", "still there", "--by", "bob")
    assert len(await tenuto("list", rec_id)) == 1
    missing = await tenuto("show", rec_id, "ffff", code=4)
    assert missing["error"]["code"] == "reconciliation.no-such-break"
    await tenuto("list", "NO-SUCH-REC", code=4)
