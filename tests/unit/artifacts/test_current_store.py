"""Which store this process uses."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenuto.artifacts.current import VARIABLE, current_store, use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.core.errors import UsageError


@pytest.fixture(autouse=True)
def no_store(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv(VARIABLE, raising=False)
    use_store(None)
    yield
    use_store(None)


def test_without_a_store_the_error_says_how_to_set_one() -> None:
    with pytest.raises(UsageError, match="TENUTO_ARTIFACTS") as caught:
        current_store()
    assert caught.value.code == "artifact.no-store"


def test_the_variable_names_the_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "one"))
    first = current_store()
    assert first.url == str(tmp_path / "one")
    assert current_store() is first

    monkeypatch.setenv(VARIABLE, str(tmp_path / "two"))
    assert current_store().url == str(tmp_path / "two")


def test_a_store_that_was_chosen_goes_before_the_variable_in_every_thread(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "variable"))
    chosen = open_store(str(tmp_path / "chosen"))
    use_store(chosen)
    seen: list[ArtifactStore] = []

    thread = threading.Thread(target=lambda: seen.append(current_store()))
    thread.start()
    thread.join()

    assert seen == [chosen]
