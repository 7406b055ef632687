"""Policy on, as an operator has it: `tenuto.toml`, a folder of rules, and real commands."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from guarded_desk import refusal
from integration.cli_project.project import Project, stop
from tenuto.engine.connection import Target, connect
from tenuto.testing import eventually

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it

RULES = """
@id("anns-greetings")
permit (principal == User::"u:ann", action == Action::"workflow:start/greeting", resource)
when { context.input.name != "Eve" };

@id("anns-approvals")
permit (
    principal == User::"u:ann",
    action in [Action::"workflow:start/approval", Action::"run:update"],
    resource
);

@id("own-runs")
permit (principal, action == Action::"run:read", resource is Run)
when { resource has started_by && resource.started_by == principal.id };

@id("cats-greetings") @requires_approval("1 g:heads")
permit (principal == User::"u:cat", action == Action::"workflow:start/greeting", resource);

@id("dans-letters") @requires_approval("1 g:heads")
permit (principal == User::"u:dan", action in Action::"workflow:start", resource)
when { resource has tags && resource.tags.contains("office/letter") };

@id("dan-deploys")
permit (principal == User::"u:dan", action == Action::"definition:deploy", resource);

@id("heads-decide")
permit (
    principal in Group::"g:heads",
    action in [Action::"task:read", Action::"task:decide"],
    resource
);

@id("emergency")
permit (principal in Group::"g:admins", action == Action::"workflow:break-glass", resource);
"""


LETTER = """
document: {dsl: 1.0.3, namespace: office, name: letter, version: 1.0.0}
input:
  schema: {document: {type: object, properties: {to: {type: string}}, required: [to]}}
do: [{write: {set: {text: "${ \\"Dear \\" + .to }"}}}]
"""


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, dict[str, Any]]]:
    """A project that is up with policy on, and what it said about itself."""
    folder = tmp_path_factory.mktemp("project")
    project = Project.make(folder, tmp_path_factory.mktemp("bytecode"))
    (folder / "policy").mkdir()
    (folder / "policy" / "rules.cedar").write_text(RULES)
    with (folder / "tenuto.toml").open("a") as settings:
        settings.write('[policy]\nfolder = "policy"\n')
    process, said = project.up()
    yield project, said
    code = stop(process)
    project.close()
    assert code == 0


async def test_inv_4_a_denial_works_through_the_real_commands(
    up: tuple[Project, dict[str, Any]],
) -> None:
    tenuto, said = up
    done = tenuto("run", "greeting", "--name", "Ada", "--wait", "--as", "u:ann")
    assert done.stdout == "Hello, Ada!\n"
    for refused in (
        tenuto("run", "greeting", "--name", "Eve", "--as", "u:ann", code=1),
        tenuto("run", "greeting", "--name", "Ada", "--as", "u:bob", code=1),
        tenuto("run", "greeting", "--name", "A", "--as", "u:bob", "--break-glass", "x", code=1),
    ):
        assert "[policy.denied]" in refused.stderr
    emergency = ("--as", "u:root", "--groups", "g:admins", "--break-glass", "no ann tonight")
    tenuto("run", "greeting", "--name", "Ada", *emergency)
    client = await connect(Target(address=said["address"], origin="embedded"))
    around = await client.start_workflow("Greeting", "Ada", id="around", task_queue="default")
    assert await refusal(around) == "permit.missing"

    def listed() -> None:
        shown = tenuto("runs", "--as", "u:ann", "--json")
        assert len(json.loads(shown.stdout)) == 1

    await eventually(listed)
    assert json.loads(tenuto("runs", "--as", "u:bob", "--json").stdout) == []


def test_inv_12_by_says_who_you_are_on_a_laptop_unless_as_does(
    up: tuple[Project, dict[str, Any]],
) -> None:
    tenuto, _ = up
    tenuto("run", "approval", "--subject", "rent", "--id", "rent-1", "--as", "u:ann")
    said = ("update", "rent-1", "decide", "--is-yes", "true")
    assert "[policy.denied]" in tenuto(*said, "--by", "Bob", code=1).stderr
    other = tenuto(*said, "--by", "Bob", "--as", "u:ann", code=1)
    assert "[ticket.other-person]" in other.stderr
    assert tenuto(*said, "--by", "Ann").stdout == "taken\n"


def test_inv_6_people_are_asked_before_a_start_and_let_it_go(
    up: tuple[Project, dict[str, Any]],
) -> None:
    tenuto, _ = up
    greet = ("run", "greeting", "--name", "Cat", "--as", "u:cat")
    assert "[policy.needs-approval]" in tenuto(*greet, code=1).stderr
    asked = tenuto.json(*greet, "--ask")
    (task,) = asked["tasks"]
    tenuto("tasks", "approve", task, "--yes", "--as", "u:hal", "--groups", "g:heads")
    done = tenuto(*greet, "--id", asked["workflow_id"], "--wait")
    assert done.stdout == "Hello, Cat!\n"


def test_inv_6_people_are_asked_before_a_definition_is_run(
    up: tuple[Project, dict[str, Any]],
) -> None:
    tenuto, _ = up
    (tenuto.folder / "letter.yaml").write_text(LETTER)
    tenuto("definition", "deploy", "letter.yaml", "--as", "u:dan")
    write = ("definition", "run", "office/letter", "--as", "u:dan", "-f")
    early = tenuto(*write, "to=Ada", code=1)
    assert "[policy.needs-approval]" in early.stderr
    asked = tenuto.json(*write, "to=Ada", "--ask")
    (task,) = asked["tasks"]
    tenuto("tasks", "approve", task, "--yes", "--as", "u:hal", "--groups", "g:heads")
    named = ("--id", asked["workflow_id"])
    other = tenuto(*write, "to=Eve", *named, code=1)
    assert "[policy.needs-approval]" in other.stderr
    done = tenuto.json(*write, "to=Ada", *named, "--wait")
    assert done["output"] == {"text": "Dear Ada"}
