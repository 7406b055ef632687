"""The older block form: what it becomes, what of it is refused, and that the outcome runs."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from definition_texts import structural
from tenuto.catalog import ActivityEntry, activity
from tenuto.catalog.registry import Catalog
from tenuto.core.errors import UsageError
from tenuto.core.records import Record
from tenuto.definitions.compiling import compile_plan
from tenuto.definitions.convert import convert, to_yaml
from tenuto.definitions.findings import Severity
from tenuto.definitions.loading import load
from tenuto.workflows.interpreter.rehearsal import Answers, Rehearsed, rehearse


class Anything(Record):
    """What the activities here take and give."""


def entry(name: str) -> ActivityEntry[Anything, Anything]:
    return activity(
        name,
        request=Anything,
        result=Anything,
        summary="x",
        queue="q",
        start_to_close=timedelta(minutes=1),
    )


CATALOG = Catalog(entry(name) for name in ("fetch", "check", "store", "end", "with space: #1"))


def act(name: str, *args: JsonValue, **more: JsonValue) -> JsonValue:
    return {"activity": {"activityName": name, "args": list(args), **more}}


def sequential(*blocks: JsonValue) -> JsonValue:
    return {"sequential": {"blocks": list(blocks)}}


def parallel(*blocks: JsonValue) -> JsonValue:
    return {"parallel": {"blocks": list(blocks)}}


def old(execution: JsonValue) -> JsonValue:
    return {"workflowName": "Daily NAV run", "execution": execution}


def tasks(value: JsonValue) -> list[dict[str, Any]]:
    done = convert(value)
    assert isinstance(done, dict)
    assert isinstance(done["do"], list)
    return done["do"]  # type: ignore[return-value]


def run(value: JsonValue, **outputs: JsonValue) -> Rehearsed:
    """Converted, written, read, checked, compiled, and rehearsed."""
    text = to_yaml(convert(value))
    loaded, _ = load(text, "converted.yaml")
    assert loaded is not None
    assert loaded.value == convert(value)
    findings = structural(text)
    assert [each for each in findings if each.severity is Severity.ERROR] == []
    return rehearse(compile_plan(loaded.value, CATALOG), None, Answers(outputs=outputs))


def test_inv_14_the_head_is_made_of_the_name() -> None:
    done = convert(old(act("fetch")))
    assert isinstance(done, dict)
    assert done["document"] == {
        "dsl": "1.0.3",
        "namespace": "default",
        "name": "daily-nav-run",
        "version": "1.0.0",
        "title": "Daily NAV run",
    }


def test_inv_14_the_oldest_form_is_a_list_of_activities() -> None:
    value: JsonValue = {
        "workflowName": "w",
        "activities": [{"activityName": "fetch", "args": [1, "a"]}, {"activityName": "check"}],
    }
    assert [next(iter(task.values())).get("with") for task in tasks(value)] == [
        {"args": [1, "a"]},
        None,
    ]
    done = run(value, fetch={"rows": 3}, check=True)
    assert done.output == {"fetch": {"rows": 3}, "check": True}


def test_inv_16_results_are_passed_on_with_their_types_and_kept_by_name() -> None:
    done = run(
        old(sequential(act("fetch", "DEMO"), act("check", 5), act("store", useDataFlow=False))),
        fetch={"nav": "1.25", "rows": [1, None]},
        check=None,
        store="ok",
    )
    assert [happening.argument for happening in done.happened] == [
        {"args": ["DEMO"]},
        {"args": [5], "previous": {"nav": "1.25", "rows": [1, None]}},
        {},
    ]
    assert done.output == {
        "fetch": {"nav": "1.25", "rows": [1, None]},
        "check": None,
        "store": "ok",
    }


def test_inv_16_branches_get_the_result_before_and_give_a_map() -> None:
    done = run(
        old(
            sequential(
                act("fetch"),
                parallel(act("check"), sequential(act("check"), act("store"))),
                act("end"),
            )
        ),
        fetch=1,
        **{"check": 2, "check-2": 3, "store": 4, "end-2": 5},
    )
    given = {happening.task: happening.argument for happening in done.happened}
    assert given == {
        "fetch": {},
        "check": {"previous": 1},
        "check-2": {"previous": 1},
        "store": {"previous": 3},
        "end-2": {"previous": {"check": 2, "sequential": 4}},
    }
    assert isinstance(done.output, dict)
    assert done.output["parallel"] == {"check": 2, "sequential": 4}
    assert done.output["end-2"] == 5


def test_an_activity_may_have_any_name() -> None:
    done = run(old(act("with space: #1")), **{"with space: #1": 1})
    assert done.output == {"with space: #1": 1}


def test_arguments_stay_text_where_they_look_like_expressions() -> None:
    done = run(old(act("fetch", '${ .a + "x" }', {"k": ["${ now }"]}, "a ${ b }")), fetch=1)
    expected: JsonValue = ['${ .a + "x" }', {"k": ["${ now }"]}, "a ${ b }"]
    assert done.happened[0].argument == {"args": expected}


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (old({"loop": {"blocks": []}}), "/execution/loop"),
        (old(sequential(act("fetch"), {"paralel": {}})), "/execution/sequential/blocks/1/paralel"),
        (old(act("fetch", useDataflow=True)), "/execution/activity/useDataflow"),
        (old(act("fetch", useDataFlow="yes")), "/execution/activity/useDataFlow"),
        (old({"activity": {"args": []}}), "/execution/activity/activityName"),
        (old({"activity": {"activityName": "f", "args": {"a": 1}}}), "/execution/activity/args"),
        (old(sequential()), "/execution/sequential/blocks"),
        (old({"parallel": [act("fetch")]}), "/execution/parallel"),
        ({"workflowName": "w", "exection": act("fetch")}, "/exection"),
        ({"execution": act("fetch")}, "/workflowName"),
        ({"workflowName": "w"}, "/"),
        ({"workflowName": "w", "execution": act("a"), "activities": []}, "/"),
        ({"workflowName": "w", "activities": [{"name": "x"}]}, "/activities/0/name"),
        ("text", "/"),
        (old({"activity": {"activityName": "f"}, "parallel": {"blocks": []}}), "/execution"),
    ],
)
def test_inv_15_what_is_not_of_the_form_is_refused_with_its_path(
    value: JsonValue, path: str
) -> None:
    with pytest.raises(UsageError) as refused:
        convert(value)
    assert refused.value.code == "definition.cannot-convert"
    assert any(problem.startswith(f"`{path}` ") for problem in refused.value.details["problems"])


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(UsageError) as refused:
        convert(old(sequential({"x": 1}, {"y": 2}, act(""))))
    paths = " ".join(refused.value.details["problems"])
    for path in ("blocks/0/x", "blocks/1/y", "blocks/2/activity/activityName"):
        assert path in paths


NAMES = st.sampled_from(["fetch", "check", "store", "end", "with space: #1"])
PRINTED = st.characters(exclude_categories=["Cs", "Cc"])
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(PRINTED, max_size=20)
LEAVES = st.builds(
    lambda name, args, flows: act(name, *args, useDataFlow=flows),
    NAMES,
    st.lists(SCALARS, max_size=3),
    st.booleans(),
)
BLOCKS = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda make, blocks: make(*blocks),
        st.sampled_from([sequential, parallel]),
        st.lists(inner, min_size=1, max_size=4),
    ),
    max_leaves=8,
)


@given(BLOCKS)
def test_whatever_is_converted_passes_the_check_compiles_and_runs(block: JsonValue) -> None:
    done = run(old(block))
    assert done.outcome == "completed", done
    calls = json.dumps(block).count('"activityName"')
    assert len(done.happened) == calls
