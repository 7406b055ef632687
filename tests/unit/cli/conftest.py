"""A project folder and a way to run `tenuto` in it, inside this process."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from tenuto.cli import run


class Ran(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one, without a server and without a profile."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("TEMPORAL_", "TENUTO_")) or name == "NO_COLOR":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home" / ".config"))
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


@pytest.fixture
def tenuto(project: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the command line in the project folder."""

    def call(*args: str) -> Ran:
        capsys.readouterr()
        code = run(args)
        return Ran(code, *capsys.readouterr())

    return call
