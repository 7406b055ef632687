"""The `tenuto` command."""

import io
import sys
from collections.abc import Sequence
from typing import NoReturn

from tenuto.engine.process import leave


def main() -> NoReturn:
    """The console entry point: runs the command line and leaves with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a tick shows a question mark; the word stands beside it.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    leave(run(sys.argv[1:]))


def run(args: Sequence[str]) -> int:
    """The exit code of `tenuto ARGS`, after everything was printed."""
    from tenuto.cli.failures import report
    from tenuto.cli.output import Output
    from tenuto.cli.program import program

    output = Output()
    try:
        done = program.main(list(args), prog_name="tenuto", standalone_mode=False, obj=output)
    except BaseException as error:  # noqa: BLE001 (the one place where every error becomes words)
        return report(error, output, args)
    return done if isinstance(done, int) else 0
