"""A look for files: what has stopped changing, what is unfinished, what may not be looked at."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import fsspec  # type: ignore[import-untyped]
import pytest

from tenuto.activities.arrivals.looking import look, url_of
from tenuto.catalog.library.arrivals.models import Look, LookRequest, SeenFile, WatchRequest
from tenuto.core.errors import PolicyDenied, TenutoError, UsageError

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.fixture
def inbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that may be read."""
    folder = tmp_path / "inbox"
    folder.mkdir()
    monkeypatch.setenv("TENUTO_FILES_ROOTS", str(folder))
    return folder


def looked(url: object, seen: tuple[SeenFile, ...] = (), at: int = 0, **fields: object) -> Look:
    watch = WatchRequest.model_validate(
        {"name": "in", "url": str(url), "run": "x", "stable_for": timedelta(seconds=10), **fields}
    )
    return look(LookRequest(watch=watch, seen=seen), NOW + timedelta(seconds=at))


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An empty place elsewhere that may be read, and its driver."""
    driver = fsspec.filesystem("memory")
    driver.makedirs("/bucket/in")
    monkeypatch.setenv("TENUTO_FILES_REMOTES", "memory://bucket/in")
    yield driver
    driver.rm("/bucket", recursive=True)


def names(found: Look) -> list[str]:
    return [each.name for each in found.arrived]


def test_a_file_arrives_once_it_has_stopped_changing(inbox: Path) -> None:
    file = inbox / "a.csv"
    file.write_text("one")
    first = looked(inbox / "*.csv")
    assert names(first) == []
    assert names(looked(inbox / "*.csv", first.files, 9)) == []
    assert names(looked(inbox / "*.csv", first.files, 10)) == ["a.csv"]
    file.write_text("one and two")
    second = looked(inbox / "*.csv", first.files, 30)
    assert names(second) == []
    assert names(looked(inbox / "*.csv", second.files, 39)) == []
    assert names(looked(inbox / "*.csv", second.files, 40)) == ["a.csv"]


def test_the_same_size_at_another_time_is_another_version(inbox: Path) -> None:
    (inbox / "a.csv").write_text("one")
    first = looked(inbox / "*.csv").files
    (inbox / "a.csv").write_text("two")
    assert looked(inbox / "*.csv").files[0].version != first[0].version


def test_what_was_taken_is_not_taken_again_and_what_is_gone_is_forgotten(inbox: Path) -> None:
    (inbox / "a.csv").write_text("one")
    seen = tuple(e.model_copy(update={"state": "started"}) for e in looked(inbox / "*.csv").files)
    assert names(looked(inbox / "*.csv", seen, 99)) == []
    (inbox / "a.csv").unlink()
    assert looked(inbox / "*.csv", seen, 99).files == ()


def test_unfinished_and_hidden_files_and_folders_are_left_out(inbox: Path) -> None:
    for name in ("a.csv.part", "b.tmp", ".c.csv"):
        (inbox / name).write_text("x")
    (inbox / "d.csv").mkdir()
    assert looked(inbox / "*").files == ()


def test_too_many_files_are_an_error(inbox: Path) -> None:
    for number in range(4):
        (inbox / f"{number}.csv").write_text("x")
    with pytest.raises(UsageError, match="more than 3 files"):
        looked(inbox / "*.csv", max_files=3)


def test_files_elsewhere_arrive_as_those_here_do(bucket: Any) -> None:
    for name in ("a.csv", "b.csv.part", ".c.csv", "below/d.csv"):
        bucket.pipe(f"/bucket/in/{name}", b"one")
    url = "memory://bucket/in/*.csv"
    first = looked(url)
    assert [each.path for each in first.files] == ["memory://bucket/in/a.csv"]
    assert names(first) == names(looked(url, first.files, 9)) == []
    (arrived,) = looked(url, first.files, 10).arrived
    assert (arrived.name, arrived.size) == ("a.csv", 3)
    assert arrived.modified is not None
    # What a step that fetches it is told leads back to it.
    assert looked(arrived.path).files[0].version == arrived.version
    bucket.pipe("/bucket/in/a.csv", b"two")
    second = looked(url, first.files, 30)
    assert second.files[0].version != arrived.version
    assert names(second) == []
    assert names(looked(url, second.files, 40)) == ["a.csv"]
    bucket.rm("/bucket/in/a.csv")
    assert looked(url, second.files, 50).files == ()


@pytest.mark.parametrize(
    ("url", "pattern", "path", "found"),
    [
        ("s3://b/in/*.csv", "b/in/*.csv", "b/in/a.csv", "s3://b/in/a.csv"),
        ("sftp://u@host/in/*.csv", "/in/*.csv", "/in/a.csv", "sftp://u@host/in/a.csv"),
        ("sftp://host/**/a.csv", "/**/a.csv", "/in/a.csv", "sftp://host/in/a.csv"),
        ("abfs://c@acc.x/in/*/b", "c/in/*/b", "c/in/x/b", "abfs://c@acc.x/in/x/b"),
        ("s3://b/in/a.csv", "b/in/a.csv", "b/in/a.csv", "s3://b/in/a.csv"),
    ],
)
def test_a_file_elsewhere_is_called_by_its_whole_url(
    url: str, pattern: str, path: str, found: str
) -> None:
    assert url_of(path, pattern, url) == found


def test_folders_elsewhere_are_searched_as_far_as_the_pattern_says(bucket: Any) -> None:
    for name in ("a.csv", "x/b.csv", "x/y/c.csv"):
        bucket.pipe(f"/bucket/in/{name}", b"one")
    found = looked("memory://bucket/in/**/*.csv").files
    assert [Path(each.path).name for each in found] == ["a.csv", "b.csv", "c.csv"]
    with pytest.raises(UsageError, match="more than 2 files"):
        looked("memory://bucket/in/**/*.csv", max_files=2)


def test_an_empty_place_elsewhere_has_no_files(bucket: Any) -> None:
    assert looked("memory://bucket/in/*.csv").files == ()
    assert looked("memory://bucket/in/none.csv").files == ()


@pytest.mark.attack
def test_no_other_place_elsewhere_is_looked_at(bucket: Any) -> None:
    bucket.pipe("/bucket/secret/a.csv", b"one")
    for url in ("memory://bucket/secret/*.csv", "memory://bucket/*/a.csv", "memory://**"):
        with pytest.raises(PolicyDenied):
            looked(url)


@pytest.mark.attack
@pytest.mark.parametrize(
    "url",
    ["/etc/*", "inbox/../../etc/*", "file:///etc/passwd", "http://127.0.0.1/x", "zip://a::/b", ""],
)
def test_what_may_not_be_looked_at_is_not(inbox: Path, url: str) -> None:
    with pytest.raises(TenutoError) as refused:
        looked(url)
    assert refused.value.code.startswith("files.")


@pytest.mark.attack
def test_a_link_leads_nowhere_else(inbox: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("x")
    (inbox / "a.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(PolicyDenied):
        looked(inbox / "*.csv")
