"""Settings: file, environment, and what is wrong with either."""

from pathlib import Path

import pytest

from tenuto.core.errors import UsageError
from tenuto.engine.settings import load_settings


@pytest.fixture(autouse=True)
def _no_outer_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TENUTO_PROJECT", raising=False)
    monkeypatch.delenv("TENUTO_ARTIFACTS", raising=False)


def write(folder: Path, text: str) -> Path:
    (folder / "tenuto.toml").write_text(text)
    return folder


def test_without_a_file_the_current_folder_is_the_project(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    assert settings.state_path == tmp_path / ".tenuto"
    assert settings.artifacts_url == str(tmp_path / ".tenuto" / "artifacts")


def test_the_file_is_found_from_a_folder_below(tmp_path: Path) -> None:
    write(tmp_path, 'modules = ["mine.workflows"]\n[embedded]\nport = 7300\n')
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    settings = load_settings(below)
    assert settings.root == tmp_path
    assert settings.modules == ("mine.workflows",)
    assert settings.embedded.port == 7300


def test_the_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 'artifacts = "/from/file"\n[embedded]\nport = 7300\nui = false\n')
    monkeypatch.setenv("TENUTO_ARTIFACTS", "s3://bucket/from-environment")
    monkeypatch.setenv("TENUTO_EMBEDDED__PORT", "7400")
    settings = load_settings(tmp_path)
    assert settings.artifacts_url == "s3://bucket/from-environment"
    assert (settings.embedded.port, settings.embedded.ui) == (7400, False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("artefacts = 1", "`artefacts` is not a setting; did you mean `artifacts`"),
        ("[embedded]\nprot = 1", "`embedded.prot` is not a setting; did you mean `port`"),
        ("[embedded]\nport = 70000", "`embedded.port`: .*65535"),
        ("[worker]\nthreads = 0", "`worker.threads`"),
        ("modules = [", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, text)
    with pytest.raises(UsageError, match=message) as wrong:
        load_settings(tmp_path)
    assert "tenuto.toml" in str(wrong.value)


def test_a_named_project_without_a_file_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENUTO_PROJECT", str(tmp_path))
    with pytest.raises(UsageError, match=r"has no tenuto\.toml"):
        load_settings(tmp_path)


def test_a_variable_that_is_no_list_says_how_to_write_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENUTO_MODULES", "mine.workflows")
    with pytest.raises(UsageError, match="A list is written as JSON"):
        load_settings(tmp_path)
