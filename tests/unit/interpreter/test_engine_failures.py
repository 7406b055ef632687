"""What failures of the engine become in a run, and what a run's problem becomes for the engine."""

import pytest
from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    FailureError,
    RetryState,
    TimeoutType,
)
from temporalio.exceptions import TimeoutError as EngineTimeout

from rehearsed_runs import kind_of
from tenuto.core.problem import Problem, problem
from tenuto.workflows.interpreter.failures import failure_of, problem_of


def activity_error(cause: BaseException) -> FailureError:
    error = ActivityError(
        "Activity task failed",
        scheduled_event_id=1,
        started_event_id=2,
        identity="worker",
        activity_type="f",
        activity_id="a",
        retry_state=RetryState.MAXIMUM_ATTEMPTS_REACHED,
    )
    error.__cause__ = cause
    return error


def test_a_problem_that_an_activity_carries_passes_through() -> None:
    carried = problem("communication", "gone", status=404, title="Not Found").as_json()
    for details in (carried, {"problem": carried, "code": "definition.fault"}):
        found = problem_of(activity_error(ApplicationError("gone", details)))
        assert found.as_json() == carried


@pytest.mark.parametrize(
    "promise",
    [
        "; it is tried again under the retry policy",
        "; they are tried again under the retry policy",
    ],
)
def test_what_has_failed_for_good_promises_no_other_attempt(promise: str) -> None:
    said = f"https://x.y/down answered 503{promise}"
    carried = problem("communication", said, status=503).as_json()
    for details in ({}, {"problem": carried}):
        found = problem_of(activity_error(ApplicationError(said, details)))
        assert found.detail == "https://x.y/down answered 503"
    plain = problem("runtime", "the retry policy is wrong").as_json()
    kept = problem_of(activity_error(ApplicationError("x", {"problem": plain})))
    assert kept.as_json() == plain


@pytest.mark.parametrize("kind", list(TimeoutType))
def test_a_timeout_of_the_engine_is_408(kind: TimeoutType) -> None:
    late = EngineTimeout("late", type=kind, last_heartbeat_details=[])
    found = problem_of(activity_error(late))
    assert (kind_of(found), found.status) == ("timeout", 408)


def test_everything_else_is_a_runtime_error_with_our_code_if_it_has_one() -> None:
    wrong = ApplicationError("row 3", {"code": "prices.stale"}, type="DataError")
    found = problem_of(activity_error(wrong))
    assert (kind_of(found), found.status, found.detail) == ("runtime", 500, "row 3")
    assert (found.title, found.as_json()["code"]) == ("DataError", "prices.stale")
    odd = problem_of(activity_error(ApplicationError("odd", {"type": 5, "status": "x"})))
    assert kind_of(odd) == "runtime"


def test_a_runs_problem_goes_to_the_engine_and_comes_back_the_same() -> None:
    raised = Problem(type="https://x.y/z", status=418, title="Odd", instance="/do/0/a")
    failed = failure_of(raised)
    assert (failed.type, failed.non_retryable) == ("https://x.y/z", True)
    assert problem_of(failed) == raised
