"""`tenuto definition run` and `deploy` in a project of a user's own, against its real server."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration.cli_project.project import Project
from tenuto.testing import eventually

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it

HELLO = """\
document: { dsl: '1.0.3', namespace: desk, name: hello, version: '1.0.0', title: Say hello }
input:
  schema:
    document:
      type: object
      required: [name]
      properties: { name: { type: string }, times: { type: integer } }
do:
  - greet:
      set: { text: '${ "Hello " + .name }', times: '${ .times }' }
  - pause:
      wait: { milliseconds: 50 }
  - file:
      call: notify.file
      with:
        folder: ${ $workflow.input.folder // "outbox" }
        name: ${ $workflow.id }
        text: ${ $context.name }
        idempotency_key: ${ $workflow.id }
output:
  as: '{ outcome: .outcome, id: $workflow.id, name: $workflow.input.name }'
"""
FAILS = """\
document: { dsl: '1.0.3', namespace: desk, name: fails, version: '1.0.0' }
do:
  - refuse:
      raise:
        error:
          type: https://example.com/errors/limit
          status: 422
          title: Limit exceeded
          detail: The limit is 3, and 5 were found.
"""
ASKS = """\
document: { dsl: '1.0.3', namespace: desk, name: asks, version: '1.0.0' }
do:
  - signOff:
      call: human.approval
      with: { title: 'Release the NAV?', approvers: ['u:ben'], requester: 'u:ann' }
"""
GROUP = """\
document: { dsl: '1.0.3', namespace: desk, name: group, version: '1.0.0' }
do:
  - signOff:
      call: human.approval
      with: { title: Release, approvers: ['g:controllers'], need: 3 }
"""
SCHEDULED = """\
document: { dsl: '1.0.3', namespace: desk, name: nightly, version: '1.0.0' }
schedule: { every: { days: 1 } }
do:
  - note: { set: { done: true } }
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project whose server and workers run."""
    project = Project(tmp_path_factory.mktemp("desk"), tmp_path_factory.mktemp("bytecode"))
    texts = {"hello": HELLO, "fails": FAILS, "asks": ASKS, "nightly": SCHEDULED, "group": GROUP}
    for name, text in texts.items():
        (project.folder / f"{name}.yaml").write_text(text)
    project.up()
    yield project
    project.close()


def test_inv_14_a_file_is_run_and_its_id_is_all_that_is_printed(desk: Project) -> None:
    told = desk("definition", "run", "hello.yaml", "-f", "name=Ann")
    workflow_id = told.stdout.strip()
    assert workflow_id.startswith("desk/hello/")
    assert f"tenuto show {workflow_id}" in told.stderr


def test_inv_14_waiting_shows_the_tasks_and_prints_the_output(desk: Project) -> None:
    outbox = desk.folder / "outbox"
    given = json.dumps({"name": "007", "folder": str(outbox)})
    told = desk("definition", "run", "hello.yaml", "--input", given, "--id", "hello-7", "--wait")
    assert json.loads(told.stdout) == {"outcome": "delivered", "id": "hello-7", "name": "007"}
    assert "notify.file completed" in told.stderr
    assert "(file" in told.stderr, "the task's name"
    assert (outbox / "hello-7" / "message.txt").read_text() == "007"
    again = desk("definition", "run", "hello.yaml", "--input", given, "--id", "hello-7", code=2)
    assert "[start.id-taken]" in again.stderr


def test_inv_15_a_wrong_input_starts_nothing(desk: Project) -> None:
    for typed in ([], ["-f", "name=x", "-f", "times=often"]):
        told = desk("definition", "run", "hello.yaml", *typed, "--id", "never", code=2)
        assert "[input.invalid]" in told.stderr
    assert "not-found" in desk("show", "never", code=4).stderr


def test_a_fault_is_told_with_its_problem_details(desk: Project) -> None:
    told = desk("definition", "run", "fails.yaml", "--wait", code=1)
    assert told.stdout == ""
    for part in (
        "Limit exceeded",
        "The limit is 3, and 5 were found.",
        "https://example.com/errors/limit",
        "422",
        "/do/0/refuse",
    ):
        assert part in told.stderr
    record = json.loads(desk("definition", "run", "fails.yaml", "--wait", "--json", code=1).stdout)
    assert record["status"] == "failed"
    assert record["problem"]["instance"] == "/do/0/refuse"


async def test_a_deployed_definition_is_run_by_name_and_found_by_it(desk: Project) -> None:
    assert desk.json("definition", "deploy", "fails.yaml", "hello.yaml")[1]["is_new"]
    record = desk.json("definition", "run", "desk/hello:1.0.0", "-f", "name=Eve", "--wait")
    assert record["definition"] == "desk/hello:1.0.0"
    assert record["output"]["name"] == "Eve"

    def is_listed() -> None:
        listed = {run["workflow_id"] for run in desk.json("runs", "--type", "definition")}
        assert record["workflow_id"] in listed

    await eventually(is_listed)


async def test_editing_the_file_does_not_touch_a_run(desk: Project) -> None:
    started = desk.json("definition", "run", "asks.yaml")
    file = desk.folder / "asks.yaml"
    text = file.read_text()
    file.write_text(text.replace("signOff", "somethingElse"))
    waiting = desk("definition", "run", "asks.yaml", "--wait", "--no-block-on-approval", code=6)
    assert waiting.stdout.startswith("desk/asks/")
    file.write_text(text)
    run = started["workflow_id"]
    task = f"task/{run}/signOff"
    approving = ("tasks", "approve", task, "--yes", "--as")
    assert "[task.own-request]" in desk(*approving, "u:ann", code=1).stderr
    old_road = ("--task", "signOff", "--decision", "approve", "--by", "ben")
    refused = desk("update", run, "decide", *old_road, "--as", "u:ben", code=2)
    assert "[approval.is-a-task]" in refused.stderr
    assert f"tenuto tasks approve {task}" in refused.stderr
    desk(*approving, "u:ben")

    def is_over() -> None:
        assert desk.json("show", run)["status"] == "completed"

    await eventually(is_over)


async def test_members_of_a_group_decide_its_task(desk: Project) -> None:
    run = desk.json("definition", "run", "group.yaml", "--id", "group-1")["workflow_id"]
    shown: dict[str, str] = {}

    def is_asked() -> None:
        shown["pending"] = desk("query", run, "pending").stdout
        assert "title: Release" in shown["pending"]

    await eventually(is_asked)
    assert "approvers: g:controllers" in shown["pending"]
    assert "answer: tenuto tasks approve task/group-1/signOff" in shown["pending"]
    decide = ("tasks", "approve", "task/group-1/signOff", "--yes", "--as")
    refused = desk(*decide, "u:eve", "--groups", "desk", code=1)
    assert "[task.not-a-candidate]" in refused.stderr
    desk(*decide, "u:eve", "--groups", "controllers")
    desk(*decide, "u:ann", "--groups", "desk,controllers")
    desk(*decide, "u:ben", "--groups", "desk,controllers")
    told = desk("show", run, "--follow")
    assert told.stdout.count('"decision": "approve"') == 4, "three votes and the result"

    def is_named() -> None:
        listed = {each["workflow_id"]: each for each in desk.json("runs")}
        assert listed[run]["definition"] == "desk/group:1.0.0"

    await eventually(is_named)


def test_waiting_no_longer_leaves_the_run_alone(desk: Project) -> None:
    told = desk("definition", "run", "asks.yaml", "--wait", "--timeout", "1", code=3)
    run = told.stdout.strip()
    assert "Still running after 1 s" in told.stderr
    assert desk.json("show", run)["status"] == "running"


def test_a_deployment_makes_the_schedule_and_the_next_removes_it(desk: Project) -> None:
    (first,) = desk.json("definition", "deploy", "nightly.yaml")
    assert first["schedule"]["change"] == "created"
    assert first["schedule"]["schedule_id"] == "definition/desk/nightly"
    told = desk("definition", "deploy", "nightly.yaml")
    assert "schedule unchanged: every 1 d" in told.stdout
    plain = SCHEDULED.replace("1.0.0", "1.1.0").replace("schedule: { every: { days: 1 } }\n", "")
    Path(desk.folder / "nightly.yaml").write_text(plain)
    assert "its schedule was removed" in desk("definition", "deploy", "nightly.yaml").stdout
