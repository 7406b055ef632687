"""`tenuto demo monitor` and the commands of monitors, on a platform of their own."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.cli_project.project import Project

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """An empty folder."""
    project = Project(tmp_path_factory.mktemp("demo"), tmp_path_factory.mktemp("bytecode"))
    yield project
    project.close()


def test_the_demonstration_tells_whom_it_has_to_across_a_killed_worker(project: Project) -> None:
    record = json.loads(project("demo", "monitor", "--json").stdout)
    assert record["is_as_promised"]
    assert [each["status"] for each in record["checks"]] == [
        "success",
        "success",
        "success",
        "failed",
        "success",
    ]
    assert [each.split(":")[0] for each in record["mails"]] == [
        "Monitor started",
        "Condition met",
        "Monitor fails",
        "Monitor works again",
    ]
    assert record["events"] == 1


def test_wrong_words_are_refused_without_a_server(project: Project, tmp_path: Path) -> None:
    given = ("monitor", "create", "Is it out?", "--when", "it is", "--every", "now and then")
    refused = project(*given, code=2)
    assert "`schedule`" in refused.stderr
    refused = project("monitor", "apply", code=2)
    assert "monitors.yaml" in refused.stderr
    listed = json.loads(project("monitor", "templates", "--json").stdout)
    assert {"release", "price"} <= {each["name"] for each in listed}
