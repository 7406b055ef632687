"""Performance fees of a class: high-water mark, hurdle, crystallisation, losses carried."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from plain_values import values
from tenuto.core.money import RoundingMode
from tenuto.packs.finance.math.performance_fee import (
    PerformanceCharge,
    PerformancePeriod,
    charge,
)
from tenuto.packs.finance.models import PerformanceFee
from tenuto.packs.finance.nav.parts import PerformanceFeeState

FIFTH = PerformanceFee(fee_id="performance", rate=Decimal("0.2"))


def period(**given: Any) -> PerformancePeriod:
    """1,000 units at 100, nothing in or out, in base currency."""
    fields: dict[str, Any] = {
        "units": Decimal(1000),
        "redeemed": Fraction(0),
        "subscribed": Decimal(0),
        "hurdle_growth": Fraction(1),
        "starts_at": Decimal(100000),
        "base_per_class": Fraction(1),
        **given,
    }
    return PerformancePeriod(**fields)


def charged(
    net_assets: str,
    prior: PerformanceFeeState | None = None,
    fee: PerformanceFee = FIFTH,
    **given: Any,
) -> PerformanceCharge:
    return charge(
        fee,
        class_id="A",
        currency="EUR",
        prior=prior,
        period=period(**given),
        net_assets=Decimal(net_assets),
        places=2,
        mode=RoundingMode.HALF_EVEN,
    )


def test_a_fifth_of_the_gain_accrues_and_falls_back_to_nothing() -> None:
    """110,000: 2,000. Then 105,000 before the fee: 1,000, so 1,000 is given back. Then a loss."""
    up = charged("110000")
    assert values(up.amount, up.state.accrued, up.state.high_water_mark) == (2000, 2000, 100)
    # the class's net assets are after the 2,000 that had accrued
    down = charged("103000", up.state)
    assert values(down.amount, down.state.assets, down.state.accrued) == (-1000, 105000, 1000)
    under = charged("97000", down.state)
    assert values(under.amount, under.state.accrued) == (-1000, 0)
    still = charged("97000", under.state)
    assert values(still.amount, still.state.accrued) == (0, 0)


def test_crystallised_is_the_managers_and_sets_the_mark() -> None:
    """110,000 less 2,000 is the new mark of 108 a unit; a fall below it gives nothing back."""
    end = charged("110000", period_end=date(2024, 12, 31))
    assert values(end.amount, end.state.crystallised, end.state.accrued) == (2000, 2000, 0)
    assert values(end.state.reference, end.state.high_water_mark) == (108000, 108)
    fall = charged("105000", end.state)
    assert values(fall.amount, fall.state.accrued, fall.state.high_water_mark) == (0, 0, 108)
    assert fall.state.crystallised_year_to_date == 2000
    above = charged("109000", fall.state, is_new_year=True)
    assert values(above.amount, above.state.crystallised_year_to_date) == (200, 0)


def test_a_loss_leaves_the_mark_where_it_is() -> None:
    lost = charged("90000", period_end=date(2024, 12, 31))
    assert values(lost.amount, lost.state.high_water_mark) == (0, 100)


def test_redemption_takes_its_accrual_with_it() -> None:
    """2,000 accrued; a quarter of the units leaves at 108: 500 is the manager's for good.

    Left are 81,000, before the fee 82,500, against a mark of 75,000: a fifth of 7,500 is 1,500,
    which is what had accrued on them: nothing is charged.
    """
    up = charged("110000")
    redeemed = charged("81000", up.state, redeemed=Fraction(1, 4), units=Decimal(750))
    assert redeemed.amount == 0
    assert values(redeemed.state.crystallised, redeemed.state.accrued) == (500, 1500)
    assert values(redeemed.state.reference, redeemed.state.high_water_mark) == (75000, 100)


def test_subscription_makes_no_gain_and_hides_none() -> None:
    """1,000 new units at 108 bring 108,000: the fee stays 2,000."""
    up = charged("110000")
    joined = charged("216000", up.state, subscribed=Decimal(108000), units=Decimal(2000))
    assert values(joined.amount, joined.state.accrued) == (0, 2000)
    assert joined.state.reference == 208000


def test_fixed_hurdle_raises_the_mark() -> None:
    """5 % on 100,000 for 73 of 365 days: 1 %. 101,500 is 500 above it, and a fifth is 100."""
    fee = FIFTH.model_copy(update={"hurdle": "fixed", "hurdle_rate": Decimal("0.05")})
    growth = 1 + Fraction(5, 100) * Fraction(73, 365)
    made = charged("101500", fee=fee, hurdle_growth=growth)
    assert values(made.amount, made.state.high_water_mark) == (100, 101)


def test_index_hurdle_may_fall() -> None:
    """The index loses 10 %, the class 4 %: it is 6,000 above 90,000, and a fifth is 1,200."""
    fee = FIFTH.model_copy(update={"hurdle": "index"})
    assert charged("96000", fee=fee, hurdle_growth=Fraction(9, 10)).amount == 1200


def test_class_in_another_currency() -> None:
    """At 0.8 EUR a dollar, 88,000 EUR are 110,000 USD: a fifth of 10,000 USD is 1,600 EUR."""
    made = charged("88000", base_per_class=Fraction(4, 5))
    assert values(made.amount, made.state.assets, made.state.reference) == (1600, 110000, 100000)


# ESMA, answer 670 (20 May 2022), on paragraph 40 of its guidelines: net performance against the
# benchmark, what is left to be made good in the next year, and whether a fee is paid.
ESMA_670 = [
    (5, 0, True),
    (0, 0, False),
    (-5, 5, False),
    (3, 2, False),
    (2, 0, False),
    (5, 0, True),
    (5, 0, True),
    (-10, 10, False),
    (2, 8, False),
    (2, 6, False),
    (2, 4, False),
    (0, 0, False),  # what is left of Y8 is forgotten
    (2, 0, True),
    (-6, 6, False),
    (2, 4, False),
    (2, 2, False),
    (-4, 6, False),
    (0, 4, False),  # what is left of Y14 is forgotten
    (5, 0, True),
]


def five_years(table: list[tuple[int, int, bool]]) -> None:
    fee = FIFTH.model_copy(update={"hurdle": "index", "reference_years": 5})
    state: PerformanceFeeState | None = None
    assets = Decimal(100000)
    for year, (performance, to_make_good, is_paid) in enumerate(table, start=2001):
        assets += performance * 1000
        made = charged(str(assets), state, fee=fee, period_end=date(year, 12, 31))
        state = made.state
        assert (made.amount > 0) == is_paid, year
        assert sum(each.amount for each in state.shortfalls) == to_make_good * 1000, year
        assets -= made.amount


def test_losses_are_carried_for_five_years_as_esma_shows() -> None:
    five_years(ESMA_670)


def test_esma_variant_where_the_last_but_one_year_gains() -> None:
    """With 2 % in Y18, the 2 % left of Y14 is made good by it, and 4 % of Y17 is left."""
    five_years([*ESMA_670[:17], (2, 4, False)])


@pytest.mark.parametrize(
    "wrong",
    [{"hurdle": "fixed"}, {"hurdle_rate": "0.05"}, {"rate": "0"}, {"reference_years": 0}],
)
def test_terms_that_do_not_fit_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PerformanceFee.model_validate({"fee_id": "p", "rate": "0.2", **wrong})


navs = st.lists(
    st.tuples(st.integers(50000, 200000), st.booleans()),
    min_size=1,
    max_size=12,
)


@given(navs, st.sampled_from([None, 1, 5]))
def test_accrual_is_never_negative_and_no_level_is_paid_for_twice(
    path: list[tuple[int, bool]], years: int | None
) -> None:
    """What accrued and crystallised adds up to the charges; with a mark for life, the manager
    never gets more than a fifth of the highest gain."""
    fee = FIFTH.model_copy(update={"reference_years": years})
    state: PerformanceFeeState | None = None
    paid = charges = Decimal(0)
    highest = Decimal(0)
    for year, (gross, is_end) in enumerate(path, start=2001):
        # gross assets of an invested 100,000 before any fee; owed is what was charged so far
        made = charged(
            str(gross - charges), state, fee=fee, period_end=date(year, 12, 31) if is_end else None
        )
        state = made.state
        charges += made.amount
        paid += state.crystallised
        highest = max(highest, Decimal(gross))
        assert state.accrued >= 0
        assert paid + state.accrued == charges
    if years is None:
        assert charges <= max(highest - 100000, Decimal(0)) / 5 + Decimal("0.12")
