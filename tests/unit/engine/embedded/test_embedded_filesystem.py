"""A state folder on a network is refused where the mount table shows it."""

from pathlib import Path

import pytest

from tenuto.core.errors import UsageError
from tenuto.engine.embedded import filesystem
from tenuto.engine.embedded.filesystem import (
    filesystem_type,
    parse_mount,
    parse_mountinfo,
    refuse_network_folder,
)

MOUNTINFO = r"""
21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
35 21 0:31 / /home rw,relatime shared:15 - autofs systemd-1 rw,fd=42
36 35 0:32 / /home rw,relatime shared:16 - nfs4 files:/home rw,vers=4.2
40 21 0:40 / /mnt/two\040words rw master:3 - cifs //files/two rw
""".strip()

MACOS = """
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)
//me@files/funds on /Volumes/on funds (smbfs, nodev, nosuid, mounted by me)
""".strip()


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/srv/tenuto", "ext4"),
        ("/home/me/.tenuto", "nfs4"),
        ("/homestead", "ext4"),
        ("/mnt/two words/state", "cifs"),
    ],
)
def test_the_innermost_latest_mount_decides_on_linux(folder: str, kind: str) -> None:
    assert filesystem_type(Path(folder), list(parse_mountinfo(MOUNTINFO))) == kind


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("/Volumes/on funds/state", "smbfs"), ("/System/Volumes/Data/x", "apfs"), ("/tmp", "apfs")],
)
def test_the_mount_command_of_macos_is_read(folder: str, kind: str) -> None:
    assert filesystem_type(Path(folder), list(parse_mount(MACOS))) == kind


def test_a_network_folder_is_refused_with_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filesystem, "_mounts", lambda: parse_mountinfo(MOUNTINFO))
    with pytest.raises(UsageError, match=r"\(nfs4\).*`state_dir`.*`TENUTO_STATE_DIR`") as refused:
        refuse_network_folder(Path("/home/me/.tenuto"))
    assert refused.value.code == "embedded.network-folder"


def test_a_local_folder_of_this_machine_is_accepted(tmp_path: Path) -> None:
    refuse_network_folder(tmp_path)
