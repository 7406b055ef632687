"""What is wrong with an expression is said before it runs, and where it stands."""

import pytest

from tenuto.core.problem import Fault
from tenuto.definitions.expressions import check_expression, evaluate

KNOWN = frozenset({"context", "input", "task", "workflow", "runtime"})


@pytest.mark.parametrize(
    ("text", "kind", "mark", "word"),
    [
        (".a && .b", "syntax", "&& .b", "`and`"),
        (".a || .b", "syntax", "| .b", "`or`"),
        ("!.a", "syntax", "!", "not"),
        ("'x'", "syntax", "'x'", "double"),
        (".a = = 1", "syntax", "= 1", "`==`"),
        (".a]", "syntax", "]", "not expected"),
        ("{a: }", "syntax", "}", "not expected"),
        ("map()", "syntax", ")", "not expected"),
        (".a |", "syntax", "", "too early"),
        ("[1, 2", "syntax", "", "too early"),
        ("", "syntax", "", "too early"),
        ("if .a then 1", "syntax", "", "too early"),
        ('"abc', "syntax", "", "Unterminated"),
        ('"x \\(.a + ) y"', "syntax", ') y"', "not expected"),
        ('"x \\("y \\(.b .c .)")"', "syntax", '.)")"', "not expected"),
        ("# first\n.a\n  | }", "syntax", "}", "not expected"),
        ("break $x", "syntax", "$x", "label"),
        ("1 | now", "forbidden", "now", "clock"),
        ('"at \\(now)"', "forbidden", 'now)"', "clock"),
        (".a | env.HOME", "forbidden", "env", "environment"),
        ("[$ENV]", "forbidden", "$ENV]", "environment"),
        ("$__loc__", "forbidden", "$__loc__", "Leave it out"),
        (".a | lenght", "forbidden", "lenght", "`length`"),
        (".total-price", "forbidden", "price", '["total-price"]'),
        ("split(1; 2; 3)", "forbidden", "split", "1 or 2"),
        (". | @bas64", "forbidden", "@bas64", "`@base64`"),
        ("$contex.a", "variable", "$contex.a", "`$context`"),
        (". as $x | $x + $y", "variable", "$y", "Known are"),
        ("def f($a): $a; f(1) + $a", "variable", "$a", "not known"),
        ("reduce .[] as $i (0; . + $i) | $i", "variable", "$i", "not known"),
        ("$now", "variable", "$now", "Known are"),
        ('test("^(a+)+$")', "regex", '"^(a+)+$")', "repetition within a repetition"),
        ('gsub("(x|y)*z+("; "")', "regex", '"(x|y)*z+("', "no regular expression"),
        ('scan("[[:alpha:]]")', "regex", '"[[', "[A-Za-z]"),
        ('test("a"; "q")', "regex", '"a"', "modifier"),
        ('.a | capture("(?<x>a)\\\\1")', "regex", '"(?<x>', "reference"),
    ],
)
def test_a_problem_stands_where_it_is(text: str, kind: str, mark: str, word: str) -> None:
    first = check_expression(text, KNOWN)[0]
    assert first.kind == kind
    assert text[first.offset :].startswith(mark)
    assert (first.offset == len(text)) == (mark == "")
    assert word in f"{first.message} {first.remedy}"


def test_all_problems_are_found_in_order_and_each_once() -> None:
    text = "$a + now + $b + $a + foo + now"
    found = [(each.kind, text[each.offset :].split()[0]) for each in check_expression(text, KNOWN)]
    assert found == [
        ("variable", "$a"),
        ("forbidden", "now"),
        ("variable", "$b"),
        ("forbidden", "foo"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        ". as [$a, {b: $c, $d}] | $a + $c + $d",
        ". as [$a] ?// {a: $a} | $a",
        "reduce .[] as [$k, $v] ({}; .[$k] = $v)",
        "foreach .[] as $x (0; . + $x; [$x, .])",
        "def f($a; g): $a + (1 | g) + (1 | a); f(1; . + 1)",
        "def f: def g: 1; g; f",
        "label $out | 1, break $out",
        "$context.a + $input.b",
        '"\\($task.name) in \\($workflow.id)"',
        "{$input, $context}",
        '{("a"): $input}',
        '"abc" | test("^[a-z]{3}$"; "i")',
        "# a comment\n.a # another\n| .b",
    ],
)
def test_what_is_right_has_no_problem(text: str) -> None:
    assert check_expression(text, KNOWN) == []


def test_an_unknown_variable_is_a_fault_of_the_run_as_well() -> None:
    with pytest.raises(Fault, match=r"\$nowhere is not defined"):
        evaluate("$nowhere", None, {})


def test_a_fault_names_the_expression_and_the_reason() -> None:
    with pytest.raises(Fault) as caught:
        evaluate(".a + 1", {"a": "x"}, {})
    assert str(caught.value) == (
        '`.a + 1` cannot be evaluated. string ("x") and number (1) cannot be added'
    )


def test_a_fault_does_not_write_out_large_data() -> None:
    with pytest.raises(Fault) as caught:
        evaluate(". + 1", {"rows": ["x" * 1000] * 1000}, {})
    assert len(str(caught.value)) < 200


def test_a_raised_object_is_shown() -> None:
    with pytest.raises(Fault, match=r'object \(\{"code": 7\}\) was raised'):
        evaluate("error({code: 7})", None, {})


def test_an_error_that_is_only_a_detail_says_all_there_is_to_say() -> None:
    with pytest.raises(Fault) as fault:
        evaluate('error({detail: "No fund \\(.fund)."})', {"fund": "A"}, {})
    assert fault.value.problem.detail == "No fund A."
    with pytest.raises(Fault, match="was raised"):
        evaluate('error({detail: "x", code: 7})', None, {})


@pytest.mark.parametrize(
    "text",
    [
        "infinite | floor | tostring | @base64d",
        "[1] | .[infinite]",
    ],
)
def test_any_other_error_of_the_engine_is_a_fault(text: str) -> None:
    with pytest.raises(Fault):
        evaluate(text, None, {})
