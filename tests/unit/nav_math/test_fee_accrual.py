"""Fees: every kind against numbers worked by hand, and what must hold over whole years."""

import itertools
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.core.errors import DataError
from tenuto.core.money import RoundingMode, round_to
from tenuto.packs.finance.math.fees import FeeBroughtForward, FeePeriod, accrue
from tenuto.packs.finance.models import Fee, FeeTier
from tenuto.packs.finance.nav.parts import Accrual

HALF_EVEN = RoundingMode.HALF_EVEN
TIERS = (
    FeeTier(above=Decimal(0), rate=Decimal("0.0100")),
    FeeTier(above=Decimal(100_000_000), rate=Decimal("0.0080")),
    FeeTier(above=Decimal(250_000_000), rate=Decimal("0.0050")),
)


def fee(kind: str, **fields: Any) -> Fee:
    return Fee.model_validate({"fee_id": "management", "kind": kind, **fields})


def charge(
    what: Fee,
    assets: str,
    after: str,
    through: str,
    brought_forward: FeeBroughtForward | None = None,
) -> Accrual:
    return accrue(
        what,
        assets=Decimal(assets),
        period=FeePeriod(after=date.fromisoformat(after), through=date.fromisoformat(through)),
        brought_forward=brought_forward or FeeBroughtForward(),
        places=2,
        mode=HALF_EVEN,
    )


@pytest.mark.parametrize(
    ("day_count", "after", "through", "expected"),
    [
        # 10,000,000 x 1.25 % = 125,000 a year
        ("ACT/365", "2022-12-28", "2022-12-29", "342.47"),  # 125000 / 365 = 342.4658
        ("ACT/360", "2022-12-28", "2022-12-29", "347.22"),  # 125000 / 360 = 347.2222
        ("ACT/365", "2022-12-23", "2022-12-27", "1369.86"),  # four days, Christmas weekend
        ("ACT/365", "2022-11-30", "2022-12-31", "10616.44"),  # 31 days
        ("ACT/ACT", "2024-01-01", "2024-01-02", "341.53"),  # 125000 / 366 = 341.5301
        ("ACT/365", "2024-01-01", "2024-01-02", "342.47"),
        # 30, 31 December in a year of 365, 1 and 2 January in one of 366:
        # 125000 x (2/365 + 2/366) = 684.9315 + 683.0601 = 1367.9916
        ("ACT/ACT", "2023-12-29", "2024-01-02", "1367.99"),
        ("ACT/365", "2023-12-29", "2024-01-02", "1369.86"),
    ],
)
def test_a_percentage_by_its_day_count(
    day_count: str, after: str, through: str, expected: str
) -> None:
    management = fee("percentage", rate="0.0125", day_count=day_count)

    accrual = charge(management, "10000000.00", after, through)

    assert accrual.amount == Decimal(expected)
    assert accrual.rate == Decimal("0.0125")
    assert accrual.base == Decimal("10000000.00")


def test_the_first_strike_has_no_days_and_no_fees() -> None:
    for each in (
        fee("percentage", rate="0.01", floor="5000", cap="9000"),
        fee("fixed", amount="36500"),
        fee("tiered", tiers=TIERS),
        fee("budget", amount="20000"),
    ):
        for on in ("2022-12-28", "2022-12-31", "2024-01-01"):
            accrual = charge(each, "1000000.00", on, on)
            assert accrual.days == accrual.amount == accrual.total == 0
            assert not accrual.cap_applied
            assert not accrual.floor_applied


def test_a_fixed_amount_a_year() -> None:
    assert charge(fee("fixed", amount="36500"), "0", "2022-12-23", "2022-12-27").amount == Decimal(
        "400.00"
    )
    assert charge(fee("fixed", amount="36500"), "0", "2022-12-23", "2022-12-27").rate is None


@pytest.mark.parametrize(
    ("method", "assets", "yearly", "rate"),
    [
        ("absolute", "99999999.99", "999999.9999", "0.010000000000"),
        ("absolute", "100000000.00", "800000", "0.008000000000"),
        ("absolute", "300000000.00", "1500000", "0.005000000000"),
        ("cumulative", "100000000.00", "1000000", "0.010000000000"),
        # 100 m at 1 %, 150 m at 0.8 %, 50 m at 0.5 %: 1,000,000 + 1,200,000 + 250,000
        ("cumulative", "300000000.00", "2450000", "0.008166666667"),
        ("cumulative", "0.00", "0", "0.0100"),
        ("absolute", "0.00", "0", "0.0100"),
    ],
)
def test_tiers(method: str, assets: str, yearly: str, rate: str) -> None:
    tiered = fee("tiered", tiers=TIERS, tier_method=method)

    accrual = charge(tiered, assets, "2022-12-28", "2022-12-29")

    assert accrual.amount == round_to(Fraction(yearly) / 365, 2, HALF_EVEN)
    assert accrual.rate == Decimal(rate)


def test_a_budget_spreads_what_is_left_over_the_days_left() -> None:
    """20,000 a year; 12,000 accrued by 30 September 2022; 92 days remain."""
    audit = fee("budget", amount="20000")
    so_far = FeeBroughtForward(
        total=Decimal("12000.00"), year_to_date=Decimal("12000.00"), paid=Decimal("500.00")
    )

    accrual = charge(audit, "0", "2022-09-30", "2022-10-03", so_far)

    assert accrual.amount == Decimal("260.87")  # 8000 x 3 / 92 = 260.8696
    assert accrual.total == Decimal("11760.87")
    assert accrual.year_to_date == Decimal("12260.87")


def test_a_budget_cut_below_what_is_accrued_flows_back() -> None:
    so_far = FeeBroughtForward(total=Decimal("12000.00"), year_to_date=Decimal("12000.00"))

    accrual = charge(fee("budget", amount="11080"), "0", "2022-09-30", "2022-10-01", so_far)

    assert accrual.amount == Decimal("-10.00")  # -920 / 92


def test_a_budget_is_split_at_the_year_end() -> None:
    """100 are left on 30 December 2022; then 36,500 over 365 days."""
    so_far = FeeBroughtForward(total=Decimal("36400.00"), year_to_date=Decimal("36400.00"))

    accrual = charge(fee("budget", amount="36500"), "0", "2022-12-30", "2023-01-02", so_far)

    assert accrual.amount == Decimal("300.00")
    assert accrual.year_to_date == Decimal("200.00")
    assert accrual.total == Decimal("36700.00")


def test_payments_since_leave_what_is_still_owed() -> None:
    paid = FeeBroughtForward(
        total=Decimal("900.00"), year_to_date=Decimal("4000.00"), paid=Decimal("850.00")
    )

    accrual = charge(fee("fixed", amount="36500"), "0", "2022-12-28", "2022-12-29", paid)

    assert (accrual.prior_total, accrual.paid) == (Decimal("900.00"), Decimal("850.00"))
    assert accrual.total == Decimal("150.00")
    assert accrual.year_to_date == Decimal("4100.00")


def test_a_cap_and_a_floor_are_yearly_amounts_by_the_day() -> None:
    capped = charge(
        fee("percentage", rate="0.0125", cap="36500"), "10000000", "2022-12-28", "2022-12-30"
    )
    floored = charge(
        fee("percentage", rate="0.0001", floor="36500"), "10000000", "2022-12-28", "2022-12-30"
    )
    neither = charge(
        fee("percentage", rate="0.0125", cap="200000", floor="36500"),
        "10000000",
        "2022-12-28",
        "2022-12-30",
    )

    assert (capped.amount, capped.cap_applied) == (Decimal("200.00"), True)
    assert (floored.amount, floored.floor_applied) == (Decimal("200.00"), True)
    assert neither.amount == Decimal("684.93")
    assert not neither.cap_applied
    assert not neither.floor_applied


def test_a_cap_that_is_used_up_stops_the_fee_until_the_new_year() -> None:
    capped = fee("percentage", rate="0.0125", cap="36500")
    used_up = FeeBroughtForward(year_to_date=Decimal("36500.00"))

    before = charge(capped, "10000000", "2022-12-29", "2022-12-31", used_up)
    across = charge(capped, "10000000", "2022-12-29", "2023-01-02", used_up)

    assert (before.amount, before.cap_applied) == (Decimal("0.00"), True)
    assert (across.amount, across.year_to_date) == (Decimal("200.00"), Decimal("200.00"))


def test_negative_assets_are_refused() -> None:
    with pytest.raises(DataError, match="'management' cannot be charged") as refused:
        charge(fee("percentage", rate="0.01"), "-0.01", "2022-12-28", "2022-12-29")

    assert refused.value.code == "nav.negative"


def test_a_period_that_runs_backwards_is_refused() -> None:
    with pytest.raises(DataError) as refused:
        FeePeriod(after=date(2022, 12, 29), through=date(2022, 12, 28))

    assert refused.value.code == "nav.period-reversed"


def test_a_fee_made_without_validation_is_still_refused() -> None:
    bare = Fee.model_construct(fee_id="management", kind="fixed", amount=None)

    with pytest.raises(DataError, match="has no `amount`") as refused:
        charge(bare, "1", "2022-12-28", "2022-12-29")

    assert refused.value.code == "nav.fee-incomplete"


gaps = st.lists(st.integers(1, 9), min_size=1, max_size=400)


def strikes(first: date, apart: list[int], last: date) -> list[date]:
    """Dates from `first`, the given days apart, and then `last`."""
    found = [first]
    for days in apart:
        if found[-1] + timedelta(days=days) >= last:
            break
        found.append(found[-1] + timedelta(days=days))
    return [*found, last]


def roll(what: Fee, dates: list[date], assets: Decimal) -> list[Accrual]:
    accruals: list[Accrual] = []
    so_far = FeeBroughtForward()
    for after, through in itertools.pairwise(dates):
        accruals.append(
            accrue(
                what,
                assets=assets,
                period=FeePeriod(after=after, through=through),
                brought_forward=so_far,
                places=2,
                mode=HALF_EVEN,
            )
        )
        so_far = FeeBroughtForward(total=accruals[-1].total, year_to_date=accruals[-1].year_to_date)
    return accruals


@given(st.integers(2021, 2025), gaps, st.integers(0, 10**9), st.integers(0, 30))
def test_a_budget_is_accrued_to_the_cent_on_31_december(
    year: int, apart: list[int], budget: int, late: int
) -> None:
    """Whatever days the fund is struck on, and however far the last strike reaches beyond."""
    amount = Decimal(budget).scaleb(-2)
    dates = strikes(date(year - 1, 12, 31), apart, date(year, 12, 31) + timedelta(days=late))

    accruals = roll(fee("budget", amount=str(amount)), dates, Decimal(0))

    this_year = sum(each.amount for each in accruals)
    if late:
        this_year -= accruals[-1].year_to_date
    assert this_year == amount


@given(st.integers(2021, 2025), gaps, st.integers(0, 10**8), st.integers(0, 10**8))
def test_a_year_never_costs_more_than_its_cap(
    year: int, apart: list[int], cap: int, assets: int
) -> None:
    limit = Decimal(cap).scaleb(-2)
    dates = strikes(date(year - 1, 12, 31), apart, date(year, 12, 31))

    accruals = roll(fee("percentage", rate="0.02", cap=str(limit)), dates, Decimal(assets))

    assert accruals[-1].year_to_date == sum(each.amount for each in accruals) <= limit


@given(
    st.dates(date(2020, 1, 1), date(2026, 12, 31)),
    st.integers(0, 900),
    st.decimals(0, 10**10, places=2),
    st.sampled_from(["ACT/365", "ACT/360", "ACT/ACT"]),
)
def test_a_percentage_is_rounded_once_over_any_number_of_years(
    after: date, days: int, assets: Decimal, day_count: str
) -> None:
    through = after + timedelta(days=days)
    accrual = accrue(
        fee("percentage", rate="0.0173", day_count=day_count),
        assets=assets,
        period=FeePeriod(after=after, through=through),
        brought_forward=FeeBroughtForward(),
        places=2,
        mode=HALF_EVEN,
    )

    each_day = [after + timedelta(days=n) for n in range(1, days + 1)]
    lengths = {"ACT/365": lambda _: 365, "ACT/360": lambda _: 360, "ACT/ACT": _length_of_year}
    years = sum((Fraction(1, lengths[day_count](day)) for day in each_day), Fraction(0))
    assert accrual.amount == round_to(Fraction(assets) * Fraction("0.0173") * years, 2, HALF_EVEN)
    assert accrual.days == days


def _length_of_year(day: date) -> int:
    return (date(day.year + 1, 1, 1) - date(day.year, 1, 1)).days
