"""A performance fee from the fund's definition to the NAV, over several strikes."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from nav_desk import NavDesk, Struck
from plain_values import values
from tenuto.packs.finance.models import Fund, PerformanceFee
from tenuto.packs.finance.nav.parts import PerformanceFeeState

D2, D3, D4, D5 = (date(2024, 1, day) for day in (2, 3, 4, 5))
DEALS = "deal_id,class_id,type,trade_date,settle_date,units,amount\n"


def with_fee(fund: Fund, **given: Any) -> Fund:
    """A fifth above the high-water mark, crystallised in December."""
    fee = PerformanceFee.model_validate({"fee_id": "performance", "rate": "0.2", **given})
    changed = fund.classes[0].model_copy(update={"performance_fee": fee})
    return fund.model_copy(update={"classes": (changed,)})


def strike(
    desk: NavDesk, fund: Fund, day: date, price: object, version: int = 1, **changed: Any
) -> Struck:
    """1000 X and 1000 units: the price is what a unit is worth before the fee."""
    files = {
        "positions": "instrument_id,quantity\nX,1000\n",
        "prices": f"instrument_id,date,price,currency\nX,{day},{price},EUR\n",
        **changed,
    }
    return desk.strike(desk.request(fund, day, version, **files))


def state(struck: Struck) -> PerformanceFeeState:
    (only,) = struck.result.performance_fees
    return only


def per_unit(struck: Struck) -> Decimal:
    return struck.result.classes[0].nav_per_unit


def test_accrues_daily_and_falls_back(desk: NavDesk, plain_fund: Fund) -> None:
    fund = with_fee(plain_fund)
    assert per_unit(strike(desk, fund, D2, 100)) == 100
    up = strike(desk, fund, D3, 110)
    assert values(per_unit(up), up.result.liabilities) == (108, 2000)
    (accrual,) = up.result.accruals
    assert values(accrual.kind, accrual.amount, accrual.rate) == (
        "performance",
        2000,
        Decimal("0.2"),
    )
    assert up.result.movement is not None
    assert values(up.result.movement.fees, up.result.movement.other) == (-2000, 0)
    down = strike(desk, fund, D4, 105)
    assert values(per_unit(down), down.result.accruals[0].amount) == (104, -1000)
    under = strike(desk, fund, D5, 95)
    assert values(per_unit(under), under.result.liabilities, state(under).accrued) == (95, 0, 0)


def test_rolls_over_a_strike_that_is_struck_again(desk: NavDesk, plain_fund: Fund) -> None:
    fund = with_fee(plain_fund)
    strike(desk, fund, D2, 100)
    strike(desk, fund, D3, 110)
    strike(desk, fund, D3, 105, version=2)
    later = strike(desk, fund, D4, 105)
    assert values(later.result.accruals[0].amount, state(later).accrued) == (0, 1000)


def test_redemption_and_subscription_leave_the_price(desk: NavDesk, plain_fund: Fund) -> None:
    """250 units leave at 108 and 500 come: nobody's fee changes. 1,250 units at 108."""
    fund = with_fee(plain_fund)
    deals = DEALS + f"D1,A,redemption,{D3},{D3},250,27000\nD2,A,subscription,{D3},{D3},500,54000\n"
    strike(desk, fund, D2, 100)
    strike(desk, fund, D3, 110, capital=deals, cash="account,currency,amount\nm,EUR,27000\n")
    dealt = strike(
        desk, fund, D4, 110, capital=deals, cash="account,currency,amount\nm,EUR,27000\n"
    )
    assert per_unit(dealt) == 108
    assert values(state(dealt).crystallised, state(dealt).accrued) == (500, 1500)
    assert state(dealt).reference == 75000 + 54000
    assert dealt.result.liabilities == 2000
    assert dealt.result.movement is not None
    assert values(dealt.result.movement.fees, dealt.result.movement.other) == (0, 0)


def test_crystallises_at_the_last_dealing_day_of_its_year_and_is_paid(
    desk: NavDesk, plain_fund: Fund
) -> None:
    """March 31, 2024 is a Sunday: it crystallises on the 29th, once."""
    fund = with_fee(plain_fund, year_end_month=3)
    strike(desk, fund, D2, 100)
    end = strike(desk, fund, date(2024, 3, 29), 110)
    assert values(state(end).crystallised, state(end).accrued) == (2000, 0)
    assert state(end).period_end == date(2024, 3, 31)
    assert state(end).high_water_mark == 108
    payment = "fee_id,class_id,date,amount\nperformance,A,2024-04-02,2000\n"
    after = strike(
        desk,
        fund,
        date(2024, 4, 2),
        107,
        fee_payments=payment,
        cash="account,currency,amount\nm,EUR,-2000\n",
    )
    assert values(after.result.liabilities, state(after).crystallised) == (0, 0)
    assert state(after).crystallised_year_to_date == 0
    assert values(per_unit(after), state(after).high_water_mark) == (105, 108)
    assert after.result.movement is not None
    assert after.result.movement.other == 0


def test_period_that_ended_between_two_strikes_crystallises_at_the_next(
    desk: NavDesk, plain_fund: Fund
) -> None:
    fund = with_fee(plain_fund, crystallisation="monthly")
    strike(desk, fund, D2, 100)
    late = strike(desk, fund, date(2024, 2, 5), 110)
    assert values(state(late).crystallised, state(late).period_end) == (2000, date(2024, 1, 31))


def test_fixed_hurdle(desk: NavDesk, plain_fund: Fund) -> None:
    """3.65 % a year is 0.01 % a day: after 30 days the mark is 100.3; a fifth of 0.7 is 0.14."""
    fund = with_fee(plain_fund, hurdle="fixed", hurdle_rate="0.0365")
    strike(desk, fund, D2, 100)
    struck = strike(desk, fund, date(2024, 2, 1), 101)
    assert values(state(struck).high_water_mark, state(struck).accrued) == (Decimal("100.3"), 140)


def test_index_hurdle_needs_the_index(desk: NavDesk, plain_fund: Fund) -> None:
    fund = with_fee(plain_fund, hurdle="index")
    strike(desk, fund, D2, 100, benchmark="date,level\n2024-01-02,1000\n")
    beaten = strike(desk, fund, D3, 99, benchmark="date,level\n2024-01-03,980\n")
    assert values(state(beaten).reference, state(beaten).accrued) == (98000, 200)
    request = desk.request(
        fund,
        D4,
        positions="instrument_id,quantity\nX,1000\n",
        prices=f"instrument_id,date,price,currency\nX,{D4},99,EUR\n",
    )
    (problem,) = desk.prepare(request)[1].problems
    assert (problem.code, problem.field) == ("nav.hurdle-missing", "level")


def test_fee_brought_in_later_starts_from_the_nav_of_that_day(
    desk: NavDesk, plain_fund: Fund
) -> None:
    strike(desk, plain_fund, D2, 120)
    struck = strike(desk, with_fee(plain_fund), D3, 125)
    assert values(state(struck).high_water_mark, state(struck).accrued) == (120, 1000)


@pytest.mark.parametrize(
    ("terms", "notes"),
    [
        ({}, []),
        ({"reference_years": 5, "hurdle": "index"}, []),
        ({"reference_years": 4, "hurdle": "index"}, ["after 4 year(s); ESMA asks for five"]),
        ({"crystallisation": "monthly"}, []),  # a mark for life cannot be paid for twice
        (
            {"crystallisation": "monthly", "hurdle": "index"},
            ["Crystallises monthly; ESMA asks for once a year"],
        ),
    ],
)
def test_terms_outside_esmas_guidelines_are_said(
    desk: NavDesk, plain_fund: Fund, terms: dict[str, Any], notes: list[str]
) -> None:
    fund = with_fee(plain_fund, **terms)
    struck = strike(desk, fund, D2, 100, benchmark="date,level\n2024-01-02,1000\n")
    found = [each.note for each in struck.result.checks if each.rule == "performance-fee-terms"]
    assert len(found) == len(notes)
    assert all(note in said for note, said in zip(notes, found, strict=True))


def test_fee_on_the_price_before_it_swings(desk: NavDesk, plain_fund: Fund) -> None:
    """CSSF, FAQ on swing pricing: charged on the unswung NAV. The same fee, swung or not."""
    policy = {"mode": "full", "factor_up": "0.01", "factor_down": "0.01", "cap": "0.02"}
    fund = Fund.model_validate(with_fee(plain_fund).model_dump() | {"swing": policy})
    orders = "order_id,class_id,type,dealing_date,amount\n"
    strike(desk, fund, D2, 100, dealing=orders)
    swung = strike(desk, fund, D3, 110, dealing=f"{orders}O1,A,subscription,{D3},1\n")
    assert per_unit(swung) == Decimal("109.08")
    assert state(swung).accrued == 2000
