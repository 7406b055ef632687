"""`tenuto` in a project's folder, in this process: a command without a process of its own."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from pydantic_core import from_json

from integration.cli_project.project import Project
from tenuto.cli import run


class Inside:
    """A project whose server and workers run elsewhere, and whose commands run here."""

    def __init__(self, project: Project) -> None:
        self.folder = project.folder
        self.environment = dict(project.environment)

    def __call__(self, *args: str, code: int = 0) -> CompletedProcess[str]:
        """Runs a command to its end and holds it to its exit code."""
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
        with self._place(), redirect_stdout(out), redirect_stderr(err):
            left = run(list(args))
        said, warned = (each.buffer.getvalue().decode() for each in (out, err))
        assert left == code, f"tenuto {' '.join(args)} left with {left}\n{said}\n{warned}"
        return CompletedProcess(args, left, said, warned)

    def json(self, *args: str, code: int = 0) -> Any:
        """What a command prints with `--json`."""
        return from_json(self(*args, "--json", code=code).stdout)

    @contextmanager
    def _place(self) -> Iterator[None]:
        before, here = dict(os.environ), Path.cwd()
        os.environ.clear()
        os.environ.update(self.environment)
        os.chdir(self.folder)
        try:
            yield
        finally:
            os.chdir(here)
            os.environ.clear()
            os.environ.update(before)
