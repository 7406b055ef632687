"""Day counts against the values their publishers print.

30/360 and 30E/360: the worked examples ISDA published with the 2006 Definitions
(`30-360-2006ISDADefs`, December 2008). ACT/ACT: the examples of the ISDA memorandum "EMU and
Market Conventions: Recent Developments" (November 1998), whose decimals are compared at the
digits printed and whose fractions are written out here.
"""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.core.errors import DataError
from tenuto.core.money import RoundingMode, round_to
from tenuto.packs.finance.math.day_count import (
    BondDayCount,
    CouponPeriod,
    Frequency,
    accrued_fraction,
    actual_360,
    actual_365,
    actual_actual_icma,
    actual_actual_isda,
    days_by_year,
    days_in_year,
    fee_fraction,
    thirty_360_us,
    thirty_e_360,
)


def day(text: str) -> date:
    return date.fromisoformat(text)


ISDA_30_360 = [
    # start, end, days by 30/360, days by 30E/360
    ("2006-08-20", "2007-02-20", 180, 180),
    ("2008-02-20", "2008-08-20", 180, 180),
    ("2006-08-31", "2007-02-28", 178, 178),
    ("2007-02-28", "2007-08-31", 183, 182),
    ("2007-08-31", "2008-02-29", 179, 179),
    ("2008-02-29", "2008-08-31", 182, 181),
    ("2006-01-31", "2006-02-28", 28, 28),
    ("2006-01-30", "2006-02-28", 28, 28),
    ("2006-02-28", "2006-03-03", 5, 5),
    ("2006-02-14", "2006-02-28", 14, 14),
    ("2006-09-30", "2006-10-31", 30, 30),
    ("2006-10-31", "2006-11-28", 28, 28),
    ("2007-08-31", "2008-02-28", 178, 178),
    ("2008-02-28", "2008-08-28", 180, 180),
    ("2008-02-28", "2008-08-30", 182, 182),
    ("2008-02-28", "2008-08-31", 183, 182),
    ("2007-02-26", "2008-02-28", 362, 362),
    ("2007-02-26", "2008-02-29", 363, 363),
    ("2008-02-29", "2009-02-28", 359, 359),
    ("2008-02-28", "2008-03-30", 32, 32),
    ("2008-02-28", "2008-03-31", 33, 32),
]


@pytest.mark.parametrize(("start", "end", "us", "european"), ISDA_30_360)
def test_thirty_360_counts_the_days_isda_prints(
    start: str, end: str, us: int, european: int
) -> None:
    assert thirty_360_us(day(start), day(end)) == Fraction(us, 360)
    assert thirty_e_360(day(start), day(end)) == Fraction(european, 360)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2007-02-28", "2007-08-31", 180),
        ("2008-02-29", "2009-02-28", 360),
        ("2008-02-29", "2008-03-31", 30),
        ("2007-08-31", "2008-02-29", 179),
    ],
)
def test_at_month_ends_the_last_of_february_is_the_30th(start: str, end: str, days: int) -> None:
    """The end-of-month rule of the Securities Industry Association's standard methods."""
    assert thirty_360_us(day(start), day(end), at_month_ends=True) == Fraction(days, 360)


ISDA_1998 = [
    # (start, end, coupons a year, last period?), ISDA as printed, ICMA, ICMA as printed
    (
        ("2003-11-01", "2004-05-01", 2, False),
        "0.497724380567",
        Fraction(1, 2),
        "0.500000000000",
    ),
    (
        ("1999-02-01", "1999-07-01", 1, False),
        "0.410958904110",
        Fraction(150, 365),
        "0.410958904110",
    ),
    (("1999-07-01", "2000-07-01", 1, False), "1.0013773486", Fraction(1), "1.000000000000"),
    (
        ("2002-08-15", "2003-07-15", 2, False),
        "0.915068493151",
        Fraction(153, 2 * 184) + Fraction(1, 2),
        "0.915760869565",
    ),
    (("2003-07-15", "2004-01-15", 2, False), "0.504004790778", Fraction(1, 2), "0.500000000000"),
    (("1999-07-30", "2000-01-30", 2, False), "0.503892506924", Fraction(1, 2), "0.500000000000"),
    (
        ("2000-01-30", "2000-06-30", 2, True),
        "0.415300546448",
        Fraction(152, 2 * 182),
        "0.417582417582",
    ),
    (
        ("1999-11-30", "2000-04-30", 4, True),
        "0.415540085336",
        Fraction(91, 4 * 91) + Fraction(61, 4 * 92),
        "0.415760869565",
    ),
]


@pytest.mark.parametrize(("coupon", "isda", "icma", "printed"), ISDA_1998)
def test_actual_actual_gives_the_published_fractions(
    coupon: tuple[str, str, Frequency, bool], isda: str, icma: Fraction, printed: str
) -> None:
    start, end, frequency, is_last = coupon
    period = CouponPeriod(start=day(start), end=day(end), frequency=frequency, is_last=is_last)

    by_icma = actual_actual_icma(period, day(end))
    by_isda = actual_actual_isda(day(start), day(end))

    assert by_icma == icma
    assert round_to(by_icma, 12, RoundingMode.HALF_EVEN) == Decimal(printed)
    assert round_to(by_isda, len(isda) - len("0."), RoundingMode.HALF_EVEN) == Decimal(isda)


def test_actual_over_a_fixed_year() -> None:
    assert actual_365(day("2024-01-01"), day("2025-01-01")) == Fraction(366, 365)
    assert actual_360(day("2024-01-01"), day("2024-03-31")) == Fraction(90, 360)


@pytest.mark.parametrize(
    ("day_count", "expected"),
    [
        ("30E/360", Fraction(76, 360)),
        ("30/360", Fraction(76, 360)),
        ("ACT/365", Fraction(76, 365)),
        ("ACT/360", Fraction(76, 360)),
        ("ACT/ACT", Fraction(76, 2 * 181)),
        ("ACT/ACT ISDA", Fraction(76, 365)),
    ],
)
def test_a_bond_accrues_by_its_own_day_count(day_count: BondDayCount, expected: Fraction) -> None:
    """A semi-annual bond, coupons on 15 January and 15 July 2022, valued on 1 April 2022."""
    period = CouponPeriod(start=day("2022-01-15"), end=day("2022-07-15"), frequency=2)

    assert accrued_fraction(day_count, period, day("2022-04-01")) == expected
    assert accrued_fraction(day_count, period, period.start) == 0


def test_a_us_bond_that_pays_at_month_ends_is_recognised_by_its_dates() -> None:
    at_ends = CouponPeriod(start=day("2022-02-28"), end=day("2022-08-31"), frequency=2)
    on_the_28th = CouponPeriod(start=day("2022-02-28"), end=day("2022-08-28"), frequency=2)

    assert accrued_fraction("30/360", at_ends, day("2022-03-31")) == Fraction(30, 360)
    assert accrued_fraction("30/360", on_the_28th, day("2022-03-31")) == Fraction(33, 360)


@pytest.mark.parametrize("on", ["2022-01-14", "2022-07-16"])
def test_a_date_outside_the_coupon_period_is_refused(on: str) -> None:
    period = CouponPeriod(start=day("2022-01-15"), end=day("2022-07-15"), frequency=2)

    with pytest.raises(DataError, match="outside the coupon period") as refused:
        accrued_fraction("ACT/ACT", period, day(on))

    assert refused.value.code == "nav.outside-coupon-period"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2022-06-30", "2022-12-31"),
        ("2022-12-31", "2023-06-30"),
        ("2022-08-31", "2023-02-28"),
        ("2022-08-30", "2023-02-28"),
        ("2023-02-28", "2023-08-30"),
        ("2024-02-29", "2024-08-29"),
    ],
)
def test_a_regular_coupon_is_half_a_year_whatever_the_month_lengths(start: str, end: str) -> None:
    period = CouponPeriod(start=day(start), end=day(end), frequency=2)

    assert actual_actual_icma(period, day(end)) == Fraction(1, 2)


dates = st.dates(date(1999, 1, 1), date(2032, 12, 31))


@given(dates, st.integers(0, 1200), st.integers(0, 1200))
def test_fee_fractions_of_adjoining_periods_add_up(start: date, first: int, second: int) -> None:
    middle = start + timedelta(days=first)
    end = middle + timedelta(days=second)

    for day_count in ("ACT/365", "ACT/360", "ACT/ACT"):
        parts = fee_fraction(day_count, start, middle) + fee_fraction(day_count, middle, end)
        assert parts == fee_fraction(day_count, start, end)


@given(dates, st.integers(0, 1200))
def test_days_by_year_covers_each_day_once(after: date, count: int) -> None:
    through = after + timedelta(days=count)
    counted = [year for year, days in days_by_year(after, through) for _ in range(days)]

    assert counted == [(after + timedelta(days=n)).year for n in range(1, count + 1)]


@pytest.mark.parametrize("year", [2023, 2024, 2100, 2000])
def test_a_calendar_year_of_fees_is_exactly_one_by_actual_actual(year: int) -> None:
    assert fee_fraction("ACT/ACT", date(year - 1, 12, 31), date(year, 12, 31)) == 1
    assert days_in_year(year) == (date(year + 1, 1, 1) - date(year, 1, 1)).days
