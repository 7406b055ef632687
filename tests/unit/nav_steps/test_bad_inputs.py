"""Every bad input ends with its own code, file, row, and remedy, and nothing is struck."""

import dataclasses
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from nav_desk import NavDesk
from tenuto.core.errors import DataError
from tenuto.packs.finance.models import Fund, Problem
from tenuto.packs.finance.nav.models import DailyNavRequest

DAY = date(2024, 1, 2)
GOOD = {
    "positions": "instrument_id,quantity,currency\nX,500,EUR\nY,1000,USD\n",
    "prices": "instrument_id,date,price,currency\nX,2024-01-02,100,EUR\nY,2024-01-02,75,USD\n",
    "fx": "date,base,quote,rate\n2024-01-02,EUR,USD,1.25\n",
    "cash": "account,currency,amount\nmain,EUR,20000\nmain,USD,12500\n",
}
PRICES = "instrument_id,date,price,currency\n"
FX = "date,base,quote,rate\n"
TRADES = "trade_id,instrument_id,side,quantity,price,currency,net_amount,trade_date,settle_date\n"
DEALS = "deal_id,class_id,type,trade_date,settle_date,units,amount\n"
ACTIONS = "ca_id,instrument_id,type,ex_date,pay_date,rate,currency,ratio,withholding_rate\n"
BONDS = (
    "instrument_id,quantity,currency,price_unit,coupon_rate,day_count,coupon_frequency,"
    "last_coupon_date,next_coupon_date,maturity\n"
)
FEES = "fee_id,class_id,date,amount\n"


@dataclass(frozen=True)
class Bad:
    """One wrong file and the problem it must lead to."""

    name: str
    files: dict[str, Any]
    code: str
    file: str
    row: int | None
    field: str | None
    found: str
    remedy: str
    fund: dict[str, Any] = dataclasses.field(default_factory=dict)
    day: date = DAY


CASES = [
    Bad(
        "price missing",
        {"prices": PRICES + "X,2024-01-02,100,EUR\n"},
        "nav.price-missing",
        "prices.csv",
        None,
        "instrument_id",
        "`Y` (row 3 of positions.csv) has no price on or before 2024-01-02",
        "supply a price",
    ),
    Bad(
        "price stale",
        {"prices": PRICES + "X,2024-01-02,100,EUR\nY,2023-12-20,75,USD\n"},
        "nav.price-stale",
        "prices.csv",
        3,
        "date",
        "the price of `Y` on 2023-12-20 is 13 days old (limit 5)",
        "supply a price, carry this one",
    ),
    Bad(
        "price only of a later day",
        {"prices": PRICES + "X,2024-01-02,100,EUR\nY,2024-01-03,75,USD\n"},
        "nav.price-missing",
        "prices.csv",
        None,
        "instrument_id",
        "no price on or before 2024-01-02",
        "supply a price",
    ),
    Bad(
        "price zero",
        {"prices": PRICES + "X,2024-01-02,0,EUR\nY,2024-01-02,75,USD\n"},
        "nav.price-not-positive",
        "prices.csv",
        2,
        "price",
        "the price is 0",
        "above 0",
    ),
    Bad(
        "price negative",
        {"prices": PRICES + "X,2024-01-02,100,EUR\nY,2024-01-02,-75.5,USD\n"},
        "nav.price-not-positive",
        "prices.csv",
        3,
        "price",
        "the price is -75.5",
        "above 0",
    ),
    Bad(
        "two prices of one day",
        {"prices": GOOD["prices"] + "Y,2024-01-02,75.01,USD\n"},
        "nav.price-conflict",
        "prices.csv",
        4,
        "price",
        "Y 2024-01-02 has price 75 in row 3 and 75.01 in row 4",
        "keep the right one",
    ),
    Bad(
        "price in another currency",
        {"prices": PRICES + "X,2024-01-02,100,EUR\nY,2024-01-02,75,EUR\n"},
        "nav.currency-differs",
        "positions.csv",
        3,
        "currency",
        "`Y` is held in USD and priced in EUR (prices.csv:3)",
        "correct one of them",
    ),
    Bad(
        "unit of the price differs",
        {
            "positions": "instrument_id,quantity,price_unit\nX,500,unit\n",
            "prices": "instrument_id,date,price,currency,unit\nX,2024-01-02,100,EUR,per100\n",
        },
        "nav.price-unit-differs",
        "positions.csv",
        2,
        "price_unit",
        "priced per `unit` here and per `per100` in prices.csv:2",
        "correct one of them",
    ),
    Bad(
        "factor against unit",
        {
            "positions": "instrument_id,quantity,price_factor\nX,500,1\n",
            "prices": "instrument_id,date,price,currency,unit\nX,2024-01-02,100,EUR,per100\n",
        },
        "nav.price-unit-differs",
        "positions.csv",
        2,
        "price_factor",
        "the price factor is 1 here and the unit `per100` in prices.csv:2",
        "keep one of them",
    ),
    Bad(
        "pence in euro",
        {
            "prices": "instrument_id,date,price,currency,unit\nX,2024-01-02,100,EUR,GBX\n",
            "positions": "instrument_id,quantity\nX,500\n",
        },
        "nav.price-unit-differs",
        "positions.csv",
        2,
        "currency",
        "unit `GBX` is pence, and the currency is EUR",
        "GBP",
    ),
    Bad(
        "FX missing",
        {"fx": FX + "2024-01-02,EUR,GBP,0.87\n"},
        "nav.fx-missing",
        "fx.csv",
        None,
        "rate",
        "no rate between USD and EUR on or before 2024-01-02, needed for class `U`",
        "supply a row for EUR and USD",
    ),
    Bad(
        "FX stale",
        {"fx": FX + "2023-12-22,EUR,USD,1.25\n"},
        "nav.fx-stale",
        "fx.csv",
        2,
        "date",
        "the last EUR/USD fixing, of 2023-12-22, is 11 days old (limit 5)",
        "supply a later fixing",
    ),
    Bad(
        "FX zero",
        {"fx": FX + "2024-01-02,EUR,USD,1.25\n2024-01-02,EUR,GBP,0\n"},
        "nav.fx-not-positive",
        "fx.csv",
        3,
        "rate",
        "the rate is 0",
        "above 0",
    ),
    Bad(
        "two fixings of one day",
        {"fx": FX + "2024-01-02,EUR,USD,1.25\n2024-01-02,EUR,USD,1.26\n"},
        "nav.fx-conflict",
        "fx.csv",
        3,
        "rate",
        "rate 1.25 in row 2 and 1.26 in row 3",
        "keep the right one",
    ),
    Bad(
        "position twice",
        {"positions": GOOD["positions"] + "X,1,EUR\n"},
        "nav.duplicate-position",
        "positions.csv",
        4,
        "instrument_id",
        "`X` is in rows 2 and 4",
        "keep one row per instrument",
    ),
    Bad(
        "unknown currency",
        {"positions": "instrument_id,quantity,currency\nX,500,EURO\nY,1000,USD\n"},
        "table.unknown-currency",
        "positions.csv",
        2,
        "currency",
        "currency 'EURO' is not an active ISO 4217 code",
        "three capital letters",
    ),
    Bad(
        "pence as a currency",
        {"prices": PRICES + "X,2024-01-02,100,EUR\nY,2024-01-02,75,GBX\n"},
        "table.unknown-currency",
        "prices.csv",
        3,
        "currency",
        "currency 'GBX'",
        "write GBP",
    ),
    Bad(
        "position of a later day",
        {"positions": "instrument_id,quantity,position_date\nX,500,2024-01-03\nY,1,2024-01-02\n"},
        "nav.position-after-date",
        "positions.csv",
        2,
        "position_date",
        "2024-01-03, after the valuation date",
        "supply that of 2024-01-02",
    ),
    Bad(
        "pool factor",
        {"positions": "instrument_id,quantity,pool_factor\nX,500,1.5\nY,1,\n"},
        "nav.factor-invalid",
        "positions.csv",
        2,
        "pool_factor",
        "the pool factor is 1.5",
        "up to 1",
    ),
    Bad(
        "bond without day count",
        {"positions": BONDS + "X,500,EUR,per100,0.03,,2,2023-11-01,2024-05-01,\n"},
        "nav.bond-terms-missing",
        "positions.csv",
        2,
        "day_count",
        "a position with a coupon has no day count",
        "supply `day_count`",
    ),
    Bad(
        "bond outside its coupon period",
        {"positions": BONDS + "X,500,EUR,per100,0.03,30E/360,2,2023-05-01,2023-11-01,\n"},
        "nav.outside-coupon-period",
        "positions.csv",
        2,
        "last_coupon_date",
        "2023-05-01 to 2023-11-01 does not hold 2024-01-02",
        "around the valuation date",
    ),
    Bad(
        "matured bond",
        {"positions": BONDS + "X,500,EUR,per100,,,,,,2023-12-31\n"},
        "nav.position-matured",
        "positions.csv",
        2,
        "maturity",
        "it matured on 2023-12-31",
        "remove it",
    ),
    Bad(
        "not a dealing day",
        {},
        "nav.not-a-dealing-day",
        "fund",
        None,
        "date",
        "2024-01-06 (Saturday) is not a dealing day of calendar WEEKDAYS",
        "strike 2024-01-05",
        day=date(2024, 1, 6),
    ),
    Bad(
        "market holiday",
        {},
        "nav.not-a-dealing-day",
        "fund",
        None,
        "date",
        "2024-01-15 (Monday) is not a dealing day of calendar NYSE",
        "strike 2024-01-12",
        fund={"dealing_calendar": "NYSE"},
        day=date(2024, 1, 15),
    ),
    Bad(
        "unknown calendar",
        {},
        "calendar.unknown",
        "fund",
        None,
        "dealing_calendar",
        "`NYSEE` is not a market calendar",
        "did you mean `NYSE`?",
        fund={"dealing_calendar": "NYSEE"},
    ),
    Bad(
        "before inception",
        {},
        "nav.before-inception",
        "fund",
        None,
        "date",
        "before the fund's inception on 2024-01-02",
        "strike a later date",
        day=date(2024, 1, 1),
    ),
    Bad(
        "unknown class in a deal",
        {"capital": DEALS + "D1,B,subscription,2024-01-02,2024-01-04,10,1000\n"},
        "nav.unknown-class",
        "capital.csv",
        2,
        "class_id",
        "the fund has no class `B`",
        "valid are `A`, `U`",
    ),
    Bad(
        "deal finer than the class deals",
        {"capital": DEALS + "D1,A,subscription,2024-01-02,2024-01-04,10.1234,1000\n"},
        "nav.unit-places",
        "capital.csv",
        2,
        "units",
        "10.1234 units, and class `A` deals in 3 decimals",
        "correct the deal",
    ),
    Bad(
        "deal twice",
        {
            "capital": DEALS
            + "D1,A,subscription,2024-01-02,2024-01-04,10,1000\n"
            + "D1,A,subscription,2024-01-02,2024-01-04,10,1000\n"
        },
        "nav.duplicate-row",
        "capital.csv",
        3,
        "deal_id",
        "`D1` is in rows 2 and 3",
        "keep one of them",
    ),
    Bad(
        "deal of negative units",
        {"capital": DEALS + "D1,A,redemption,2024-01-02,2024-01-04,-10,1000\n"},
        "nav.not-positive",
        "capital.csv",
        2,
        "units",
        "the deal's units is -10",
        "`type` says which way it goes",
    ),
    Bad(
        "unknown kind of deal",
        {"capital": DEALS + "D1,A,switch,2024-01-02,2024-01-04,10,1000\n"},
        "table.unknown-value",
        "capital.csv",
        2,
        "type",
        "`switch` is not known here",
        "valid are `subscription`, `redemption`",
    ),
    Bad(
        "settled before traded",
        {"transactions": TRADES + "T1,X,buy,10,100,EUR,1000,2024-01-02,2024-01-01\n"},
        "nav.dates-reversed",
        "transactions.csv",
        2,
        "settle_date",
        "settled on 2024-01-01, before the trade on 2024-01-02",
        "correct one of the dates",
    ),
    Bad(
        "trade of nothing",
        {"transactions": TRADES + "T1,X,buy,0,100,EUR,1000,2024-01-02,2024-01-04\n"},
        "nav.not-positive",
        "transactions.csv",
        2,
        "quantity",
        "the quantity is 0",
        "above 0",
    ),
    Bad(
        "dividend without pay date",
        {"corporate_actions": ACTIONS + "CA1,X,dividend,2024-01-02,,0.5,EUR,,\n"},
        "table.value-missing",
        "corporate_actions.csv",
        2,
        "pay_date",
        "a dividend has no pay_date",
        "supply the pay_date",
    ),
    Bad(
        "split without ratio",
        {"corporate_actions": ACTIONS + "CA1,X,split,2024-01-02,,,,,\n"},
        "table.value-missing",
        "corporate_actions.csv",
        2,
        "ratio",
        "a split has no ratio",
        "supply the ratio",
    ),
    Bad(
        "withholding in percent",
        {"corporate_actions": ACTIONS + "CA1,X,dividend,2024-01-02,2024-01-09,0.5,EUR,,15\n"},
        "nav.rate-invalid",
        "corporate_actions.csv",
        2,
        "withholding_rate",
        "the withholding rate is 15",
        "0.15 is fifteen percent",
    ),
    Bad(
        "price older than the split",
        {
            "corporate_actions": ACTIONS + "CA1,X,split,2024-01-02,,,,2,\n",
            "prices": PRICES + "X,2024-01-01,100,EUR\nY,2024-01-02,75,USD\n",
        },
        "nav.price-before-split",
        "prices.csv",
        2,
        "date",
        "the price of `X` on 2024-01-01 is older than its split on 2024-01-02",
        "supply a price after the split",
    ),
    Bad(
        "payment of an unknown fee",
        {"fee_payments": FEES + "managment,A,2024-01-02,10\n"},
        "nav.unknown-fee",
        "fee_payments.csv",
        2,
        "fee_id",
        "`managment` is not a fee of class `A`",
        "valid are `management`",
    ),
    Bad(
        "payment of a later day",
        {"fee_payments": FEES + "administration,,2024-01-03,10\n"},
        "nav.payment-after-date",
        "fee_payments.csv",
        2,
        "date",
        "paid on 2024-01-03, after the valuation date",
        "leave it for a later NAV",
    ),
    Bad(
        "account twice",
        {"cash": GOOD["cash"] + "main,EUR,1\n"},
        "nav.duplicate-row",
        "cash.csv",
        4,
        "account",
        "`main EUR` is in rows 2 and 4",
        "keep one of them",
    ),
    Bad(
        "administrator's NAV of an unknown class",
        {"administrator_nav": {"B": Decimal(100)}},
        "nav.unknown-class",
        "administrator_nav",
        None,
        "B",
        "the fund has no class `B`",
        "valid are `A`, `U`",
    ),
    # --- files that cannot be read as they stand
    Bad(
        "truncated last line",
        {"prices": "instrument_id,date,price,currency\nX,2024-01-02,100,EUR\nY,2024-01-0"},
        "table.row-truncated",
        "prices.csv",
        3,
        "price",
        "the row breaks off after 2 of 4 columns",
        "send the file again, complete",
    ),
    Bad(
        "row with fewer fields",
        {"cash": "account,currency,amount\nmain,EUR\nmain,USD,12500\n"},
        "table.row-truncated",
        "cash.csv",
        2,
        "amount",
        "the row breaks off after 2 of 3 columns",
        "send the file again, complete",
    ),
    Bad(
        "row with more fields",
        {"cash": "account,currency,amount\nmain,EUR,20,000\nmain,USD,12500\n"},
        "table.row-too-long",
        "cash.csv",
        2,
        None,
        "the row has 4 of 3 columns",
        "remove thousands separators",
    ),
    Bad(
        "open quote",
        {"cash": 'account,currency,amount\nmain,EUR,20000\n"main,USD,12500\n'},
        "table.row-truncated",
        "cash.csv",
        3,
        None,
        "the row cannot be read",
        "closed",
    ),
    Bad(
        "empty file",
        {"prices": ""},
        "table.file-empty",
        "prices.csv",
        None,
        None,
        "the file is empty",
        "send it again",
    ),
    Bad(
        "misspelt column",
        {"prices": "instrument_id,date,prise,currency\nX,2024-01-02,100,EUR\n"},
        "table.unknown-column",
        "prices.csv",
        1,
        "prise",
        "no such column",
        "did you mean `price`?",
    ),
    Bad(
        "missing column",
        {"prices": "instrument_id,date,currency\nX,2024-01-02,EUR\n"},
        "table.missing-column",
        "prices.csv",
        1,
        "price",
        "the column is missing",
        "add it",
    ),
    Bad(
        "column twice",
        {"cash": "account,currency,amount,amount\nmain,EUR,1,1\n"},
        "table.duplicate-column",
        "cash.csv",
        1,
        "amount",
        "the column is there twice",
        "keep one of them",
    ),
    Bad(
        "semicolons",
        {"cash": "account;currency;amount\nmain;EUR;20000\n"},
        "table.file-format",
        "cash.csv",
        None,
        None,
        "columns are separated by `;`",
        "separate them by `,`",
    ),
    Bad(
        "workbook",
        {"cash": b"PK\x03\x04rest of a workbook"},
        "table.file-format",
        "cash.csv",
        None,
        None,
        "workbook",
        "save it as CSV",
    ),
    Bad(
        "not UTF-8",
        {"cash": b"account,currency,amount\nmain,EUR,20000\nf\xfcr,USD,1\n"},
        "table.file-encoding",
        "cash.csv",
        3,
        None,
        "a byte is not UTF-8",
        "save the file in UTF-8",
    ),
    Bad(
        "thousands separator",
        {"cash": 'account,currency,amount\nmain,EUR,"20,000.00"\nmain,USD,12500\n'},
        "table.not-a-number",
        "cash.csv",
        2,
        "amount",
        "`20,000.00` has a thousands separator or a decimal comma",
        "decimal point only",
    ),
    *(
        Bad(
            f"amount {text}",
            {"cash": f"account,currency,amount\nmain,EUR,{text}\nmain,USD,12500\n"},
            "table.not-a-number",
            "cash.csv",
            2,
            "amount",
            f"`{text}` is not a number",
            "digits with a decimal point",
        )
        for text in ("inf", "nan", "1e5", "abc", "0x10", "\u0661\u0662", "--1", "1.2.3")
    ),
    Bad(
        "more decimals than are kept",
        {"cash": "account,currency,amount\nmain,EUR,20000.123456789\n"},
        "table.too-many-decimals",
        "cash.csv",
        2,
        "amount",
        "`20000.123456789` has 9 decimals",
        "amount takes at most 8",
    ),
    Bad(
        "more digits than fit",
        {"cash": "account,currency,amount\nmain,EUR,123456789012345678901\n"},
        "table.number-too-large",
        "cash.csv",
        2,
        "amount",
        "has too many digits",
        "at most 20 before the point",
    ),
    Bad(
        "not a date",
        {"prices": PRICES + "X,02.01.2024,100,EUR\nY,2024-01-02,75,USD\n"},
        "table.not-a-date",
        "prices.csv",
        2,
        "date",
        "`02.01.2024` is not a date",
        "YYYY-MM-DD",
    ),
    Bad(
        "a day that never was",
        {"prices": PRICES + "X,2024-02-30,100,EUR\nY,2024-01-02,75,USD\n"},
        "table.not-a-date",
        "prices.csv",
        2,
        "date",
        "`2024-02-30` is not a date",
        "YYYY-MM-DD",
    ),
    Bad(
        "empty cell",
        {"cash": "account,currency,amount\nmain,EUR,\nmain,USD,12500\n"},
        "table.value-missing",
        "cash.csv",
        2,
        "amount",
        "the cell is empty",
        "supply the amount",
    ),
    Bad(
        "unknown cut-off",
        {},
        "nav.cut-off-invalid",
        "fund",
        None,
        "cut_off",
        "`18:00 Europe/Luxemburg` is not a time of day in a time zone",
        "18:00 Europe/Luxembourg",
        fund={"cut_off": "18:00 Europe/Luxemburg"},
    ),
]


def request_of(desk: NavDesk, fund: Fund, bad: Bad) -> DailyNavRequest:
    return desk.request(fund.model_copy(update=bad.fund), bad.day, **{**GOOD, **bad.files})


@pytest.mark.parametrize("bad", CASES, ids=lambda bad: bad.name)
def test_ops_1_bad_input_has_its_own_code(desk: NavDesk, fund: Fund, bad: Bad) -> None:
    with pytest.raises(DataError) as refused:
        desk.strike(request_of(desk, fund, bad))
    assert refused.value.code == "nav.input-invalid"
    assert list(desk.store.names()) == []
    problems = [Problem.model_validate(each) for each in refused.value.details["problems"]]
    matching = [each for each in problems if each.code == bad.code]
    assert matching, [each.code for each in problems]
    problem = matching[0]
    assert (problem.file, problem.row, problem.field) == (bad.file, bad.row, bad.field)
    assert bad.found in problem.found
    assert bad.remedy in problem.remedy
    if bad.code in ALONE:
        # A price that cannot be read is not also missing; an unreadable file hides no others.
        assert len(problems) == 1


ALONE = {
    "nav.price-missing",
    "nav.price-stale",
    "nav.currency-differs",
    "nav.duplicate-position",
    "table.not-a-number",
    "table.row-truncated",
    "table.row-too-long",
    "table.file-empty",
    "table.unknown-column",
    "table.missing-column",
    "table.file-format",
    "table.value-missing",
    "table.not-a-date",
}


def test_the_good_inputs_are_good(desk: NavDesk, fund: Fund) -> None:
    assert desk.prepare(desk.request(fund, DAY, **GOOD))[1].count == 0


def test_all_problems_are_found_in_one_pass(desk: NavDesk, fund: Fund) -> None:
    request = desk.request(
        fund,
        date(2024, 1, 6),
        positions="instrument_id,quantity,currency\nX,500,EUR\nX,1,EUR\nY,1O00,USD\nZ,5,EUR\n",
        prices="instrument_id,date,price,currency\nX,2024-01-05,-1,EUR\n",
        fx="date,base,quote,rate\n",
        capital=DEALS + "D1,B,subscription,2024-01-02,2024-01-04,10,1000\n",
    )
    with pytest.raises(DataError) as refused:
        desk.strike(request)
    found = refused.value
    assert {each["code"] for each in found.details["problems"]} == {
        "table.not-a-number",
        "nav.duplicate-position",
        "nav.price-not-positive",
        "nav.price-missing",
        "nav.fx-missing",
        "nav.unknown-class",
        "nav.not-a-dealing-day",
    }
    assert found.details["count"] == 7
    assert "The inputs have 7 problem(s); nothing was released:" in found.message
    assert "positions.csv:4 quantity: `1O00` is not a number" in found.message
    assert "and 2 more" in found.message


def test_more_problems_than_fit_are_all_in_the_store(desk: NavDesk, fund: Fund) -> None:
    rows = "".join(f"I{number},x\n" for number in range(250))
    request = desk.request(fund, DAY, **{**GOOD, "positions": "instrument_id,quantity\n" + rows})
    report = desk.prepare(request)[1]
    assert report.count == 250
    assert len(report.problems) == 100
    assert report.all_problems is not None
    stored = desk.store.get_json(report.all_problems)
    assert isinstance(stored, list)
    assert [Problem.model_validate(each).row for each in stored] == list(range(2, 252))


def test_ops_1_zero_units_fail_with_the_reason(desk: NavDesk, fund: Fund) -> None:
    empty = tuple(each.model_copy(update={"units": Decimal(0)}) for each in fund.classes)
    request = desk.request(fund.model_copy(update={"classes": empty}), DAY, **GOOD)
    problem = desk.prepare(request)[1].problems[0]
    assert problem.code == "nav.zero-units"
    assert problem.found == "no class has any units, so no unit has a value"


def parquet(**columns: Any) -> bytes:
    file = io.BytesIO()
    pl.DataFrame(columns).write_parquet(file)
    return file.getvalue()


def test_parquet_with_floats_is_refused(desk: NavDesk, fund: Fund) -> None:
    cash = parquet(account=["main"], currency=["EUR"], amount=[0.1])
    problem = desk.prepare(desk.request(fund, DAY, **{**GOOD, "cash": cash}))[1].problems[0]
    assert (problem.code, problem.field) == ("table.inexact-column", "amount")
    assert "Float64" in problem.found


def test_truncated_parquet_is_refused(desk: NavDesk, fund: Fund) -> None:
    cash = parquet(account=["main"], currency=["EUR"], amount=[Decimal("0.1")])[:-20]
    problem = desk.prepare(desk.request(fund, DAY, **{**GOOD, "cash": cash}))[1].problems[0]
    assert problem.code == "table.row-truncated"
    assert "not a whole Parquet file" in problem.found


def test_parquet_and_tsv_are_read_like_csv(desk: NavDesk, fund: Fund) -> None:
    cash = parquet(
        account=["main", "main"], currency=["EUR", "USD"], amount=[Decimal(20000), Decimal(12500)]
    )
    fx = GOOD["fx"].replace(",", "\t")
    struck = desk.strike(desk.request(fund, DAY, **{**GOOD, "cash": cash, "fx": fx}))
    assert struck.result.nav == Decimal("140000.00")
