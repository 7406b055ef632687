"""The rendering process: one job from stdin, one answer to stdout, within limits."""

import sys

from tenuto.packs.reports.rendering.filling import fill
from tenuto.packs.reports.rendering.job import Job
from tenuto.packs.reports.rendering.process import MEMORY_BYTES, TIMEOUT_S


def main() -> None:
    """Ends with an answer, or is ended by its limits."""
    job = Job.model_validate_json(sys.stdin.buffer.read())
    _limit()
    sys.stdout.buffer.write(fill(job).model_dump_json().encode())


def _limit() -> None:
    """Seconds of work and bytes of memory, where the operating system keeps account of them."""
    try:
        import resource
    except ImportError:  # not on Windows, where the time limit of whoever waits holds
        return
    resource.setrlimit(resource.RLIMIT_CPU, (TIMEOUT_S, TIMEOUT_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    main()
