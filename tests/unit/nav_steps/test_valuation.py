"""What single positions are worth: units, factors, interest, rates, rounding, order of rows."""

import random
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nav_desk import NavDesk
from tenuto.core.errors import DataError
from tenuto.core.money import RoundingMode
from tenuto.packs.finance.inputs.cells import typed
from tenuto.packs.finance.inputs.text import read_text
from tenuto.packs.finance.models import Fund, RoundingPolicy
from tenuto.packs.finance.nav.activities.inputs import INPUTS
from tenuto.packs.finance.nav.models import NavResult

DAY = date(2024, 1, 2)
CASH = "account,currency,amount\nmain,EUR,100000\n"
PRICES = "instrument_id,date,price,currency,unit\n"
NOTHING_HELD = "instrument_id,quantity\n"


def rounded(fund: Fund, **policy: object) -> Fund:
    return fund.model_copy(update={"rounding": RoundingPolicy.model_validate(policy)})


def test_ops_1_empty_portfolio_is_worth_its_cash(desk: NavDesk, plain_fund: Fund) -> None:
    struck = desk.strike(
        desk.request(
            plain_fund,
            DAY,
            positions=NOTHING_HELD,
            prices="instrument_id,date,price,currency\n",
            cash=CASH,
        )
    )
    assert struck.result.nav == Decimal(100000)
    assert struck.result.positions_value == 0
    assert struck.positions.height == 0


def test_position_of_nothing_needs_no_price(desk: NavDesk, plain_fund: Fund) -> None:
    request = desk.request(
        plain_fund, DAY, positions="instrument_id,quantity\nX,0\n", prices=PRICES, cash=CASH
    )
    assert desk.strike(request).positions.height == 0


def test_ops_1_rounding_by_position_and_by_total(desk: NavDesk, plain_fund: Fund) -> None:
    """Three times 0.005: rounded to even one by one 0.00, in total 0.015 -> 0.02."""
    files = {
        "positions": "instrument_id,quantity\nX,1\nY,1\nZ,1\n",
        "prices": PRICES + "".join(f"{name},2024-01-02,0.005,EUR,\n" for name in "XYZ"),
        "cash": CASH,
    }
    by_position = desk.strike(desk.request(rounded(plain_fund, level="position"), DAY, **files))
    in_total = desk.strike(desk.request(rounded(plain_fund, level="total"), DAY, 2, **files))
    assert by_position.result.positions_value == Decimal("0.00")
    assert in_total.result.positions_value == Decimal("0.02")


@pytest.mark.parametrize(
    ("mode", "value"),
    [("half-even", "0.12"), ("half-up", "0.13"), ("down", "0.12"), ("up", "0.13")],
)
def test_rounding_mode_of_the_fund_rules(
    desk: NavDesk, plain_fund: Fund, mode: str, value: str
) -> None:
    request = desk.request(
        rounded(plain_fund, mode=RoundingMode(mode)),
        DAY,
        positions="instrument_id,quantity\nX,1\n",
        prices=PRICES + "X,2024-01-02,0.125,EUR,\n",
        cash=CASH,
    )
    assert desk.strike(request).result.positions_value == Decimal(value)


def test_price_in_pence_is_a_hundredth_of_a_pound(desk: NavDesk, plain_fund: Fund) -> None:
    """1000 x 250 pence = 2500 GBP x 1.15 EUR per GBP."""
    struck = desk.strike(
        desk.request(
            plain_fund,
            DAY,
            positions="instrument_id,quantity,currency\nX,1000,GBP\n",
            prices=PRICES + "X,2024-01-02,250,GBP,GBX\n",
            fx="date,base,quote,rate\n2024-01-02,GBP,EUR,1.15\n",
            cash=CASH,
        )
    )
    row = struck.positions.row(0, named=True)
    assert (row["price"], row["price_factor"]) == (250, Decimal("0.01"))
    assert (row["local_value"], row["base_value"]) == (2500, Decimal("2875.00"))


def test_bond_per_100_with_accrued_interest(desk: NavDesk, plain_fund: Fund) -> None:
    """98500 + 100000 x 0.03 x 61/360 = 508.33333333; pool factor 0.5 halves both."""
    bonds = (
        "instrument_id,quantity,price_unit,coupon_rate,day_count,coupon_frequency,"
        "last_coupon_date,next_coupon_date,pool_factor\n"
        "B,100000,per100,0.03,30E/360,2,2023-11-01,2024-05-01,\n"
        "P,100000,per100,0.03,30E/360,2,2023-11-01,2024-05-01,0.5\n"
    )
    struck = desk.strike(
        desk.request(
            plain_fund,
            DAY,
            positions=bonds,
            prices=PRICES + "B,2024-01-02,98.5,EUR,per100\nP,2024-01-02,98.5,EUR,per100\n",
            cash=CASH,
        )
    )
    whole, half = struck.positions.iter_rows(named=True)
    assert whole["local_value"] == 98500
    assert whole["accrued_interest"] == Decimal("508.33333333")
    assert whole["base_value"] == Decimal("99008.33")
    assert half["local_value"] == 49250
    assert half["accrued_interest"] == Decimal("254.16666667")


def test_own_price_factor_of_a_position(desk: NavDesk, plain_fund: Fund) -> None:
    """Ten contracts at 12.5 with a multiplier of 250."""
    struck = desk.strike(
        desk.request(
            plain_fund,
            DAY,
            positions="instrument_id,quantity,price_factor\nF,10,250\n",
            prices=PRICES + "F,2024-01-02,12.5,EUR,\n",
            cash=CASH,
        )
    )
    assert struck.result.positions_value == Decimal("31250.00")


def test_direct_and_inverse_fixings_are_exact(desk: NavDesk, plain_fund: Fund) -> None:
    """Divided by 3 once; multiplied by a rounded 0.333333333333 it would end in 3000."""
    fund = rounded(plain_fund, position_places=8)
    files = {
        "positions": "instrument_id,quantity\nX,100000000\n",
        "prices": PRICES + "X,2024-01-02,1,USD,\n",
        "cash": CASH,
    }
    inverse = desk.request(fund, DAY, fx="date,base,quote,rate\n2024-01-02,EUR,USD,3\n", **files)
    assert desk.strike(inverse).positions["base_value"][0] == Decimal("33333333.33333333")
    direct = desk.request(
        fund, DAY, 2, fx="date,base,quote,rate\n2024-01-02,USD,EUR,0.333333333333\n", **files
    )
    assert desk.strike(direct).positions["base_value"][0] == Decimal("33333333.33330000")


def test_last_known_fixing_counts_with_its_age(desk: NavDesk, plain_fund: Fund) -> None:
    request = desk.request(
        plain_fund,
        DAY,
        positions="instrument_id,quantity\nX,1\n",
        prices=PRICES + "X,2024-01-02,1,USD,\n",
        fx="date,base,quote,rate\n2023-12-27,EUR,USD,1.1\n2023-12-29,EUR,USD,1.2\n"
        "2024-01-03,EUR,USD,9\n",
        cash=CASH,
    )
    (rate,) = desk.strike(request).result.fx
    assert (rate.rate, rate.fixing_date, rate.age_days) == (Decimal("1.2"), date(2023, 12, 29), 4)


def test_short_position_is_negative(desk: NavDesk, plain_fund: Fund) -> None:
    request = desk.request(
        plain_fund,
        DAY,
        positions="instrument_id,quantity\nX,-10\n",
        prices=PRICES + "X,2024-01-02,100,EUR,\n",
        cash=CASH,
    )
    assert desk.strike(request).result.positions_value == Decimal("-1000.00")


def test_value_with_too_many_digits_fails_loudly(desk: NavDesk, plain_fund: Fund) -> None:
    wide = "12345678901234567890.12345678"
    request = desk.request(
        plain_fund,
        DAY,
        positions=f"instrument_id,quantity\nX,{wide}\n",
        prices=PRICES + "X,2024-01-02,123456789012345678.1234567891,EUR,\n",
        cash=CASH,
    )
    with pytest.raises(DataError) as refused:
        desk.strike(request)
    assert refused.value.code == "money.too-many-digits"


def test_order_of_rows_changes_no_byte(desk: NavDesk, plain_fund: Fund) -> None:
    positions = [f"I{n:03},{n * 7},USD" for n in range(1, 200)]
    prices = [f"I{n:03},2024-01-02,{n}.{n:03},USD," for n in range(1, 200)]

    def struck(version: int) -> NavResult:
        request = desk.request(
            plain_fund,
            DAY,
            version,
            positions="instrument_id,quantity,currency\n" + "\n".join(positions) + "\n",
            prices=PRICES + "\n".join(prices) + "\n",
            fx="date,base,quote,rate\n2024-01-02,EUR,USD,1.0837\n",
            cash="account,currency,amount\nb,USD,1.01\na,EUR,2.02\n",
        )
        return desk.strike(request).result

    first = struck(1)
    shuffle = random.Random(7).shuffle  # noqa: S311 (an order, not a secret)
    shuffle(positions)
    shuffle(prices)
    second = struck(2)
    assert second.positions.sha256 == first.positions.sha256
    same = {"nav_id": "", "strike": 1, "inputs": {}}
    assert second.model_copy(update=same) == first.model_copy(update=same)


def test_same_inputs_give_the_same_bytes(desk: NavDesk, plain_fund: Fund) -> None:
    request = desk.request(
        plain_fund,
        DAY,
        positions="instrument_id,quantity\nX,3\n",
        prices=PRICES + "X,2024-01-02,1.1,EUR,\n",
        cash=CASH,
    )
    first = desk.strike(request)
    again = desk.strike(request)  # binds the same name to the same content
    assert again.document.sha256 == first.document.sha256


@given(st.decimals(min_value=-(10**20) + 1, max_value=10**20 - 1, places=8))
def test_no_digit_is_lost_between_file_and_table(amount: Decimal) -> None:
    file = f"account,currency,amount\nmain,EUR,{amount:f}\n".encode()
    cells = read_text("cash.csv", file, INPUTS["cash"]).cells
    table, problems = typed("cash.csv", cells, INPUTS["cash"])
    assert problems == []
    assert table["amount"][0] == amount


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_what_a_float_prints_is_read_as_printed_or_refused(number: float) -> None:
    text = repr(number)
    file = f"account,currency,amount\nmain,EUR,{text}\n".encode()
    cells = read_text("cash.csv", file, INPUTS["cash"]).cells
    table, problems = typed("cash.csv", cells, INPUTS["cash"])
    value = table["amount"][0]
    assert (value is None) == bool(problems)
    if value is not None:
        assert value == Decimal(text)


def test_a_rate_of_a_currency_nobody_holds_is_no_problem(desk: NavDesk, plain_fund: Fund) -> None:
    struck = desk.strike(
        desk.request(
            plain_fund,
            date(2024, 1, 2),
            positions="instrument_id,quantity\nX,1000\n",
            prices="instrument_id,date,price,currency\nX,2024-01-02,108,USD\n",
            fx="date,base,quote,rate\n2024-01-02,EUR,USD,1.08\n2022-12-30,EUR,HRK,7.5365\n",
        )
    )
    assert struck.result.nav == Decimal("100000.00")
