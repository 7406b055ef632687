"""Dates and numbers that come out the same on every machine."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from tenuto.core.problem import Fault
from tenuto.definitions.expressions import evaluate

MOMENTS = st.datetimes(
    min_value=datetime(1000, 1, 1),  # noqa: DTZ001
    max_value=datetime(9999, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@given(MOMENTS)
def test_a_date_is_read_as_it_was_written(moment: datetime) -> None:
    seconds = int(moment.replace(microsecond=0).timestamp())
    written = evaluate("todate", seconds, {})
    assert written == moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert evaluate("fromdate", written, {}) == seconds
    assert evaluate("gmtime | mktime", seconds, {}) == seconds


@given(MOMENTS)
def test_every_letter_of_a_format_is_as_python_s_in_english(moment: datetime) -> None:
    wanted = "%Y %C %y %m %d %e %H %I %M %S %j %p %B %b %h %A %a %u %w %G %V %F %T %D %R %%"
    data: JsonValue = int(moment.replace(microsecond=0).timestamp())
    assert evaluate(f'strftime("{wanted}")', data, {}) == moment.strftime(wanted)


@pytest.mark.parametrize(
    ("text", "data", "expected"),
    [
        ('strptime("%d %B %Y") | mktime', "05 March 2015", 1425513600),
        (
            'strptime("%A, %d %b %Y %I:%M %p") | mktime',
            "Thursday, 05 Mar 2015 11:53 PM",
            1425599580,
        ),
        ('strptime("%Y-%j") | mktime', "2024-060", 1709164800),
        ('strptime("%s") | mktime', "1425599621", 1425599621),
        ("gmtime", 1425599621.5, [2015, 2, 5, 23, 53, 41.5, 4, 63]),
        ("[2024, 1, 31] | mktime", None, 1709337600),
        ("[2024, 13, 40, 25, 61, 61] | mktime", None, 1741831321),
    ],
)
def test_dates(text: str, data: JsonValue, expected: JsonValue) -> None:
    assert evaluate(text, data, {}) == expected


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("fromdate", "2023-02-30T00:00:00Z"),
        ("fromdate", "yesterday"),
        ("fromdate", 1),
        ("todate", "x"),
        ("todate", 1e18),
        ("gmtime", 1e300),
        ("mktime", [1e300, 1]),
        ("mktime", ["x"]),
        ('strftime("%Q")', 0),
        ('strftime("%c")', 0),
        ('strptime("%c")', "Thu"),
        ('strptime("%Y %Y")', "2024 2024"),
        ('strptime("%Y" * 500)', "2024"),
    ],
)
def test_a_date_that_is_none_is_a_fault(text: str, data: JsonValue) -> None:
    with pytest.raises(Fault):
        evaluate(text, data, {})
    assert evaluate(f'try ({text}) catch "caught"', data, {}) == "caught"


@given(st.floats(min_value=-300, max_value=300))
def test_exponentials_and_logarithms_are_within_the_last_digit(number: float) -> None:
    exp = evaluate("exp", number, {})
    assert isinstance(exp, float)
    assert math.isclose(exp, math.exp(number), rel_tol=1e-15)
    back = evaluate("exp | log", number, {})
    assert isinstance(back, float)
    assert math.isclose(back, number, rel_tol=1e-12, abs_tol=1e-12)


@given(st.integers(-50, 50), st.integers(0, 60))
def test_integer_powers_are_exact(base: int, exponent: int) -> None:
    assert evaluate(f"pow({base}; {exponent})", None, {}) == base**exponent


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pow(2; 0.5)", 2**0.5),
        ("pow(2; -1)", 0.5),
        ("8 | log2", 3),
        ("0.125 | log2", -3),
        ("1000 | log10", 3),
        ("3 | exp2", 8),
        ("-2 | exp10", 0.01),
        ("2.5 | round", 3),
        ("-2.5 | round", -3),
        ("0 | exp", 1),
    ],
)
def test_numbers(text: str, expected: float) -> None:
    assert evaluate(text, None, {}) == expected


@pytest.mark.parametrize(
    "text", ["-1 | log", "0 | log", "pow(-8; 1/3)", "1e308 | exp", "pow(0; -1)"]
)
def test_no_number_is_no_result(text: str) -> None:
    with pytest.raises(Fault, match="not a number, or infinite"):
        evaluate(text, None, {})
