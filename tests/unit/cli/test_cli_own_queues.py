"""Which queues `tenuto worker` could serve, so that nobody is told to start what cannot start."""

from pathlib import Path

import pytest

from tenuto.cli.own_queues import serves_here


def test_queues_with_code_are_ours_and_others_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert serves_here("definitions")
    assert serves_here("default")
    assert not serves_here("go-workers")


def test_a_project_that_cannot_be_read_is_told_about_by_its_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tenuto.toml").write_text("queue = [")
    monkeypatch.chdir(tmp_path)
    assert serves_here("go-workers")
