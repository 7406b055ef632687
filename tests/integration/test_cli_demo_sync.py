"""`tenuto demo sync`: workers killed in the middle of syncs, and every row counted afterwards."""

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from integration.cli_project.project import Project, gone

pytestmark = pytest.mark.chaos
"""Three kills take over 15 s; a single one is in test_sync_survives_kills.py, every day."""


@pytest.fixture
def project(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """An empty folder."""
    project = Project(tmp_path, tmp_path_factory.mktemp("bytecode"))
    yield project
    project.close()


def test_sig_9_every_order_is_there_once_and_as_corrected(project: Project) -> None:
    played = project.spawn("demo", "sync", "--json")
    told, _ = played.communicate(timeout=180)
    assert played.returncode == 0, project.log.read_text()
    record = json.loads(told)
    assert (record["expected"], record["loaded"]) == (3_025, 3_025)
    assert (record["lost"], record["repeated"], record["stale"]) == (0, 0, 0)
    assert (record["kills"], record["busy"], record["corrected"]) == (3, 2, 75)
    # Counted again, by nobody of the demonstration: 20 days of 150, and 25 that came late.
    with duckdb.connect(record["file"], read_only=True) as found:
        counted = "SELECT count(*), count(DISTINCT id), count(_client_id) FROM orders"
        assert found.execute(counted).fetchall() == [(3_025, 3_025, 3_025)]
        corrected = "SELECT count(*) FROM orders WHERE day = '2026-03-20' AND amount = 99"
        assert found.execute(corrected).fetchall() == [(50,)]
        loads = "SELECT count(DISTINCT load_id) FROM _tenuto_loads"
        assert found.execute(loads).fetchall() == [(2,)]
    gone(_of(Path(record["file"]).parents[2]))


def _of(folder: Path) -> set[int]:
    """Processes whose command line names the demonstration's project."""
    found = set()
    for each in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = each.read_bytes()
        except OSError:  # it has just left
            continue
        if str(folder).encode() in words:
            found.add(int(each.parent.name))
    return found
