"""Where files may come from, and when they are not ready to be read."""

import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import fsspec  # type: ignore[import-untyped]
import pytest
from pydantic import ValidationError
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from cancelling import cancel_soon, may_be_dropped_once
from tenuto.activities.fetch.files.reading import fetch_files
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.fetch.files import FetchedFiles, FetchFilesRequest
from tenuto.core.errors import (
    NotFoundError,
    PolicyDenied,
    TenutoError,
    TransientError,
    UnreachableError,
    UsageError,
)


def fetch(path: Path | str, **request: Any) -> FetchedFiles:
    body = FetchFilesRequest.model_validate({"path": str(path), "format": "csv", **request})
    return ActivityEnvironment().run(fetch_files, body)


def refusal(kind: type[TenutoError], path: Path | str, **request: Any) -> str:
    with pytest.raises(kind) as refused:
        fetch(path, **request)
    assert isinstance(refused.value, kind)
    return refused.value.code


@pytest.fixture(autouse=True)
def one_file(inbox: Path, store: ArtifactStore) -> Path:
    (inbox / "a.csv").write_text("a\n1\n")
    return inbox / "a.csv"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder of a filesystem that is not the local one, and that may be read."""
    url = f"memory://inbox-{uuid4().hex}"
    monkeypatch.setenv("TENUTO_FILES_REMOTES", f"s3://other/in {url}")
    return url


def test_outside_the_roots_nothing_is_read(inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    assert refusal(PolicyDenied, tmp_path / "secret.csv") == "files.outside-roots"
    assert refusal(PolicyDenied, tmp_path / "not there") == "files.outside-roots"
    assert refusal(PolicyDenied, tmp_path / "*.csv") == "files.outside-roots"
    assert refusal(PolicyDenied, "/etc/passwd") == "files.outside-roots"
    assert refusal(PolicyDenied, "file:///etc/passwd") == "files.outside-roots"
    assert refusal(PolicyDenied, "~/.ssh/id_rsa") == "files.outside-roots"


def test_a_link_that_leaves_the_roots_is_refused(inbox: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.csv").write_text("a\n1\n")
    (inbox / "link.csv").symlink_to(outside / "b.csv")
    (inbox / "folder").symlink_to(outside)
    for path in ("link.csv", "folder/b.csv", "folder/*.csv", "l*.csv"):
        assert refusal(PolicyDenied, inbox / path) == "files.outside-roots"
    (inbox / "inner.csv").symlink_to(inbox / "a.csv")
    assert fetch(inbox / "inner.csv").data.rows == 1


def test_without_roots_the_working_directory_is_the_root(
    inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TENUTO_FILES_ROOTS")
    monkeypatch.chdir(inbox)
    assert fetch("a.csv").data.rows == 1
    monkeypatch.chdir("/")
    monkeypatch.setenv("TENUTO_FILES_ROOTS", os.pathsep.join(["/nowhere", str(inbox)]))
    assert fetch(inbox / "a.csv").data.rows == 1


@pytest.mark.parametrize(
    "path",
    [
        "",
        " ",
        "in/../a.csv",
        "..",
        "a\0.csv",
        "in\\a.csv",
        "simplecache::s3://bucket/a.csv",
        "zip://a.csv::file:///etc/a.zip",
        "sftp://user:hunter2@host/a.csv",
    ],
)
def test_paths_that_are_not_plain(path: str) -> None:
    with pytest.raises(UsageError) as refused:
        fetch(path)
    assert refused.value.code == "files.path-invalid"
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "path", ["http://169.254.169.254/latest", "https://x/a.csv", "ftp://x/a", "FILE:///etc/passwd",
             "github://org/repo/a.csv", "data://x"]
)  # fmt: skip
def test_protocols_that_are_not_read(path: str) -> None:
    assert refusal(UsageError, path) == "files.protocol-refused"


def test_a_file_of_another_filesystem(bucket: str) -> None:
    with fsspec.open(f"{bucket}/day/b.csv", "wb") as file:
        file.write(b"a\n2\n")
    assert fetch(f"{bucket}/day/b.csv").data.rows == 1
    (file,) = fetch(f"{bucket}/**/*.csv").files
    assert file.name == "day/b.csv"
    assert refusal(NotFoundError, f"{bucket}/c.csv") == "files.not-found"


@pytest.mark.parametrize(
    "path", ["memory://elsewhere/a.csv", "s3://other/inbox/a.csv", "s3://other/i*"]
)
def test_remote_places_that_are_not_listed(path: str, bucket: str) -> None:
    assert refusal(PolicyDenied, path) == "files.outside-remotes"
    assert refusal(PolicyDenied, f"{bucket}x/a.csv") == "files.outside-remotes"


def test_credentials_are_references_to_secrets(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = {"endpoint_url": "secret://env/X"}
    assert refusal(UsageError, f"{bucket}/a", credentials=unknown) == "files.credential-unknown"
    with pytest.raises(ValidationError):
        fetch(f"{bucket}/a", credentials={"password": "not-a-reference"})
    monkeypatch.setenv("TENUTO_FILES_REMOTES", "s3://bank/out")
    missing = {"secret": "secret://env/NOT_SET_ANYWHERE"}
    assert refusal(NotFoundError, "s3://bank/out/a.csv", credentials=missing) == "secret.missing"


def test_a_driver_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENUTO_FILES_REMOTES", "adl://box/in")
    assert refusal(UsageError, "adl://box/in/a.csv") == "files.driver-missing"


def test_a_missing_file(inbox: Path) -> None:
    assert refusal(NotFoundError, inbox / "b.csv") == "files.not-found"
    assert refusal(NotFoundError, inbox / "b*.csv") == "files.not-found"
    assert refusal(NotFoundError, inbox) == "files.not-found"


def test_a_glob_over_too_many_files(inbox: Path) -> None:
    for number in range(4):
        (inbox / f"{number}.csv").write_text("a\n1\n")
    assert refusal(UsageError, inbox / "*.csv", limits={"max_files": 3}) == "files.too-many"


@pytest.mark.parametrize("marker", ["a.csv.part", "a.csv.tmp", "a.csv.filepart"])
def test_a_file_that_is_still_being_written(marker: str, inbox: Path) -> None:
    (inbox / marker).write_text("a\n")
    assert refusal(TransientError, inbox / "a.csv") == "files.still-written"
    assert refusal(TransientError, inbox / marker) == "files.still-written"


def test_a_file_that_was_written_just_now(inbox: Path) -> None:
    assert refusal(TransientError, inbox / "a.csv", min_age_s=60) == "files.still-written"
    old = (datetime.now(UTC) - timedelta(minutes=5)).timestamp()
    os.utime(inbox / "a.csv", (old, old))
    assert fetch(inbox / "a.csv", min_age_s=60).data.rows == 1


@pytest.mark.parametrize("how", ["grows", "is replaced by another of its size"])
def test_a_file_that_changes_while_it_is_read(how: str, inbox: Path) -> None:
    path = inbox / "big.csv"
    path.write_text("a\n" + "1\n" * 2_000_000)
    environment = ActivityEnvironment()

    def change(*_: Any) -> None:
        with path.open("a" if how == "grows" else "r+") as file:
            file.write("2\n")

    environment.on_heartbeat = change
    with pytest.raises(TransientError) as refused:
        environment.run(fetch_files, FetchFilesRequest(path=str(path), format="csv"))
    assert refused.value.code == "files.still-written"


class BreaksOff(fsspec.AbstractFileSystem):  # type: ignore[misc]
    """A filesystem whose server breaks off when a file is read."""

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        return {"name": path, "size": 10, "type": "file"}

    def exists(self, path: str, **_: Any) -> bool:
        return path.endswith("a.csv")

    def _open(self, path: str, *_: Any, **__: Any) -> Any:
        raise ConnectionResetError("connection reset by peer")


class DoesNotAnswer(fsspec.AbstractFileSystem):  # type: ignore[misc]
    """A filesystem that connects when it is made, and cannot."""

    def __init__(self, *_: Any, **__: Any) -> None:
        raise RuntimeError("no route to host")


def test_a_server_that_breaks_off_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    fsspec.register_implementation("abfs", BreaksOff, clobber=True)
    monkeypatch.setenv("TENUTO_FILES_REMOTES", "abfs://bank/out")
    assert refusal(TransientError, "abfs://bank/out/a.csv") == "files.unreachable"


def test_a_server_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    fsspec.register_implementation("gs", DoesNotAnswer, clobber=True)
    monkeypatch.setenv("TENUTO_FILES_REMOTES", "gs://bank/out")
    assert refusal(UnreachableError, "gs://bank/out/a.csv") == "files.unreachable"


@may_be_dropped_once
def test_cancelling_stops_at_once_and_leaves_no_temporary_file(
    inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    (inbox / "big.csv").write_text("a,b\n" + "1,2\n" * 300_000)
    environment = ActivityEnvironment()
    seen: list[str] = []

    def cancel_when_reading(what: str) -> None:
        seen.append(what)
        if what.startswith("read "):
            cancel_soon(environment)

    environment.on_heartbeat = cancel_when_reading
    request = FetchFilesRequest(path=str(inbox / "big.csv"), format="csv")
    with pytest.raises(CancelledError):
        environment.run(fetch_files, request)
    assert len([what for what in seen if what.startswith("read ")]) < 6
    assert list(scratch.iterdir()) == []
