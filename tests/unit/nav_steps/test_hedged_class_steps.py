"""Forwards of a hedged class: their gain is that class's alone, and the fund still adds up."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from nav_desk import NavDesk, Struck
from plain_values import values
from tenuto.packs.finance.models import Fund, ShareClass, Tolerance

D2, D3, D4 = (date(2024, 1, day) for day in (2, 3, 4))
HEADER = (
    "contract_id,class_id,buy_currency,buy_amount,sell_currency,sell_amount,trade_date,"
    "settle_date,currency,mark_to_market,settlement\n"
)


@pytest.fixture
def hedged_fund() -> Fund:
    """EUR base; A in EUR, H in USD and hedged: 100,000 EUR each at 1.25."""
    classes = (
        ("A", "EUR", 1000, None),
        ("H", "USD", 1250, Decimal(1)),
    )
    return Fund(
        fund_id="HEDGED",
        name="Hedged Fund",
        base_currency="EUR",
        inception=D2,
        dealing_calendar="WEEKDAYS",
        classes=tuple(
            ShareClass(
                class_id=class_id,
                currency=currency,
                launch_date=D2,
                launch_price=Decimal(100),
                units=Decimal(units),
                hedge_target=target,
            )
            for class_id, currency, units, target in classes
        ),
        tolerances=(Tolerance(rule="hedge-ratio", limit=Decimal("0.05")),),
    )


def contract(
    worth: object, *, bought: object = 125000, settle: date = D4, paid: object = ""
) -> str:
    return f"{HEADER}F1,H,USD,{bought},EUR,100000,{D2},{settle},EUR,{worth},{paid}\n"


def strike(
    desk: NavDesk, fund: Fund, day: date, *, price: object, rate: object, **changed: Any
) -> Struck:
    """2,000 X: 200,000 EUR at 100."""
    files = {
        "positions": "instrument_id,quantity\nX,2000\n",
        "prices": f"instrument_id,date,price,currency\nX,{day},{price},EUR\n",
        "fx": f"date,base,quote,rate\n{day},EUR,USD,{rate}\n",
        **changed,
    }
    return desk.strike(desk.request(fund, day, **files))


def test_gain_of_forwards_goes_to_their_class(desk: NavDesk, hedged_fund: Fund) -> None:
    """X gains 1 %: 2,000, half each. The dollar rises from 1.25 to 1.20: the class bought USD
    125,000 for 100,000 EUR, now worth 104,166.67: 4,166.67 more, which is H's alone."""
    strike(desk, hedged_fund, D2, price=100, rate="1.25", hedges=contract(0))
    result = strike(
        desk, hedged_fund, D3, price=101, rate="1.20", hedges=contract("4166.67")
    ).result
    a, h = result.classes
    assert values(a.nav_base, h.nav_base) == (101000, Decimal("105166.67"))
    assert h.hedge_result == Decimal("4166.67")
    assert result.nav == Decimal("206166.67") == a.nav_base + h.nav_base
    # 105,166.67 x 1.2 / 1250: up 0.96 % where the fund gained 1 %, and not down 3 %
    assert h.nav_per_unit == Decimal("100.9600")
    assert (a.weight, h.weight) == (Decimal("0.5"), Decimal("0.5"))
    movement = result.movement
    assert movement is not None
    assert values(movement.price, movement.fx, movement.other) == (2000, Decimal("4166.67"), 0)
    (balance,) = [each for each in result.balances if each.kind == "hedge"]
    assert (balance.reference, balance.base_amount) == ("F1", Decimal("4166.67"))


def test_settled_gain_is_counted_once(desk: NavDesk, hedged_fund: Fund) -> None:
    """Worth 4,166.67, settled at 4,000: 166.67 are lost again, and 4,000 are cash."""
    strike(desk, hedged_fund, D2, price=100, rate="1.25", hedges=contract(0))
    strike(desk, hedged_fund, D3, price=100, rate="1.20", hedges=contract("4166.67"))
    result = strike(
        desk,
        hedged_fund,
        D4,
        price=100,
        rate="1.20",
        hedges=contract("", paid=4000),
        cash="account,currency,amount\nmain,EUR,4000\n",
    ).result
    assert [each.hedge_result for each in result.classes] == [0, Decimal("-166.67")]
    assert result.hedges[0].contracts == ()
    assert result.nav == 204000
    assert result.movement is not None
    assert values(result.movement.fx, result.movement.other) == (Decimal("-166.67"), 0)
    after = strike(
        desk,
        hedged_fund,
        date(2024, 1, 5),
        price=100,
        rate="1.20",
        hedges=contract("", paid=4000),
        cash="account,currency,amount\nmain,EUR,4000\n",
    ).result
    assert after.hedges == ()
    assert after.movement is not None
    assert after.movement.total == 0


def test_value_in_the_class_currency_is_converted(desk: NavDesk, hedged_fund: Fund) -> None:
    in_usd = contract("6000").replace(",EUR,6000", ",USD,6000")
    strike(desk, hedged_fund, D2, price=100, rate="1.25", hedges=contract(0))
    result = strike(desk, hedged_fund, D3, price=100, rate="1.20", hedges=in_usd).result
    assert result.hedges[0].result == 5000
    assert result.movement is not None
    assert values(result.movement.fx, result.movement.other) == (5000, 0)


@pytest.mark.parametrize(
    ("bought", "outcome", "value"),
    [
        (131250, "pass", "0.05"),  # 105 %
        ("131250.01", "warn", "0.05000008"),
        (118750, "pass", "-0.05"),  # 95 %
        ("118749.99", "warn", "-0.05000008"),
    ],
)
def test_hedge_ratio_stays_within_its_band(
    desk: NavDesk, hedged_fund: Fund, bought: object, outcome: str, value: str
) -> None:
    """ESMA, opinion on share classes of UCITS, 30 January 2017: 95 % to 105 %."""
    hedges = contract(0, bought=bought)
    struck = strike(desk, hedged_fund, D2, price=100, rate="1.25", hedges=hedges)
    (check,) = struck.result.checks
    assert (check.subject, check.outcome, check.value) == ("H", outcome, Decimal(value))


def test_class_without_its_forwards_is_far_off(desk: NavDesk, hedged_fund: Fund) -> None:
    (check,) = strike(desk, hedged_fund, D2, price=100, rate="1.25").result.checks
    assert values(check.outcome, check.value) == ("warn", -1)


@pytest.mark.parametrize(
    ("hedges", "code", "field"),
    [
        (contract(""), "table.value-missing", "mark_to_market"),
        (contract("", settle=D3), "table.value-missing", "settlement"),
        (contract(0).replace("F1,H", "F1,A"), "nav.class-not-hedged", "class_id"),
        (contract(0).replace("USD,125000", "GBP,125000"), "nav.currency-differs", "buy_currency"),
        (contract(0, settle=date(2024, 1, 1)), "nav.dates-reversed", "settle_date"),
        (contract(0, bought=-1), "nav.not-positive", "buy_amount"),
        (HEADER, "nav.hedge-vanished", "contract_id"),
        (
            contract(0) + contract(0).removeprefix(HEADER),
            "nav.duplicate-row",
            "contract_id",
        ),
    ],
)
def test_wrong_contract_is_refused(
    desk: NavDesk, hedged_fund: Fund, hedges: str, code: str, field: str
) -> None:
    strike(desk, hedged_fund, D2, price=100, rate="1.25", hedges=contract(0))
    request = desk.request(
        hedged_fund,
        D3,
        positions="instrument_id,quantity\nX,2000\n",
        prices=f"instrument_id,date,price,currency\nX,{D3},100,EUR\n",
        fx=f"date,base,quote,rate\n{D3},EUR,USD,1.2\n",
        hedges=hedges,
    )
    found = desk.prepare(request)[1].problems
    assert [(each.code, each.field) for each in found] == [(code, field)]
    assert found[0].remedy
