"""What the sample activities left behind, read by the tests."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tenuto.core.records import Record


class Mark(Record):
    """One execution of one step."""

    at: datetime
    """When it began."""
    attempt: int
    run: str
    pid: int
    """The worker process."""


def marks(folder: Path, step: str) -> list[Mark]:
    """The executions of a step so far, in order."""
    file = folder / f"{step}.jsonl"
    if not file.exists():
        return []
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    return [Mark(**{**line, "at": datetime.fromtimestamp(line["at"], UTC)}) for line in lines]


def marked(folder: Path, step: str, times: int = 1) -> Callable[[], list[Mark]]:
    """A check that the step was executed so many times; for `eventually`."""

    def check() -> list[Mark]:
        found = marks(folder, step)
        assert len(found) == times, found
        return found

    return check


def release(folder: Path, step: str) -> None:
    """Lets a held step go on."""
    (folder / f"release-{step}").touch()
