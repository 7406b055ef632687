"""What each kind of corporate action does to a holding, against what issuers published."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plain_values import values
from tenuto.core.errors import DataError
from tenuto.core.money import exact
from tenuto.packs.finance.math.corporate_actions import (
    Action,
    Entitlement,
    effects,
    entitle,
    right_value,
    roll,
    split_cost,
    theoretical_ex_rights_price,
)

EX, PAY = date(2024, 1, 3), date(2024, 1, 10)


def action(kind: Any, **given: Any) -> Action:
    numbers = {
        name: Decimal(value) if isinstance(value, str) and value[:1].isdigit() else value
        for name, value in given.items()
    }
    fields: dict[str, Any] = {"ca_id": "C1", "instrument_id": "X", "ex_date": EX, **numbers}
    return Action(kind=kind, **fields)


def first(kind: Any, held: str, **given: Any) -> Entitlement:
    return entitle(effects(action(kind, **given))[0], Decimal(held))


def test_apple_split_four_for_one() -> None:
    """Apple, 31 August 2020: three more shares for each one; 499.23 became 124.81 (MarketWatch)."""
    after = first("split", "100", ratio="4")
    assert values(after.kept, after.cash) == (400, 0)
    assert round(Decimal("499.23") / 4, 2) == Decimal("124.81")
    assert after.kept * (Decimal("499.23") / 4) == 100 * Decimal("499.23")


def test_citigroup_reverse_split_one_for_ten_pays_fractions() -> None:
    """Citigroup, 9 May 2011: one share for ten, fractions sold and paid out (CNNMoney).

    1,234 shares at 4.52 are 123 shares at 45.20, and 0.4 of one in cash: 18.08.
    """
    after = first(
        "reverse-split",
        "1234",
        ratio="0.1",
        fractions="cash",
        lieu_price="45.20",
        currency="USD",
    )
    assert values(after.kept, after.cash) == (123, Fraction("18.08"))
    assert after.kept * Decimal("45.20") + Decimal("18.08") == 1234 * Decimal("4.52")


def test_fractions_that_are_lost_are_lost_and_kept_ones_stay() -> None:
    assert first("reverse-split", "1234", ratio="0.1", fractions="drop") == Entitlement(
        kept=Decimal(123), received=Decimal(0), cash=Fraction(0)
    )
    assert first("reverse-split", "1234", ratio="0.1").kept == Decimal("123.4")
    assert first("reverse-split", "-1234", ratio="0.1", fractions="drop").kept == -123


def test_fractions_in_cash_need_a_price() -> None:
    with pytest.raises(DataError) as refused:
        first("split", "5", ratio="0.5", fractions="cash")
    assert refused.value.code == "nav.lieu-price-missing"


def test_stock_dividend_of_five_percent() -> None:
    """1,010 shares bring 50.5 more: 50 and half a share at 20 in cash."""
    after = first(
        "stock-dividend", "1010", ratio="0.05", fractions="cash", lieu_price="20", currency="USD"
    )
    assert values(after.kept, after.cash) == (1060, 10)


def test_phillips_66_spin_off() -> None:
    """ConocoPhillips, 30 April 2012: one Phillips 66 for two, fractions in cash (10-Q, note 21).

    77.09 % of the cost stays with ConocoPhillips (Form 8937).
    """
    after = first(
        "spin-off",
        "101",
        ratio="0.5",
        new_instrument_id="PSX",
        fractions="cash",
        lieu_price="32",
        currency="USD",
    )
    assert values(after.kept, after.received, after.cash) == (101, 50, 16)
    assert split_cost(Decimal("5000.00"), Decimal("0.2291")) == (
        Decimal("3854.50"),
        Decimal("1145.50"),
    )


def test_merger_for_shares_for_cash_and_for_both() -> None:
    shares = first("merger", "200", ratio="0.25", new_instrument_id="Y")
    assert values(shares.kept, shares.received, shares.cash) == (0, 50, 0)
    cash = first("merger", "200", rate="54.20", currency="USD")
    assert values(cash.kept, cash.received, cash.cash) == (0, 0, 10840)
    both = first("merger", "200", ratio="0.25", new_instrument_id="Y", rate="10", currency="USD")
    assert values(both.kept, both.received, both.cash) == (0, 50, 2000)


@pytest.mark.parametrize(
    ("cum", "ratio", "subscription", "theoretical"),
    [
        # accounting-simplified.com, IAS 33: 1 for 4 at 1.00, share at 1.50: 1.40
        ("1.50", Fraction(1, 4), "1.00", Fraction("1.40")),
        # 4 for 9 at 153p, nine shares worth 22.23 before: 28.35 / 13 = 218p
        ("2.47", Fraction(4, 9), "1.53", Fraction(2835, 1300)),
    ],
)
def test_theoretical_ex_rights_price(
    cum: str, ratio: Fraction, subscription: str, theoretical: Fraction
) -> None:
    price = theoretical_ex_rights_price(
        Decimal(cum), ratio=ratio, subscription_price=Decimal(subscription)
    )
    assert price == theoretical
    # share and right together are worth what the share was
    right = right_value(price, ratio=ratio, subscription_price=Decimal(subscription))
    assert price + right == Fraction(cum)


def test_right_that_costs_more_than_it_brings_is_worth_nothing() -> None:
    assert right_value(Decimal(1), ratio=1, subscription_price=Decimal(2)) == 0


def test_rights_are_exercised_or_lapse() -> None:
    """400 rights, one share for four, at 1.00: 100 shares for 100.00."""
    given = {"ratio": "0.25", "new_instrument_id": "R", "subscription_price": "1.00"}
    issue, taken = effects(
        action("rights", **given, pay_date=PAY, currency="USD", election="exercise")
    )
    assert entitle(issue, 400) == Entitlement(
        kept=Decimal(400), received=Decimal(400), cash=Fraction(0)
    )
    assert (taken.on, taken.instrument_id, taken.new_instrument_id) == (PAY, "R", "X")
    assert entitle(taken, 400) == Entitlement(
        kept=Decimal(0), received=Decimal(100), cash=Fraction(-100)
    )
    _, lapsed = effects(action("rights", **given, pay_date=PAY, election="lapse"))
    assert entitle(lapsed, 400).cash == 0


def test_only_whole_shares_are_bought_with_rights() -> None:
    """402 rights, one for four, fractions dropped: 100 shares, and only they are paid."""
    given = {"ratio": "0.25", "new_instrument_id": "R", "subscription_price": "3"}
    _, taken = effects(
        action("rights", **given, pay_date=PAY, election="exercise", fractions="drop")
    )
    assert entitle(taken, 402).cash == -300


def test_income_capital_and_principal() -> None:
    tax = {"rate": "2", "withholding_rate": "0.15"}
    dividend = effects(action("dividend", **tax))[0]
    assert (dividend.pays, dividend.is_income) == (Fraction("1.7"), True)
    returned = effects(action("return-of-capital", rate="2"))[0]
    assert values(returned.pays, returned.is_income) == (2, False)
    whole = first("redemption", "1000", rate="1.02")
    assert values(whole.kept, whole.cash) == (0, 1020)
    part = first("redemption", "1000", rate="1", ratio="0.4")
    assert values(part.kept, part.cash) == (600, 400)
    pool = first("pool-factor", "1000000", prior_pool_factor="0.85", pool_factor="0.8312")
    assert values(pool.kept, pool.cash) == (1000000, 18800)


@pytest.mark.parametrize(("election", "count"), [(None, 0), ("decline", 0), ("accept", 1)])
def test_an_offer_counts_when_it_is_accepted(election: Any, count: int) -> None:
    offer = action("merger", rate="10", is_voluntary=True, election=election)
    assert len(effects(offer)) == count


def test_holdings_roll_through_trades_and_actions_in_order() -> None:
    """500; 100 bought before the ex-date; two for one; 50 sold on it; the dividend is on 1,200."""
    split = action("split", ratio="2")
    dividend = action("dividend", rate="1", ca_id="D1", ex_date=date(2024, 1, 4))
    held, entitled = roll(
        {"X": Decimal(500)},
        trades=[(date(2024, 1, 2), "X", 100), (EX, "X", -50)],
        happening=[*effects(dividend), *effects(split)],
    )
    assert held == {"X": 1150}
    assert entitled == {"C1": 600, "D1": 1150}


units = st.decimals(min_value=-(10**9), max_value=10**9, places=4)
ratios = st.fractions(min_value=Fraction(1, 1000), max_value=1000, max_denominator=1000)


@given(units, ratios, st.sampled_from(["keep", "cash"]))
def test_units_and_cash_for_fractions_are_worth_the_holding(
    held: Decimal, ratio: Fraction, fractions: Any
) -> None:
    """Nothing is lost but what is finer than the eighth decimal of a unit."""
    price = Decimal("12.5")
    split = action("split", ratio=Decimal(ratio.numerator), fractions=fractions, lieu_price=price)
    after = entitle(effects(split)[0], held)
    whole = exact(held) * ratio.numerator
    assert (
        abs(exact(after.kept) * exact(price) + after.cash - whole * exact(price))
        < Fraction(price) / 10**8
    )


@given(units, ratios)
def test_spin_off_keeps_the_parent(held: Decimal, ratio: Fraction) -> None:
    after = first("spin-off", str(held), ratio=Decimal(ratio.numerator), new_instrument_id="Y")
    assert after.kept == held
    assert after.received == held * ratio.numerator
