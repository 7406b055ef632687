"""Value at risk and expected shortfall against textbook figures."""

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.activities.calculate.math.value_at_risk import historical, normal
from tenuto.core.errors import DataError

HULL_WORST = [477_841, 345_435, 282_204, 277_041, 253_385, 217_974, 202_256, 201_389, 191_269]
"""J. Hull, Options, Futures, and Other Derivatives, chapter "Value at Risk and Expected
Shortfall", the losses of the four-index example ranked from the highest, of 500 scenarios."""

HULL = [-float(loss) for loss in HULL_WORST] + [100.0 * n for n in range(491)]
NINETY_NINE = Fraction(99, 100)


def test_ops_18_historical_figures_of_hull_s_four_indices() -> None:
    """The fifth worst of 500 is the 99 % value at risk, 253,385; the mean of the five 327,181."""
    loss, shortfall = historical(HULL, NINETY_NINE, "worst")

    assert loss == 253_385
    assert round(shortfall) == 327_181


def test_the_inverse_distribution_takes_the_next_loss() -> None:
    """495 of 500 losses, 99 %, are 217,974 or less; that is the smallest such loss."""
    loss, shortfall = historical(HULL, NINETY_NINE, "inverse")

    assert loss == 217_974
    assert shortfall == sum(HULL_WORST[:6]) / 6


def test_interpolated_is_the_spreadsheet_s_percentile() -> None:
    """Microsoft Support, "PERCENTILE.INC function": of 1, 2, 3, 4 at 0.3 it is 1.9; so at 0.7 of
    the losses -4 to -1 it is -1.9."""
    loss, _ = historical([1.0, 2.0, 3.0, 4.0], Fraction(7, 10), "interpolated")

    assert math.isclose(loss, -1.9)


def test_a_tail_of_less_than_one_return_is_refused() -> None:
    with pytest.raises(DataError, match="at least 100") as refused:
        historical([0.0] * 99, NINETY_NINE, "worst")
    assert refused.value.code == "calculate.too-few-returns"


def test_ops_18_normal_value_at_risk_of_hull_s_microsoft_position() -> None:
    """Same chapter: 10 m with a daily volatility of 2 %: 465,300 over a day and 1,471,300 over ten
    at 99 %, with the printed 2.326 in place of the quantile 2.32635."""
    one, _ = normal(0.0, 200_000.0, 0.99, 1)
    ten, _ = normal(0.0, 200_000.0, 0.99, 10)

    assert abs(one - 465_300) < 100
    assert abs(ten - 1_471_300) < 250


@pytest.mark.parametrize(("confidence", "multiple"), [(0.95, 2.063), (0.975, 2.338), (0.99, 2.665)])
def test_normal_expected_shortfall_in_standard_deviations(
    confidence: float, multiple: float
) -> None:
    """A. McNeil, R. Frey, P. Embrechts, Quantitative Risk Management: phi(z) / (1 - c)."""
    _, shortfall = normal(0.0, 1.0, confidence, 1)

    assert round(shortfall, 3) == multiple


def test_a_mean_gain_lowers_both() -> None:
    with_gain, without = normal(0.01, 1.0, 0.99, 4), normal(0.0, 1.0, 0.99, 4)

    assert [round(a - b, 12) for a, b in zip(without, with_gain, strict=True)] == [0.04, 0.04]


returns = st.lists(st.integers(-1000, 1000).map(float), min_size=100, max_size=400)


@given(returns, st.sampled_from(["worst", "inverse", "interpolated"]), st.integers(90, 99))
def test_shortfall_is_at_least_the_value_at_risk(
    values: list[float], quantile: str, percent: int
) -> None:
    loss, shortfall = historical(values, Fraction(percent, 100), quantile)  # type: ignore[arg-type]

    assert shortfall >= loss - 1e-9
    share_above = sum(-value > loss for value in values) / len(values)
    # Between two ranks, the upper one may lie beyond.
    between_ranks = 1 / len(values) if quantile == "interpolated" else 0
    assert share_above <= 1 - percent / 100 + between_ranks + 1e-12


def test_decimal_confidence_counts_ranks_exactly() -> None:
    """500 x (1 - 0.99) is 5.000000000000004 in floats; the rank must be 5, not 5 by luck."""
    assert math.floor(500 * (1 - Fraction(Decimal("0.99")))) == 5
    assert math.floor(1000 * (1 - Fraction(Decimal("0.999")))) == 1
