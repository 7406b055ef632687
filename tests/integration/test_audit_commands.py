"""`tenuto audit` as a person uses it, in a project of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from integration.cli_project.project import Project

TASK = {
    "title": "Release the payment",
    "candidates": ["u:ann"],
    "requester": "rex",
    "shown": {"amount": "100.00"},
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """With a run that is closed, a decided task, and both exported."""
    made = Project.make(tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("bytecode"))
    del made.environment["PYTHONPYCACHEPREFIX"]
    try:
        made.up()
        _work(made)
        yield made
    finally:
        made.close()


def _work(made: Project) -> None:
    (made.folder / "task.json").write_text(json.dumps(TASK))
    for run in ("pay-7", "pay-8"):
        made("run", "human-task", "--input", "task.json", "--id", run, "--no-wait")
    made("tasks", "approve", "pay-7", "--as", "u:ann", "--comment", "checked the invoice")
    made("terminate", "pay-8", "--reason", "not needed")
    assert made.json("audit", "export")["alarms"] == []


def test_inv_23_a_run_is_told_from_the_ledger(project: Project) -> None:
    told = project.json("audit", "show", "pay-7")
    (task,) = told["tasks"]
    (vote,) = task["outcome"]["votes"]
    assert (vote["by"], vote["decision"]) == ("u:ann", "approve")
    assert task["request"]["shown"] == {"amount": "100.00"}
    assert task["result"]["comment"] == "checked the invoice"
    page = project("audit", "show", "pay-7").stdout
    assert "u:ann  approve  checked the invoice" in page
    assert "amount: 100.00" in page
    assert project.json("audit", "show", "pay-8")["runs"][0]["status"] == "Terminated"
    assert "evidence.no-run" in project("audit", "show", "nobody", code=4).stderr


def test_the_ledger_verifies_and_a_pin_holds(project: Project) -> None:
    project("audit", "pin", "first.pin")
    assert "evidence.pin-exists" in project("audit", "pin", "first.pin", code=2).stderr
    found = project.json("audit", "verify", "--pin", "first.pin")
    assert found["findings"] == []
    assert found["pins"] == 1
    assert project("audit", "pin").stdout.startswith("tenuto/default\n")


def test_a_bundle_verifies_without_tenuto(project: Project) -> None:
    project("audit", "bundle", "pay-7", "--to", "bundle")
    said = subprocess.run(
        [sys.executable, "-I", "verify.py"],
        cwd=project.folder / "bundle",
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout
    assert (
        "evidence.bundle-exists"
        in project("audit", "bundle", "pay-7", "--to", "bundle", code=2).stderr
    )
    (file,) = (project.folder / "bundle" / "readable").iterdir()
    assert "checked the invoice" in file.read_text()


def test_everything_is_counted(project: Project) -> None:
    counted = project.json("audit", "population")
    assert counted["alarms"] == []
    closed = sum(sum(each["closed"].values()) for each in counted["counts"])
    exported = sum(sum(each["exported"].values()) for each in counted["counts"])
    assert closed == exported == 2


def test_a_local_folder_is_not_write_once(project: Project) -> None:
    checks = {each["what"]: each for each in project.json("audit", "doctor")}
    assert checks["place"]["state"] == "warn"
    assert "overwritten and deleted" in checks["place"]["found"]
    assert {checks[what]["state"] for what in ("keys", "spool", "retention", "exporter")} == {
        "pass"
    }


@pytest.mark.attack
def test_a_legal_hold_forbids_to_erase(project: Project) -> None:
    project("audit", "hold", "--reason", "case 12")
    refused = project("audit", "erase", "abc", "--reason", "asked to", code=1)
    assert "evidence.legal-hold" in refused.stderr
    assert "case 12" in refused.stderr
    project("audit", "hold", "--lift", "--reason", "case 12 is closed")
    assert "keys.unknown" in project("audit", "erase", "abc", "--reason", "x", code=2).stderr


@pytest.mark.attack
def test_zz_what_was_changed_is_named(project: Project) -> None:
    blob = next((project.folder / ".tenuto" / "ledger").glob("*/blobs/*/*"))
    blob.chmod(0o644)
    data = blob.read_bytes()
    blob.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    said = project("audit", "verify", code=1).stdout
    assert f"ALTERED  blobs/{blob.name[:2]}/{blob.name}" in said
    blob.write_bytes(data)
    project("audit", "verify")
