"""Nothing reaches an expression but its arguments: no clock, environment, file, or time zone."""

import os
import time

import pytest

from tenuto.core.problem import Fault
from tenuto.definitions.expressions import check_expression, evaluate
from tenuto.definitions.expressions.engine import prelude

AMBIENT = [
    "now",
    "now | todate",
    "env",
    "env.PATH",
    "$ENV",
    "$ENV.PATH",
    "$__loc__",
    "$__prog_args",
    "input",
    "[inputs]",
    "debug",
    "debug(1)",
    "stderr",
    "halt",
    "halt_error",
    "halt_error(1)",
    "input_filename",
    "input_line_number",
    "builtins",
    "get_search_list",
    "localtime",
    'strflocaltime("%Y")',
    "0 | localtime | mktime",
    "splits(env.PATH)",
    "def f: now; f",
    "[.[]? | now]",
    '"\\(now)"',
    "{(env.PATH): 1}",
    ". as {(env.PATH): $x} | $x",
    "try now",
    "now?",
    "if false then now else 1 end",
    "sin",
    "repeat(.)",
]


@pytest.mark.parametrize("text", AMBIENT)
def test_what_is_ambient_is_refused_before_and_during_a_run(text: str) -> None:
    assert [problem.kind for problem in check_expression(text, frozenset())] == ["forbidden"]
    with pytest.raises(Fault, match="is not allowed here"):
        evaluate(text, None, {})


@pytest.mark.parametrize(
    "text", ['import "a" as a; 1', 'include "a"; 1', "modulemeta", "getpath(1;2)"]
)
def test_modules_and_unknown_functions_are_refused(text: str) -> None:
    assert check_expression(text, frozenset()) != []
    with pytest.raises(Fault):
        evaluate(text, None, {})


def test_a_name_that_the_expression_defines_is_its_own() -> None:
    assert check_expression("def now: 1; now", frozenset()) == []
    assert evaluate("def now: 1; now", None, {}) == 1
    assert evaluate("def env: {a: 2}; env.a", None, {}) == 2


def test_the_environment_is_not_even_held_by_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", "4f8a-canary")
    assert prelude.prelude_env().vars == {}
    assert "PATH" in os.environ
    for text in ("$ENV", "env", "$__prog_args", "[..]", "error", "try error catch ."):
        try:
            result = str(evaluate(text, None, {}))
        except Fault as fault:
            result = str(fault)
        assert "4f8a-canary" not in result
        assert os.environ["PATH"] not in result


def test_a_variable_is_not_called_after_the_environment() -> None:
    (problem,) = check_expression("$ENV", frozenset({"ENV"}))
    assert problem.kind == "forbidden"


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "UTC"])
def test_dates_do_not_depend_on_the_machine_s_zone(
    zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert evaluate("todate", 1425599621, {}) == "2015-03-05T23:53:41Z"
        assert evaluate("fromdate", "2015-03-05T23:53:41Z", {}) == 1425599621
        assert evaluate('strptime("%Y-%m-%d") | mktime', "2015-07-01", {}) == 1435708800
        assert evaluate('strftime("%H:%M %Z")', 1425599621, {}) == "23:53 UTC"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_arguments_are_not_changed() -> None:
    data = {"a": [3, 1, 2], "b": {"c": 1}}
    variables = {"v": [2, 1]}
    for text in (
        ".a |= sort",
        ".b.c = 5",
        "del(.a[0])",
        ".a += $v",
        "$v | .[0] = 9",
        "walk(numbers |= . + 1)",
        ".b * {c: {d: 1}}",
        "reduce .a[] as $x (.; .b.c += $x)",
        "to_entries | from_entries | .a[0] = 7",
        "[.a, $v] | flatten | .[0] = 1",
    ):
        evaluate(text, data, variables)  # type: ignore[arg-type]
        assert data == {"a": [3, 1, 2], "b": {"c": 1}}
        assert variables == {"v": [2, 1]}
