"""Running the process that loads, from the worker: it never outlives whoever waits for it."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable
from pathlib import Path

from tenuto.core.errors import TransientError
from tenuto.packs.sync.activities.loading.wire import SAID, Failed, Job, Progress, Said

_MODULE = "tenuto.packs.sync.activities.loading.child"
_LONGEST_LINE = 16 * 1024 * 1024


async def run_job(job: Job, heard: Callable[[str], None]) -> Said:
    """What the process answered; `heard` gets its progress meanwhile.

    Raises the TenutoError it failed with, and TransientError `sync.process-died` where it ended
    without an answer. Cancelled, it kills the process and all that it started, and waits for it.
    """
    log = job.state / "sync" / "logs" / f"{job.request.source_name}.log"
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    process = await _started(job, log)
    try:
        answer = await _answer(process, heard)
    finally:
        await _ended(process)
    if answer is None:
        raise TransientError(
            f"The process that loads `{job.request.source_name}` ended without an answer"
            f" ({_how(process.returncode)}); what it printed is in {log}.",
            code="sync.process-died",
        )
    if isinstance(answer, Failed):
        from tenuto.packs.sync.activities.loading.problems import raised

        raise raised(answer)
    return answer


async def _started(job: Job, log: Path) -> Process:
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", _MODULE),
            stdin=PIPE,
            stdout=PIPE,
            stderr=output,
            start_new_session=True,
            env={name: each for name, each in os.environ.items() if not name.startswith("DLT_")},
            limit=_LONGEST_LINE,
        )
    assert process.stdin is not None  # noqa: S101 (a pipe was asked for)
    process.stdin.write(job.model_dump_json().encode() + b"\n")
    return process


async def _answer(process: Process, heard: Callable[[str], None]) -> Said | None:
    assert process.stdout is not None  # noqa: S101 (a pipe was asked for)
    async for line in process.stdout:
        said = SAID.validate_json(line)
        if not isinstance(said, Progress):
            return said
        heard(said.text)
    return None


async def _ended(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await asyncio.shield(process.wait())


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
