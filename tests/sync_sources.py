"""Python sources that tests sync; what they do, and that they did it, is in files of the test."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt


def orders(folder: str) -> Any:
    """`orders.json` merged by id, with the trap: this cursor drops corrections of its last day."""

    @dlt.resource(name="orders", write_disposition="merge", primary_key="id")
    def read(day: Any = dlt.sources.incremental("day")) -> Iterator[Any]:  # noqa: B008
        rows = json.loads((Path(folder) / "orders.json").read_text())
        yield [row for row in rows if day.last_value is None or row["day"] >= day.last_value]

    return read


def events(folder: str, rows: int = 10, pages: int = 1, hold: str = "") -> Any:
    """`rows` rows a page, appended; each extraction adds a line to `extractions`, and waits for
    the file `hold` where there is to be one."""

    @dlt.resource(name="events", write_disposition="append")
    def read() -> Iterator[Any]:
        _mark(folder, "extractions")
        while hold and not (Path(folder) / hold).exists():
            time.sleep(0.05)
        for page in range(pages):
            yield [{"id": page * rows + each, "text": f"event {each}"} for each in range(rows)]

    return read


def failing(folder: str, name: str, failures: int, token: str = "") -> Any:
    """Fails as often as said, repeating its secret in the error, then gives one row."""

    @dlt.resource(name="rows", write_disposition="replace")
    def read() -> Iterator[Any]:
        if _mark(folder, name) <= failures:
            raise OSError(f"the source is down for {token}")
        yield [{"id": 1}]

    return read


def blocking(folder: str, name: str, seconds: float) -> Any:
    """Blocks its process, deaf to everything, and gives one row."""

    @dlt.resource(name="rows", write_disposition="replace")
    def read() -> Iterator[Any]:
        (Path(folder) / f"{name}.pid").write_text(str(os.getpid()))
        time.sleep(seconds)
        yield [{"id": 1}]

    return read


def meeting(folder: str, name: str, other: str) -> Any:
    """Blocks until the other one has begun as well, and gives one row; fails if it never does."""

    @dlt.resource(name="rows", write_disposition="replace")
    def read() -> Iterator[Any]:
        (Path(folder) / f"{name}.began").touch()
        deadline = time.monotonic() + 60
        while not (Path(folder) / f"{other}.began").exists():
            if time.monotonic() > deadline:
                raise OSError(f"{other} did not begin meanwhile")
            time.sleep(0.05)
        yield [{"id": 1}]

    return read


def empty() -> Any:
    """Gives nothing."""

    @dlt.resource(name="nothing", write_disposition="append")
    def read() -> Iterator[Any]:
        yield []

    return read


def _mark(folder: str, name: str) -> int:
    """Adds a line to the file and returns how many it has."""
    marks = Path(folder) / name
    with marks.open("a") as file:
        file.write("x\n")
    return len(marks.read_text().splitlines())


def days(folder: str, hold: str, window: Any = None) -> Any:
    """A row a day of January 2026, merged; notes what it was asked for, and blocks at the day
    `hold` of a window until a file `go-on` is there."""
    cursor = None
    if window is None:
        cursor = dlt.sources.incremental("day", initial_value="2026-01-20", primary_key=())

    @dlt.resource(name="days", write_disposition="merge", primary_key="day")
    def read(since: Any = cursor) -> Iterator[Any]:
        first = since.last_value if window is None else str(window.start)
        last = "2026-01-31" if window is None else str(window.end)
        with (Path(folder) / "asked").open("a") as file:
            file.write(f"{'regular' if window is None else 'window'} {first}\n")
        while window is not None and first == hold and not (Path(folder) / "go-on").exists():
            time.sleep(0.05)
        every = [f"2026-01-{number:02}" for number in range(1, 32)]
        yield [{"day": day} for day in every if first <= day <= last]

    return read
