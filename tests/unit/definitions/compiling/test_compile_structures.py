"""Loops, branches, errors, and events."""

import pytest
from pydantic import JsonValue

from compiled_plans import plan_of
from tenuto.core.errors import UsageError
from tenuto.core.problem import standard_type
from tenuto.definitions.plan import (
    Catch,
    ForkTask,
    ForTask,
    ListenTask,
    RaiseTask,
    Retry,
    TryTask,
    WaitTask,
)

NEW = standard_type("communication")
OLD = "https://serverlessworkflow.io/dsl/errors/types/communication"


def test_a_loop_over_an_expression_or_a_list() -> None:
    inner: JsonValue = [{"x": {"set": {}}}]
    by_expression = plan_of(
        {"l": {"for": {"each": "f", "at": "i", "in": ".funds"}, "while": "$i < 3", "do": inner}}
    ).do[0]
    assert isinstance(by_expression, ForTask)
    assert (by_expression.each, by_expression.at_variable) == ("f", "i")
    assert (by_expression.in_, by_expression.while_) == ("${ .funds }", "$i < 3")
    by_list = plan_of({"l": {"for": {"in": [1, "${ .a }"]}, "do": inner}}).do[0]
    assert isinstance(by_list, ForTask)
    assert by_list.in_ == [1, "${ .a }"]
    assert (by_list.each, by_list.at_variable) == ("item", "index")


def test_branches() -> None:
    branches: JsonValue = [{"a": {"set": {}}}, {"b": {"set": {}}}]
    task = plan_of({"f": {"fork": {"compete": True, "branches": branches}}}).do[0]
    assert isinstance(task, ForkTask)
    assert task.compete
    assert [branch.at for branch in task.branches] == [
        "/do/0/f/fork/branches/0/a",
        "/do/0/f/fork/branches/1/b",
    ]


def test_errors_are_caught_by_any_spelling_of_their_type() -> None:
    def catch(uri: str) -> Catch:
        wanted: JsonValue = {"errors": {"with": {"type": uri, "status": 503}}}
        task = plan_of({"t": {"try": [{"x": {"set": {}}}], "catch": wanted}}).do[0]
        assert isinstance(task, TryTask)
        return task.catch

    assert catch(OLD) == catch(NEW)
    assert catch(OLD).errors == {"type": NEW, "status": 503}
    assert catch("https://e.example/own").errors["type"] == "https://e.example/own"


RETRY: JsonValue = {
    "when": "${ $error.status == 503 }",
    "delay": {"seconds": 3},
    "backoff": {"exponential": {}},
    "jitter": {"from": {"milliseconds": 1}, "to": "PT1S"},
    "limit": {"attempt": {"count": 5, "duration": "PT10S"}, "duration": "PT1M"},
}


@pytest.mark.parametrize("written", [RETRY, "patient"])
def test_retries_are_found_by_name(written: JsonValue) -> None:
    catch: JsonValue = {"as": "e", "exceptWhen": ".x", "retry": written, "then": "exit"}
    task = plan_of(
        {"t": {"try": [{"x": {"set": {}}}], "catch": catch}}, use={"retries": {"patient": RETRY}}
    ).do[0]
    assert isinstance(task, TryTask)
    assert task.catch == Catch(
        variable="e",
        except_when=".x",
        then="exit",
        retry=Retry(
            when="$error.status == 503",
            delay={"seconds": 3},
            backoff="exponential",
            jitter_from={"milliseconds": 1},
            jitter_to="PT1S",
            attempts=5,
            attempt_duration="PT10S",
            duration="PT1M",
        ),
    )


@pytest.mark.parametrize("written", ["notYet", {"type": OLD, "status": 500, "instance": "/x"}])
def test_raised_errors_are_canonical(written: JsonValue) -> None:
    task = plan_of(
        {"t": {"raise": {"error": written}}},
        use={"errors": {"notYet": {"type": OLD, "status": 500}}},
    ).do[0]
    assert isinstance(task, RaiseTask)
    assert task.error == {"type": NEW, "status": 500}


def test_waiting() -> None:
    durations: list[JsonValue] = ["PT1S", {"seconds": 1}, "${ .delay }"]
    tasks = plan_of(*({f"w{n}": {"wait": each}} for n, each in enumerate(durations))).do
    assert [task.duration for task in tasks if isinstance(task, WaitTask)] == durations


def test_listening_and_what_a_plan_awaits() -> None:
    one: JsonValue = {
        "one": {"with": {"type": "b"}, "correlate": {"k": {"from": ".id", "expect": "${ .x }"}}}
    }
    many: JsonValue = {"all": [{"with": {"type": "a"}}, {"with": {"type": "${ .t }"}}]}
    plan = plan_of(
        {"f": {"fork": {"branches": [{"l": {"listen": {"to": one, "read": "envelope"}}}]}}},
        {"t": {"try": [{"x": {"set": {}}}], "catch": {"do": [{"m": {"listen": {"to": many}}}]}}},
    )
    assert plan.awaits == ("a", "b")
    fork = plan.do[0]
    assert isinstance(fork, ForkTask)
    listen = fork.branches[0]
    assert isinstance(listen, ListenTask)
    assert (listen.mode, listen.read) == ("one", "envelope")
    assert listen.filters[0].correlate["k"].model_dump() == {"from_": ".id", "expect": "${ .x }"}


@pytest.mark.parametrize(
    "task",
    [
        {"listen": {"to": {"any": [], "until": ".x"}}},
        {"listen": {"to": {"any": []}}, "foreach": {"do": []}},
    ],
)
def test_endless_listening_is_refused(task: JsonValue) -> None:
    with pytest.raises(UsageError) as refused:
        plan_of({"t": task})
    assert refused.value.code == "definition.not-in-profile"
