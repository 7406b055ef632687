"""Where a run goes on: `then`, `if`, `switch`, and lists inside lists."""

import pytest
from pydantic import JsonValue

from rehearsed_runs import error, happened, kind_of, output, ran

ADD = "set: {{seen: '${{ .seen + [\"{0}\"] }}'}}"


def step(name: str, *more: str) -> str:
    lines = [f"- {name}:", f"    {ADD.format(name)}", *(f"    {line}" for line in more)]
    return "\n".join(lines) + "\n"


def within(pad: int, *steps: str) -> str:
    return "".join(" " * pad + line + "\n" for each in steps for line in each.splitlines())


def test_tasks_run_in_order_and_each_gets_the_output_of_the_one_before() -> None:
    assert output(step("a") + step("b") + step("c")) == {"seen": ["a", "b", "c"]}


@pytest.mark.parametrize("value", [None, {}], ids=["null", "object"])
def test_a_run_without_input_adds_to_what_is_not_there(value: JsonValue) -> None:
    assert output(step("a"), value) == {"seen": ["a"]}


def test_a_name_goes_there_backwards_too_and_end_ends_the_run() -> None:
    tasks = step("a", "then: c") + step("b", "then: end") + step("c", "then: b") + step("d")
    assert output(tasks) == {"seen": ["a", "c", "b"]}


def test_exit_leaves_the_list_it_is_in_with_the_data_so_far() -> None:
    inner = "- block:\n    do:\n" + within(6, step("a", "then: exit"), step("b"))
    assert output(inner + step("c")) == {"seen": ["a", "c"]}


def test_exit_in_an_iteration_goes_on_with_the_next_item() -> None:
    loop = "- loop:\n    for: {in: '[1, 2]'}\n    do:\n" + within(
        6, step("a", "then: exit"), step("b")
    )
    assert output(loop + step("c")) == {"seen": ["a", "a", "c"]}


def test_end_ends_the_run_from_inside_everything_with_the_data_so_far() -> None:
    rehearsed = ran(
        """
- loop:
    for: {in: "[1, 2]"}
    do:
      - attempt:
          try:
            - block:
                do:
                  - a: {set: {x: 1}, then: end}
                  - b: {set: {x: 2}}
          catch: {}
          output: {as: "error(\\"not evaluated\\")"}
- after: {set: {x: 3}}
"""
    )
    assert rehearsed.output == {"x": 1}
    assert happened(rehearsed, "completed") == ["a", "block", "attempt", "loop"]


def test_the_workflows_output_is_transformed_after_end_as_well() -> None:
    assert output("- a: {set: {x: 1}, then: end}", top="output: {as: .x}") == 1


def test_a_task_whose_condition_does_not_hold_passes_its_input_on_and_its_then_is_ignored() -> None:
    tasks = step("a", "if: .seen", "then: end") + step("b", "if: '.seen | not'") + step("c")
    rehearsed = ran(tasks)
    assert rehearsed.output == {"seen": ["b", "c"]}
    assert happened(rehearsed, "skipped") == ["a"]


SWITCH = """
- choose:
    switch:
      - red: {when: .color == "red", then: setRed}
      - other: {then: setOther}
- setRed: {set: {out: red}, then: end}
- setOther: {set: {out: "${ $input.color }"}, then: end}
"""


def test_a_switch_goes_where_the_first_case_that_holds_says() -> None:
    assert output(SWITCH, {"color": "red"}) == {"out": "red"}
    assert output(SWITCH, {"color": "blue"}) == {"out": "blue"}


def test_a_switch_without_a_case_that_holds_passes_its_input_on_to_then() -> None:
    tasks = """
- choose:
    switch:
      - red: {when: .color == "red", then: setRed}
    then: end
- setRed: {set: {out: red}}
"""
    assert output(tasks, {"color": "blue"}) == {"color": "blue"}


def test_the_default_case_counts_only_when_no_other_holds_wherever_it_stands() -> None:
    tasks = """
- choose:
    switch:
      - otherwise: {then: setOther}
      - red: {when: .color == "red", then: setRed}
- setOther: {set: {out: other}, then: end}
- setRed: {set: {out: red}, then: end}
"""
    assert output(tasks, {"color": "red"}) == {"out": "red"}


def test_an_endless_circle_without_a_wait_is_cut_and_does_not_hang() -> None:
    assert ran("- a: {set: {x: 1}, then: a}").outcome == "cut"


def test_an_error_in_a_condition_is_the_tasks() -> None:
    problem = error("- a: {set: {x: 1}}\n- b: {if: '.x.y', set: {}}")
    assert (kind_of(problem), problem.status, problem.instance) == ("expression", 400, "/do/1/b")
