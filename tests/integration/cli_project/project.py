"""A user's project in a folder of its own, and real `tenuto` processes in it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

TENUTO = str(Path(sys.executable).with_name("tenuto"))
DESK = Path(__file__).with_name("desk.py")


class Project:
    """A project folder, and `tenuto` in it."""

    def __init__(self, folder: Path, bytecode: Path) -> None:
        self.folder = folder
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("TEMPORAL_", "TENUTO_"))},
            "PYTHONPYCACHEPREFIX": str(bytecode),
            "XDG_CONFIG_HOME": str(folder / ".config"),
        }
        self.environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._spawned: list[subprocess.Popen[str]] = []

    @classmethod
    def make(cls, folder: Path, bytecode: Path) -> "Project":
        """A project by `tenuto init`, with more code to fail and wait."""
        project = cls(folder, bytecode)
        project("init", "--quiet")
        (folder / "desk.py").write_bytes(DESK.read_bytes())
        (folder / "tenuto.toml").write_text('modules = ["workflows", "desk"]\n')
        return project

    def __call__(self, *args: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end and holds it to its exit code."""
        done = subprocess.run(
            [TENUTO, *args],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, f"tenuto {' '.join(args)}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *args: str, code: int = 0) -> Any:
        """What a command prints with `--json`."""
        return json.loads(self(*args, "--json", code=code).stdout)

    def spawn(self, *args: str) -> subprocess.Popen[str]:
        """Starts a command and leaves it running; stderr goes to `spawned.log`."""
        with self.log.open("a") as log:
            process = subprocess.Popen(
                [TENUTO, *args],
                cwd=self.folder,
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._spawned.append(process)
        return process

    @property
    def log(self) -> Path:
        """What spawned processes say on stderr."""
        return self.folder / "spawned.log"

    def up(self, *args: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        """`tenuto up`, started, and what it says once it is up."""
        process = self.spawn("up", "--port", "0", "--no-ui", "-o", "jsonl", *args)
        assert process.stdout is not None
        said = process.stdout.readline()
        assert said, self.log.read_text()
        return process, json.loads(said)

    def marked(self, seconds: float) -> tuple[str, Path]:
        """A run of one step that takes `seconds` and leaves a mark: its id and the mark."""
        mark = self.folder / f"mark-{len(list(self.folder.iterdir()))}"
        run = self.json("run", "slow", "--seconds", str(seconds), "--mark", str(mark))
        return run["workflow_id"], mark

    def close(self) -> None:
        """Kills what was spawned and is still there."""
        for process in self._spawned:
            process.kill()
            process.communicate()


def stop(process: subprocess.Popen[str], timeout_s: float = 40) -> int:
    """The exit code of a process that was asked to stop."""
    process.send_signal(signal.SIGTERM)
    return process.wait(timeout_s)


def children(pid: int) -> set[int]:
    """Every process that descends from `pid`."""
    told = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True)
    parents = {int(a): int(b) for a, b in (line.split() for line in told.stdout.splitlines())}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def gone(pids: set[int]) -> None:
    """Asserts that none of the processes is there."""
    assert not [pid for pid in pids if _is_running(pid)]


def _is_running(pid: int) -> bool:
    """Whether there is such a process, a zombie not counted."""
    told = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(told.stdout.strip()) and not told.stdout.startswith("Z")


def is_started(mark: Path, attempt: int = 1) -> None:
    """Asserts that the step which leaves `mark` is in its attempt number `attempt`."""
    assert mark.exists()
    assert mark.read_text() == f"attempt {attempt}"
