"""`tenuto up` and `tenuto worker` as processes: started, told to stop, killed."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from integration.cli_project.project import Project, children, gone, is_started, stop
from tenuto.testing import eventually

MakeProject = Callable[[], Project]


@pytest.fixture(scope="module")
def make_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeProject]:
    """Makes projects; what they leave running is killed at the end."""
    bytecode = tmp_path_factory.mktemp("bytecode")
    made: list[Project] = []

    def make() -> Project:
        made.append(Project.make(tmp_path_factory.mktemp("project"), bytecode))
        return made[-1]

    yield make
    for project in made:
        project.close()


async def test_sig_19_sigterm_drains_and_leaves_no_process(make_project: MakeProject) -> None:
    project = make_project()
    process, told = project.up()
    first = "agents compute default definitions evidence integration monitors nav pricing"
    then = "reconciliation reports schedules sync tasks triggers"
    assert told["queues"] == [*first.split(), *then.split()]
    family = children(process.pid)
    assert family, "the server is a child of `tenuto up`"
    refused = project("up", "--port", "0", "--no-ui", code=2)
    assert "embedded.already-running" in refused.stderr
    _, mark = project.marked(seconds=3)
    await eventually(lambda: is_started(mark))
    assert stop(process) == 0
    assert mark.read_text() == "done", "the running activity was allowed to finish"
    await eventually(lambda: gone(family))
    assert "connection.no-server" in project("runs", code=5).stderr


@pytest.mark.chaos
async def test_a_second_signal_does_not_wait(make_project: MakeProject) -> None:
    project = make_project()
    process, _ = project.up()
    family = children(process.pid)
    _, mark = project.marked(seconds=30)
    await eventually(lambda: is_started(mark))
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)
    assert process.wait(15) == 130
    assert mark.read_text() == "attempt 1", "it did not get to its end"
    await eventually(lambda: gone(family))


async def test_all_1_after_kill_9_of_up_the_run_goes_on(make_project: MakeProject) -> None:
    project = make_project()
    process, _ = project.up()
    family = children(process.pid)
    workflow_id, mark = project.marked(seconds=3)
    await eventually(lambda: is_started(mark))
    process.kill()
    process.wait()
    await eventually(lambda: gone(family))
    again, _ = project.up()
    page = project.json("show", workflow_id, "--follow")
    assert page["status"] == "completed"
    assert page["steps"][0]["attempt"] == 2
    assert mark.read_text() == "done"
    assert stop(again) == 0


@pytest.mark.chaos
async def test_sig_19_a_worker_alone_logs_events_and_drains(make_project: MakeProject) -> None:
    project = make_project()
    server, told = project.up("--no-worker")
    assert told["queues"] == []
    refused = project("worker", "--queue", "nowhere", code=2)
    assert "`default`" in refused.stderr
    workflow_id, mark = project.marked(seconds=3)
    page = project("show", workflow_id).stdout
    assert "tenuto worker --queue default" in page
    worker = project.spawn("worker", "--queue", "default", "--json-logs")
    await eventually(lambda: is_started(mark))
    assert stop(worker) == 0
    assert mark.read_text() == "done"
    lines = project.log.read_text().splitlines()
    events = [json.loads(line)["event"] for line in lines if line.startswith("{")]
    assert events[0] == "workers_started"
    assert events[-1] == "workers_stopped"
    assert stop(server) == 0


def test_ops_20_the_tests_of_a_new_project_pass(make_project: MakeProject) -> None:
    project = make_project()
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=project.folder,
        env=project.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "1 passed" in told.stdout
