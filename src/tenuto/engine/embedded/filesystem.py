"""Refusing folders on which SQLite's locks do not hold."""

import platform
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tenuto.core.errors import UsageError

NETWORK_TYPES = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afpfs", "webdav", "afs", "ncpfs"}
    | {"fuse.sshfs", "fuse.s3fs", "fuse.gcsfuse", "fuse.rclone", "fuse.glusterfs", "ceph"}
)
"""File systems whose locks or shared memory do not carry an SQLite write-ahead log."""


def refuse_network_folder(folder: Path) -> None:
    """Raises UsageError when `folder` lies on a network file system; silent where unknown."""
    kind = filesystem_type(folder, list(_mounts()))
    if kind in NETWORK_TYPES:
        raise UsageError(
            f"{folder} is on a network file system ({kind}), where SQLite databases get damaged."
            " Set `state_dir` (environment `TENUTO_STATE_DIR`) to a folder on a local disk.",
            code="embedded.network-folder",
        )


def filesystem_type(folder: Path, mounts: list[tuple[Path, str]]) -> str | None:
    """Type of the innermost of `mounts` (mount point, type) that holds `folder`; later wins."""
    holding = [(point, kind) for point, kind in mounts if folder.is_relative_to(point)]
    if not holding:
        return None
    deepest = max(len(point.parts) for point, _ in holding)
    return [kind for point, kind in holding if len(point.parts) == deepest][-1]


def _mounts() -> Iterator[tuple[Path, str]]:
    if platform.system() == "Linux":
        return parse_mountinfo(Path("/proc/self/mountinfo").read_text("utf-8"))
    said = subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=True).stdout
    return parse_mount(said)


def parse_mountinfo(text: str) -> Iterator[tuple[Path, str]]:
    """Mount points and types from `/proc/self/mountinfo` (proc(5))."""
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        point = before.split()[4].encode().decode("unicode_escape")
        yield Path(point), after.split()[0]


def parse_mount(text: str) -> Iterator[tuple[Path, str]]:
    """Mount points and types from macOS's `mount`: `device on /point (type, options)`."""
    for line in text.splitlines():
        where, _, options = line.rpartition(" (")
        yield Path(where.partition(" on ")[2]), options.rstrip(")").split(",")[0]
