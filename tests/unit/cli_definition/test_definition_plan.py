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
    assert plan["input"] == {"fund": "text", "limit": 1.0}
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


def test_names_that_reach_nothing_are_refused_with_those_that_do(tenuto: Run, good: Path) -> None:
    told = tenuto("definition", "plan", "good.yaml", "--assume", "raed={}")
    assert told.code == 2
    assert "Did you mean `read`? Those are read, tell." in told.err
    told = tenuto("definition", "plan", "good.yaml", "--decide", "read=approve")
    assert told.code == 2
    assert "`--decide` is not for `read`; use `--assume read=...`." in told.err


def test_an_approval_is_decided_by_one_of_its_actions(tenuto: Run, release: Path) -> None:
    told = tenuto("definition", "plan", "release.yaml", "--decide", "ask=maybe")
    assert (told.code, "approve, reject" in told.err) == (2, True)
    assert "[definition.unknown-action]" in told.err
    told = tenuto("definition", "plan", "release.yaml", "--decide", "route=approve")
    assert (told.code, "Those are ask." in told.err) == (2, True)
    text = release.read_text().replace(
        "actions: [approve, reject]", 'actions: \'${ ["approve", "reject"] }\''
    )
    release.write_text(text)
    told = tenuto("definition", "plan", "release.yaml", "--decide", "ask=edit")
    assert (told.code, "[definition.unknown-action]" in told.err) == (2, True)


def test_what_a_task_never_returns_is_not_assumed(tenuto: Run, good: Path) -> None:
    for value in ('{"dta": {}}', '{"data": 5}', "5"):
        told = tenuto("definition", "plan", "good.yaml", "--assume", f"read={value}")
        assert told.code == 2, value
        assert "[definition.assumption-unfit]" in told.err
    told = tenuto("definition", "plan", "good.yaml", "--assume", 'read={"data": {"rows": 1}}')
    assert told.code == 0
    assert "`read` returns more than is assumed: " in told.err


def test_an_assumption_that_the_run_goes_past_is_told(tenuto: Run, project: Path) -> None:
    (project / "skips.yaml").write_text(SKIPS)
    told = tenuto("definition", "plan", "skips.yaml", "--assume", "never=5")
    assert told.code == 0
    assert "What was said of `never` changes nothing" in told.err


CALLED = "metadata: { temporal: { activity: Price, taskQueue: elsewhere } }"
SKIPS = f"""\
document: {{ dsl: '1.0.3', namespace: desk, name: skips, version: '1.0.0' }}
do:
  - never: {{ if: 'false', call: price, {CALLED} }}
"""
FUNCTIONS = f"""\
document: {{ dsl: '1.0.3', namespace: desk, name: navs, version: '1.0.0' }}
use:
  functions:
    getNav: {{ call: price, with: {{ fund: '${{ .fund }}' }}, {CALLED} }}
    getAny: {{ call: getNav, with: {{ fund: '${{ .any }}' }} }}
do:
  - alpha: {{ call: getNav, with: {{ fund: A }}, export: {{ as: '{{ alpha: . }}' }} }}
  - beta: {{ call: getNav, with: {{ fund: B }}, export: {{ as: '$context + {{ beta: . }}' }} }}
  - gamma: {{ call: getAny, with: {{ any: C }}, export: {{ as: '$context + {{ gamma: . }}' }} }}
output: {{ as: $context }}
"""


@pytest.mark.parametrize(
    ("assumed", "output"),
    [
        (["alpha=1", "beta=2"], {"alpha": 1, "beta": 2, "gamma": None}),
        (["getNav=9"], {"alpha": 9, "beta": 9, "gamma": 9}),
        (["getNav=9", "alpha=1"], {"alpha": 1, "beta": 9, "gamma": 9}),
        (["getNav=9", "getAny=8", "beta=2"], {"alpha": 9, "beta": 2, "gamma": 8}),
        (["/do/1/beta=2"], {"alpha": None, "beta": 2, "gamma": None}),
    ],
)
def test_a_call_of_a_function_is_assumed_by_the_nearest_name(
    tenuto: Run, project: Path, assumed: list[str], output: dict[str, Any]
) -> None:
    (project / "navs.yaml").write_text(FUNCTIONS)
    typed = [word for each in assumed for word in ("--assume", each)]
    plan = json.loads(tenuto("definition", "plan", "navs.yaml", *typed, "--json").out)
    assert plan["output"] == output


WAY = """\
document: { dsl: '1.0.3', namespace: desk, name: way, version: '1.0.0' }
do:
  - start: { set: { rows: [1, 2], amount: 7 } }
  - none: { if: 'false', set: { gone: true } }
  - route:
      switch:
        - large: { when: .amount > 5, then: each }
        - small: { then: end }
  - skipped: { set: { never: true } }
  - each:
      for: { each: row, in: .rows }
      do:
        - add: { set: { sum: '${ (.sum // 0) + $row }' } }
  - empty:
      for: { in: '[]' }
      do:
        - add: { set: { n: 1 } }
  - tell:
      call: notify.file
      with:
        folder: outbox
        name: way
        text: "${ [range(90)] | tojson }"
        idempotency_key: way
"""


def test_the_way_between_the_steps_is_shown(tenuto: Run, project: Path) -> None:
    (project / "way.yaml").write_text(WAY)
    page = tenuto("definition", "plan", "way.yaml").out
    lines = [line.strip() for line in page.splitlines()]
    begin = lines.index("start sets amount, rows")
    assert lines[begin : begin + 9] == [
        "start sets amount, rows",
        "none is skipped: its `if` does not hold",
        "route -> case large",
        "each -> round 1",
        "add sets sum",
        "each -> round 2",
        "add sets sum",
        "empty has nothing to go through",
        "1  tell  calls notify.file",
    ]
    assert "5 steps, 1 of them with an effect outside the run" in page


def test_long_values_are_cut_unless_they_are_asked_for(tenuto: Run, project: Path) -> None:
    (project / "way.yaml").write_text(WAY)
    page = tenuto("definition", "plan", "way.yaml").out
    assert "Long values are cut; --full shows them whole." in page
    assert ",89]" not in page
    page = tenuto("definition", "plan", "way.yaml", "--full").out
    assert ",88,89]" in "".join(page.split())
    assert "are cut" not in page


STRICT = """\
document: {{ dsl: '1.0.3', namespace: desk, name: strict, version: '1.0.0' }}
input:
  schema:
    document:
      type: object
      required: [code, share]
      properties:
        code: {{ type: string, pattern: '{pattern}' }}
        share: {{ type: number, minimum: 2, maximum: 3 }}
        days: {{ type: array, minItems: 2, items: {{ type: string, minLength: 9 }} }}
do:
  - note: {{ set: {{ code: '${{ .code }}' }} }}
"""


def test_a_sample_keeps_simple_patterns_and_bounds(tenuto: Run, project: Path) -> None:
    (project / "strict.yaml").write_text(STRICT.format(pattern=r"^[A-Z]{6}-\d+\.[xy]?$"))
    plan = json.loads(tenuto("definition", "plan", "strict.yaml", "--json").out)
    assert plan["output"] == {"code": "AAAAAA-1."}


def test_a_sample_that_does_not_fit_is_no_fault_of_the_definition(
    tenuto: Run, project: Path
) -> None:
    (project / "strict.yaml").write_text(STRICT.format(pattern="^(GOVT|CORP)$"))
    told = tenuto("definition", "plan", "strict.yaml")
    assert told.code == 2
    assert "[definition.no-sample]" in told.err
    assert "no fault of the definition" in told.err
    assert "`--input`" in told.err


CORRELATED = """\
document: { dsl: '1.0.3', namespace: desk, name: match, version: '1.0.0' }
input:
  schema:
    document: { type: object, required: [trade], properties: { trade: { type: string } } }
do:
  - both:
      listen:
        to:
          all:
            - with: { type: booked, source: '${ "https://desk/" + $workflow.input.trade }' }
              correlate: { trade: { from: .data.trade.id, expect: '${ $context.trade }' } }
            - with: { type: confirmed }
              correlate: { trade: { from: .data.reference } }
      timeout: { after: PT2M }
"""


def test_sample_events_of_one_listener_belong_together(tenuto: Run, project: Path) -> None:
    (project / "match.yaml").write_text(CORRELATED)
    plan = json.loads(
        tenuto("definition", "plan", "match.yaml", "-f", "trade=sample", "--json").out
    )
    assert plan["outcome"] == "completed", plan["problem"]
    assert plan["events"][0]["data"] == {"trade": {"id": "sample"}}
    assert plan["events"][0]["source"] == "https://desk/sample"
    assert plan["events"][1]["data"] == {"reference": "sample"}


def test_where_a_run_does_not_complete_the_samples_are_named(tenuto: Run, good: Path) -> None:
    text = good.read_text() + (
        "  - stop:\n"
        "      if: .outcome != 1\n"
        "      raise: { error: { type: https://x.y/z, status: 400 } }\n"
    )
    good.write_text(text)
    told = tenuto("definition", "plan", "good.yaml")
    assert told.code == 1
    assert "A sample may be at fault, not the definition" in " ".join(told.out.split())
    for hint in ("`--input`", "`read`, `tell`", "`--assume TASK=JSON`"):
        assert hint in told.out


LISTED = """\
document: { dsl: '1.0.3', namespace: desk, name: listed, version: '1.0.0' }
input:
  schema:
    document:
      type: object
      properties:
        names: { type: array, items: { type: string } }
        counts: { type: array, items: { type: integer } }
        name: { type: string }
do:
  - note: { set: { all: '${ [.names, .counts] }' } }
"""


@pytest.mark.parametrize(
    ("typed", "everything"),
    [
        (["names=007", "counts=1"], [["007"], [1]]),
        (["names=a", "names=b, c", "counts=1", "counts=2"], [["a", "b, c"], [1, 2]]),
        (['names=["a", "b"]', "counts=[]"], [["a", "b"], []]),
    ],
)
def test_a_field_that_is_an_array_takes_an_item_each_time(
    tenuto: Run, project: Path, typed: list[str], everything: Any
) -> None:
    (project / "listed.yaml").write_text(LISTED)
    options = [word for each in typed for word in ("-f", each)]
    plan = json.loads(tenuto("definition", "plan", "listed.yaml", *options, "--json").out)
    assert plan["output"] == {"all": everything}


def test_a_field_that_is_no_array_is_given_once(tenuto: Run, project: Path) -> None:
    (project / "listed.yaml").write_text(LISTED)
    told = tenuto("definition", "plan", "listed.yaml", "-f", "name=a", "-f", "name=b")
    assert told.code == 2
    assert "[input.given-twice]" in told.err
