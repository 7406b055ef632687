"""Rendering in a process of its own: without the worker's secrets, and with an end.

A template may loop for ever or fill memory, and no sandbox inside a process can stop that.
"""

import os
import subprocess
import sys
import tempfile

from pydantic import ValidationError

from tenuto.core.errors import DataError
from tenuto.packs.reports.rendering.job import Answer, Flaw, Job

TIMEOUT_S = 30
MEMORY_BYTES = 1024 * 1024 * 1024
_KEPT = ("PATH", "PYTHONPATH", "PYTHONPYCACHEPREFIX", "SYSTEMROOT", "LD_LIBRARY_PATH")


def render(job: Job, *, report: str) -> dict[str, str]:
    """The texts of the job, by part.

    Raises DataError `reports.template-failed`, naming template and line, `reports.text-too-long`,
    `reports.mjml-invalid`, and `reports.template-hangs` for one that takes more than 30 seconds
    or a gigabyte.
    """
    with tempfile.TemporaryDirectory(prefix="tenuto-report-") as folder:
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "tenuto.packs.reports.rendering.child"],
                input=job.model_dump_json().encode(),
                capture_output=True,
                env=environment_of_child(),
                cwd=folder,
                timeout=TIMEOUT_S + 5,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise _hung(report) from late
    try:
        answer = Answer.model_validate_json(done.stdout)
    except ValidationError as no_answer:
        raise _hung(report, done.stderr) from no_answer
    if answer.flaw is not None:
        raise _flawed(answer.flaw, report)
    return answer.parts


def environment_of_child() -> dict[str, str]:
    """What the process needs to start; no secret of the worker is in it."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


def _flawed(flaw: Flaw, report: str) -> DataError:
    said = f"{flaw.place}: {flaw.message.rstrip('.')}."
    details = {"report": report, "place": flaw.place}
    match flaw.code:
        case "mjml":
            return DataError(said, code="reports.mjml-invalid", details=details)
        case "too-long":
            return DataError(said, code="reports.text-too-long", details=details)
        case "template":
            return DataError(said, code="reports.template-failed", details=details)


def _hung(report: str, said: bytes = b"") -> DataError:
    last = said.decode("utf-8", "replace").strip().splitlines()[-1:] or ["no answer in time"]
    return DataError(
        f"The templates of report `{report}` took more than {TIMEOUT_S} s or "
        f"{MEMORY_BYTES // 2**20:,} MiB and were stopped ({last[0][:200]}); take loops within "
        "loops away, or do it in the query.",
        code="reports.template-hangs",
    )
