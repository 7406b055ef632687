"""Returns from the index, and the reason where there is none."""

import itertools
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tenuto.core.money import RoundingMode, round_to
from tenuto.packs.finance.math.performance import (
    LAUNCH_INDEX,
    ReferenceDays,
    measure,
    next_index,
)

ON = date(2022, 12, 29)
DAYS = ReferenceDays(
    previous=date(2022, 12, 28), month_end=date(2022, 11, 30), year_end=date(2021, 12, 31)
)
HISTORY = {
    date(2021, 12, 31): Decimal("1.100000000000000000"),
    date(2022, 11, 30): Decimal("1.200000000000000000"),
    date(2022, 12, 28): Decimal("1.250000000000000000"),
}
LONG_AGO = date(2020, 1, 2)


def test_ops_2_returns_are_ratios_of_index_levels() -> None:
    performance = measure(Decimal("1.32"), on=ON, launched=LONG_AGO, history=HISTORY, days=DAYS)

    assert performance.daily.value == Decimal("0.0560000000")
    assert performance.month_to_date.value == Decimal("0.1000000000")
    assert performance.year_to_date.value == Decimal("0.2000000000")
    assert performance.since_inception.value == Decimal("0.3200000000")
    assert performance.daily.since == date(2022, 12, 28)
    assert performance.since_inception.since == LONG_AGO


def test_ops_2_a_missing_day_is_named_and_not_replaced_by_its_neighbour() -> None:
    history = {day: level for day, level in HISTORY.items() if day != date(2022, 12, 28)}
    history[date(2022, 12, 27)] = Decimal("1.24")

    performance = measure(Decimal("1.32"), on=ON, launched=LONG_AGO, history=history, days=DAYS)

    assert performance.daily.value is None
    assert performance.daily.missing == "No NAV for 2022-12-28; strike it first."
    assert performance.month_to_date.value == Decimal("0.1000000000")


def test_ops_2_on_its_first_day_a_class_has_no_daily_return() -> None:
    performance = measure(LAUNCH_INDEX, on=ON, launched=ON, history={}, days=DAYS)

    assert performance.daily.value is None
    assert performance.daily.missing == ("Launched on 2022-12-29; there is no NAV before this one.")
    assert performance.month_to_date.value == 0
    assert performance.since_inception.value == 0


def test_ops_2_a_class_launched_inside_the_month_is_measured_from_launch() -> None:
    launched = date(2022, 12, 28)

    performance = measure(
        Decimal("1.02"), on=ON, launched=launched, history={launched: Decimal("1.01")}, days=DAYS
    )

    assert performance.daily.value == Decimal("0.0099009901")
    assert performance.month_to_date.value == Decimal("0.0200000000")
    assert performance.month_to_date.since == launched
    assert performance.year_to_date.since == launched


def test_a_launch_that_was_never_struck_is_missing() -> None:
    performance = measure(
        Decimal("1.02"), on=ON, launched=date(2022, 12, 28), history={}, days=DAYS
    )

    assert performance.daily.missing == "No NAV for 2022-12-28; strike it first."


def test_ops_2_a_restated_day_changes_what_is_measured_from_it() -> None:
    restated = HISTORY | {date(2022, 11, 30): Decimal("1.210000000000000000")}

    before = measure(Decimal("1.32"), on=ON, launched=LONG_AGO, history=HISTORY, days=DAYS)
    after = measure(Decimal("1.32"), on=ON, launched=LONG_AGO, history=restated, days=DAYS)

    assert after.month_to_date.value == Decimal("0.0909090909")
    assert after.year_to_date == before.year_to_date


def test_a_distribution_is_no_loss() -> None:
    index = next_index(
        Decimal("1.05"),
        prior_nav_per_unit=Decimal("105.0000"),
        nav_per_unit=Decimal("102.0000"),
        distribution=Decimal("3.0000"),
    )

    assert index == Decimal("1.05")
    assert -index.as_tuple().exponent == 18  # type: ignore[operator]


navs = st.lists(st.integers(10**5, 10**7), min_size=2, max_size=300)


@given(navs)
def test_ops_2_linking_daily_returns_gives_the_whole_return(levels: list[int]) -> None:
    """18 decimals keep 300 links within 1e-12 of the exact quotient of first and last."""
    prices = [Decimal(each).scaleb(-4) for each in levels]
    index = LAUNCH_INDEX
    for prior, now in itertools.pairwise(prices):
        index = next_index(index, prior_nav_per_unit=prior, nav_per_unit=now)

    exact = Fraction(prices[-1]) / Fraction(prices[0])
    assert abs(Fraction(index) - exact) < Fraction(1, 10**12)
    whole = measure(index, on=ON, launched=LONG_AGO, history={}, days=DAYS).since_inception.value
    assert whole is not None
    assert abs(whole - round_to(exact - 1, 10, RoundingMode.HALF_EVEN)) <= Decimal("1e-10")
