"""`for`: items, `while`, variables, and what one iteration hands to the next."""

import pytest

from rehearsed_runs import error, kind_of, output


def test_each_iteration_begins_with_the_output_of_the_one_before() -> None:
    tasks = """
- loop:
    for: {each: color, in: .colors}
    do:
      - mark: {set: {done: "${ .done + [{color: $color, at: $index}] }"}}
"""
    assert output(tasks, {"colors": ["red", "green"]}) == {
        "done": [{"color": "red", "at": 0}, {"color": "green", "at": 1}]
    }


def test_the_collection_is_evaluated_once() -> None:
    tasks = """
- loop:
    for: {in: .items}
    do:
      - grow: {set: {items: "${ .items + [0] }"}}
"""
    assert output(tasks, {"items": [1, 2]}) == {"items": [1, 2, 0, 0]}


def test_while_is_asked_before_each_iteration_over_what_it_would_begin_with() -> None:
    tasks = """
- loop:
    for: {each: n, in: "[1, 2, 3, 4]"}
    while: (.sum // 0) + $n < 7
    do:
      - add: {set: {sum: "${ (.sum // 0) + $n }"}}
"""
    assert output(tasks) == {"sum": 6}


def test_without_an_item_or_when_while_never_holds_the_input_is_the_output() -> None:
    body = "\n    do:\n      - a: {set: {x: 1}}"
    assert output(f"- loop:\n    for: {{in: '[]'}}{body}", {"y": 1}) == {"y": 1}
    never = f"- loop:\n    for: {{in: '[1]'}}\n    while: 'false'{body}"
    assert output(never, {"y": 1}) == {"y": 1}


def test_an_inner_loop_hides_the_outer_variable_and_gives_it_back() -> None:
    tasks = """
- outer:
    for: {each: x, in: "[1, 2]"}
    do:
      - inner:
          for: {each: x, in: "[10]"}
          do:
            - a: {set: {seen: "${ .seen + [$x] }"}}
      - b: {set: {seen: "${ .seen + [$x] }"}}
"""
    assert output(tasks) == {"seen": [10, 1, 10, 2]}


def test_a_loop_variable_cannot_hide_what_the_specification_defines() -> None:
    tasks = """
- loop:
    for: {each: context, at: input, in: "[1]"}
    while: $context != 1
    do:
      - a: {set: {c: "${ $context }", i: "${ $input }"}}
"""
    assert output(tasks, {"n": 5}) == {"c": {"n": 5}, "i": {"n": 5}}


def test_variables_are_gone_after_the_loop() -> None:
    tasks = """
- loop:
    for: {each: x, in: "[1]"}
    do:
      - a: {set: {y: 1}}
    output: {as: "$x"}
"""
    assert kind_of(error(tasks)) == "expression"


@pytest.mark.parametrize("found", ["null", '"text"', "{a: 1}"])
def test_what_is_no_array_is_an_error_of_the_loop(found: str) -> None:
    problem = error(f"- loop:\n    for: {{in: '{found}'}}\n    do:\n      - a: {{set: 1}}")
    assert (kind_of(problem), problem.instance) == ("expression", "/do/0/loop")


def test_ten_thousand_iterations_need_no_python_stack() -> None:
    tasks = """
- loop:
    for: {in: "[range(10500)]"}
    do:
      - a: {set: {n: "${ (.n // 0) + 1 }"}}
"""
    assert output(tasks) == {"n": 10500}
