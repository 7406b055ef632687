"""Any text compiles or is reported; any evaluation gives JSON or a fault, always the same."""

import copy
import json
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from jq_grammar import broken_expressions, expressions, json_values
from tenuto.core.problem import Fault, standard_type
from tenuto.definitions.expressions import (
    check_expression,
    evaluate,
    evaluate_template,
    expression_in,
    has_embedded_expression,
    is_expression,
    paths_read,
    variables_read,
)
from tenuto.definitions.expressions.program import program

SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=150)
KNOWN = frozenset({"input", "x", "y"})


def outcome(text: str, data: JsonValue) -> str:
    """What evaluating comes to, complete."""
    try:
        variables: dict[str, JsonValue] = {"input": data, "x": 1, "y": "y"}
        return json.dumps(evaluate(text, data, variables), allow_nan=False)
    except Fault as fault:
        return f"fault: {fault.problem.status} {fault.problem.type} {fault.problem.detail}"


def far_down(text: str, data: JsonValue, frames: int) -> str:
    """The same with `frames` calls below this one."""
    return far_down(text, data, frames - 1) if frames else outcome(text, data)


def in_a_thread(text: str, data: JsonValue) -> str:
    results: list[str] = []
    thread = Thread(target=lambda: results.append(outcome(text, data)))
    thread.start()
    thread.join()
    return results[0]


@SLOW
@given(expressions(), json_values())
def test_an_evaluation_gives_json_or_a_fault_and_leaves_its_input_alone(
    text: str, data: JsonValue
) -> None:
    before = copy.deepcopy(data)
    first = outcome(text, data)
    assert outcome(text, data) == first
    assert data == before
    if first.startswith("fault: "):
        assert first.startswith(f"fault: 400 {standard_type('expression')} ")


@SLOW
@given(expressions(), json_values(), st.integers(min_value=1, max_value=400))
def test_the_outcome_is_the_same_from_any_depth_and_any_thread(
    text: str, data: JsonValue, frames: int
) -> None:
    assert far_down(text, data, frames) == in_a_thread(text, data)


@settings(SLOW, max_examples=15)
@given(st.lists(st.tuples(expressions(), json_values()), min_size=20, max_size=40))
def test_threads_do_not_disturb_each_other(cases: list[tuple[str, JsonValue]]) -> None:
    def compile_and_run(case: tuple[str, JsonValue]) -> str:
        program.cache_clear()
        return outcome(*case)

    expected = [outcome(*case) for case in cases]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(compile_and_run, cases)) == expected


@SLOW
@given(st.one_of(expressions(), broken_expressions()))
def test_any_text_compiles_or_is_reported(text: str) -> None:
    problems = check_expression(text, KNOWN)
    for problem in problems:
        assert 0 <= problem.offset <= len(text)
        assert problem.message.endswith(".")
        assert problem.remedy.endswith((".", "?"))
    if problems and problems[0].kind in ("syntax", "forbidden"):
        assert outcome(text, None).startswith("fault: ")
    if not problems:
        assert variables_read(text) <= KNOWN


@SLOW
@given(st.one_of(expressions(), broken_expressions()))
def test_what_is_read_can_be_asked_of_any_text(text: str) -> None:
    assert {read.root for read in paths_read(text)} - {"."} <= variables_read(text)


@given(st.one_of(st.text(), broken_expressions()))
def test_a_text_is_literal_or_an_expression_or_has_one_embedded(text: str) -> None:
    kinds = [is_expression(text), has_embedded_expression(text), "${" not in text]
    assert kinds.count(True) == 1
    assert expression_in(text) == expression_in(text).strip()


@given(json_values(), json_values())
def test_data_is_never_taken_for_an_expression(template: JsonValue, data: JsonValue) -> None:
    hostile: JsonValue = {"text": "${ .secret }", "data": data, "secret": "seen"}
    given = {"literal": template, "read": "${ .text }", "all": "${ . }"}
    filled = evaluate_template(given, hostile, {})
    assert filled == {"literal": template, "read": "${ .secret }", "all": hostile}
