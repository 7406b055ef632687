"""`tenuto schedule apply` as a process: what it says, its exit codes, and what a kill leaves."""

import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.service import RPCError

from integration.cli_project.project import Project
from tenuto.engine.embedded import ServerInfo
from tenuto.testing import eventually

Make = Callable[[str], Project]
MANY = 150
"""Schedules of a file whose applying is killed in the middle."""


@pytest.fixture
def make(
    temporal_server: ServerInfo, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Make]:
    """Makes projects that share the tests' server; ids begin with `@`."""
    made = []

    def project(name: str) -> Project:
        folder = tmp_path / name
        folder.mkdir()
        one = Project.make(folder, tmp_path_factory.getbasetemp() / "bytecode")
        one.environment |= {
            "TEMPORAL_ADDRESS": temporal_server.address,
            "TENUTO_SCHEDULES__OWNER": f"{tmp_path.name}-{name}",
        }
        made.append(one)
        return one

    yield project
    for each in made:
        each.close()


def write(project: Project, text: str) -> None:
    """The project's file."""
    owner = project.environment["TENUTO_SCHEDULES__OWNER"]
    (project.folder / "schedules.yaml").write_text(text.replace("@", f"{owner}/"))


def shown(name: str) -> str:
    """The file of that name in the how-to, its ids this project's own."""
    page = (Path(__file__).parents[2] / "docs/how-to/schedule-runs.md").read_text()
    text = page.partition(f"```yaml\n# {name}\n")[2].partition("```")[0]
    return re.sub(r"(?m)^  (?=[a-z-]+-greeting:)", "  @", text)


async def test_sig_16_from_a_mistake_to_pruning_as_the_how_to_says(make: Make) -> None:
    project = make("desk")
    write(project, "schedules:\n  @a: {run: greetin, cron: 0 9 * *}\n")
    refused = project("schedule", "apply", code=2).stderr
    assert refused.startswith("error: The schedules have 2 errors:")
    assert "schedules.yaml:2:" in refused

    write(project, shown("schedules.yaml"))
    applied = project("schedule", "apply", "--set", "production").stdout
    assert "08:30:00, " in applied
    assert "(America/New_York)" in applied
    assert applied.endswith("2 created.\n")
    assert project("schedule", "apply").stdout.partition("\n")[0].startswith(("1 unchanged", "  e"))

    write(project, "schedules: {}\n")
    own = project.environment
    project.environment = {**own, "TENUTO_SCHEDULES__OWNER": ""}
    assert "schedule.no-owner" in project("schedule", "apply", "--prune", code=2).stderr
    project.environment = own

    def are_pruned() -> None:
        outcomes = project.json("schedule", "apply", "--prune")
        assert [(each["deed"], each["is_done"]) for each in outcomes] == [("prune", True)] * 2

    await eventually(are_pruned)


@pytest.mark.chaos
async def test_tor_8_a_killed_apply_is_finished_by_the_next(make: Make, client: Client) -> None:
    project = make("killed")
    one = "  @{n:03}: {{run: greeting, input: {{name: Ada}}, cron: '{minute} 9 * * 1-5'}}\n"
    text = "".join(one.format(n=n, minute=n % 60) for n in range(MANY))
    write(project, "schedules:\n" + text)
    owner = project.environment["TENUTO_SCHEDULES__OWNER"]
    process = project.spawn("schedule", "apply")

    async def there() -> list[str]:
        found = [each.id async for each in await client.list_schedules()]
        return [each for each in found if each.startswith(f"{owner}/")]

    async def has_begun() -> None:
        # Not by the listing, which is a second late: by then all of them may be there.
        try:
            await client.get_schedule_handle(f"{owner}/000").describe()
        except RPCError as error:
            raise AssertionError("not yet") from error

    await eventually(has_begun, timeout_s=60)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert "created" in project("schedule", "apply").stdout
    assert project("schedule", "apply").stdout == f"{MANY} unchanged.\n"

    async def are_all() -> None:
        assert len(await there()) == MANY

    await eventually(are_all)
    for named in await there():
        made = await client.get_schedule_handle(named).describe()
        assert len(made.schedule.spec.calendars) == 1
        await client.get_schedule_handle(named).delete()
