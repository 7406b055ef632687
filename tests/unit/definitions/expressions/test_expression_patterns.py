"""Patterns: what is refused, what matching costs, and that the cost is what it takes."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenuto.definitions.expressions import evaluate
from tenuto.definitions.expressions.limits import STEPS
from tenuto.definitions.expressions.regex import UnsafePattern, safe_pattern

PRACTICAL = [
    r"^[A-Z]{2}[A-Z0-9]{9}[0-9]$",
    r"^\d{4}-\d{2}-\d{2}$",
    r"^(?<year>\d{4})-(?<rest>.*)$",
    r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$",
    r"^(\d{1,3}\.){3}\d{1,3}$",
    r"\s+",
    r"(foo|bar)baz",
    r"^https?://[^/]+/(.*)$",
    r"[a-z]+(?:-[0-9])?",
    r"^(\w+)\s+(\w+)\s+(\w+)\s+(\w+)$",
    r"^(?<key>[^=]+)=(?<value>[^;]*);(?<rest>.*)$",
    r"^[a-z]+?-[0-9]+\.[a-z]+$",
    r"^$",
    "",
]


@pytest.mark.parametrize("pattern", PRACTICAL)
def test_practical_patterns_on_a_line_of_text_are_cheap(pattern: str) -> None:
    assert safe_pattern(pattern, 0).steps(1000) < STEPS / 10


@pytest.mark.parametrize("pattern", [r"\s+", r"[0-9]+", "x", "^.*$", "[^,]*"])
def test_simple_patterns_may_see_long_texts(pattern: str) -> None:
    assert safe_pattern(pattern, 0).steps(1_000_000) < STEPS


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "(a*)*",
        "(?:a+b?)*",
        "((a{1,9}){1,9}){1,9}",
        "(a|aa)+",
        "(?:x|y|xy)*z",
        r"(a)\1",
        "(?=a)a",
        "(?<!a)b",
        "(a)?(?(1)b|c)",
        "[[:alpha:]]",
        "[a&&b]",
        "(",
        "a**",
        "[z-a]",
        "(?L)a",
        "a" * 513,
        "()" * 41,
    ],
)
def test_dangerous_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(UnsafePattern) as caught:
        safe_pattern(pattern, 0)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("pattern", "length"),
    [
        ("a*b", 100_000),
        ("a*a*b", 1_000),
        ("^a*a*a*b", 1_000),
        ("(a?){60}a{60}", 60),
        ("(((((a{9}){9}){9}){9}){9})?b", 100_000),
        (".*.*=.*", 2_000),
        (r"\w+\w+\w+-", 500),
        ("(?i)k+K+k+-", 500),
        (r"(?m)[\s\S]*$[\s\S]*$[\s\S]*$x", 500),
    ],
)
def test_a_pattern_that_could_take_long_on_this_text_costs_more_than_there_is(
    pattern: str, length: int
) -> None:
    assert safe_pattern(pattern, 0).steps(length) > STEPS


@given(
    st.text(alphabet="ab1 ,-", max_size=40),
    st.sampled_from([r"[ab]+", "a", r"\d", ",? ", "", "b*"]),
)
def test_gsub_and_scan_agree_with_python(text: str, pattern: str) -> None:
    literal = pattern.replace("\\", "\\\\")
    scanned = evaluate(f'[scan("{literal}")]', text, {})
    assert isinstance(scanned, list)
    assert [each for each in scanned if each] == [
        each for each in re.findall(pattern, text) if each
    ]
    if pattern not in ("", "b*"):
        assert evaluate(f'gsub("{literal}"; "<>")', text, {}) == re.sub(pattern, "<>", text)


def test_a_pattern_may_come_from_data_and_is_held_to_the_same() -> None:
    assert evaluate(".text | test($pattern)", {"text": "ab"}, {"pattern": "^a"}) is True
    with pytest.raises(Exception, match="repetition within a repetition"):
        evaluate(".text | test($pattern)", {"text": "ab"}, {"pattern": "(a+)+"})


ATOMS = st.sampled_from(
    ["a", "b", "[ab]", "[^a]", ".", r"\d", r"\w", r"\s", "-", "[^-]", "(a)", "(?:b-)"]
)
COUNTS = st.sampled_from(["", "*", "+", "?", "*?", "+?", "{2}", "{1,3}", "{0,40}"])


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.tuples(ATOMS, COUNTS).map("".join), min_size=1, max_size=6).map("".join),
    st.sampled_from(["a", "ab", "a-", "1a", "- ", "ab-1 "]),
    st.sampled_from(["", "$", "c", "-", "(c|d)"]),
)
def test_what_is_cheap_by_reckoning_is_soon_done(pattern: str, letters: str, end: str) -> None:
    try:
        ready = safe_pattern(pattern + end, 0)
    except UnsafePattern:
        return
    length = max((n for n in (10, 40, 200, 1000, 5000) if ready.steps(n) < STEPS), default=0)
    text = (letters * (length // len(letters) + 1))[:length]
    start = time.process_time()
    ready.regex.search(text)
    # Far above what it takes, far below what one more factor of the length would.
    assert time.process_time() - start < 3, (pattern + end, length)
