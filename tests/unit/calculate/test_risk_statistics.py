"""Risk statistics against printed examples, and the words in place of what cannot be known."""

import math
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.activities.calculate.math import statistics
from tenuto.activities.calculate.math.floats import rounded
from tenuto.activities.calculate.risk import measure_risk
from tenuto.catalog.library.calculate.risk import RiskRequest, RiskResult
from tenuto.core.errors import DataError

START = date(2020, 1, 1)


def dated(values: list[str]) -> list[dict[str, object]]:
    return [{"date": START + timedelta(days=n), "value": value} for n, value in enumerate(values)]


def risk(returns: list[str], benchmark: list[str] | None = None, **more: object) -> RiskResult:
    return measure_risk(
        RiskRequest.model_validate(
            {
                "returns": dated(returns),
                "benchmark": dated(benchmark or []),
                "periods_per_year": 1,
                **more,
            }
        )
    )


STRENGTHS = [1345.0, 1301.0, 1368.0, 1322.0, 1310.0, 1370.0, 1318.0, 1350.0, 1303.0, 1299.0]


def test_standard_deviations_of_the_excel_documentation() -> None:
    """Microsoft Support, "STDEV.S function" 27.46391572 and "STDEV.P function" 26.05455814."""
    sample = statistics.deviation(STRENGTHS, "sample")
    population = statistics.deviation(STRENGTHS, "population")
    assert sample is not None
    assert population is not None
    assert round(sample, 8) == 27.46391572
    assert round(population, 8) == 26.05455814


def test_beta_is_the_slope_of_the_excel_documentation() -> None:
    """Microsoft Support, "SLOPE function": 0.305556."""
    found = statistics.beta([2, 3, 9, 1, 8, 7, 5], [6, 5, 11, 7, 5, 4, 4])
    assert found is not None
    assert round(found, 6) == 0.305556


def test_correlation_of_the_excel_documentation() -> None:
    """Microsoft Support, "CORREL function": 0.997054486."""
    found = statistics.correlation([3, 2, 4, 5, 6], [9, 7, 12, 15, 17])
    assert found is not None
    assert round(found, 9) == 0.997054486


SORTINO = ["0.17", "0.15", "0.23", "-0.05", "0.12", "0.09", "0.13", "-0.04"]


def test_ops_18_sortino_ratio_of_its_paper() -> None:
    """T. Rollinger and S. Hoffman, "Sortino: A 'Sharper' Ratio", Red Rock Capital 2013: annual
    returns, target 0 %: mean 10 %, target downside deviation 2.264 %, ratio 4.417."""
    result = risk(SORTINO)

    assert result.mean == Decimal("0.1000000000")
    assert result.downside_deviation.quantize(Decimal("0.00001")) == Decimal("0.02264")
    assert result.sortino.value is not None
    assert result.sortino.value.quantize(Decimal("0.001")) == Decimal("4.417")


def test_ops_18_sharpe_and_volatility_are_scaled_by_the_stated_periods() -> None:
    """Monthly 1 %, 3 %, -1 %, 1 %: mean 1 %, sample deviation 1.632993 %, free rate 2.4 % a year,
    so 0.2 % a month."""
    result = risk(["0.01", "0.03", "-0.01", "0.01"], periods_per_year=12, risk_free_rate="0.024")
    spread = math.sqrt(0.0008 / 3)

    assert result.volatility.value == rounded(spread * math.sqrt(12), 10)
    assert result.sharpe.value == rounded(0.008 / spread * math.sqrt(12), 10)


def test_population_deviation_on_request() -> None:
    values = ["0.01", "0.03", "-0.01", "0.01"]
    assert risk(values, deviation="population").volatility.value == rounded(
        math.sqrt(0.0008 / 4), 10
    )


def test_ops_18_figures_against_a_benchmark_by_hand() -> None:
    """Active 1 %, -1 %, 3 %: mean 1 %, sample deviation 2 %, ratio 0.5."""
    result = risk(["0.03", "0.01", "0.05"], ["0.02", "0.02", "0.02"])

    assert result.tracking_error.value == Decimal("0.0200000000")
    assert result.information_ratio.value == Decimal("0.5000000000")
    assert result.beta.missing == "There is no variation to divide by."
    assert result.correlation.value is None


def test_ops_18_drawdown_with_its_days_and_recovery() -> None:
    """1.10, 0.88, 0.792, 1.188: 28 % down from the first day, recovered on the fourth."""
    drawdown = risk(["0.1", "-0.2", "-0.1", "0.5"]).drawdown

    assert drawdown.depth == Decimal("-0.2800000000")
    assert drawdown.peak == START
    assert drawdown.trough == START + timedelta(days=2)
    assert drawdown.recovered == START + timedelta(days=3)


def test_a_fall_from_the_start_has_no_peak_day_and_may_not_recover() -> None:
    drawdown = risk(["-0.5", "0.2", "0.2"]).drawdown

    assert drawdown.depth == Decimal("-0.5000000000")
    assert drawdown.peak is None
    assert drawdown.trough == START
    assert drawdown.recovered is None


def test_a_value_that_never_falls_has_no_drawdown() -> None:
    drawdown = risk(["0.01", "0", "0.02"]).drawdown

    assert drawdown.depth == 0
    assert drawdown.peak is None
    assert drawdown.trough is None


def test_a_deeper_fall_later_replaces_an_earlier_one() -> None:
    drawdown = risk(["-0.1", "0.2", "-0.3", "0.1"]).drawdown

    assert drawdown.depth == Decimal("-0.3000000000")
    assert drawdown.peak == START + timedelta(days=1)
    assert drawdown.recovered is None


def test_one_return_has_no_deviation_and_says_so() -> None:
    result = risk(["0.01"])

    assert result.volatility.missing == "A sample of one has no deviation."
    assert result.sharpe.value is None
    assert result.tracking_error.missing == "No benchmark was given."


@pytest.mark.parametrize(
    ("request_fields", "code"),
    [
        ({"returns": []}, "calculate.no-returns"),
        ({"returns": dated(["-1.5"])}, "calculate.below-minus-one"),
        (
            {"returns": dated(["0.1", "0.2"]), "benchmark": dated(["0.1"])},
            "calculate.days-differ",
        ),
        (
            {"returns": dated(["0.1"]), "value_at_risk": [{"confidence": "0.99"}]},
            "calculate.too-few-returns",
        ),
        (
            {
                "returns": dated(["0.1"]),
                "value_at_risk": [{"confidence": "0.99", "method": "normal"}],
            },
            "calculate.too-few-returns",
        ),
    ],
)
def test_what_cannot_be_measured_is_refused(request_fields: dict[str, object], code: str) -> None:
    with pytest.raises(DataError) as refused:
        measure_risk(RiskRequest.model_validate({"periods_per_year": 252} | request_fields))
    assert refused.value.code == code


fractions = st.integers(-9_000, 9_000).map(lambda n: n / 10_000)


@given(st.lists(fractions, min_size=1, max_size=60))
def test_no_later_point_is_deeper_than_the_drawdown(values: list[float]) -> None:
    found = statistics.drawdown(
        [(START + timedelta(days=n), Decimal(repr(each))) for n, each in enumerate(values)]
    )
    levels = [1.0]
    for each in values:
        levels.append(levels[-1] * (1 + each))
    depth = min(low / max(levels[: n + 1]) - 1 for n, low in enumerate(levels))
    assert abs(float(found.depth) - depth) < 1e-9


@given(st.lists(fractions, min_size=2, max_size=60))
def test_a_series_against_itself(values: list[float]) -> None:
    beta, correlation = statistics.beta(values, values), statistics.correlation(values, values)
    if beta is not None and correlation is not None:
        assert math.isclose(beta, 1)
        assert math.isclose(correlation, 1)
