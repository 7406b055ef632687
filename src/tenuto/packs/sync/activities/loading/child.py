"""The process that loads: started by the worker, and gone when the worker is.

Standard input is a pipe whose other end only the worker holds: its end means that the worker died
(`kill -9` included), and ends this process at once, in the middle of whatever it does. What the
source or a driver prints goes to the log, never into what the worker reads.
"""

import os
import signal
import sys
import threading
import time
from typing import BinaryIO

from tenuto.packs.sync.activities.loading.wire import (
    Job,
    Loaded,
    Planned,
    Progress,
    Remembered,
    Said,
)

_PAUSE_S = 0.5
"""Between two words of progress."""


def main() -> int:
    """Does one job and says how it went."""
    job = Job.model_validate_json(_first_line())
    threading.Thread(target=_end_with_the_worker, daemon=True).start()
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    sys.path[:] = dict.fromkeys((*job.import_path, *sys.path))
    speech = _Speech(answers)
    secrets: set[str] = set()
    try:
        speech.say(_done(job, speech, secrets))
    except Exception as error:  # noqa: BLE001 (whatever goes wrong is one answer)
        from tenuto.packs.sync.activities.loading.problems import failed

        speech.say(failed(error, job.request.source_name, frozenset(secrets)))
    return 0


class _Speech:
    def __init__(self, answers: BinaryIO) -> None:
        self._answers = answers
        self._last = 0.0

    def say(self, said: Said) -> None:
        self._answers.write(said.model_dump_json().encode() + b"\n")

    def progress(self, text: str) -> None:
        now = time.monotonic()
        if now - self._last >= _PAUSE_S:
            self._last = now
            self.say(Progress(text=text))


def _done(job: Job, speech: _Speech, secrets: set[str]) -> Said:
    def hide(more: tuple[str, ...]) -> None:
        secrets.update(each for each in more if each)

    if job.kind == "load":
        from tenuto.packs.sync.activities.loading.load import load

        return Loaded(result=load(job, speech.progress, hide))
    if job.kind == "plan":
        from tenuto.packs.sync.activities.loading.plan import plan

        return Planned(plan=plan(job, speech.progress, hide))
    from tenuto.packs.sync.activities.loading.remembering import remembered

    return Remembered(loads=remembered(job, speech.progress, hide))


def _first_line() -> bytes:
    """Byte by byte, so that nothing of the pipe is taken that the watch would wait for."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            os._exit(1)
        line += byte
    return bytes(line)


def _end_with_the_worker() -> None:
    os.read(0, 1)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # threads of drivers and of dlt are not waited for
