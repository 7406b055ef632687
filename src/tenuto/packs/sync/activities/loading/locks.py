"""One writer at a time: of a pipeline, and of a dataset.

Two attempts of one pipeline would both extract from the same cursor, and two pipelines that
merge into one dataset empty each other's staging tables. A file of this machine keeps both apart
(the working folder of a pipeline is on this machine as well, and so is a DuckDB file); PostgreSQL
keeps writers of several machines apart by itself. The engine of either lets go when the holder
dies, however it dies.
"""

import contextlib
import fcntl
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tenuto.core.errors import UsageError

GRACE_S = 2.0
"""How long the process of a run that was just killed or cancelled may take to be gone."""

_LOOK_S = 0.2


@contextlib.contextmanager
def only_one(folder: Path, pipeline: str, run: str, name: str) -> Iterator[None]:
    """Holds the pipeline for `run`, which people know as `name`.

    Raises UsageError `sync.already-running` where another run holds it; another attempt of the
    same run is waited for.
    """
    with _opened(folder / f"{pipeline}.lock") as held:
        deadline = time.monotonic() + GRACE_S
        while not _taken(held):
            holder = _holder(folder, pipeline)
            if time.monotonic() > deadline and (not holder or holder[0] != run):
                raise UsageError(
                    f"already running {holder[1] if holder else pipeline}: another run loads this"
                    " source; wait for it (`tenuto runs`), or stop it with `tenuto cancel`",
                    code="sync.already-running",
                )
            time.sleep(_LOOK_S)
        (folder / f"{pipeline}.holder").write_text(f"{run}\n{name}\n")
        yield


@contextlib.contextmanager
def writing(folder: Path, place: str, say: Callable[[str], None]) -> Iterator[None]:
    """Waits until nobody else writes to `place`, and holds it."""
    with _opened(folder / f"{place}.writer") as held:
        if not _taken(held):
            say("waiting for another sync that writes to the same place")
            while not _taken(held):
                time.sleep(_LOOK_S)
        yield


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("a") as file:
        yield file.fileno()


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(folder: Path, pipeline: str) -> tuple[str, str] | None:
    path = folder / f"{pipeline}.holder"
    lines = path.read_text().splitlines() if path.exists() else []
    return (lines[0], lines[1]) if len(lines) > 1 else None
