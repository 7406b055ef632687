"""Backtests of a value at risk against the tables of Kupiec and of the Basel Committee."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from tenuto.activities.calculate.math.backtest import likelihood_ratio, traffic_light
from tenuto.activities.calculate.var_backtest import backtest_var
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.calculate.risk import VarBacktestRequest, VarBacktestResult

KUPIEC_1995 = [
    # probability, (days, N must be above, N must be below)
    ("0.99", (255, None, 7), (510, 1, 11), (1000, 4, 17)),
    ("0.975", (255, 2, 12), (510, 6, 21), (1000, 15, 36)),
    ("0.95", (255, 6, 21), (510, 16, 36), (1000, 37, 65)),
    ("0.925", (255, 11, 28), (510, 27, 51), (1000, 59, 92)),
    ("0.90", (255, 16, 36), (510, 38, 65), (1000, 81, 120)),
]


def counted(confidence: str, observations: int, exceptions: int) -> VarBacktestResult:
    return backtest_var(
        VarBacktestRequest(
            confidence=Decimal(confidence), observations=observations, exceptions=exceptions
        )
    )


@pytest.mark.parametrize(
    ("confidence", "days", "above", "below"),
    [(row[0], *cell) for row in KUPIEC_1995 for cell in row[1:]],
)
def test_ops_18_non_rejection_regions_of_kupiec(
    confidence: str, days: int, above: int | None, below: int
) -> None:
    """P. Kupiec 1995, reprinted by P. Jorion, Value at Risk, table "Model backtesting, 95 %
    nonrejection test confidence regions".

    255 days at 99 % is printed as N < 7 without a lower end, although no exception at all gives a
    ratio of 5.13 and is rejected by the formula like any other count.
    """
    test = counted(confidence, days, below - 1).kupiec

    assert test.most == below - 1
    assert test.fewest == (1 if above is None else above + 1)
    assert not test.is_rejected
    assert counted(confidence, days, below).kupiec.is_rejected
    if above is not None:
        assert counted(confidence, days, above).kupiec.is_rejected
        assert not counted(confidence, days, above + 1).kupiec.is_rejected


def test_no_exception_in_255_days_at_99_percent() -> None:
    """-2 ln 0.99^255 = 5.1257."""
    assert round(likelihood_ratio(255, 0, 0.01), 4) == 5.1257
    assert counted("0.99", 255, 0).kupiec.is_rejected


def test_critical_value_and_p_value_are_those_of_chi_squared() -> None:
    """3.841459 is the 95 % point of one degree of freedom; there the p-value is 5 %."""
    test = counted("0.99", 510, 5).kupiec

    assert test.critical_value.quantize(Decimal("0.000001")) == Decimal("3.841459")
    assert (test.statistic < Decimal("0.01")) == (test.p_value > Decimal("0.9"))


BASEL_1996 = [
    # exceptions, zone, increase in the multiplier, cumulative probability in percent
    (0, "green", "0.00", "8.11"),
    (1, "green", "0.00", "28.58"),
    (2, "green", "0.00", "54.32"),
    (3, "green", "0.00", "75.81"),
    (4, "green", "0.00", "89.22"),
    (5, "yellow", "0.40", "95.88"),
    (6, "yellow", "0.50", "98.63"),
    (7, "yellow", "0.65", "99.60"),
    (8, "yellow", "0.75", "99.89"),
    (9, "yellow", "0.85", "99.97"),
    (10, "red", "1.00", "99.99"),
]


@pytest.mark.parametrize(("exceptions", "zone", "increase", "percent"), BASEL_1996)
def test_ops_18_zones_of_the_basel_committee(
    exceptions: int, zone: str, increase: str, percent: str
) -> None:
    """Basel Committee, Supervisory framework for the use of "backtesting" in conjunction with the
    internal models approach, January 1996, table 2."""
    light = counted("0.99", 250, exceptions).basel

    assert light.zone == zone
    assert light.increase == Decimal(increase)
    assert (light.cumulative_probability * 100).quantize(Decimal("0.01")) == Decimal(percent)


def test_red_begins_at_the_tenth_and_never_ends() -> None:
    for exceptions in (10, 11, 100, 250):
        light = counted("0.99", 250, exceptions).basel
        assert light.zone == "red"
        assert light.increase == 1


def test_other_samples_have_zones_by_probability_and_no_multiplier() -> None:
    """The committee's zones for other samples begin at 95 % and at 99.99 %."""
    light = traffic_light(500, 8, Fraction(1, 100))

    assert light.zone == "green"
    assert light.increase is None
    assert traffic_light(500, 9, Fraction(1, 100)).zone == "yellow"


def outcomes(losses: int, days: int) -> list[dict[str, object]]:
    start = date(2024, 1, 1)
    return [
        {
            "date": start + timedelta(days=n),
            "result": "-101" if n < losses else "-100",
            "value_at_risk": "100",
        }
        for n in range(days)
    ]


def test_a_loss_equal_to_the_value_at_risk_is_no_exception() -> None:
    result = backtest_var(
        VarBacktestRequest.model_validate(
            {"confidence": "0.99", "outcomes": outcomes(losses=3, days=250)}
        )
    )

    assert (result.observations, result.exceptions) == (250, 3)
    assert result.exception_days == tuple(date(2024, 1, n) for n in (1, 2, 3))
    assert result.expected == Decimal("2.5000")
    assert result.kupiec == counted("0.99", 250, 3).kupiec


def test_outcomes_from_a_table(store: ArtifactStore) -> None:
    import polars as pl

    frame = pl.DataFrame(
        {
            "date": [date(2024, 1, 1), date(2024, 1, 2)],
            "result": [Decimal("-2.5"), Decimal("1.0")],
            "value_at_risk": [2, 2],
        }
    )
    table = store.put_table(frame, name="outcomes")
    result = backtest_var(VarBacktestRequest(confidence=Decimal("0.99"), outcomes_table=table))

    assert (result.observations, result.exceptions) == (2, 1)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"observations": 250},
        {"exceptions": 3},
        {"observations": 3, "exceptions": 4},
        {"observations": 3, "exceptions": 1, "outcomes": outcomes(1, 3)},
    ],
)
def test_a_question_that_is_none_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="exactly one|more exceptions"):
        VarBacktestRequest.model_validate({"confidence": "0.99"} | fields)
