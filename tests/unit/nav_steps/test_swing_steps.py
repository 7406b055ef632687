"""Swing and levies from file to published price; the fund's NAV never moves."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from nav_desk import NavDesk, Struck
from plain_values import values
from tenuto.packs.finance.models import DilutionLevy, Fund, SwingPolicy
from tenuto.packs.finance.nav.parts import SwingOverride

D2, D3 = date(2024, 1, 2), date(2024, 1, 3)
ORDERS = "order_id,class_id,type,dealing_date,amount,units\n"
SWING: dict[str, Any] = {
    "threshold_fraction": "0.01",
    "factor_up": "0.005",
    "factor_down": "0.004",
    "cap": "0.02",
}


def swinging(fund: Fund, **given: Any) -> Fund:
    return fund.model_copy(update={"swing": SwingPolicy.model_validate(SWING | given)})


def files(day: date = D2) -> dict[str, Any]:
    """The golden fund at launch: 140,000 EUR; A 1000 units at 100 EUR, U 500 at 100 USD."""
    return {
        "positions": "instrument_id,quantity,currency\nX,500,EUR\nY,1000,USD\n",
        "prices": f"instrument_id,date,price,currency,bid,offer\nX,{day},100,EUR,99.5,100.4\n"
        f"Y,{day},75,USD,74.5,75.5\n",
        "fx": f"date,base,quote,rate\n{day},EUR,USD,1.25\n",
        "cash": "account,currency,amount\nmain,EUR,20000\nmain,USD,12500\n",
    }


def strike(desk: NavDesk, fund: Fund, day: date = D2, **changed: Any) -> Struck:
    return desk.strike(desk.request(fund, day, **(files(day) | changed)))


def prices_of(struck: Struck) -> dict[str, tuple[object, object]]:
    """Published and unswung NAV per unit by class."""
    return {
        each.class_id: (each.nav_per_unit, each.swing.unswung)
        for each in struck.result.classes
        if each.swing
    }


def test_flow_is_summed_over_classes_and_every_class_swings_alike(
    desk: NavDesk, fund: Fund
) -> None:
    """3,000 EUR in, 5 units of U at 100 USD out: 3,000 - 400 = 2,600, of 140,000 1.857 %: up."""
    orders = ORDERS + f"O1,A,subscription,{D2},3000,\nO2,U,redemption,{D2},,5\n"
    orders += f"O3,A,redemption,{D3},90000,\n"  # of another dealing day
    struck = strike(desk, swinging(fund), dealing=orders)
    assert prices_of(struck) == {
        "A": (Decimal("100.5000"), Decimal("100.0000")),
        "U": (Decimal("100.5000"), Decimal("100.0000")),
    }
    swing = struck.result.classes[0].swing
    assert swing is not None
    assert values(swing.flow, swing.flow_fraction) == (2600, Decimal("0.0185714286"))
    assert (swing.direction, swing.factor) == ("up", Decimal("0.005"))
    assert struck.result.nav == 140000
    assert [each.nav for each in struck.result.classes] == [100000, 50000]


def test_flow_on_the_threshold_leaves_the_price(desk: NavDesk, fund: Fund) -> None:
    on_it = strike(desk, swinging(fund), dealing=f"{ORDERS}O1,A,redemption,{D2},1400,\n")
    assert prices_of(on_it)["A"] == (100, 100)
    other = swinging(fund).model_copy(update={"fund_id": "OTHER"})
    beyond = strike(desk, other, dealing=f"{ORDERS}O1,A,redemption,{D2},1400.01,\n")
    assert prices_of(beyond)["A"] == (Decimal("99.6"), 100)


@pytest.mark.parametrize(
    ("kind", "price"),
    [
        # offer: 500 x 0.40 + 1000 x 0.50 / 1.25 = 600 of 140,000
        ("subscription", "100.4286"),
        # bid: 500 x 0.50 + 1000 x 0.50 / 1.25 = 650 of 140,000
        ("redemption", "99.5357"),
    ],
)
def test_basis_values_the_whole_fund_at_offer_or_bid(
    desk: NavDesk, fund: Fund, kind: str, price: str
) -> None:
    by_basis = swinging(fund, method="basis", factor_up="0", factor_down="0")
    struck = strike(desk, by_basis, dealing=f"{ORDERS}O1,A,{kind},{D2},5000,\n")
    assert prices_of(struck)["A"] == (Decimal(price), 100)


def test_basis_needs_both_sides(desk: NavDesk, fund: Fund) -> None:
    by_basis = swinging(fund, method="basis", factor_up="0", factor_down="0")
    given = files() | {
        "dealing": ORDERS,
        "prices": f"instrument_id,date,price,currency,bid,offer\nX,{D2},100,EUR,,100.4\n"
        f"Y,{D2},75,USD,76,75.5\n",
    }
    found = desk.prepare(desk.request(by_basis, D2, **given))[1].problems
    assert [(each.code, each.row, each.field) for each in found] == [
        ("nav.bid-offer-missing", 2, "bid"),
        ("nav.bid-over-offer", 3, "bid"),
    ]


def test_override_is_published_and_audited(desk: NavDesk, fund: Fund) -> None:
    override = SwingOverride(factor=Decimal("0.01"), by="Ann", reason="spreads have doubled")
    struck = strike(
        desk,
        swinging(fund),
        dealing=f"{ORDERS}O1,A,subscription,{D2},5000,\n",
        swing_override=override,
    )
    assert prices_of(struck)["A"] == (101, 100)
    (check,) = [each for each in struck.result.checks if each.rule == "swing-override"]
    assert check.value == Decimal("0.01")
    assert check.note == "The policy proposes 0.005."
    assert [(each.by, each.text) for each in check.comments] == [("Ann", "spreads have doubled")]


@pytest.mark.parametrize(
    ("swings", "given", "code"),
    [
        (True, {}, "nav.dealing-missing"),
        (True, {"dealing": f"{ORDERS}O1,A,redemption,{D2},,\n"}, "nav.order-incomplete"),
        (True, {"dealing": f"{ORDERS}O1,A,redemption,{D2},1,1\n"}, "nav.order-incomplete"),
        (True, {"dealing": f"{ORDERS}O1,Z,redemption,{D2},1,\n"}, "nav.unknown-class"),
        (True, {"dealing": f"{ORDERS}O1,A,redemption,{D2},-1,\n"}, "nav.not-positive"),
        (
            True,
            {"dealing": f"{ORDERS}O1,A,redemption,{D2},1,\nO1,A,redemption,{D2},1,\n"},
            "nav.duplicate-row",
        ),
        (
            True,
            {
                "dealing": ORDERS,
                "swing_override": SwingOverride(factor=Decimal("0.021"), by="A", reason="b"),
            },
            "nav.swing-beyond-cap",
        ),
        (
            False,
            {"swing_override": SwingOverride(factor=Decimal("0.01"), by="A", reason="b")},
            "nav.swing-override-unexpected",
        ),
    ],
)
def test_wrong_dealing_is_refused(
    desk: NavDesk, fund: Fund, given: dict[str, Any], code: str, *, swings: bool
) -> None:
    chosen = swinging(fund) if swings else fund
    found = desk.prepare(desk.request(chosen, D2, **(files() | given)))[1].problems
    assert [each.code for each in found] == [code]
    assert found[0].remedy


def test_return_is_that_of_the_published_price(desk: NavDesk, fund: Fund) -> None:
    """ALFI: one NAV for all external performance, the swung one. 100.50 / 100 - 1."""
    strike(desk, swinging(fund), dealing=ORDERS)
    up = strike(
        desk, swinging(fund), D3, dealing=f"{ORDERS}O1,A,subscription,{D3},9000,\n"
    ).result.classes[0]
    # one day's fees are 10 EUR for the fund and 2.74 for the class
    assert up.swing is not None
    assert up.swing.unswung == Decimal("99.9901")
    assert up.nav_per_unit == Decimal("100.4901")
    assert up.performance.daily.value == Decimal("0.0049010000")


def test_levy_leaves_the_price_and_says_who_pays(desk: NavDesk, fund: Fund) -> None:
    levied = fund.model_copy(
        update={
            "dilution_levy": DilutionLevy(rate=Decimal("0.003"), threshold_fraction=Decimal("0.01"))
        }
    )
    struck = strike(desk, levied, dealing=f"{ORDERS}O1,A,redemption,{D2},5000,\n")
    share_class = struck.result.classes[0]
    assert share_class.nav_per_unit == 100
    charged = share_class.dilution_levy
    assert charged is not None
    assert (charged.charged_on, charged.rate) == ("redemptions", Decimal("0.003"))


def test_swing_and_levy_exclude_each_other(fund: Fund) -> None:
    both = {"swing": SWING, "dilution_levy": {"rate": "0.003"}}
    with pytest.raises(ValueError, match="charge dealing twice"):
        Fund.model_validate(fund.model_dump() | both)
