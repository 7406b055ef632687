"""`tenuto audit` as a person uses it, where rules decide and payloads are encrypted."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evidence_desk import deleted
from integration.cli_project.inside import Inside
from integration.cli_project.project import Project
from tenuto.engine.connection import Target, connect

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it

PAYMENTS = Path(__file__).parent / "cli_project" / "payments.py"
REX, ANN, BEN = (("--as", f"u:{name}", "--groups", "g:risk") for name in ("rex", "ann", "ben"))
RULE = """@id("rex-pays")
permit (principal == User::"u:rex", action == Action::"workflow:start/payment", resource);"""
RULES = f"""
// What the auditors will want to see in a year.
{RULE}

@id("risk-decides")
permit (
    principal in Group::"g:risk",
    action in [Action::"task:read", Action::"task:decide"],
    resource
);

@id("auditors")
permit (principal == User::"u:aud", action, resource);
"""
SETTINGS = """
modules = ["payments"]
[identity]
user = "aud"
[policy]
folder = "policy"
[encryption]
enabled = true
[[evidence.alarm_to]]
name = "Duty"
channel = "file"
target = "{folder}/outbox"
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    """With an approved and a rejected payment and a refused one, exported; the rules were changed
    since."""
    folder = tmp_path_factory.mktemp("project")
    made = Project(folder, tmp_path_factory.mktemp("bytecode"))
    (folder / "payments.py").write_bytes(PAYMENTS.read_bytes())
    (folder / "policy").mkdir()
    (folder / "policy" / "rules.cedar").write_text(RULES)
    (folder / "tenuto.toml").write_text(SETTINGS.format(folder=folder))
    try:
        made.up()
        inside = Inside(made)
        _work(inside)
        (folder / "policy" / "rules.cedar").write_text(RULES.replace("u:rex", "u:max"))
        yield inside
    finally:
        made.close()


def _work(made: Inside) -> None:
    for run, payee in (("pay-7", "Acme"), ("pay-8", "Ajax")):
        made("run", "payment", "--payee", payee, "--amount", "100.00", "--id", run, *REX)
    refused = made("run", "payment", "--payee", "Eve", "--amount", "9", "--as", "u:eve", code=1)
    assert "[policy.denied]" in refused.stderr
    made("tasks", "approve", "pay-7/release", "-m", "checked the invoice", "--yes", *ANN)
    made("tasks", "reject", "pay-8/release", "-m", "not our supplier", "--yes", *BEN)
    for run in ("pay-7", "pay-8"):
        made("show", run, "--follow")
    assert made.json("audit", "export")["alarms"] == []


@pytest.fixture
def no_server(project: Inside) -> Iterator[Inside]:
    """The project on a day when its server is gone, with everything it knew."""
    project.environment["TEMPORAL_ADDRESS"] = "127.0.0.1:1"
    yield project
    del project.environment["TEMPORAL_ADDRESS"]


def told(project: Inside, run: str, decision: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is shown of a run, and its one vote."""
    found = project.json("audit", "show", run)
    (task,) = found["tasks"]
    (vote,) = task["outcome"]["votes"]
    assert vote["decision"] == decision
    return found, vote


def test_inv_23_a_year_old_decision_is_shown_with_the_rules_of_its_time(
    no_server: Inside,
) -> None:
    project = no_server
    project("show", "pay-7", code=5)
    found, vote = told(project, "pay-7", "approve")
    (task,) = found["tasks"]
    assert (vote["by"], vote["groups"], vote["rules"]) == ("u:ann", ["g:risk"], ["risk-decides"])
    assert task["request"]["shown"] == {"payee": "Acme", "amount": "100.00"}
    assert task["result"]["comment"] == "checked the invoice"
    permit = next(run["permit"] for run in found["runs"] if run["workflow_id"] == "pay-7")
    assert (permit["sub"], permit["rules"]) == ("u:rex", ["rex-pays"])
    assert {"workflow:start", "task:decide"} <= {d.get("action") for d in found["decisions"]}
    assert {permit["policy"], vote["policy"]} == {p["digest"] for p in found["policies"]}
    assert RULE in found["policies"][0]["texts"]["rules.cedar"]

    page = project("audit", "show", "pay-7").stdout
    for line in (
        "asked by    u:rex",
        f"permit      {permit['jti']}",
        'u:ann (g:risk)  approve  "checked the invoice"',
        f"hash of shown  {task['asked']['shown']}",
        f"Policy {vote['policy']}",
        '@id("risk-decides")',
    ):
        assert line in page
    assert told(project, "pay-8", "reject")[0]["tasks"][0]["result"]["comment"] == (
        "not our supplier"
    )
    assert "evidence.no-run" in project("audit", "show", "nobody", code=4).stderr


def test_a_digest_leads_to_the_whole_text_and_refusals_are_listed(project: Inside) -> None:
    _, vote = told(project, "pay-7", "approve")
    project("audit", "export")  # what was asked since, under the changed rules
    digests = [each["digest"] for each in project.json("audit", "policy")]
    assert len(digests) == 2, "today's rules are another policy"
    text = project("audit", "policy", vote["policy"][:12]).stdout
    assert RULE in text
    assert "entity HumanTask" in text
    assert "evidence.no-policy" in project("audit", "policy", "abc", code=4).stderr
    (refusal,) = project.json("audit", "list", "--kind", "refusal")
    assert (refusal["principal"], refusal["resource"]["id"]) == ("u:eve", "payment")
    page = project("audit", "list", "--kind", "refusal", "--by", "u:eve").stdout
    assert "no rule permits it" in page


def test_a_bundle_verifies_without_tenuto(no_server: Inside) -> None:
    project = no_server
    project("audit", "bundle", "pay-7", "--to", "bundle")
    bundle = project.folder / "bundle"
    said = subprocess.run(
        [sys.executable, "-I", "verify.py"], cwd=bundle, capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stdout
    again = project("audit", "bundle", "pay-7", "--to", "bundle", code=2)
    assert "evidence.bundle-exists" in again.stderr
    assert "checked the invoice" in (bundle / "readable" / "page.txt").read_text()
    (rules,) = (bundle / "readable").glob("policy-*/rules.cedar")
    assert RULE in rules.read_text()


def test_the_ledger_verifies_and_a_pin_holds(project: Inside) -> None:
    project("audit", "pin", "first.pin")
    assert "evidence.pin-exists" in project("audit", "pin", "first.pin", code=2).stderr
    found = project.json("audit", "verify", "--pin", "first.pin")
    assert found["findings"] == []
    assert found["pins"] == 1
    assert project("audit", "pin").stdout.startswith("tenuto/default\n")


def test_nothing_is_said_of_an_empty_ledger_or_of_another_namespace(no_server: Inside) -> None:
    project = no_server
    project.environment["TEMPORAL_NAMESPACE"] = "other"
    try:
        for command in (("verify",), ("show", "pay-7"), ("list",), ("policy",), ("pin",)):
            said = project("audit", *command, code=4).stderr
            assert "[evidence.empty]" in said
            assert "namespace `other`" in said
    finally:
        del project.environment["TEMPORAL_NAMESPACE"]


def test_a_local_folder_is_not_write_once(project: Inside) -> None:
    checks = {each["what"]: each for each in project.json("audit", "doctor")}
    assert checks["place"]["state"] == "warn"
    assert "overwritten and deleted" in checks["place"]["found"]
    passed = {what for what, each in checks.items() if each["state"] == "pass"}
    assert passed == {"keys", "spool", "listeners", "retention", "exporter"}


@pytest.mark.attack
def test_y_erased_content_is_gone_and_the_ledger_still_verifies(project: Inside) -> None:
    keys = [each for each in project.json("keys") if each["purpose"] == "payloads"]
    (key,) = (each["kid"] for each in keys)
    in_use = project("audit", "erase", key, "--reason", "request 12", code=2)
    assert "[keys.in-use]" in in_use.stderr
    project("keys", "rotate", "payloads")
    project("audit", "hold", "--reason", "case 12")
    refused = project("audit", "erase", key, "--reason", "request 12", code=1)
    assert "[evidence.legal-hold]" in refused.stderr
    assert "case 12" in refused.stderr
    assert told(project, "pay-7", "approve")[0]["tasks"][0]["request"]["title"] == "Pay Acme"
    project("audit", "hold", "--lift", "--reason", "case 12 is closed")

    project("audit", "erase", key, "--reason", "request 12")
    project("audit", "export")
    found, vote = told(project, "pay-7", "approve")
    assert vote["by"] == "u:ann"
    (task,) = found["tasks"]
    assert task["request"]["code"] == "encryption.key-destroyed"
    assert "Acme" not in json.dumps(found)
    assert "unreadable" in project("audit", "show", "pay-7").stdout
    deeds = project.json("audit", "list", "--kind", "erase")
    assert [(each["state"], each["reason"]) for each in deeds] == [
        ("begun", "request 12"),
        ("destroyed", "request 12"),
    ]
    assert deeds[0]["principal"] == "u:aud"
    assert project.json("audit", "verify")["findings"] == []


@pytest.mark.attack
def test_z_what_was_changed_is_named_and_leaves_with_seven(project: Inside) -> None:
    blob = next((project.folder / ".tenuto" / "ledger").glob("*/blobs/*/*"))
    blob.chmod(0o644)
    data = blob.read_bytes()
    blob.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    said = project("audit", "verify", code=7).stdout
    assert f"ALTERED  blobs/{blob.name[:2]}/{blob.name}" in said
    blob.write_bytes(data)
    project("audit", "verify")


@pytest.mark.chaos
@pytest.mark.attack
def test_zz_what_is_missing_alarms_everywhere_until_it_is_explained(project: Inside) -> None:
    counted = project.json("audit", "population")
    assert counted["alarms"] == []
    for each in counted["counts"]:
        assert each["closed"] == each["exported"]
    project("run", "payment", "--payee", "Acme", "--amount", "1", "--id", "gone", "--as", "u:max")
    project("audit", "population")
    server = next(each for each in project.json("doctor") if each["name"] == "connection")
    asyncio.run(_remove(server["found"].partition(",")[0]))
    assert "`gone`" in project("audit", "population", code=7).stdout
    trail = next(each for each in project.json("doctor", code=7) if each["name"] == "audit trail")
    assert trail["verdict"] == "fail"
    project("audit", "export", code=7)
    mailed = list((project.folder / "outbox").rglob("message.txt"))
    assert len(mailed) == 1, "told once"
    assert "`gone`" in mailed[0].read_text()
    because = ("--because", "test run, removed by ann")
    project("audit", "population", "--explain", "gone", *because, code=7)
    project("audit", "population", "--explain", "task/gone/release", *because)


async def _remove(address: str) -> None:
    client = await connect(Target(address=address, origin="embedded"))
    for run in ("gone", "task/gone/release"):
        await deleted(client, client.get_workflow_handle(run), patience_s=90)


@pytest.mark.chaos
def test_zzz_runs_that_the_server_deleted_are_shown_all_the_same(project: Inside) -> None:
    server = next(each for each in project.json("doctor") if each["name"] == "connection")
    asyncio.run(_forget(server["found"].partition(",")[0]))
    project("show", "pay-8", code=4)
    assert told(project, "pay-8", "reject")[1]["by"] == "u:ben"
    project("audit", "population")


async def _forget(address: str) -> None:
    client = await connect(Target(address=address, origin="embedded"))
    for run in ("pay-8", "task/pay-8/release"):
        await deleted(client, client.get_workflow_handle(run), patience_s=90)
