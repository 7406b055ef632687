"""A project with data and reports, this process's while a test runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from report_desk import make_project
from tenuto.artifacts.current import use_store
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.engine.project import use_settings
from tenuto.engine.settings import Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A project with a DuckDB file and the report `spend`."""
    monkeypatch.chdir(tmp_path)
    settings = make_project(tmp_path)
    use_settings(settings)
    yield settings
    use_settings(None)


@pytest.fixture
def store(settings: Settings) -> Iterator[ArtifactStore]:
    """The project's store."""
    store = open_store(settings.artifacts_url)
    use_store(store)
    yield store
    use_store(None)
