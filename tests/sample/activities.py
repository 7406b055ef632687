"""The bodies of the sample pack. Each leaves a mark in a file whenever it is executed."""

import json
import os
import time
from pathlib import Path

from temporalio import activity

from sample import catalog
from sample.models import (
    BigRequest,
    BigResult,
    CountRequest,
    CountResult,
    Done,
    FlakyRequest,
    SlowRequest,
    StepRequest,
    StepResult,
    SumRequest,
    SumResult,
    UndoRequest,
)
from tenuto.catalog import implements
from tenuto.core.errors import DataError, TransientError


class ListedError(Exception):
    """Named as not worth a retry by the entry's retry policy."""


@implements(catalog.do_step)
def do_step(request: StepRequest) -> StepResult:
    """Leave a mark, then wait to be released if asked to."""
    _mark(request.folder, request.step)
    if request.is_held:
        _wait_for(Path(request.folder) / f"release-{request.step}")
    return StepResult(step=request.step)


@implements(catalog.fail_at_first)
def fail_at_first(request: FlakyRequest) -> StepResult:
    """Fail on the first attempts with the error asked for."""
    attempt = _mark(request.folder, "flaky")
    if attempt > request.failures:
        return StepResult(step="flaky")
    message = f"attempt {attempt} was not lucky"
    if request.error == "transient":
        raise TransientError(message, code="sample.unlucky")
    if request.error == "data":
        raise DataError(message, code="sample.wrong", details={"row": attempt})
    if request.error == "listed":
        raise ListedError(message)
    raise RuntimeError(message)


@implements(catalog.exceed_start_to_close)
def exceed_start_to_close(request: SlowRequest) -> Done:
    """Run longer than an attempt may."""
    return _stall(request)


@implements(catalog.exceed_schedule_to_start)
def exceed_schedule_to_start(request: SlowRequest) -> Done:
    """Never called: nobody polls its queue."""
    return _stall(request)


@implements(catalog.exceed_schedule_to_close)
def exceed_schedule_to_close(request: SlowRequest) -> Done:
    """Fail at first, then run longer than all attempts together may."""
    attempt = _mark(request.folder, request.kind)
    if attempt == 1:
        raise TransientError("attempt 1 was not lucky", code="sample.unlucky")
    return _stall(request)


@implements(catalog.fail_until_no_time_is_left)
def fail_until_no_time_is_left(request: SlowRequest) -> Done:
    """Fail each time."""
    attempt = _mark(request.folder, request.kind)
    raise TransientError(f"attempt {attempt} was not lucky", code="sample.unlucky")


@implements(catalog.exceed_heartbeat)
def exceed_heartbeat(request: SlowRequest) -> Done:
    """Say how far it is and go on for longer than any worker lives."""
    _mark(request.folder, request.kind)
    activity.heartbeat({"done": 1, "total": 4, "message": "first quarter"})
    return _stall(request)


@implements(catalog.wait_for_nobody)
def wait_for_nobody(request: SlowRequest) -> Done:
    """Never called: nobody polls its queue."""
    return _stall(request)


@implements(catalog.count_rows)
def count_rows(request: CountRequest) -> CountResult:
    """Count on from the row the last attempt reported."""
    _mark(request.folder, "count")
    told = activity.info().heartbeat_details
    started_at = int(told[0]["done"]) if told else 0
    for row in range(started_at, request.rows):
        activity.heartbeat({"done": row, "total": request.rows, "message": "counting"})
        if row == request.held_at:
            _wait_for(Path(request.folder) / "release-count", {"done": row, "total": request.rows})
    return CountResult(rows=request.rows, started_at_row=started_at)


@implements(catalog.make_big)
def make_big(request: BigRequest) -> BigResult:
    """Return so many bytes."""
    return BigResult(text="x" * request.size_bytes)


@implements(catalog.undo_step)
def undo_step(request: UndoRequest) -> Done:
    """Leave a mark; fail on the first attempts."""
    attempt = _mark(request.folder, f"undo-{request.what}")
    if attempt <= request.failures:
        raise TransientError(f"attempt {attempt} was not lucky", code="sample.unlucky")
    return Done(text=request.what)


@implements(catalog.add_up)
def add_up(request: SumRequest) -> SumResult:
    """Add, after a pause."""
    time.sleep(request.pause_s)
    return SumResult(total=sum(request.numbers))


def _mark(folder: str, step: str) -> int:
    """Notes one execution of a step; returns which one it is, from 1."""
    file = Path(folder) / f"{step}.jsonl"
    info = activity.info()
    line = {
        "at": time.time(),
        "attempt": info.attempt,
        "run": info.workflow_run_id,
        "pid": os.getpid(),
    }
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(line) + "\n")
    return info.attempt


def _wait_for(release: Path, progress: object = None) -> None:
    while not release.exists():
        activity.heartbeat(*([] if progress is None else [progress]))
        time.sleep(0.05)


def _stall(request: SlowRequest) -> Done:
    release = Path(request.folder) / "release-stalled"
    while not release.exists():
        time.sleep(0.05)
    return Done(text=request.kind)
