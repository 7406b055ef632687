"""`tenuto definition plan`: what a run would do, and nothing is done."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

RELEASE = """\
document: { dsl: '1.0.3', namespace: desk, name: release, version: '1.0.0' }
do:
  - ask:
      call: human.approval
      with: { title: Release?, approvers: ['u:ben'], actions: [approve, reject] }
  - route:
      switch:
        - yes: { when: .decision == "approve", then: pause }
        - no: { then: refuse }
  - refuse:
      raise:
        error: { type: https://example.com/refused, status: 409, title: Refused }
  - pause:
      wait: { minutes: 90 }
  - hear:
      listen:
        to: { one: { with: { type: com.example.paid, subject: '${ $workflow.id }' } } }
"""


@pytest.fixture
def release(project: Path) -> Path:
    """A definition in which people decide and an event is awaited."""
    file = project / "release.yaml"
    file.write_text(RELEASE)
    return file


def test_ops_11_the_steps_stand_in_order_with_resolved_arguments(tenuto: Run, good: Path) -> None:
    told = tenuto("definition", "plan", "good.yaml", "-f", "fund=007", "--json")
    plan = json.loads(told.out)
    assert told.code == 0
    assert [(step["task"], step["name"]) for step in plan["steps"]] == [
        ("read", "fetch.files"),
        ("tell", "notify.file"),
    ]
    assert plan["steps"][0]["argument"] == {"path": "007.csv", "format": "csv"}
    assert plan["input"] == {"fund": "007"}, "the schema says text"
    assert plan["outcome"] == "completed"
    assert plan["history_events"] == 17


def test_ops_11_would_be_notices_are_told_and_nothing_is_written(
    tenuto: Run, good: Path, project: Path
) -> None:
    before = sorted(project.rglob("*"))
    text = good.read_text().replace("/srv/outbox", str(project / "outbox"))
    good.write_text(text)
    told = tenuto("definition", "plan", "good.yaml", "--input", '{"fund": "A"}', "--json")
    (notice,) = json.loads(told.out)["notices"]
    assert notice["argument"]["text"] == "1 rows"
    assert notice["argument"]["folder"] == str(project / "outbox")
    assert sorted(project.rglob("*")) == before


def test_unknown_values_are_samples_and_say_so(tenuto: Run, good: Path) -> None:
    plan = json.loads(tenuto("definition", "plan", "good.yaml", "--json").out)
    assert plan["input"] == {"fund": "text", "limit": 3}
    assert plan["input_is_sample"]
    assert [step["answer_is_sample"] for step in plan["steps"]] == [True, True]
    assumed = '{"data": {"rows": 12}}'
    plan = json.loads(
        tenuto("definition", "plan", "good.yaml", "--assume", f"read={assumed}", "--json").out
    )
    assert plan["steps"][1]["argument"]["text"] == "12 rows"
    assert [step["answer_is_sample"] for step in plan["steps"]] == [False, True]
    page = tenuto("definition", "plan", "good.yaml").out
    assert "(a sample)" in page
    assert "The run would complete." in page


def test_decisions_waits_and_events_are_part_of_the_plan(tenuto: Run, release: Path) -> None:
    plan = json.loads(tenuto("definition", "plan", "release.yaml", "--json").out)
    told = [step for step in plan["steps"] if step["what"] != "search-attributes"]
    assert [step["what"] for step in told] == ["approval", "wait"]
    assert [step["task"] for step in plan["approvals"]] == ["ask"]
    assert told[1]["argument"] == 5400
    assert plan["awaits"] == ["com.example.paid"]
    assert plan["waits_s"] == 5400
    assert plan["outcome"] == "completed", "a sample of the event came"


def test_a_run_that_would_fail_makes_the_command_fail(tenuto: Run, release: Path) -> None:
    told = tenuto("definition", "plan", "release.yaml", "--decide", "ask=reject", "--json")
    plan = json.loads(told.out)
    assert (told.code, plan["outcome"]) == (1, "faulted")
    assert plan["problem"]["title"] == "Refused"
    assert plan["problem"]["instance"] == "/do/2/refuse"


def test_an_event_of_another_subject_is_waited_for(tenuto: Run, release: Path) -> None:
    other = {"specversion": "1.0", "id": "1", "source": "x", "type": "com.example.paid"}
    event = json.dumps(other | {"subject": "another run"})
    told = tenuto("definition", "plan", "release.yaml", "--event", event)
    assert told.code == 0
    assert "would wait here" in told.out


def test_the_compiled_plan_and_its_digest_are_there(tenuto: Run, good: Path) -> None:
    plan = json.loads(tenuto("definition", "plan", "good.yaml", "--json").out)
    assert plan["plan"]["head"]["name"] == "price-check"
    assert len(plan["digest"]) == 64


def test_a_wrong_definition_is_refused_with_all_findings(tenuto: Run, broken: Path) -> None:
    told = tenuto("definition", "plan", "broken.yaml", "--json")
    error = json.loads(told.err)["error"]
    assert (told.code, error["code"]) == (2, "definition.invalid")
    assert len(error["details"]["findings"]) == 4


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (["--assume", "nothing={}"], "definition.unknown-task"),
        (["--assume", "read"], "definition.assumption"),
        (["--input", "no-such-file.yaml"], "input.no-file"),
        (["--input", "{"], "input.file"),
        (["--input", "[1]", "-f", "a=1"], "input.not-an-object"),
        (["-f", "fund"], "input.field"),
    ],
)
def test_what_is_typed_wrong_is_refused(
    tenuto: Run, good: Path, typed: list[str], code: str
) -> None:
    told = tenuto("definition", "plan", "good.yaml", *typed)
    assert told.code == 2
    assert f"[{code}]" in told.err
