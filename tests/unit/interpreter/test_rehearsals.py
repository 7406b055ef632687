"""A rehearsal says what a run would do, and does nothing."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsed_runs import ran
from tenuto.core.problem import problem
from tenuto.workflows.interpreter.samples import sample
from tenuto.workflows.interpreter.schemas import Schemas

CALL = "metadata: {temporal: {activity: PriceBook, taskQueue: elsewhere}}, call: prices"


def test_a_call_is_shown_with_its_arguments_resolved_and_answered_as_given() -> None:
    rehearsed = ran(
        f"- price: {{{CALL}, with: {{fund: '${{ .fund }}'}}}}\n- keep: {{set: '${{ .nav }}'}}",
        {"fund": "ALPHA"},
        outputs={"price": {"nav": "1.50"}},
    )
    (call,) = rehearsed.happened
    assert (call.what, call.task, call.at, call.name) == (
        "call",
        "price",
        "/do/0/price",
        "PriceBook",
    )
    assert call.argument == {"fund": "ALPHA"}
    assert rehearsed.output == "1.50"


def test_a_task_without_an_answer_gets_a_sample_of_its_activitys_result() -> None:
    schema = {"type": "object", "properties": {"nav": {"type": "string", "format": "decimal"}}}
    rehearsed = ran(f"- price: {{{CALL}}}", results={"PriceBook": schema})
    assert rehearsed.output == {"nav": "1.00"}


def test_a_task_can_be_made_to_fail() -> None:
    handler = "{do: [{e: {set: '${ $error.status }'}}]}"
    rehearsed = ran(
        f"- a: {{try: [{{price: {{{CALL}}}}}], catch: {handler}}}",
        problems={"price": problem("communication", "down", status=503)},
    )
    assert rehearsed.output == 503


def test_people_say_the_first_action_unless_told_otherwise() -> None:
    tasks = "- ask: {call: human.approval, with: {title: OK?, approvers: ['g:desk'], need: 2}}"
    rehearsed = ran(tasks)
    assert isinstance(rehearsed.output, dict)
    assert rehearsed.output["decision"] == "approve"
    assert "approval" in [each.what for each in rehearsed.happened]
    rejected = ran(tasks, decisions={"ask": "reject"}).output
    assert isinstance(rejected, dict)
    assert rejected["decision"] == "reject"


def test_the_requester_alone_cannot_approve_so_the_run_waits() -> None:
    tasks = """
- ask:
    call: human.approval
    with: {title: OK?, approvers: ["u:ann", "u:rex"], excluded: ["u:ann"], requester: rex,
           separation_of_duties: false, timeout: PT1H}
- then: {wait: PT1S}
"""
    assert ran(tasks).outcome == "completed"


def test_an_event_that_never_comes_is_waited_for_and_one_that_is_there_is_taken() -> None:
    tasks = "- hear: {listen: {to: {one: {with: {type: paid}}}}}"
    assert ran(tasks).outcome == "waits"
    paid = {"specversion": "1.0", "id": "1", "source": "/bank", "type": "paid", "data": 5}
    assert ran(tasks, events=(paid,)).output == [5]


def test_a_rehearsal_goes_the_same_way_each_time() -> None:
    tasks = """
- tell: {emit: {event: {with: {source: https://x.y, type: t}}}}
- attempt:
    try: [{fails: {raise: {error: {type: https://x.y/z, status: 400}}}}]
    catch: {retry: {limit: {attempt: {count: 2}}, jitter: {from: PT1S, to: PT5S}}}
"""
    assert ran(tasks) == ran(tasks)


SCHEMAS = st.recursive(
    st.sampled_from(
        [{"type": kind} for kind in ("string", "integer", "number", "boolean", "null")]
        + [
            {"enum": ["a", "b"]},
            {"const": 5},
            {"$ref": "#/$defs/part"},
            {"type": ["null", "string"]},
        ]
    ),
    lambda inner: st.one_of(
        st.builds(lambda part: {"type": "array", "items": part}, inner),
        st.builds(
            lambda parts: {"type": "object", "properties": parts, "required": sorted(parts)},
            st.dictionaries(st.sampled_from("abc"), inner),
        ),
        st.builds(lambda parts: {"anyOf": parts}, st.lists(inner, min_size=1, max_size=2)),
    ),
    max_leaves=8,
)


@given(SCHEMAS)
def test_a_sample_fits_its_schema_and_is_always_the_same(schema: Any) -> None:
    whole = {**schema, "$defs": {"part": {"type": "integer"}}}
    Schemas().check(whole, sample(whole), "the sample")
    assert json.dumps(sample(whole)) == json.dumps(sample(whole))


@pytest.mark.parametrize("schema", [None, True, {}, {"$ref": "#"}, {"$ref": "https://x.y/z"}])
def test_a_schema_that_says_nothing_gives_null(schema: Any) -> None:
    assert sample(schema) is None


def test_a_schema_that_names_itself_comes_to_an_end() -> None:
    tree: dict[str, Any] = {"type": "object", "properties": {"next": {"$ref": "#"}}}
    assert json.dumps(sample(tree)).count("next") < 20
