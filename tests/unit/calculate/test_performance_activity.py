"""Returns over named periods: what they start from, and what is said when that is missing."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest

from tenuto.activities.calculate.math.periods import annualise, years_between
from tenuto.activities.calculate.performance import measure_performance
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.calculate.performance import (
    PerformanceRequest,
    PerformanceResult,
    Returns,
)
from tenuto.core.errors import DataError


def measured(as_of: str, valuations: dict[str, str], **more: object) -> PerformanceResult:
    return measure_performance(
        PerformanceRequest.model_validate(
            {
                "as_of": as_of,
                "currency": "EUR",
                "valuations": [
                    {"date": day, "amount": amount} for day, amount in valuations.items()
                ],
                "is_money_weighted": False,
                **more,
            }
        )
    )


REFERENCE_DAYS = {
    "2021-12-30": "90",  # since inception
    "2021-12-31": "100",  # year
    "2022-09-30": "110",  # quarter
    "2022-11-30": "120",  # month
    "2022-12-28": "125",  # day
    "2022-12-29": "132",
}


def test_ops_2_each_period_is_measured_from_the_last_dealing_day_before_it() -> None:
    net = measured("2022-12-29", REFERENCE_DAYS).net

    assert net.day.value == Decimal("0.0560000000")
    assert net.month_to_date.value == Decimal("0.1000000000")
    assert net.quarter_to_date.value == Decimal("0.2000000000")
    assert net.year_to_date.value == Decimal("0.3200000000")
    assert net.since_inception.value == Decimal("0.4666666667")
    assert net.quarter_to_date.since == date(2022, 9, 30)
    assert net.one_year.missing == ("The series begins on 2021-12-30; that is less than a year.")


def test_ops_2_a_missing_day_is_reported_and_no_neighbour_takes_its_place() -> None:
    without = {day: value for day, value in REFERENCE_DAYS.items() if day != "2022-11-30"}
    result = measured("2022-12-29", without | {"2022-11-29": "119"})

    assert result.net.month_to_date.value is None
    assert result.net.month_to_date.missing == "No valuation for 2022-11-30; supply it."
    assert result.net.year_to_date.value == Decimal("0.3200000000")
    assert result.missing_days[0] == date(2022, 1, 3)
    weekdays = sum((date(2022, 1, 1) + timedelta(days=n)).weekday() < 5 for n in range(362))
    assert result.missing_day_count == weekdays - 3  # three of them are valued


def test_ops_2_first_day_has_no_day_return() -> None:
    result = measured("2022-12-29", {"2022-12-29": "100"})

    assert result.net.day.value is None
    assert result.net.day.missing is not None
    assert result.net.since_inception.value == 0
    assert result.missing_day_count == 0


def test_ops_2_a_restated_prior_day_changes_month_to_date() -> None:
    restated = measured("2022-12-29", REFERENCE_DAYS | {"2022-11-30": "121"}).net
    before = measured("2022-12-29", REFERENCE_DAYS).net

    assert restated.month_to_date.value == Decimal("0.0909090909")
    assert restated.year_to_date == before.year_to_date


def test_one_year_back_from_a_leap_day_is_the_28th() -> None:
    net = measured("2024-02-29", {"2023-02-28": "100", "2024-02-28": "109", "2024-02-29": "110"})

    assert net.net.one_year.value == Decimal("0.1000000000")
    assert net.net.one_year.since == date(2023, 2, 28)


def test_ops_2_only_more_than_a_year_is_annualised() -> None:
    """GIPS standards 2020, section 2.A: returns of less than a year must not be annualised."""
    year = measured("2024-01-02", {"2023-01-02": "100", "2024-01-02": "110"}).net
    two = measured("2025-01-02", {"2023-01-02": "100", "2025-01-02": "121"}).net

    assert year.since_inception_annualised.value is None
    assert "not annualised" in (year.since_inception_annualised.missing or "")
    assert two.since_inception_annualised.value == Decimal("0.1000000000")


def test_years_are_anniversaries_and_a_share_of_the_year_after() -> None:
    assert years_between(date(2020, 1, 1), date(2023, 1, 1)) == 3
    assert years_between(date(2020, 2, 29), date(2021, 2, 28)) == 1
    assert years_between(date(2022, 1, 1), date(2023, 7, 2)) == 1 + Fraction(182, 365)


def test_annualised_return_is_a_root() -> None:
    """61.051 % in five years is 10 % a year: 1.1 ** 5 = 1.61051."""
    assert annualise(Decimal("1.61051"), Fraction(5)) == Decimal("0.1000000000")


def test_everything_lost_is_not_annualised() -> None:
    net = measured("2025-01-02", {"2023-01-02": "100", "2025-01-02": "0"}).net

    assert net.since_inception.value == -1
    assert net.since_inception_annualised.missing == "Everything was lost."


LEVELS = [
    {"date": "2021-12-30", "value": "1000"},
    {"date": "2021-12-31", "value": "1000"},
    {"date": "2022-11-30", "value": "1100"},
    {"date": "2022-12-28", "value": "1150"},
    {"date": "2022-12-29", "value": "1200"},
]


def test_ops_2_excess_return_by_difference_and_by_ratio() -> None:
    """Year to date 32 % against 20 %: 12 % by difference, 1.32 / 1.20 - 1 = 10 % by ratio."""
    result = measured("2022-12-29", REFERENCE_DAYS, benchmark=LEVELS)
    assert result.benchmark is not None
    assert result.excess_arithmetic is not None
    assert result.excess_geometric is not None

    assert result.benchmark.year_to_date.value == Decimal("0.2000000000")
    assert result.excess_arithmetic.year_to_date.value == Decimal("0.1200000000")
    assert result.excess_geometric.year_to_date.value == Decimal("0.1000000000")
    assert result.excess_arithmetic.quarter_to_date.value is None
    assert result.excess_arithmetic.quarter_to_date.missing == (
        "The benchmark has no level for 2022-09-30; supply it."
    )


def test_without_fees_and_benchmark_nothing_is_made_up() -> None:
    result = measured("2022-12-29", REFERENCE_DAYS)

    assert result.gross is None
    assert result.benchmark is None
    assert result.excess_arithmetic is None
    assert result.money_weighted.value is None


def test_gross_is_before_fees() -> None:
    result = measured(
        "2024-01-04",
        {"2024-01-02": "100", "2024-01-03": "99", "2024-01-04": "108.9"},
        fees=[{"date": "2024-01-03", "amount": "1"}],
    )
    assert result.gross is not None
    assert result.net.since_inception.value == Decimal("0.0890000000")
    assert result.gross.since_inception.value == Decimal("0.1000000000")


def test_money_weighted_is_the_xirr_of_the_owner_s_payments() -> None:
    """The Excel documentation's payments, seen from the portfolio: 0.3733625335."""
    result = measured(
        "2009-04-01",
        {"2008-01-01": "10000", "2009-04-01": "2750"},
        flows=[
            {"date": "2008-03-01", "amount": "-2750"},
            {"date": "2008-10-30", "amount": "-4250"},
            {"date": "2009-02-15", "amount": "-3250"},
        ],
        method="modified-dietz",
        is_money_weighted=True,
    )
    assert result.money_weighted.value == Decimal("0.373362534")
    assert result.missing_days[0] == date(2008, 1, 31)
    assert result.missing_days[-1] == date(2009, 3, 31)
    assert result.missing_day_count == 15


def test_what_comes_after_the_day_is_not_looked_at() -> None:
    later = {"2022-12-30": "1", "2023-01-02": "1"}
    flows = [{"date": "2022-12-30", "amount": "5"}]

    assert measured("2022-12-29", REFERENCE_DAYS | later, flows=flows) == measured(
        "2022-12-29", REFERENCE_DAYS
    )


def test_a_holiday_of_the_calendar_is_not_missing() -> None:
    """TARGET is closed on 26 December 2022; a plain weekday calendar is not."""
    days = {"2022-12-23": "100", "2022-12-27": "101"}

    assert measured("2022-12-27", days, calendar="ECB").missing_days == ()
    assert measured("2022-12-27", days, calendar="WEEKDAYS").missing_days == (date(2022, 12, 26),)


def test_a_table_gives_what_the_same_series_gives_inline(store: ArtifactStore) -> None:
    frame = pl.DataFrame(
        {
            "date": [date.fromisoformat(day) for day in REFERENCE_DAYS],
            "amount": [Decimal(value) for value in REFERENCE_DAYS.values()],
        },
        schema={"date": pl.Date, "amount": pl.Decimal(38, 2)},
    ).sort("date", descending=True)
    table = store.put_table(frame, name="valuations")

    assert measured("2022-12-29", {}, valuations_table=table).net == (
        measured("2022-12-29", REFERENCE_DAYS).net
    )


@pytest.mark.parametrize(
    ("valuations", "more", "code"),
    [
        ({}, {}, "calculate.no-valuation"),
        ({"2022-12-28": "1"}, {}, "calculate.no-valuation"),
        (
            REFERENCE_DAYS,
            {"flows": [{"date": "2020-01-01", "amount": "1"}]},
            "calculate.flow-before-inception",
        ),
        (REFERENCE_DAYS, {"benchmark": [LEVELS[0], LEVELS[0]]}, "calculate.day-given-twice"),
        (REFERENCE_DAYS, {"calendar": "MOON"}, "calendar.unknown"),
    ],
)
def test_what_cannot_be_measured_is_refused(
    valuations: dict[str, str], more: dict[str, object], code: str
) -> None:
    with pytest.raises(DataError) as refused:
        measured("2022-12-29", valuations, **more)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pl.DataFrame({"date": [date(2022, 12, 29)], "amount": [1.5]}), "as Float64"),
        (pl.DataFrame({"date": ["2022-12-29"], "amount": [1]}), "as String"),
        (pl.DataFrame({"date": [date(2022, 12, 29)]}), "has the columns date"),
        (
            pl.DataFrame(
                {"date": [date(2022, 12, 29)], "amount": [None]},
                schema={"date": pl.Date, "amount": pl.Decimal(38, 2)},
            ),
            "1 missing values",
        ),
    ],
)
def test_a_table_of_another_shape_is_refused(
    store: ArtifactStore, frame: pl.DataFrame, said: str
) -> None:
    table = store.put_table(frame, name="valuations")
    with pytest.raises(DataError, match=said) as refused:
        measured("2022-12-29", {}, valuations_table=table)
    assert refused.value.code == "calculate.bad-column"


def test_every_return_has_a_value_or_a_reason() -> None:
    result = measured("2022-12-29", REFERENCE_DAYS, benchmark=LEVELS)
    for returns in (result.net, result.benchmark, result.excess_geometric):
        assert isinstance(returns, Returns)
        for name in Returns.model_fields:
            each = getattr(returns, name)
            assert (each.value is None) != (each.missing is None), name
