"""`tenuto demo agent`: from refused starts to evidence that verifies."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration.cli_project.project import Project

pytestmark = pytest.mark.chaos  # slow: `make chaos` runs it


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Project, dict[str, Any]]]:
    """The demonstration played once in an empty folder, and what it printed."""
    project = Project(tmp_path_factory.mktemp("demo"), tmp_path_factory.mktemp("bytecode"))
    yield project, json.loads(project("demo", "agent", "--json").stdout)
    project.close()


def test_inv_1_the_run_goes_from_launch_to_success(shown: tuple[Project, dict[str, Any]]) -> None:
    _, record = shown
    assert record["is_as_promised"]
    assert record["workflow_id"].startswith("sample-workflow-")
    assert record["result"]["status"] == "SUCCESS"
    assert record["result"]["approval"]["by"] == "u:ben"
    assert record["result"]["policy"]["policy"] == record["policy"]


@pytest.mark.attack
def test_what_rules_forbid_did_not_happen(shown: tuple[Project, dict[str, Any]]) -> None:
    _, record = shown
    assert record["refused_starts"] == [True, True, True]
    assert record["requester_was_refused"] == [True, True]
    assert record["result"]["agent"]["denied"] == 1


def test_inv_19_one_call_ran_alone_and_one_with_a_person(
    shown: tuple[Project, dict[str, Any]],
) -> None:
    _, record = shown
    spent = record["result"]["agent"]["spent"]
    assert (spent["model_calls"], spent["tool_calls"], spent["usd"]) == (4, 2, "0.0114")
    page = Path(record["transcript"]).read_text("utf-8")
    assert page.count("Decision") == 4  # one of them on what ben made of the last call
    assert [(each["tool"], each["outcome"]) for each in record["tools"]] == [
        ("agents.write_note", "success"),
        ("notify.webhook", "denied"),
        ("notify.file", "success"),
    ]
    left = Path(record["transcript"]).parent / "desk" / "O-4711" / "message.txt"
    assert "Ask Ben" in left.read_text("utf-8")
    assert "u:ben" in page


def test_inv_23_the_evidence_verifies_and_a_changed_byte_does_not(
    shown: tuple[Project, dict[str, Any]],
) -> None:
    from tenuto.packs.agents.demo.proof import check

    _, record = shown
    assert record["changed_byte_is_found"]
    folder = Path(record["evidence"])
    assert check(folder)[0]
    records = folder / "records.jsonl"
    kept = records.read_bytes()
    records.write_bytes(kept.replace(b"u:ben", b"u:bob", 1))
    assert not check(folder)[0]
    records.write_bytes(kept)
