"""`tenuto schedule list|show|next|pause|resume|trigger|backfill|delete|orphans` in a project."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.cli_project.project import Project
from tenuto.testing import eventually

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it

FILE = """\
defaults: { time_zone: America/New_York }
schedules:
  hello/night: { run: greeting, cron: '30 1 * * *', input: { name: Ann }, note: for the desk }
  hello/often: { run: greeting, every: 6 hours, input: { name: Ben } }
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project whose server and workers run, with two schedules."""
    desk = Project.make(tmp_path_factory.mktemp("desk"), tmp_path_factory.mktemp("bytecode"))
    (desk.folder / "schedules.yaml").write_text(FILE)
    try:
        desk.up()
        desk("schedule", "apply", "--quiet")
        yield desk
    finally:
        desk.close()


async def test_the_whole_way_of_a_schedule(desk: Project) -> None:
    def listed() -> list[dict[str, object]]:
        rows = desk.json("schedule", "list", "hello/")
        assert [row["schedule_id"] for row in rows] == ["hello/night", "hello/often"]
        return list(rows)

    rows = await eventually(listed)
    assert rows[0]["times"] == ["cron 30 1 * * *"]
    assert rows[0]["time_zone"] == "America/New_York"

    done = desk.json("schedule", "trigger", "hello/night", "--wait")
    shown = desk.json("schedule", "show", "hello/night")
    assert shown["recent_runs"][0]["run_id"] == done["run"]["run_id"]
    assert shown["started"] == 1
    assert "note: for the desk" in shown["authored"]
    page = desk("schedule", "show", "hello/night").stdout
    assert "NEXT RUNS (America/New_York)" in page
    assert "0 starts skipped while a run was open" in page

    desk("schedule", "pause", "hello/night", "--reason", "month end")
    again = desk.json("schedule", "pause", "hello/night")
    assert again[0]["outcome"] == "already so"
    assert "month end" in again[0]["note"]
    assert desk.json("schedule", "resume", "hello/night")[0]["note"] == "for the desk"

    told = desk.json(
        *("schedule", "backfill", "hello/night", "--dry-run"),
        *("--from", "2025-11-01T12:00", "--to", "2025-11-03"),
    )
    assert told["times"] == ["2025-11-02T01:30:00-04:00", "2025-11-02T01:30:00-05:00"]
    assert not told["started"]


def test_an_orphan_is_listed_and_deleted_only_when_that_is_said(desk: Project) -> None:
    file = desk.folder / "schedules.yaml"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if "often" not in line))
    try:
        (found,) = desk.json("schedule", "orphans")
        assert (found["schedule_id"], found["why"]) == ("hello/often", "no file mentions it")
        assert not found["deleted"]
        (gone,) = desk.json("schedule", "orphans", "--delete")
        assert gone["deleted"]
    finally:
        file.write_text("".join(lines))


def test_a_broken_file_makes_nothing_an_orphan(desk: Project) -> None:
    file = desk.folder / "schedules.yaml"
    text = file.read_text()
    file.write_text(text.replace("every: 6 hours", "every: sometimes"))
    try:
        refused = desk("schedule", "orphans", "--delete", code=2)
        assert "schedule.invalid" in refused.stderr
    finally:
        file.write_text(text)


def test_tor_10_a_server_that_is_down_is_said(desk: Project) -> None:
    away = Project(desk.folder, Path(desk.environment["PYTHONPYCACHEPREFIX"]))
    away.environment["TEMPORAL_ADDRESS"] = "127.0.0.1:9"
    done = away("schedule", "delete", "hello/night", "--yes", code=5)
    assert "127.0.0.1:9" in done.stderr
