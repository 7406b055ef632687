"""The expected NAV agrees where all is well, and says by cause where it is not."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from long_runs import examples
from nav_desk import NavDesk, Struck
from plain_values import values
from tenuto.packs.finance.models import Fund, PerformanceFee, Tolerance
from tenuto.packs.finance.nav.parts import Causes, ExpectedNav

D2, D3, D5 = (date(2024, 1, day) for day in (2, 3, 5))
POSITIONS = "instrument_id,quantity,name,currency\nX,500,Xylo,EUR\nY,1000,Yttrium,USD\n"
CASH = "account,currency,amount\nmain,EUR,20000\nmain,USD,12500\n"
TRADES = "trade_id,instrument_id,side,quantity,price,currency,net_amount,trade_date,settle_date\n"
ACTIONS = "ca_id,instrument_id,type,ex_date,pay_date,rate,currency,ratio\n"
DEALS = "deal_id,class_id,type,trade_date,settle_date,units,amount\n"


def strike(
    desk: NavDesk, fund: Fund, day: date, x: object, y: object, rate: object, **changed: Any
) -> Struck:
    """The golden fund: 500 X in EUR, 1000 Y in USD, cash in both."""
    files = {
        "positions": POSITIONS,
        "prices": f"instrument_id,date,price,currency\nX,{day},{x},EUR\nY,{day},{y},USD\n",
        "fx": f"date,base,quote,rate\n{day},EUR,USD,{rate}\n",
        "cash": CASH,
        **changed,
    }
    return desk.strike(desk.request(fund, day, **files))


def launch(desk: NavDesk, fund: Fund) -> Struck:
    return strike(desk, fund, D2, 100, 75, "1.25")


def expected(struck: Struck) -> ExpectedNav:
    assert struck.result.expected_nav is not None
    return struck.result.expected_nav


def watched(fund: Fund) -> Fund:
    """Without a limit: half a basis point is usual."""
    tolerance = Tolerance.model_validate({"rule": "expected-nav", "severity": "block"})
    assert tolerance.limit == Decimal("0.00005")
    return fund.model_copy(update={"tolerances": (tolerance,)})


def outcomes(struck: Struck) -> list[str]:
    return [each.outcome for each in struck.result.checks if each.rule == "expected-nav"]


def test_golden_fund_is_as_expected(desk: NavDesk, fund: Fund) -> None:
    """By hand: X 500 x 1 + Y 1000 x 1.80 / 1.28 = 1906.25; FX 87500 x (1/1.28 - 1/1.25) =
    -1640.625; fees 30.00 + 8.23 + 1.65; the cent between is lost to rounding single balances."""
    assert launch(desk, fund).result.expected_nav is None
    struck = strike(desk, fund, D5, 101, "76.80", "1.28")
    found = expected(struck)
    assert found.causes == Causes(
        price=Decimal("1906.25"),
        fx=Decimal("-1640.62"),
        income=Decimal(0),
        fees=Decimal("-39.88"),
        capital=Decimal(0),
    )
    assert found.nav == Decimal("140225.75")
    assert found.difference.price == Decimal("-0.01")
    assert all(abs(each.difference) < Decimal("0.0000001") for each in found.classes)
    assert found.estimated == ()


def test_first_nav_has_nothing_to_expect(desk: NavDesk, fund: Fund) -> None:
    struck = launch(desk, watched(fund))
    assert outcomes(struck) == ["missing", "missing"]
    assert not struck.checked.open


@pytest.mark.parametrize(
    ("changed", "cause", "amount"),
    [
        # half a share too many is 50.50 on 140,000: 3.6 bp
        ({"positions": POSITIONS.replace("X,500", "X,500.5")}, "other", "50.5"),
        # a dividend of 10 cents that nobody told of and that came in cash
        ({"cash": CASH.replace("20000", "20050")}, "other", "50"),
    ],
)
def test_error_in_positions_or_cash_shows_by_cause(
    desk: NavDesk, fund: Fund, changed: dict[str, str], cause: str, amount: str
) -> None:
    launch(desk, watched(fund))
    struck = strike(desk, watched(fund), D3, 101, 75, "1.25", **changed)
    assert outcomes(struck) == ["fail", "fail"]
    assert getattr(expected(struck).difference, cause) == Decimal(amount)
    assert [each.rule for each in struck.checked.open] == ["expected-nav"]
    notes = [each.note for each in struck.result.checks if each.rule == "expected-nav"]
    assert all(f"largest difference {cause}, {amount}" in note for note in notes)


def test_limit_is_half_a_basis_point(desk: NavDesk, plain_fund: Fund) -> None:
    """100,000: 5.00 too much passes, 5.01 does not; too little likewise."""
    fund = watched(plain_fund)

    def on(day: date, cash: str) -> Struck:
        files = {
            "positions": "instrument_id,quantity\nX,1000\n",
            "prices": f"instrument_id,date,price,currency\nX,{day},100,EUR\n",
            "cash": f"account,currency,amount\nmain,EUR,{cash}\n",
        }
        return desk.strike(desk.request(fund, day, **files))

    first = on(D2, "0")
    for number, (cash, outcome) in enumerate(
        (("5.00", "pass"), ("5.01", "fail"), ("-5.00", "pass"), ("-5.01", "fail"))
    ):
        request = desk.request(
            fund,
            D3,
            version=number + 1,
            prior=first.document,
            positions="instrument_id,quantity\nX,1000\n",
            prices=f"instrument_id,date,price,currency\nX,{D3},100,EUR\n",
            cash=f"account,currency,amount\nmain,EUR,{cash}\n",
        )
        assert outcomes(desk.strike(request)) == [outcome]


def test_trades_actions_and_deals_are_expected(desk: NavDesk, fund: Fund) -> None:
    """Everything at once: sold and bought, split, dividend, subscription, all of it known."""
    launch(desk, fund)
    trades = (
        f"{TRADES}T1,Y,sell,200,76,USD,15180,{D3},{D5}\nT2,Z,buy,100,50,EUR,5005,{D3},2024-01-09\n"
    )
    actions = f"{ACTIONS}S1,X,split,{D3},,,,2\nV1,Y,dividend,{D5},2024-01-09,0.5,USD,\n"
    deals = f"{DEALS}D1,A,subscription,{D3},2024-01-09,10,1001\n"
    struck = strike(
        desk,
        fund,
        D5,
        51,
        "76.80",
        "1.28",
        positions="instrument_id,quantity\nX,1000\nY,800\nZ,100\n",
        prices=f"instrument_id,date,price,currency\nX,{D5},51,EUR\nY,{D5},76.80,USD\n"
        f"Z,{D5},52,EUR\n",
        transactions=trades,
        corporate_actions=actions,
        capital=deals,
        cash="account,currency,amount\nmain,EUR,20000\nmain,USD,27680\n",
    )
    found = expected(struck)
    assert struck.result.movement is not None
    assert struck.result.movement.other == 0
    assert found.causes.income == Decimal("312.5")  # 800 x 0.5 / 1.28
    assert found.causes.capital == 1001
    differences = found.difference.model_dump().values()
    assert max(abs(each) for each in differences) <= Decimal("0.03")
    assert all(abs(each.difference) < Decimal("0.000001") for each in found.classes)


def test_bond_income_is_expected(desk: NavDesk, plain_fund: Fund) -> None:
    """100,000 at 3.65 % ACT/365: 10 a day; and a coupon day, with the coupon in cash."""
    header = (
        "instrument_id,quantity,price_unit,coupon_rate,day_count,coupon_frequency,"
        "last_coupon_date,next_coupon_date\n"
    )

    def on(day: date, period: str, cash: object) -> Struck:
        files = {
            "positions": f"{header}B,100000,per100,0.0365,ACT/365,1,{period}\n",
            "prices": f"instrument_id,date,price,currency\nB,{day},99,EUR\n",
            "cash": f"account,currency,amount\nmain,EUR,{cash}\n",
        }
        return desk.strike(desk.request(plain_fund, day, **files))

    on(D2, "2023-01-04,2024-01-04", 0)
    accrued = expected(on(D3, "2023-01-04,2024-01-04", 0))
    assert values(accrued.causes.income, accrued.difference.income) == (10, 0)
    paid = expected(on(D5, "2024-01-04,2025-01-04", 3650))
    # 364 days had accrued: 3,640 go, the coupon of 3,650 comes, and one day of 10
    assert values(paid.causes.income, paid.difference.income, paid.difference.other) == (20, 0, 0)


def test_position_without_a_price_moves_with_the_benchmark(desk: NavDesk, fund: Fund) -> None:
    """X was sold and is quoted no more: what it was sold for is all there is to know."""
    strike(desk, fund, D2, 100, 75, "1.25", benchmark=f"date,level\n{D2},1000\n")
    struck = strike(
        desk,
        fund,
        D3,
        0,
        75,
        "1.25",
        positions="instrument_id,quantity\nY,1000\n",
        prices=f"instrument_id,date,price,currency\nY,{D3},75,USD\n",
        transactions=f"{TRADES}T1,X,sell,500,103,EUR,51500,{D3},{D5}\n",
        benchmark=f"date,level\n{D3},1010\n",
    )
    found = expected(struck)
    assert found.estimated == ("X",)
    assert values(found.causes.price, found.difference.price) == (1500, 0)


def test_performance_fee_is_expected(desk: NavDesk, plain_fund: Fund) -> None:
    fee = PerformanceFee(fee_id="performance", rate=Decimal("0.2"))
    changed = plain_fund.classes[0].model_copy(update={"performance_fee": fee})
    fund = watched(plain_fund.model_copy(update={"classes": (changed,)}))
    for day, price in ((D2, 100), (D3, 110)):
        struck = desk.strike(
            desk.request(
                fund,
                day,
                positions="instrument_id,quantity\nX,1000\n",
                prices=f"instrument_id,date,price,currency\nX,{day},{price},EUR\n",
            )
        )
    assert expected(struck).causes.fees == -2000
    assert outcomes(struck) == ["pass"]


moves = st.integers(min_value=50, max_value=200)


@settings(
    max_examples=examples(6),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(x=moves, y=moves, rate=st.integers(min_value=80, max_value=160))
def test_classes_add_up_nothing_is_unexplained_and_the_nav_is_expected(
    desk: NavDesk, fund: Fund, x: int, y: int, rate: int
) -> None:
    named = fund.model_copy(update={"fund_id": f"F-{x}-{y}-{rate}"})
    launch(desk, named)
    result = strike(desk, named, D3, x, y, Decimal(rate) / 100).result
    assert sum(each.nav_base for each in result.classes) == result.nav
    assert result.movement is not None
    assert result.movement.other == 0
    assert result.expected_nav is not None
    assert abs(result.expected_nav.nav - result.nav) <= Decimal("0.03")
