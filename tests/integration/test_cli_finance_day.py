"""`tenuto demo finance-day`: every fault of a faulty day is found, and nothing else is flagged."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from integration.cli_project.project import Project
from tenuto.packs.finance.demo.day.faults import FAULTS

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, dict[str, Any]]]:
    """The demonstration played once in an empty folder, and what it printed."""
    mktemp = tmp_path_factory.mktemp
    project = Project(mktemp("finance-day"), mktemp("bytecode"))
    done = project("demo", "finance-day", "--json")
    yield project, json.loads(done.stdout)
    project.close()


def test_every_seeded_fault_is_found_and_no_other(day: tuple[Project, dict[str, Any]]) -> None:
    _, shown = day
    assert shown["seeded"] == [each.name for each in FAULTS]
    assert shown["found"] == shown["seeded"]
    assert shown["missed"] == []
    assert shown["false_alarms"] == []


def test_the_nav_is_the_one_of_right_prices(day: tuple[Project, dict[str, Any]]) -> None:
    """Faulty files, answered by people, lead to the unit price that clean files lead to."""
    assert day[1]["nav_per_unit"]["USD-A"] == "103.3878"


def test_the_packs_are_there_and_can_be_read(day: tuple[Project, dict[str, Any]]) -> None:
    packs = day[1]["packs"]
    assert [run.split("/")[0] for run in packs] == [
        "nav",
        "pricing",
        "reconciliation",
        "reconciliation",
    ]
    project, _ = day
    for paths in packs.values():
        assert [Path(path).suffix for path in paths] == [".pdf", ".xlsx"]
        assert len(PdfReader(project.folder / paths[0]).pages) >= 1


def test_any_digit_leads_to_the_vendors_row(day: tuple[Project, dict[str, Any]]) -> None:
    project, shown = day
    explained = json.loads(
        project("explain", shown["nav_id"], "--instrument", "PG", "--json").stdout
    )
    price = next(each for each in explained["parts"] if each["figure"] == "golden price")
    source = price["parts"][0]["source"]
    assert source["file"] == "quotes_beta.csv"
    assert source["text"].startswith("PG,2022-12-27,beta,close,")

    why = json.loads(project("prices", "explain", "PG", "--json").stdout)
    assert "alpha" in json.dumps(why)
