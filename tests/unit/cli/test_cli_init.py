"""`tenuto init` makes a project that is good code by our own standards, and harms nothing."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]


def test_the_project_is_known_to_the_catalog_at_once(
    tenuto: Run, project: Path, monkeypatch: Any
) -> None:
    made = tenuto("init", "shop")
    assert made.code == 0
    files = {Path(line).name for line in made.out.splitlines()}
    assert files == {
        *(".gitignore", "README.md", "tenuto.toml"),
        *("conftest.py", "pytest.ini", "workflows.py", "test_workflows.py"),
    }
    monkeypatch.chdir(project / "shop")
    assert "tenuto run greeting --name TEXT --wait" in tenuto("catalog", "greeting").out


def test_it_passes_the_linters(tenuto: Run, project: Path) -> None:
    tenuto("init")
    for tool in (
        ["ruff", "check", "--isolated", "--select", "E,F,I,UP,B,ANN"],
        ["mypy", "--strict"],
    ):
        told = subprocess.run(
            [sys.executable, "-m", *tool, "workflows.py", "test_workflows.py"],
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, told.stdout + told.stderr


def test_what_exists_is_not_written_over(tenuto: Run, project: Path) -> None:
    (project / "workflows.py").write_text("mine\n")
    told = tenuto("init")
    assert told.code == 2
    assert "workflows.py" in told.err
    assert [path.name for path in project.iterdir() if path.is_file()] == ["workflows.py"]
    assert (project / "workflows.py").read_text() == "mine\n"
