"""`fork`: outputs in order, contexts merged, who wins, who is cancelled."""

from datetime import timedelta

import pytest
from pydantic import JsonValue

from rehearsed_runs import error, happened, output, ran
from tenuto.workflows.interpreter.fork import merged


def test_all_branches_get_the_same_input_and_give_an_array_in_declared_order() -> None:
    tasks = """
- both:
    fork:
      branches:
        - slow: {do: [{pause: {wait: PT5S}}, {a: {set: "${ .n + 1 }"}}]}
        - quick: {set: "${ .n + 2 }"}
"""
    rehearsed = ran(tasks, {"n": 1})
    assert rehearsed.output == [2, 3]
    assert happened(rehearsed, "completed") == ["quick", "pause", "a", "slow", "both"]


def test_waits_of_branches_pass_at_the_same_time() -> None:
    tasks = "- both: {fork: {branches: [{a: {wait: PT5S}}, {b: {wait: PT3S}}]}}"
    assert ran(tasks).took == timedelta(seconds=5)


def test_inv_17_the_first_branch_that_fails_cancels_the_others() -> None:
    tasks = """
- both:
    fork:
      branches:
        - slow: {wait: PT1H}
        - bad:
            do:
              - pause: {wait: PT1S}
              - fails: {raise: {error: {type: https://x.y/z, status: 400}}}
"""
    rehearsed = ran(tasks)
    assert rehearsed.error is not None
    assert rehearsed.error.instance == "/do/0/both/fork/branches/1/bad/do/1/fails"
    assert happened(rehearsed, "cancelled") == ["slow"]
    assert happened(rehearsed, "faulted") == ["fails", "bad", "both"]
    assert rehearsed.took == timedelta(seconds=1)


def test_inv_17_waiting_for_all_is_a_try_in_each_branch() -> None:
    tasks = """
- both:
    fork:
      branches:
        - good: {do: [{pause: {wait: PT5S}}, {a: {set: good}}]}
        - bad:
            try: [{fails: {raise: {error: {type: https://x.y/z, status: 400}}}}]
            catch: {do: [{note: {set: "${ $error.status }"}}]}
"""
    assert output(tasks) == ["good", 400]


def test_the_first_to_complete_wins_and_the_others_are_cancelled() -> None:
    tasks = """
- race:
    fork:
      compete: true
      branches:
        - slow: {do: [{pause: {wait: PT9S}}, {a: {set: slow, export: {as: "{won: 1}"}}}]}
        - quick: {do: [{rest: {wait: PT1S}}, {b: {set: quick, export: {as: "{won: 2}"}}}]}
- after: {set: {data: "${ . }", context: "${ $context }"}}
"""
    rehearsed = ran(tasks)
    assert rehearsed.output == {"data": "quick", "context": {"won": 2}}
    assert happened(rehearsed, "cancelled") == ["pause", "slow"]


def test_of_branches_that_complete_together_the_one_declared_first_wins() -> None:
    tasks = "- race: {fork: {compete: true, branches: [{a: {set: 1}}, {b: {set: 2}}]}}"
    assert output(tasks) == 1


def test_a_competing_branch_that_fails_leaves_the_race_to_the_others() -> None:
    race = """
- race:
    fork:
      compete: true
      branches:
        - early: {raise: {error: {type: https://x.y/z, status: 400}}}
        - late: {do: [{pause: {wait: PT1S}}, {b: %s}]}
"""
    assert output(race % "{set: 2}") == 2
    late = error(race % "{raise: {error: {type: https://x.y/z, status: 500}}}")
    assert late.status == 500


def test_end_in_a_branch_ends_the_run_with_the_data_of_the_branch() -> None:
    tasks = """
- both:
    fork:
      branches:
        - slow: {wait: PT1H}
        - quick: {set: {x: 1}, then: end}
    output: {as: "error(\\"not evaluated\\")"}
- after: {set: never}
"""
    rehearsed = ran(tasks)
    assert rehearsed.output == {"x": 1}
    assert happened(rehearsed, "cancelled") == ["slow"]
    assert happened(rehearsed, "completed") == ["quick", "both"]


def test_a_fork_without_branches_gives_an_empty_array() -> None:
    assert output("- none: {fork: {branches: []}}") == []


def test_branches_see_the_variables_around_the_fork() -> None:
    tasks = """
- loop:
    for: {each: n, in: "[1, 2]"}
    do:
      - both:
          fork: {branches: [{a: {set: "${ $n }"}}, {b: {set: "${ $index }"}}]}
          output: {as: "$input + [.]"}
"""
    assert output(tasks, []) == [[1, 0], [2, 1]]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, [{"a": 1, "b": 2}, {"a": 1, "c": 3}], {"a": 1, "b": 2, "c": 3}),
        ({"a": 1}, [{"a": 2}, {"a": 3}], {"a": 3}),
        ({"a": 1}, [{"a": 2}, {"a": 1}], {"a": 2}),
        ({"a": 1, "b": 1}, [{"b": 1}, {"a": 1, "b": 2}], {"b": 2}),
        (None, [None, {"a": 1}], {"a": 1}),
        ({"a": 1}, ["text", {"a": 1}], "text"),
    ],
)
def test_contexts_are_merged_by_what_each_branch_changed(
    before: JsonValue, after: list[JsonValue], expected: JsonValue
) -> None:
    assert merged(before, after) == expected
