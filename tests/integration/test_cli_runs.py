"""The command line as a user has it: real processes, a real server, a project of `tenuto init`."""

import json
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from integration.cli_project.project import Project, stop
from tenuto.testing import eventually

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it


@pytest.fixture(scope="module")
def tenuto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project that is up for all tests of this module."""
    bytecode = tmp_path_factory.mktemp("bytecode")
    project = Project.make(tmp_path_factory.mktemp("project"), bytecode)
    process, _ = project.up()
    yield project
    code = stop(process)
    project.close()
    assert code == 0


def test_all_5_wait_prints_the_result_and_leaves_with_0(tenuto: Project) -> None:
    done = tenuto("run", "greeting", "--name", "Ada", "--wait")
    assert done.stdout == "Hello, Ada!\n"
    assert "compose completed" in done.stderr
    run = tenuto.json("run", "greeting", "--name", "Ada", "--greeting", "Hi", "--wait")
    assert (run["result"], run["status"], run["failure"]) == ("Hi, Ada!", "completed", None)
    assert run["elapsed_s"] > 0


def test_all_5_without_wait_the_id_comes_at_once_and_resolves(tenuto: Project) -> None:
    done = tenuto("run", "greeting", "--name", "Ada")
    workflow_id = done.stdout.strip()
    assert f"tenuto show {workflow_id} --follow" in done.stderr
    followed = tenuto("show", workflow_id, "--follow")
    assert "completed" in followed.stdout
    assert tenuto.json("show", workflow_id[-8:])["workflow_id"] == workflow_id


async def test_a_wrong_field_is_exit_2_and_starts_nothing(tenuto: Project) -> None:
    before = {run["workflow_id"] for run in tenuto.json("runs", "--type", "flaky")}
    told = tenuto("run", "flaky", "--times", "many", code=2)
    assert "`times`" in told.stderr
    assert "(found: 'many')" in told.stderr
    assert "'--times'" in tenuto("run", "flaky", "--tims", "2", code=2).stderr
    tenuto("run", "flaky", "--id", "after-the-wrong-ones")
    expected = before | {"after-the-wrong-ones"}

    def listed() -> None:
        assert {run["workflow_id"] for run in tenuto.json("runs", "--type", "flaky")} == expected

    await eventually(listed)


def test_an_id_is_used_once(tenuto: Project) -> None:
    tenuto("run", "greeting", "--name", "Ada", "--id", "only-once", "--wait")
    told = tenuto("run", "greeting", "--name", "Ada", "--id", "only-once", code=2)
    assert "start.id-taken" in told.stderr


def test_all_8_one_run_shows_attempts_errors_inputs_and_results(tenuto: Project) -> None:
    run = tenuto.json("run", "flaky", "--times", "2", "--wait")
    page = tenuto.json("show", run["workflow_id"], "--payloads")
    (step,) = page["steps"]
    assert (step["name"], step["status"], step["attempt"]) == ("fail_at_first", "completed", 3)
    assert step["attempts"][0]["failure"]["message"] == "the desk is closed (attempt 2)"
    assert step["duration_s"] >= 0.4
    assert (page["input"]["values"], page["result"]["values"]) == ([2], [3])
    text = tenuto("show", run["workflow_id"]).stdout
    assert "attempt 3" in text
    assert "RuntimeError: the desk is closed (attempt 2)" in text


async def test_all_8_runs_are_listed_and_filtered(tenuto: Project) -> None:
    tenuto("run", "refusing", "--id", "listed-1", "--wait", code=1)

    def listed() -> dict[str, Any]:
        runs = tenuto.json("runs", "--status", "failed", "--type", "Refusing")
        found = [run for run in runs if run["workflow_id"] == "listed-1"]
        assert found
        return dict(found[0])

    run = await eventually(listed)
    assert (run["entry"], run["type_name"], run["status"]) == ("refusing", "Refusing", "failed")
    assert run["closed_at"] > run["started_at"]
    lines = tenuto("runs", "list", "--limit", "1", "-o", "jsonl").stdout.splitlines()
    assert len(lines) == 1
    assert tenuto.json("runs", "--subject", "nobody") == []
    assert "listed-1" in tenuto("runs", "--type", "refusing").stdout


def test_a_failed_run_is_exit_1_with_its_cause_and_every_problem(tenuto: Project) -> None:
    told = tenuto("run", "refusing", "--rows", "3", "--wait", code=1)
    cause = next(line for line in told.stderr.splitlines() if line.startswith("error:"))
    assert cause.endswith("DataError (desk.no-price): 3 prices are missing")
    for row in (2, 3, 4):
        assert f"  prices.csv:{row} price: no price" in told.stderr.splitlines()
    run = tenuto.json("run", "refusing", "--wait", code=1)
    assert run["status"] == "failed"
    assert run["failure"]["step"] == "refuse"


def test_signal_query_and_update_are_checked_sent_and_answered(tenuto: Project) -> None:
    tenuto("run", "approval", "--subject", "rent", "--id", "rent-1")
    assert [each["name"] for each in tenuto.json("update", "rent-1")] == ["decide"]
    tenuto("signal", "rent-1", "note", "too dear")
    tenuto("signal", "rent-1", "note", '"ask again"')
    asked = tenuto.json("query", "rent-1", "notes")
    assert asked["answer"] == ["too dear", "ask again"]
    unknown = tenuto("signal", "rent-1", "nte", code=4)
    assert "`note`" in unknown.stderr
    incomplete = tenuto("update", "rent-1", "decide", "--is-yes", "true", code=2)
    assert "`by`: is required" in incomplete.stderr
    refused = tenuto("update", "rent-1", "decide", '{"is_yes": true, "by": ""}', code=2)
    assert "a verdict needs a name under it" in refused.stderr
    answer = tenuto("update", "rent-1", "decide", "--is-yes", "true", "--by", "Ada")
    assert answer.stdout == "taken\n"
    page = tenuto.json("show", "rent-1", "--follow")
    assert page["result"]["values"] == ["rent: yes by Ada"]


def test_all_10_a_run_that_waits_says_for_whom(tenuto: Project) -> None:
    tenuto("run", "approval", "--subject", "lease", "--id", "lease-1")
    page = tenuto("show", "lease-1").stdout
    assert "Waiting for somebody to decide about lease." in page
    assert "tenuto update lease-1 decide" in page
    tenuto("terminate", "lease-1", "--reason", "test over")


def test_cancel_lets_a_run_clean_up(tenuto: Project) -> None:
    tenuto("run", "approval", "--subject", "rent", "--id", "cancel-1")
    tenuto("cancel", "cancel-1")
    assert tenuto.json("show", "cancel-1", "--follow", code=1)["status"] == "canceled"
    assert tenuto.json("query", "cancel-1", "notes")["answer"] == ["cleaned up"]
    tenuto("run", "greeting", "--name", "Ada", "--id", "cancel-2", "--wait")
    assert "runs.closed" in tenuto("cancel", "cancel-2", code=2).stderr


def test_terminate_needs_and_keeps_a_reason(tenuto: Project) -> None:
    tenuto("run", "approval", "--subject", "rent", "--id", "terminate-1")
    assert "--reason" in tenuto("terminate", "terminate-1", code=2).stderr
    tenuto("terminate", "terminate-1", "--reason", "started by mistake")
    page = tenuto.json("show", "terminate-1")
    assert page["status"] == "terminated"
    assert "started by mistake" in page["failure"]["message"]


def test_waiting_ends_in_time_and_the_run_goes_on(tenuto: Project) -> None:
    wait = ("--subject", "rent", "--wait", "--timeout", "1")
    run = tenuto.json("run", "approval", "--id", "patience-1", *wait, code=3)
    assert run["status"] == "running"
    assert tenuto.json("show", "patience-1")["status"] == "running"
    tenuto("cancel", "patience-1")


def test_waiting_ends_where_a_person_has_to_act(tenuto: Project) -> None:
    wait = ("--subject", "rent", "--wait", "--no-block-on-approval")
    told = tenuto("run", "approval", "--id", "person-1", *wait, code=6)
    assert told.stdout == "person-1\n"
    assert "tenuto update person-1 decide" in told.stderr
    tenuto("cancel", "person-1")


async def test_ctrl_c_detaches_and_never_cancels(tenuto: Project) -> None:
    waiting = tenuto.spawn("run", "approval", "--subject", "x", "--id", "detach-1", "--wait")

    def waits() -> None:
        assert "tenuto update detach-1 decide" in tenuto.log.read_text()

    await eventually(waits)
    waiting.send_signal(signal.SIGINT)
    assert waiting.wait(20) == 130
    assert "tenuto show detach-1 --follow" in tenuto.log.read_text()
    assert tenuto.json("show", "detach-1")["status"] == "running"
    tenuto("cancel", "detach-1")


def test_what_does_not_exist_is_exit_4(tenuto: Project) -> None:
    for args in (["show", "nobody"], ["cancel", "nobody"], ["query", "nobody", "x"]):
        assert "`nobody`" in tenuto(*args, code=4).stderr
    error = json.loads(tenuto("show", "nobody", "--json", code=4).stderr)["error"]
    assert error["code"] == "runs.not-found"


def test_doctor_is_green_and_names_who_works(tenuto: Project) -> None:
    checks = {check["name"]: check for check in tenuto.json("doctor")}
    assert {check["verdict"] for check in checks.values()} == {"ok"}
    assert {"python", "connection", "namespace", "search attributes"} <= checks.keys()
    assert {"queue default", "queue nav", "artifact store", "project code"} <= checks.keys()


def test_sig_23_doctor_fails_on_an_empty_variable(tenuto: Project) -> None:
    tenuto.environment["TEMPORAL_API_KEY"] = ""
    try:
        checks = {check["name"]: check for check in tenuto.json("doctor", code=7)}
    finally:
        del tenuto.environment["TEMPORAL_API_KEY"]
    assert checks["environment"]["verdict"] == "fail"
    assert "TEMPORAL_API_KEY" in checks["environment"]["found"]


@pytest.mark.chaos
def test_twenty_short_commands_leave_with_the_right_code(tenuto: Project) -> None:
    commands = [
        (["runs", "--limit", "1"], 0),
        (["show", "no-such-run"], 4),
        (["run", "greeting", "--name", "Ada"], 0),
        (["run", "greeting"], 2),
    ]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda each: tenuto(*each[0], code=each[1]), commands * 5))
