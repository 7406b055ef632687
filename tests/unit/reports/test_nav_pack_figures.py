"""How figures and names are written: every digit kept, nothing a font cannot show."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.activities.documents.figures import (
    MINUS,
    STAND_IN,
    amount,
    count,
    day,
    exact_percent,
    percent,
    prose,
    shortened,
    signed,
    trimmed,
    words,
)
from tenuto.core.errors import DataError

DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30)


def read(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace(MINUS, "-"))


@given(DECIMALS, st.integers(0, 12))
def test_an_amount_keeps_every_digit(value: Decimal, places: int) -> None:
    text = amount(value, places)
    assert read(text) == value
    assert len(text.partition(".")[2]) >= places
    assert "-" not in text
    assert "E" not in text


@given(DECIMALS, st.integers(0, 12))
def test_a_trimmed_amount_is_the_same_number(value: Decimal, places: int) -> None:
    text = trimmed(value, places)
    assert read(text) == value
    assert len(text.partition(".")[2]) == places or not text.endswith("0")


@given(DECIMALS)
def test_a_shortened_number_is_the_same_number(value: Decimal) -> None:
    assert shortened(value) == value
    assert "E+" not in str(shortened(value))


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        ("1234567.8", 2, "1,234,567.80"),
        ("-1234567.8", 2, f"{MINUS}1,234,567.80"),
        ("-0.00", 2, "0.00"),
        ("0", 0, "0"),
        ("1E+3", 2, "1,000.00"),
        ("12345678901234567890123456789012345678.12345678", 2, None),
    ],
)
def test_amounts_as_they_are_printed(value: str, places: int, text: str | None) -> None:
    """The last one has 46 digits, more than Python's default context keeps."""
    assert amount(Decimal(value), places) == (
        text or "12,345,678,901,234,567,890,123,456,789,012,345,678.12345678"
    )


def test_percentages_and_signs_as_they_are_printed() -> None:
    assert percent(Decimal("0.012350")) == "1.24%"  # half to even
    assert percent(Decimal("-0.0123456789")) == f"{MINUS}1.23%"
    assert exact_percent(Decimal("0.0003001"), 2) == "0.03001%"
    assert exact_percent(Decimal("0.02"), 2) == "2.00%"
    assert [signed(Decimal(each), 1) for each in (1, -1, 0)] == ["+1.0", f"{MINUS}1.0", "0.0"]


def test_a_number_that_is_none_is_an_error() -> None:
    with pytest.raises(DataError) as wrong:
        amount(Decimal("NaN"))
    assert wrong.value.code == "report.not-a-number"


def test_dates_and_counts_as_they_are_printed() -> None:
    assert day(date(2022, 12, 28)) == "28 December 2022"
    assert [count(n, "day", "days") for n in (0, 1, 2000)] == ["0 days", "1 day", "2,000 days"]


def test_a_name_is_one_line_that_can_break() -> None:
    assert words(" Two\n lines\t\u200b\u202etext ") == f"Two lines {STAND_IN}{STAND_IN}text"
    long = words("X" * 60)
    assert long.replace("\u200b", "") == "X" * 60
    assert max(len(part) for part in long.split("\u200b")) == 8
    assert words("Ordinary words are left as they are, all of them.").count("\u200b") == 0


def test_a_name_without_end_is_cut_and_prose_is_not() -> None:
    endless = "word " * 1000
    assert len(words(endless)) == 401
    assert words(endless).endswith("\u2026")
    assert prose(endless) == endless.strip()
