"""Wrong and hostile files: all problems in one pass, each with file, row, field, and remedy."""

from typing import Any

import pytest

from pricing_desk import DAY, HISTORY, INSTRUMENTS, PRIOR, QUOTES, PricingDesk, limits, policy
from tenuto.core.errors import DataError
from tenuto.packs.finance.models import Problem

GOOD = f"{QUOTES}X,{DAY},A,close,10\n"
MASTER = f"{INSTRUMENTS}X,equity,EUR\n"


def problems(
    desk: PricingDesk, instruments: str = MASTER, quotes: Any = GOOD, **given: Any
) -> tuple[Problem, ...]:
    rules = given.pop("policy", policy(limits=limits()))
    return desk.collect(desk.request(instruments, quotes, policy=rules, **given)).problems


BOND = "instrument_id,type,currency,model,maturity,convention,curve\n"


@pytest.mark.parametrize(
    ("given", "code", "where"),
    [
        ({"instruments": f"{MASTER}X,equity,EUR\n"}, "pricing.instrument-twice",
         ("instruments.csv", 3, "instrument_id")),
        ({"instruments": "instrument_id,type,currency,unit\nX,equity,EUR,GBX\n"},
         "pricing.unit-differs", ("instruments.csv", 2, "unit")),
        ({"instruments": "instrument_id,type,currency,level_hint\nX,equity,EUR,4\n"},
         "pricing.level-unknown", ("instruments.csv", 2, "level_hint")),
        ({"instruments": "instrument_id,type,currency,calendar\nX,equity,EUR,MARS\n"},
         "pricing.calendar-unknown", ("instruments.csv", 2, "calendar")),
        ({"instruments": "instrument_id,type,currency,peer\nX,equity,EUR,Q\n"},
         "pricing.reference-unknown", ("instruments.csv", 2, "peer")),
        ({"instruments": f"{BOND}X,bond,EUR,bond,,icma-annual,\n"},
         "pricing.model-incomplete", ("instruments.csv", 2, "maturity")),
        ({"instruments": f"{BOND}X,bond,EUR,bond,2030-01-01,icma-annual,NONE\n"},
         "pricing.reference-unknown", ("instruments.csv", 2, "curve")),
        ({"quotes": f"date,source,field,price\n{DAY},A,close,1\n"},
         "pricing.identifier-missing", ("quotes-1.csv", 2, "instrument_id")),
        ({"quotes": f"{QUOTES.strip()},received_at\nX,{DAY},A,close,1,yesterday\n"},
         "pricing.moment-invalid", ("quotes-1.csv", 2, "received_at")),
        ({"quotes": [GOOD, GOOD]}, "pricing.file-twice", ("quotes-2.csv", None, None)),
        ({"holdings": "instrument_id,weight\nQ,0.1\n"},
         "pricing.holding-unknown", ("holdings.csv", 2, "instrument_id")),
        ({"holdings": "instrument_id,weight\nX,0.1\nX,0.2\n"},
         "pricing.holding-twice", ("holdings.csv", 3, "instrument_id")),
        ({"corporate_actions": f"ca_id,instrument_id,type,ex_date,ratio\n1,X,split,{DAY},0\n"},
         "pricing.action-invalid", ("corporate_actions.csv", 2, "ratio")),
        ({"corporate_actions": f"ca_id,instrument_id,type,ex_date\n1,X,dividend,{DAY}\n"},
         "pricing.action-invalid", ("corporate_actions.csv", 2, "rate")),
        ({"fx": f"date,base,quote,rate\n{DAY},EUR,USD,0\n"},
         "pricing.fx-not-positive", ("fx.csv", 2, "rate")),
        ({"fx": f"date,base,quote,rate\n{DAY},EUR,EUR,1\n"},
         "pricing.fx-same-currency", ("fx.csv", 2, "quote")),
        ({"fx": f"date,base,quote,rate\n{DAY},EUR,USD,1\n{DAY},EUR,USD,2\n"},
         "pricing.fx-twice", ("fx.csv", 3, "base")),
        ({"history": f"{HISTORY}X,{PRIOR},1\nX,{PRIOR},2\n"},
         "pricing.history-twice", ("history.csv", 3, "instrument_id")),
        ({"history": f"{HISTORY}X,{PRIOR},0\n"},
         "pricing.history-not-positive", ("history.csv", 2, "price")),
        ({"series": f"series_id,date,level\nI,{DAY},0\n"},
         "pricing.series-not-positive", ("series.csv", 2, "level")),
        ({"series": f"series_id,date,level\nI,{DAY},1\nI,{DAY},1\n"},
         "pricing.series-twice", ("series.csv", 3, "series_id")),
        ({"model_inputs": "instrument_id,name,value\nX,yield,1\nX,yield,2\n"},
         "pricing.model-input-twice", ("model_inputs.csv", 3, "instrument_id")),
        ({"curves": "curve_id,years,rate\nC,1,0.1\nC,1,0.2\n"},
         "pricing.curve-twice", ("curves.csv", 3, "curve_id")),
        ({"curves": "curve_id,years,rate\nC,-1,0.1\n"},
         "pricing.curve-years", ("curves.csv", 2, "years")),
        ({"prior": "{}"}, "pricing.prior-unreadable", ("prior.csv", None, None)),
        ({"policy": policy(cut_off="25:99 Mars/Base")},
         "pricing.cut-off-invalid", ("policy", None, "cut_off")),
        ({"policy": policy(default_calendar="MARS")},
         "pricing.calendar-unknown", ("policy", None, "default_calendar")),
    ],
)  # fmt: skip
def test_one_problem_is_named_with_its_place(
    desk: PricingDesk, given: dict[str, Any], code: str, where: tuple[str, int | None, str | None]
) -> None:
    found = {(each.code, each.file, each.row, each.field) for each in problems(desk, **given)}
    assert (code, *where) in found


def test_instrument_that_no_rule_prices(desk: PricingDesk) -> None:
    rule = policy().waterfall[0].model_copy(update={"types": ("bond",)})
    (found,) = problems(desk, policy=policy(waterfall=(rule,)))
    assert found.code == "pricing.no-rule"


def test_identifier_of_two_instruments(desk: PricingDesk) -> None:
    (found,) = problems(
        desk,
        "instrument_id,type,currency,isin\nX,equity,EUR,I\nY,equity,EUR,I\n",
        f"identifier,date,source,field,price\nI,{DAY},A,close,1\n",
    )
    assert (found.code, found.found) == (
        "pricing.identifier-ambiguous",
        "`I` is 2 instruments of the security master",
    )


def test_all_problems_of_all_files_come_at_once(desk: PricingDesk) -> None:
    found = problems(
        desk,
        f"{MASTER}X,equity,EUX\n",
        f"{QUOTES}X,2024-13-01,A,last,1e5\nX,{DAY},A,close,1,000\n",
        holdings="instrument_id,weight\nQ,ten\n",
    )
    codes = [each.code for each in found]
    assert codes.count("table.not-a-number") == 2
    assert {"table.unknown-currency", "table.not-a-date", "table.row-too-long"} <= set(codes)
    assert all(each.remedy for each in found)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02",
        b"PK\x03\x04rest",
        b"PAR1 not really PAR1",
        b"\xff\xfei\x00d\x00",
        b'instrument_id,date,source,field,price\n"X,2024-01-03,A,close,1\n',
        b"instrument_id;date;source;field;price\nX;2024-01-03;A;close;1\n",
        b"instrument_id,date,source,field,price,price\nX,2024-01-03,A,close,1,2\n",
        b"instrument_id,date,source,field,price\nX,2024-01-03,A,close,NaN\n",
        b"instrument_id,date,source,field,price\nX,2024-01-03,A,close,1e308\n",
        b"instrument_id,date,source,field,price\nX,2024-01-03,A,close,0.00000000001\n",
        b"instrument_id,date,source,field,price\nX,2024-01-03,A,close,9999999999999999999999999\n",
        b"instrument_id,date,source,field,price\nX,2024-01-03,A,close,=1+1\n",
        b"a" * 100_000,
    ],
)
def test_hostile_quote_file_refuses_the_run(desk: PricingDesk, content: bytes) -> None:
    request = desk.request(MASTER, content, policy=policy(limits=limits()))
    with pytest.raises(DataError) as refused:
        desk.examine(request)
    assert refused.value.code == "pricing.input-invalid"


def test_largest_prices_do_not_overflow(desk: PricingDesk) -> None:
    big = "123456789012345678.1234567891"
    request = desk.request(
        f"{MASTER}Y,equity,EUR\n",
        f"{QUOTES}X,{DAY},A,close,{big}\nX,{DAY},B,close,1\nY,{DAY},A,close,0.0000000001\n",
        policy=policy(limits=limits()),
        history=f"{HISTORY}X,{PRIOR},0.0000000001\nY,{PRIOR},{big}\n",
    )
    found = desk.examine(request)
    assert found.outcome("X", "own-change") == "review"
    assert found.outcome("Y", "own-change") == "review"
