"""The how-to pages, followed: what they show runs, people decide, events come."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.cli_project.project import Project
from tenuto.testing import eventually

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it

PAGES = Path(__file__).parents[2] / "docs" / "how-to"
WRITE = (PAGES / "write-a-definition.md").read_text()
DEPLOY = (PAGES / "deploy-a-definition.md").read_text()
RUN = "nav-2026-03-31"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project with the files of both pages, its server and workers running."""
    project = Project(tmp_path_factory.mktemp("reader"), tmp_path_factory.mktemp("bytecode"))
    for name, text in re.findall(r"```yaml\n# ([\w-]+\.yaml)\n(.*?)```", WRITE + DEPLOY, re.DOTALL):
        (project.folder / name).write_text(text)
    (event,) = re.findall(r"```json\n(.*?)```", DEPLOY, re.DOTALL)
    (project.folder / "confirmed.json").write_text(event)
    project.up()
    yield project
    project.close()


def documented(command: str) -> list[str]:
    """The words of a command that a page shows, by how it begins; quotes are the shell's."""
    (line,) = re.findall(rf"^\$ tenuto ({command}.*)$", WRITE + DEPLOY, re.MULTILINE)[:1]
    words = re.findall(r'"([^"]*)"|(\S+)', line.partition("  #")[0])
    return [quoted or plain for quoted, plain in words]


def test_the_first_definition_runs_on_the_first_try(reader: Project) -> None:
    told = reader(*documented("definition run price-move.yaml"))
    assert json.loads(told.stdout)["note"] == "ALPHA moved 5 %"


async def test_inv_18_people_decide_and_an_event_comes_as_the_page_says(reader: Project) -> None:
    given = {"fund": "ALPHA", "day": "2026-03-31", "preparer": "ann"}
    (reader.folder / "nav.yaml").write_text(json.dumps(given))
    reader("definition", "deploy", "release-nav.yaml")
    assert reader(*documented("definition run desk/release-nav ")).stdout.strip() == RUN

    def is_asked() -> None:
        assert f"`task/{RUN}/ask` waits for" in json.dumps(reader.json("show", RUN))

    await eventually(is_asked, timeout_s=60)
    event = (reader.folder / "confirmed.json").read_text()
    words = [
        event if "cat confirmed.json" in word else word for word in documented(f"signal {RUN}")
    ]
    reader(*words)
    assert (
        "[task.own-request]" in reader(*documented("tasks approve"), "--as", "u:ann", code=1).stderr
    )
    reader(*documented("tasks approve"), "--as", "u:ben")

    def is_over() -> None:
        assert reader.json("show", RUN)["status"] == "completed"

    await eventually(is_over, timeout_s=60)
    result = reader.json("show", RUN)["result"]["values"][0]
    assert result == {"fund": "ALPHA", "confirmation": "C-20731"}
    for query in ("trace", "pending", "state"):
        assert reader(*documented(f"query {RUN} {query}")).stdout
