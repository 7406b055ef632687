"""`fetch.statements` as an activity: files, failures, cancellation."""

import gzip
import tempfile
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import CancelledError
from temporalio.testing import ActivityEnvironment

from cancelling import cancel_soon, may_be_dropped_once
from statement_samples import Reader, mt940_text
from tenuto.activities.fetch.statements.reading import fetch_statements
from tenuto.catalog.library.fetch.statements import FetchedStatements, FetchStatementsRequest
from tenuto.core.errors import DataError, PolicyDenied, TenutoError, TransientError


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    monkeypatch.setenv("TENUTO_FILES_ROOTS", str(folder))
    return folder


def fetch(path: Path, **request: Any) -> FetchedStatements:
    body = {"path": str(path), "message": "mt940", **request}
    return ActivityEnvironment().run(fetch_statements, FetchStatementsRequest.model_validate(body))


def test_files_of_a_glob_are_one_result(inbox: Path, read: Reader) -> None:
    (inbox / "b.sta.gz").write_bytes(gzip.compress(mt940_text(reference="B").encode()))
    (inbox / "a.sta.gz").write_bytes(gzip.compress(mt940_text(reference="A").encode() * 2))
    result = fetch(inbox / "*.gz", compression="gzip")
    assert [(each.statement_id, each.reference) for each in result.headers] == [
        ("a.sta.gz#1", "A"),
        ("a.sta.gz#2", "A"),
        ("b.sta.gz#1", "B"),
    ]
    assert read.store.get_table(result.statements)["statement_id"].to_list() == [
        "a.sta.gz#1",
        "a.sta.gz#2",
        "b.sta.gz#1",
    ]
    assert [file.rows for file in result.files] == [2, 1]


@pytest.mark.parametrize(
    ("name", "data", "request_", "kind", "code"),
    [
        ("a.sta.part", b":20:X\n", {}, TransientError, "files.still-written"),
        ("a.sta", b"", {}, DataError, "files.empty"),
        ("a.sta", gzip.compress(b":20:X", mtime=0), {}, DataError, "files.wrong-format"),
        ("a.sta", b"hello\n", {}, DataError, "statements.no-message"),
        ("a.sta", b":20:\xff\n", {}, DataError, "files.encoding"),
        ("a.sta", b":20:X\n", {"on_problem": "fail"}, DataError, "statements.unreadable"),
        ("a.sta", b"x" * 2_000_000, {}, DataError, "files.line-too-long"),
    ],
)
def test_files_that_are_refused(
    name: str,
    data: bytes,
    request_: dict[str, Any],
    kind: type[TenutoError],
    code: str,
    inbox: Path,
    read: Reader,
) -> None:
    (inbox / name).write_bytes(data)
    with pytest.raises(kind) as refused:
        fetch(inbox / name, **request_)
    assert refused.value.code == code


def test_outside_the_roots_nothing_is_read(inbox: Path, read: Reader) -> None:
    with pytest.raises(PolicyDenied):
        fetch(inbox.parent / "a.sta")


def test_more_headers_than_are_shown_are_all_in_the_table(inbox: Path, read: Reader) -> None:
    (inbox / "a.sta").write_text(mt940_text() * 150)
    result = fetch(inbox / "a.sta")
    assert (len(result.headers), result.statements.rows) == (100, 150)


@may_be_dropped_once
def test_cancelling_stops_at_once_and_leaves_no_temporary_file(
    inbox: Path, read: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    (inbox / "a.sta").write_text(mt940_text() * 20_000)
    environment = ActivityEnvironment()
    seen: list[str] = []

    def cancel_when_reading(what: str) -> None:
        if what.startswith("read "):
            seen.append(what)
        if len(seen) == 1:
            cancel_soon(environment)

    environment.on_heartbeat = cancel_when_reading
    with pytest.raises(CancelledError):
        environment.run(
            fetch_statements,
            FetchStatementsRequest(path=str(inbox / "a.sta"), message="mt940"),
        )
    assert len(seen) < 20_000
    assert list(scratch.iterdir()) == []
