"""Declared columns against Python's own Decimal and dates: equal, or refused."""

from datetime import date, datetime, timedelta, timezone
from decimal import Context, Decimal
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tenuto.activities.fetch.columns import typed
from tenuto.catalog.library.fetch.columns import ColumnSpec
from tenuto.core.errors import DataError


def read(text: str | None, **kind: Any) -> object:
    """The one value, or `refused`."""
    column = ColumnSpec(name="a", **kind)
    try:
        return typed(column, pl.Series([None, text], dtype=pl.String), rows_before=0)[1]
    except DataError:
        return "refused"


@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers(0, 38), st.booleans())
def test_a_decimal_is_kept_exactly_or_refused(number: Decimal, scale: int, is_plain: bool) -> None:
    digits = number.normalize(Context(prec=1000)).as_tuple()
    exponent = int(digits.exponent) if number else 0
    fits = (-exponent <= scale and len(digits.digits) + exponent <= 38 - scale) or not number
    if abs(number.adjusted()) > 400:
        return
    found = read(format(number, "f") if is_plain else str(number), kind="decimal", scale=scale)
    assert found == (number if fits else "refused")


@given(st.integers())
def test_an_integer_is_kept_or_refused(number: int) -> None:
    fits = -(2**63) <= number < 2**63
    assert read(str(number), kind="integer") == (number if fits else "refused")


@given(st.dates())
def test_a_date_is_kept(day: date) -> None:
    assert read(day.isoformat(), kind="date") == day


@given(
    st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2200, 1, 1)),  # noqa: DTZ001
    st.integers(-14 * 60, 14 * 60),
)
def test_a_moment_is_the_same_moment(moment: datetime, offset_min: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=offset_min)))
    assert read(aware.isoformat(), kind="datetime") == aware


@given(st.text())
def test_text_is_kept_and_nothing_else_is_guessed_from_it(text: str) -> None:
    assert read(text, kind="text") == text
    for kind in ("integer", "date", "datetime", "boolean"):
        found = read(text, kind=kind)
        assert found == "refused" or text.strip() == text


def test_missing_stays_missing() -> None:
    for kind in ("text", "integer", "date", "datetime", "boolean"):
        assert read(None, kind=kind) is None
