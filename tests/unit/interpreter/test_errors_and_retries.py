"""`try` and `raise`: which errors are caught, what is tried again and when, what goes on."""

from datetime import timedelta

import pytest

from rehearsed_runs import error, happened, kind_of, output, ran
from tenuto.core.problem import Problem

RAISE = "raise: {error: {type: https://example.com/errors/odd, status: 418, title: Odd}}"


def attempt(catch: str, body: str = RAISE) -> str:
    return f"- attempt:\n    try:\n      - fails: {{{body}}}\n    catch: {{{catch}}}\n"


def test_an_uncaught_error_ends_the_run_and_says_where_it_arose() -> None:
    assert error(f"- a: {{{RAISE}}}") == Problem(
        type="https://example.com/errors/odd", status=418, title="Odd", instance="/do/0/a"
    )


def test_parts_of_an_error_are_expressions() -> None:
    problem = error(
        "- a: {raise: {error: {type: https://x.y/z, status: '${ .n }', detail: '${ .why }'}}}",
        {"n": 404, "why": "gone"},
    )
    assert (problem.status, problem.detail) == (404, "gone")


def test_an_error_without_type_is_a_configuration_error() -> None:
    problem = error("- a: {raise: {error: {type: '${ .no }', status: 400}}}")
    assert (kind_of(problem), problem.instance) == ("configuration", "/do/0/a")


def test_what_is_caught_is_bound_for_the_handler_which_begins_with_the_input_of_the_try() -> None:
    tasks = attempt('as: problem, do: [{handle: {set: {e: "${ $problem }", i: "${ . }"}}}]')
    assert output(tasks, {"n": 1}) == {
        "e": {
            "type": "https://example.com/errors/odd",
            "status": 418,
            "title": "Odd",
            "instance": "/do/0/attempt/try/0/fails",
        },
        "i": {"n": 1},
    }


def test_without_a_handler_the_input_of_the_try_is_its_output() -> None:
    assert output(attempt(""), {"n": 1}) == {"n": 1}


@pytest.mark.parametrize(
    ("catch", "is_caught"),
    [
        ("errors: {with: {status: 418}}", True),
        ("errors: {with: {status: 500}}", False),
        ("errors: {with: {status: 418, title: Other}}", False),
        ("errors: {with: {detail: x}}", False),
        ("when: $error.status == 418", True),
        ("when: $error.status == 500", False),
        ("exceptWhen: $error.status == 418", False),
        ("exceptWhen: $error.status == 500", True),
        ("as: e, when: $e.status == 418", True),
    ],
)
def test_a_catch_takes_what_it_names(catch: str, is_caught: bool) -> None:
    assert ran(attempt(catch)).outcome == ("completed" if is_caught else "faulted")


@pytest.mark.parametrize(
    "family",
    [
        "https://open-workflow-specification.org/spec/1.0.0/errors/",
        "https://open-workflow-specification.org/dsl/errors/types/",
        "https://serverlessworkflow.io/spec/1.0.0/errors/",
        "https://serverlessworkflow.io/dsl/errors/types/",
    ],
)
def test_a_standard_error_is_caught_by_each_of_its_names(family: str) -> None:
    body = f"raise: {{error: {{type: {family}communication, status: 500}}}}"
    other = "https://serverlessworkflow.io/dsl/errors/types/communication"
    assert output(attempt(f"errors: {{with: {{type: '{other}'}}}}", body), {}) == {}


def test_an_error_in_a_condition_takes_the_place_of_the_one_that_it_is_asked_about() -> None:
    problem = error(attempt("when: $error.status.x"))
    assert (kind_of(problem), problem.instance) == ("expression", "/do/0/attempt")


def test_a_handler_that_fails_is_not_caught_by_its_own_try_but_by_the_next() -> None:
    inner = attempt(f"do: [{{handle: {{{RAISE.replace('418', '419')}}}}}]")
    outer = "- outer:\n    try:\n" + "".join(f"      {x}\n" for x in inner.splitlines())
    outer += "    catch: {do: [{got: {set: '${ $error.status }'}}]}\n"
    assert error(inner).instance == "/do/0/attempt/catch/do/0/handle"
    assert output(outer) == 419


def test_the_way_after_a_caught_error_is_the_catchs_own() -> None:
    tasks = attempt("then: failed") + "- next: {set: ok, then: end}\n- failed: {set: failed}\n"
    assert output(tasks) == "failed"


def test_output_and_export_of_the_try_see_what_the_handler_gave() -> None:
    tasks = """
- attempt:
    try: [{fails: {raise: {error: {type: https://x.y/z, status: 500}}}}]
    catch: {do: [{handle: {set: {x: 1}}}]}
    output: {as: .x}
"""
    assert output(tasks) == 1


def test_retries_are_counted_and_wait_as_the_policy_says() -> None:
    for backoff, waits in [
        ("", [2, 2, 2]),
        ("backoff: {constant: {}}", [2, 2, 2]),
        ("backoff: {linear: {}}", [2, 4, 6]),
        ("backoff: {exponential: {}}", [2, 4, 8]),
    ]:
        rehearsed = ran(
            attempt(
                "do: [{handled: {set: 1}}], retry: {delay: {seconds: 2},"
                f" limit: {{attempt: {{count: 3}}}}{', ' if backoff else ''}{backoff}}}"
            )
        )
        assert [each.argument for each in rehearsed.happened] == waits
        assert happened(rehearsed, "faulted") == ["fails"] * 4
        assert happened(rehearsed, "retried") == ["attempt"] * 3
        assert rehearsed.output == 1


def test_an_error_that_outlives_its_retries_goes_on_when_nothing_says_what_to_do() -> None:
    problem = error(attempt("retry: {limit: {attempt: {count: 2}}}"))
    assert (problem.status, problem.instance) == (418, "/do/0/attempt/try/0/fails")


def test_jitter_is_added_to_the_delay() -> None:
    rehearsed = ran(
        attempt(
            "retry: {delay: PT1S, jitter: {from: PT2S, to: PT4S}, limit: {attempt: {count: 1}}}"
        )
    )
    assert [each.argument for each in rehearsed.happened] == [4]


def test_all_attempts_together_have_a_limit() -> None:
    rehearsed = ran(attempt("retry: {delay: PT10S, limit: {duration: PT25S}}"))
    assert rehearsed.outcome == "faulted"
    assert len(rehearsed.happened) == 2


def test_one_attempt_has_a_limit_and_is_tried_again_after_it() -> None:
    rehearsed = ran(
        attempt(
            "retry: {limit: {attempt: {count: 1, duration: PT5S}}},"
            ' do: [{got: {set: "${ $error }"}}]',
            "wait: PT1H",
        )
    )
    assert isinstance(rehearsed.output, dict)
    assert rehearsed.output["status"] == 408
    assert rehearsed.output["instance"] == "/do/0/attempt"
    assert happened(rehearsed, "cancelled") == ["fails", "fails"]
    assert rehearsed.took == timedelta(seconds=10)


@pytest.mark.parametrize(
    ("condition", "retried"),
    [
        ("when: $error.status == 418", 1),
        ("when: $error.status == 500", 0),
        ("exceptWhen: $error.status == 418", 0),
    ],
)
def test_a_policy_says_which_errors_it_is_for(condition: str, retried: int) -> None:
    rehearsed = ran(attempt(f"retry: {{limit: {{attempt: {{count: 1}}}}, {condition}}}"))
    assert len(happened(rehearsed, "retried")) == retried


def test_an_attempt_begins_again_with_the_input_of_the_try() -> None:
    tasks = """
- attempt:
    try:
      - add: {set: {n: "${ .n + 1 }"}}
      - fails: {raise: {error: {type: https://x.y/z, status: "${ .n }"}}}
    catch:
      retry: {limit: {attempt: {count: 2}}}
"""
    assert error(tasks, {"n": 400}).status == 401


def test_endless_doubling_ends_at_the_longest_wait() -> None:
    tasks = attempt(
        "retry: {delay: P1D, backoff: {exponential: {}}, limit: {attempt: {count: 60}}}"
    )
    rehearsed = ran(tasks)
    assert rehearsed.outcome == "faulted"
    assert rehearsed.happened[-1].argument == timedelta(days=36525).total_seconds()
