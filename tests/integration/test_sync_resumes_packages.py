"""A package whose load was cut off right after a commit: its rows are there once in the end."""

import subprocess
import sys
from pathlib import Path

import pytest

import sync_cut_off


def half(folder: Path, disposition: str, which: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, sync_cut_off.__file__, str(folder), disposition, which]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "disposition",
    [
        "append",
        pytest.param("merge", marks=pytest.mark.chaos),
        pytest.param("replace", marks=pytest.mark.chaos),
    ],
)
def test_rows_that_a_killed_process_had_committed_are_not_loaded_again(
    tmp_path: Path, disposition: str
) -> None:
    assert half(tmp_path, disposition, "cut").returncode == 9
    assert half(tmp_path, disposition, "repaired").stdout.split() == ["5", "10"]


@pytest.mark.chaos
def test_without_the_repair_they_would_be_there_twice(tmp_path: Path) -> None:
    assert half(tmp_path, "append", "cut").returncode == 9
    assert half(tmp_path, "append", "plain").stdout.split() == ["10", "10"]
