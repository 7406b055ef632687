"""Forward exchange rates by covered interest parity."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.activities.calculate.fx_forward import price_forwards
from tenuto.catalog.library.calculate.fx_forwards import (
    FxForwardRequest,
    FxForwardTerms,
    FxForwardValue,
)
from tenuto.core.errors import DataError

SPOT_DATE = date(2024, 1, 4)


def forward(
    spot: str, base_rate: str, quote_rate: str, days: int, **more: object
) -> FxForwardValue:
    terms = FxForwardTerms.model_validate(
        {
            "base": "AUD",
            "quote": "USD",
            "spot": spot,
            "spot_date": SPOT_DATE,
            "delivery": SPOT_DATE + timedelta(days=days),
            "base_rate": base_rate,
            "quote_rate": quote_rate,
            **more,
        }
    )
    return price_forwards(FxForwardRequest(forwards=(terms,))).forwards[0]


def test_ops_7_continuous_forward_of_hull() -> None:
    """J. Hull, chapter "Determination of Forward and Futures Prices", forward contracts on foreign
    currencies: 0.7500 x exp((0.01 - 0.03) x 2) = 0.7206."""
    value = forward(
        "0.7500", "0.03", "0.01", 730, compounding="continuous", base_year=365, quote_year=365
    )

    assert value.forward.quantize(Decimal("0.0001")) == Decimal("0.7206")
    assert value.forward == Decimal("0.72059208")
    assert value.points == Decimal("-294.0792")


def test_money_market_forward_by_hand() -> None:
    """1.2000 (1 + 5 % 90/360) / (1 + 3 % 90/360) = 1.2000 x 1.0125 / 1.0075 = 1.20595533."""
    value = forward("1.2000", "0.03", "0.05", 90)

    assert value.forward == Decimal("1.20595533")
    assert value.points == Decimal("59.5533")
    assert value.days == 90


def test_each_currency_has_its_own_year() -> None:
    """Sterling counts 365 days: 1.25 (1 + 5 % 182/360) / (1 + 4 % 182/365)."""
    value = forward("1.25", "0.04", "0.05", 182, base="GBP", base_year=365)
    exact = Fraction("1.25") * (1 + Fraction(5, 100) * Fraction(182, 360))
    exact /= 1 + Fraction(4, 100) * Fraction(182, 365)

    assert abs(Fraction(value.forward) - exact) <= Fraction(1, 2 * 10**8)


def test_points_of_the_yen_are_hundredths() -> None:
    value = forward("150", "0.05", "0", 360, base="USD", quote="JPY", point_places=2)

    assert value.points == Decimal("-714.2857")


rates = st.integers(-100, 2000).map(lambda n: Decimal(n).scaleb(-4))


@given(rates, rates, st.integers(0, 720))
def test_there_and_back_again_is_where_one_was(base: Decimal, quote: Decimal, days: int) -> None:
    there = forward("1.25", str(base), str(quote), days, places=12)
    back = forward(str(there.forward), str(quote), str(base), days, places=12)

    assert abs(back.forward - Decimal("1.25")) < Decimal("1e-10")
    if base == quote or days == 0:
        assert there.points == 0


def test_a_rate_in_percent_below_nothing_is_refused() -> None:
    with pytest.raises(DataError, match=r"5 % is 0\.05") as refused:
        forward("1.25", "-5", "0.01", 360)
    assert refused.value.code == "calculate.bad-rate"


@pytest.mark.parametrize("wrong", [{"quote": "AUD"}, {"delivery": date(2024, 1, 3)}])
def test_what_is_no_forward_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="two currencies|before the spot date"):
        forward("1.25", "0.01", "0.01", 30, **wrong)
