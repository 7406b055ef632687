"""A project with `encryption.enabled`: the server's own database holds no plain value."""

import json
from collections.abc import Iterator

import pytest

from integration.cli_project.project import Project, stop

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it

SECRET = "reserve-price-417"


@pytest.fixture
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project whose settings switch encryption on."""
    project = Project.make(tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("bytecode"))
    with (project.folder / "tenuto.toml").open("a") as settings:
        settings.write("[encryption]\nenabled = true\n")
    yield project
    project.close()


def _key(project: Project) -> str:
    file = project.folder / ".tenuto/keys/payloads.json"
    return str(json.loads(file.read_bytes())["keys"][0]["kid"])


@pytest.mark.attack
def test_one_setting_encrypts_what_every_process_writes(project: Project) -> None:
    process, _ = project.up()
    mark = project.folder / SECRET
    run = project.json("run", "slow", "--seconds", "0", "--mark", str(mark), "--wait")
    assert run["status"] == "completed"
    assert SECRET in json.dumps(project.json("show", run["workflow_id"]))

    checks = {each["name"]: each for each in project.json("doctor")}
    assert checks["encryption"]["verdict"] == "ok"
    assert checks["encrypted runs"]["verdict"] == "ok"

    first = _key(project)
    project("keys", "rotate", "payloads")
    project("audit", "erase", first, "--reason", "a request", "--with-open-runs")
    assert run["workflow_id"] in [each["workflow_id"] for each in project.json("runs")]
    erased = project.json("show", run["workflow_id"])
    assert SECRET not in json.dumps(erased)
    assert first in json.dumps(erased)
    assert stop(process) == 0

    state = project.folder / ".tenuto"
    kept = {each: each.read_bytes() for each in state.rglob("*") if each.is_file()}
    assert [each for each, data in kept.items() if SECRET.encode() in data] == []
    key = first.encode()
    databases = [each for each in kept if each.parts[-2] not in ("keys", "spool")]
    assert any(key in kept[each] for each in databases), "ciphertext is there"
