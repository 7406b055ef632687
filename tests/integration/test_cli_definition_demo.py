"""`tenuto demo definition`: from a broken draft to a finished run."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.cli_project.project import Project

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, dict[str, Any]]]:
    """The demonstration played once in an empty folder, and what it printed."""
    project = Project(tmp_path_factory.mktemp("demo"), tmp_path_factory.mktemp("bytecode"))
    yield project, json.loads(project("demo", "definition", "--json").stdout)
    project.close()


def test_every_mistake_of_the_draft_is_found_where_it_is(
    shown: tuple[Project, dict[str, Any]],
) -> None:
    _, record = shown
    assert {each["code"] for each in record["findings"]} == {
        *("E101", "E112", "E201", "E104", "E302")
    }
    assert len(record["findings"]) == record["mistakes"] == 5
    assert all(each["remedy"] for each in record["findings"])


def test_the_run_retried_was_decided_and_told(shown: tuple[Project, dict[str, Any]]) -> None:
    _, record = shown
    assert record["is_as_promised"]
    assert record["attempts_of_rates"] == [503, 503, 200]
    assert record["requester_was_refused"]
    assert record["output"]["value"] == "589656.39"
    assert record["output"]["decidedBy"] == "u:ben"
    assert "589656.39" in record["notice"]
    retried = [each for each in record["trace"] if each["name"] == "getRates"]
    assert [each["status"] for each in retried].count("faulted") == 2


def test_the_value_is_right_by_hand(shown: tuple[Project, dict[str, Any]]) -> None:
    """Positions times prices, over the rates that the service gave."""
    euro = 850 * 141.10 + 2100 * 60.12
    dollars, pounds = 1200 * 190.25, 4000 * 28.55
    total = euro + dollars / 1.0866 + pounds / 0.8563
    assert float(shown[1]["output"]["value"]) == pytest.approx(total, abs=0.01)


def test_what_it_wrote_is_there_to_look_at(shown: tuple[Project, dict[str, Any]]) -> None:
    project, record = shown
    assert Path(project.folder / record["graph"]).read_text().lstrip().startswith("<svg")
    (listed,) = project.json("definition", "list")
    assert listed["digest"] == record["digest"]
    project("definition", "check", record["definition"], "--warnings-as-errors")


def test_it_can_be_shown_again(shown: tuple[Project, dict[str, Any]]) -> None:
    told = shown[0]("demo", "definition")
    assert "may not approve" in told.stderr
    assert "589656.39" in told.stdout
