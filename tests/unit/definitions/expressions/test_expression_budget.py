"""Expressions that would run away end as the same fault, in few steps, wherever they are run."""

from collections.abc import Callable
from threading import Thread

import pytest
from pydantic import JsonValue

from tenuto.core.problem import Fault, standard_type
from tenuto.definitions.expressions import check_expression, evaluate, evaluate_template, holds
from tenuto.definitions.expressions.limits import DATA_DEPTH, RESULT_SIZE, STEPS

STEPS_WORD = "It takes more than 200,000 steps."
DEEP = "Its functions call one another too deeply."
ON = "It goes on from one value to the next more than 2,000 times."
LONG_TEXT = "It makes a text longer than 4,000,000."
LONG_ARRAY = "It makes an array longer than 1,000,000."
DIGITS = "It makes an integer of more than 640 digits."
LARGE = "Its result is larger than 2,000,000 values and characters."
FLAT = "It looks into data of more than 100 levels."
NESTED = "Its result has more than 100 levels."

RUNAWAYS = [
    ("reduce range(1e15) as $x (0; .)", STEPS_WORD),
    ("isempty(range(1e15) | empty)", STEPS_WORD),
    ("last(range(1e15))", STEPS_WORD),
    ("last(range(0; 1; 1e-15))", STEPS_WORD),
    ("[range(1e15)] | length", STEPS_WORD),
    ("foreach range(1e15) as $x (0; .; empty)", STEPS_WORD),
    ("[limit(1e9; range(1e15))]", STEPS_WORD),
    ("nth(1e12; range(1e15))", STEPS_WORD),
    ("any(range(1e15); false)", STEPS_WORD),
    ("all(range(1e15); true)", STEPS_WORD),
    ("def f: f; f", DEEP),
    ("def f: 1 + f; f", DEEP),
    ("def f: [f]; f", DEEP),
    ("def f: {a: f}; f", DEEP),
    ('def f: "\\(f)"; f', DEEP),
    ("def f: if f then 1 else 2 end; f", DEEP),
    ("def f: try f catch f; f", DEEP),
    ("def f(g): f(g | g); f(.)", DEEP),
    ("def f: def g: f; g; f", DEEP),
    ("def f($x): f($x + 1); f(0)", DEEP),
    ("def f: reduce f as $x (0; 1); f", DEEP),
    ("def f: path(f); f", DEEP),
    ("def a: b; def b: a; a", "not allowed"),
    ("until(false; .)", ON),
    ("last(while(true; .))", ON),
    ("last(recurse(.))", ON),
    ("last(recurse(. + 1))", ON),
    ("last(recurse(.; true))", ON),
    ("last(path(recurse(.)))", ON),
    ("last(repeat(1))", "not allowed"),
    ('"x" * 100000000', LONG_TEXT),
    ('"x" * 1e300', LONG_TEXT),
    ('reduce range(60) as $i ("x"; . + .)', LONG_TEXT),
    ("reduce range(60) as $i ([1]; . + .)", LONG_ARRAY),
    ("[] | .[1000000000] = 1", LONG_ARRAY),
    ("[] | setpath([10000000]; 1)", LONG_ARRAY),
    ("reduce range(200) as $i (2; . * .)", DIGITS),
    ("pow(10; 100000)", DIGITS),
    ("pow(10; 1e5)", "not a number, or infinite"),
    ("exp10(1)", "not allowed"),
    ("10000 | exp10", DIGITS),
    ("1e308 * 10", "not a number, or infinite"),
    ("1e400", "not a number, or infinite"),
    ("null | 1e400", "not a number, or infinite"),
    ("nan", "not a number, or infinite"),
    ("[infinite]", "not a number, or infinite"),
    ("-1 | sqrt", "not a number, or infinite"),
    ('"9" * 700 | tonumber', "It reads a number of more than 640 digits."),
    ('"[" + "9" * 700 + "]" | fromjson', "It reads a number of more than 640 digits."),
    ("reduce range(40) as $i (1; [., .])", LARGE),
    ("reduce range(40) as $i (1; [., .]) | tojson", STEPS_WORD),
    ("reduce range(40) as $i (1; [., .]) | tostring", STEPS_WORD),
    ('reduce range(40) as $i (1; [., .]) | "\\(.)"', STEPS_WORD),
    ("reduce range(40) as $i (1; [., .]) | error", "was raised"),
    ("reduce range(40) as $i (1; [., .]) | . == .", STEPS_WORD),
    ("reduce range(40) as $i (1; [., .]) | [..] | length", STEPS_WORD),
    ("reduce range(40) as $i (1; [., .]) | flatten", STEPS_WORD),
    ("reduce range(40) as $i (1; [., .]) | [tostream] | length", STEPS_WORD),
    ("reduce range(40) as $i (1; [., .]) | [paths] | length", STEPS_WORD),
    ("reduce range(40) as $i ({}; {a: ., b: .}) | . * .", STEPS_WORD),
    ("reduce range(40) as $i ({}; {a: ., b: .}) | contains(.)", STEPS_WORD),
    ("reduce range(1000) as $i (1; [.])", "levels"),
    ("reduce range(1000) as $i (1; [.]) | tojson", FLAT),
    ("reduce range(1000) as $i (1; [.]) | . < .", FLAT),
    ("reduce range(1000) as $i (1; [.]) | contains(.)", FLAT),
    ("reduce range(1000) as $i ({}; {a: .}) | . * .", FLAT),
    ('"[" * 1000 | fromjson', FLAT),
    ("[range(1000)] | setpath(.; 1)", "Path too deep"),
    ("last({a: range(1000), b: range(1000), c: range(1000)})", STEPS_WORD),
    ('last("\\(range(1000))\\(range(1000))")', STEPS_WORD),
    ("last([range(10)] | combinations(10))", STEPS_WORD),
    ("[range(1000)] as $a | [range(400) | $a] | sort | length", STEPS_WORD),
    ("[range(3000)] | . - . | length", STEPS_WORD),
    ("[range(2000)] | map([range(2000)]) | length", STEPS_WORD),
    ('"a" * 30 | test("^(a+)+$")', "repetition within a repetition"),
    ('"a" * 30 | test("^(a|a)*$")', "alternatives within a repetition"),
    ('"a" * 30 | test("(a)\\\\1+")', "reference to a group"),
    ('"a" * 30 | test("(?=a+b)a+c")', "look-around"),
    ('("a" * 5000) | test("a*a*a*a*b")', STEPS_WORD),
    ('("a" * 40) | test("a?" * 40 + "a" * 40)', STEPS_WORD),
    ('("a" * 1000000) | test("a{500}b")', STEPS_WORD),
    ('"a" | test("a" * 1000)', "at most 512 characters"),
]


def fault_of(run: Callable[[], object]) -> str:
    with pytest.raises(Fault) as caught:
        run()
    assert caught.value.problem.type == standard_type("expression")
    assert caught.value.problem.status == 400
    assert caught.value.problem.detail is not None
    return caught.value.problem.detail


@pytest.mark.parametrize(("text", "reason"), RUNAWAYS)
def test_a_runaway_ends_as_a_fault_that_says_why(text: str, reason: str) -> None:
    assert reason in fault_of(lambda: evaluate(text, None, {}))


@pytest.mark.parametrize(
    "text", ["try error catch (def f: f; f)", "def f: f; f?", "try (def f: f; f) catch 1"]
)
def test_no_expression_catches_the_end_of_its_budget(text: str) -> None:
    assert DEEP in fault_of(lambda: evaluate(text, None, {}))


def outcome(text: str, data: JsonValue = None) -> JsonValue:
    try:
        return evaluate(text, data, {})
    except Fault as fault:
        return fault.problem.detail


def below(frames: int, text: str) -> JsonValue:
    return below(frames - 1, text) if frames else outcome(text)


@pytest.mark.parametrize(("text", "reason"), RUNAWAYS[10:30])
def test_the_caller_s_stack_decides_nothing(text: str, reason: str) -> None:
    at_the_top: list[JsonValue] = []
    thread = Thread(target=lambda: at_the_top.append(outcome(text)))
    thread.start()
    thread.join()
    assert [below(frames, text) for frames in (1, 300, 600, 850)] == at_the_top * 4
    assert reason in str(at_the_top[0])


def nested_calls(levels: int) -> str:
    return f"def f: if . < {levels} then . + 1 | f else . end; 0 | f"


def test_the_last_depth_that_works_is_the_same_from_everywhere() -> None:
    works = [outcome(nested_calls(levels)) == levels for levels in range(1, 100)]
    assert 20 < works.count(True) < 90
    last = works.count(True)
    for frames in (100, 400, 700, 850):
        assert below(frames, nested_calls(last)) == last
        assert DEEP in str(below(frames, nested_calls(last + 1)))


def test_the_last_number_of_steps_that_works_is_the_same_every_time() -> None:
    def counts(to: int) -> bool:
        return outcome(f"last(range({to}))") == to - 1

    low, high = 1, STEPS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if counts(middle) else (low, middle)
    assert low > STEPS // 4
    assert [counts(low) for _ in range(3)] == [True] * 3
    assert [counts(low + 1) for _ in range(3)] == [False] * 3
    assert below(850, f"last(range({low}))") == low - 1


@pytest.mark.parametrize(
    "text",
    [
        "(" * 2000 + "." + ")" * 2000,
        "[" * 500,
        "." + "|." * 3000,
        "1" + "+1" * 3000,
        "1" + ",1" * 3000,
        ".a" + "//.a" * 2000,
        "-" * 3000 + "1",
        "try " * 2000 + ".",
        "if . then " * 500 + "1" + " end" * 500,
        "def f: " * 1000 + "." + ";." * 1000,
        ". as $x | " * 900 + ".",
        '"\\(' * 1000 + "1" + ')"' * 1000,
        "reduce " * 1000 + ".",
        "{a:" * 500 + "1" + "}" * 500,
        "." + ".a" * 4000,
        "." + "[0]" * 3000,
        "if 1 then 1 " + "elif 1 then 1 " * 600 + "else 1 end",
        "not(" * 60 + "." + ")" * 60,
        "." + " " * 20_000,
    ],
)
def test_a_program_that_is_too_deep_or_too_long_is_a_syntax_error(text: str) -> None:
    (problem,) = check_expression(text, frozenset())
    assert problem.kind == "syntax"
    expected = fault_of(lambda: evaluate(text, None, {}))
    assert below(850, text) == expected


def test_a_program_within_the_limits_runs_from_every_depth() -> None:
    for text in (
        "." + " | ." * 80,
        "0" + " + 1" * 80,
        "map(" * 20 + "." + ")" * 20,
        "(" * 40 + "1" + ")" * 40,
        "if . then . " + "elif . then . " * 60 + "else 1 end",
        '"' + "\\(1)" * 90 + '"',
        "{" + ", ".join(f'("k{i}"): {i}' for i in range(60)) + "}",
    ):
        assert check_expression(text, frozenset()) == []
        expected = outcome(text)
        assert "deep" not in str(expected)
        assert below(850, text) == expected


def nested(levels: int) -> JsonValue:
    data: JsonValue = 1
    for _ in range(levels):
        data = [data]
    return data


def test_deep_data_passes_through_and_only_looking_into_it_faults() -> None:
    data: JsonValue = {"deep": nested(5000), "flat": 1}
    assert evaluate(".flat", data, {}) == 1
    assert evaluate(".deep", data, {}) is data["deep"]  # type: ignore[index, call-overload]
    assert holds(".deep", data, {})
    for text in ("tojson", "[..] | length", "flatten", ". == .", "walk(.)", "[paths]", "tostream"):
        detail = fault_of(lambda text=text: evaluate(f".deep | {text}", data, {}))  # type: ignore[misc]
        assert any(reason in detail for reason in (FLAT, NESTED, ON, DEEP)), detail


def test_a_template_shares_one_budget() -> None:
    half = "${ last(range(60000)) }"
    assert evaluate_template([half], None, {}) == [59_999]
    assert STEPS_WORD in fault_of(lambda: evaluate_template([half] * 4, None, {}))


def test_a_template_is_limited_in_depth_and_size() -> None:
    assert evaluate_template(nested(DATA_DEPTH), None, {}) == nested(DATA_DEPTH)
    assert "more than 100 levels" in fault_of(lambda: evaluate_template(nested(500), None, {}))
    text: JsonValue = "x" * (RESULT_SIZE // 2)
    assert "larger than" in fault_of(lambda: evaluate_template([text, text, text], None, {}))


@pytest.mark.parametrize(
    "text",
    [
        "map(.quantity * 2) | add",
        "map(select(.isin != null)) | length",
        "group_by(.isin) | map({isin: .[0].isin, total: map(.quantity) | add})",
        "sort_by(.quantity) | first",
        "map({key: .isin, value: .}) | from_entries | keys | length",
        "INDEX(.isin) | keys | length",
        "map_values(.quantity) | length",
        'map(.isin | ascii_downcase | test("^us[0-9]+$")) | all',
        "tojson | fromjson | length",
        "[paths] | length",
        '[.[] | "\\(.isin): \\(.quantity)"] | join(", ") | length',
    ],
)
def test_work_on_a_thousand_rows_fits(text: str) -> None:
    rows: JsonValue = [{"isin": f"US{i:04}", "quantity": i} for i in range(1000)]
    assert evaluate(text, rows, {}) is not None
