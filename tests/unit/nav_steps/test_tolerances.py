"""Every tolerance rule: on its limit passes, beyond it does not, and what is unknown says so."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from nav_desk import NavDesk, Struck
from tenuto.packs.finance.models import Fund, Tolerance
from tenuto.packs.finance.nav.activities.accrue_fees import accrue_fees
from tenuto.packs.finance.nav.activities.allocate_classes import allocate_classes
from tenuto.packs.finance.nav.activities.check_tolerances import check_tolerances
from tenuto.packs.finance.nav.activities.value_balances import value_balances
from tenuto.packs.finance.nav.activities.value_positions import value_positions
from tenuto.packs.finance.nav.handoffs import (
    AccrueFeesRequest,
    AllocateClassesRequest,
    CheckedNav,
    CheckTolerancesRequest,
    PositionBreak,
)
from tenuto.packs.finance.nav.parts import CarriedPrice, Check

D2, D3 = date(2024, 1, 2), date(2024, 1, 3)
DEALS = "deal_id,class_id,type,trade_date,settle_date,units,amount\n"


def tolerant(fund: Fund, rule: str, limit: str, severity: str = "warn") -> Fund:
    tolerance = Tolerance.model_validate({"rule": rule, "limit": limit, "severity": severity})
    return fund.model_copy(update={"tolerances": (tolerance,)})


def strike(desk: NavDesk, fund: Fund, day: date, price: object, **changed: Any) -> Struck:
    """1000 X and nothing else: the NAV per unit is the price."""
    files = {
        "positions": "instrument_id,quantity\nX,1000\n",
        "prices": f"instrument_id,date,price,currency\nX,{day},{price},EUR\n",
        **changed,
    }
    return desk.strike(desk.request(fund, day, **files))


def checks(struck: Struck) -> list[Check]:
    """The checks of the fund's tolerances, without the notice of a late first NAV."""
    return [each for each in struck.result.checks if each.rule != "prior-nav"]


def outcomes(struck: Struck) -> list[str]:
    return [each.outcome for each in checks(struck)]


def only_check(struck: Struck) -> Check:
    (check,) = checks(struck)
    return check


def test_a_first_nav_after_inception_says_that_nothing_was_rolled_forward(
    desk: NavDesk, plain_fund: Fund
) -> None:
    late = strike(desk, plain_fund, D3, 100)
    (notice,) = late.result.checks
    assert (notice.rule, notice.outcome) == ("prior-nav", "warn")
    assert "No NAV of PLAIN before 2024-01-03 is known" in notice.note
    assert not late.checked.open


def test_a_first_nav_at_inception_and_one_with_a_prior_have_nothing_to_say(
    desk: NavDesk, plain_fund: Fund
) -> None:
    assert strike(desk, plain_fund, D2, 100).result.checks == ()
    assert strike(desk, plain_fund, D3, 100).result.checks == ()


@pytest.mark.parametrize(
    ("rule", "limit", "price", "outcome", "value"),
    [
        ("unit-nav-change", "0.02", "102", "pass", "0.02"),
        ("unit-nav-change", "0.02", "102.0001", "warn", "0.020001"),
        ("unit-nav-change", "0.02", "98", "pass", "-0.02"),
        ("unit-nav-change", "0.02", "97.9999", "warn", "-0.020001"),
        ("market-value-change", "0.05", "105", "pass", "0.05"),
        ("market-value-change", "0.05", "94.99", "warn", "-0.0501"),
        ("price-change", "0.10", "110", "pass", "0.1"),
        ("price-change", "0.10", "89.99", "warn", "-0.1001"),
    ],
)
def test_ops_3_change_since_the_prior_nav(
    desk: NavDesk, plain_fund: Fund, rule: str, limit: str, price: str, outcome: str, value: str
) -> None:
    fund = tolerant(plain_fund, rule, limit)
    first = strike(desk, fund, D2, 100)
    assert outcomes(first) == ["missing"]
    assert "First NAV" in only_check(first).note
    check = only_check(strike(desk, fund, D3, price))
    assert (check.outcome, check.value) == (outcome, Decimal(value))


@pytest.mark.parametrize(
    ("administrator", "outcome"),
    [
        ("100.0000", "pass"),
        ("99.9700089974", "pass"),  # 100 / 1.0003 = 99.97000899730...: 3 bp less a hair
        ("99.9700089973", "fail"),  # a hair more
        ("100.0300", "pass"),  # -2.9991 bp
        ("100.0302", "fail"),  # -3.0191 bp
    ],
)
def test_ops_3_variance_to_the_administrator(
    desk: NavDesk, plain_fund: Fund, administrator: str, outcome: str
) -> None:
    fund = tolerant(plain_fund, "administrator-variance", "0.0003", "block")
    struck = strike(desk, fund, D2, 100, administrator_nav={"A": Decimal(administrator)})
    assert outcomes(struck) == [outcome]
    assert bool(struck.checked.open) == (outcome == "fail")


def test_ops_3_exactly_three_basis_points_pass(desk: NavDesk, plain_fund: Fund) -> None:
    """100.03 against 100.00 is 3.00 bp to the last digit; 100.0301 is 3.01."""
    fund = tolerant(plain_fund, "administrator-variance", "0.0003", "block")
    theirs = {"A": Decimal(100)}
    on_limit = strike(desk, fund, D2, "100.03", administrator_nav=theirs)
    assert only_check(on_limit).outcome == "pass"
    assert only_check(on_limit).value == Decimal("0.0003")
    beyond = strike(desk, fund, D3, "100.0301", administrator_nav=theirs)
    assert only_check(beyond).outcome == "fail"
    assert only_check(beyond).value == Decimal("0.000301")


def test_administrator_who_said_nothing_is_missing_and_blocks(
    desk: NavDesk, plain_fund: Fund
) -> None:
    fund = tolerant(plain_fund, "administrator-variance", "0.0003", "four-eyes")
    struck = strike(desk, fund, D2, 100)
    assert outcomes(struck) == ["missing"]
    (breach,) = struck.checked.open
    assert (breach.rule, breach.subjects, breach.people) == ("administrator-variance", ("A",), 2)
    assert "No NAV per unit of the administrator" in breach.note


@pytest.mark.parametrize(
    ("price", "level", "outcome", "value"),
    [
        ("101.5", "1010", "pass", "1.5"),
        ("101.51", "1010", "warn", "1.51"),
        ("98.5", "1010", "pass", "-1.5"),
        ("101", "1000", "missing", None),
        ("100", "1000", "pass", "0"),
    ],
)
def test_ops_3_multiple_of_the_benchmark(
    desk: NavDesk, plain_fund: Fund, price: str, level: str, outcome: str, value: str | None
) -> None:
    fund = tolerant(plain_fund, "benchmark-multiple", "1.5")
    strike(desk, fund, D2, 100, benchmark="date,level\n2024-01-02,1000\n")
    struck = strike(desk, fund, D3, price, benchmark=f"date,level\n2024-01-03,{level}\n")
    check = only_check(struck)
    assert check.outcome == outcome
    assert check.value == (None if value is None else Decimal(value))


def test_benchmark_without_a_level_is_missing(desk: NavDesk, plain_fund: Fund) -> None:
    fund = tolerant(plain_fund, "benchmark-multiple", "1.5")
    strike(desk, fund, D2, 100, benchmark="date,level\n2024-01-02,1000\n")
    check = only_check(strike(desk, fund, D3, 101, benchmark="date,level\n2023-12-20,990\n"))
    assert (check.outcome, check.note) == ("missing", "No benchmark level on 2024-01-03.")


@pytest.mark.parametrize(("cash", "outcome"), [("0", "pass"), ("0.01", "fail"), ("-0.01", "fail")])
def test_ops_3_cash_tolerance_is_zero(
    desk: NavDesk, plain_fund: Fund, cash: str, outcome: str
) -> None:
    fund = tolerant(plain_fund, "unexplained-movement", "0", "block")
    strike(desk, fund, D2, 100)
    given = f"account,currency,amount\nmain,EUR,{cash}\n"
    check = only_check(strike(desk, fund, D3, 100, cash=given))
    assert (check.outcome, check.value) == (outcome, Decimal(cash))


def test_stale_prices_are_listed_worst_first(desk: NavDesk, plain_fund: Fund) -> None:
    fund = tolerant(plain_fund, "stale-prices", "1")
    struck = desk.strike(
        desk.request(
            fund,
            date(2024, 1, 5),
            positions="instrument_id,quantity\nX,1000\nY,1\nZ,1\n",
            prices="instrument_id,date,price,currency\n"
            "X,2024-01-04,100,EUR\nY,2024-01-03,1,EUR\nZ,2024-01-02,1,EUR\n",
        )
    )
    assert outcomes(struck) == ["warn", "warn"]
    seen = [(each.subject, each.value) for each in checks(struck)]
    assert seen == [("Z", Decimal(3)), ("Y", Decimal(2))]


def test_many_breaches_are_counted(desk: NavDesk, plain_fund: Fund) -> None:
    names = [f"I{number:02}" for number in range(30)]
    fund = tolerant(plain_fund, "stale-prices", "0", "block")
    struck = desk.strike(
        desk.request(
            fund,
            D3,
            positions="instrument_id,quantity\n" + "".join(f"{name},1\n" for name in names),
            prices="instrument_id,date,price,currency\n"
            + "".join(f"{name},2024-01-02,100,EUR\n" for name in names),
        )
    )
    assert len(checks(struck)) == 20
    assert checks(struck)[-1].note == "10 more beyond the limit."
    (breach,) = struck.checked.open
    assert (breach.rule, breach.people, len(breach.subjects)) == ("stale-prices", 1, 20)


def test_stale_fixing(desk: NavDesk, plain_fund: Fund) -> None:
    fund = tolerant(plain_fund, "stale-fx", "0")
    struck = strike(
        desk,
        fund,
        D3,
        100,
        cash="account,currency,amount\nmain,USD,1\n",
        fx="date,base,quote,rate\n2024-01-02,EUR,USD,1.1\n",
    )
    check = only_check(struck)
    assert (check.subject, check.outcome) == ("EUR/USD", "warn")
    assert check.value == 1


def test_price_change_takes_a_split_out(desk: NavDesk, plain_fund: Fund) -> None:
    fund = tolerant(plain_fund, "price-change", "0.10")
    strike(desk, fund, D2, 100)
    struck = strike(
        desk,
        fund,
        D3,
        "25.25",
        positions="instrument_id,quantity\nX,4000\n",
        corporate_actions="ca_id,instrument_id,type,ex_date,ratio\nS1,X,split,2024-01-03,4\n",
    )
    assert (only_check(struck).outcome, only_check(struck).value) == ("pass", Decimal("0.01"))


def test_units_roll_forward(desk: NavDesk, plain_fund: Fund) -> None:
    fund = tolerant(plain_fund, "units-roll-forward", "0", "block")
    strike(desk, fund, D2, 100)
    capital = DEALS + "D1,A,subscription,2024-01-02,2024-01-05,10,1000\n"
    check = only_check(strike(desk, fund, D3, 100, capital=capital))
    assert check.outcome == "pass"
    assert check.value == 0


def test_warnings_block_nothing_and_breaches_do(desk: NavDesk, plain_fund: Fund) -> None:
    for number, (severity, people) in enumerate((("warn", 0), ("block", 1), ("four-eyes", 2))):
        fund = tolerant(plain_fund, "unit-nav-change", "0.02", severity).model_copy(
            update={"fund_id": f"F{number}"}
        )
        strike(desk, fund, D2, 100)
        struck = strike(desk, fund, D3, 110)
        assert [each.people for each in struck.checked.open] == ([people] if people else [])


def test_first_nav_of_a_class_blocks_nothing(desk: NavDesk, plain_fund: Fund) -> None:
    fund = tolerant(plain_fund, "unit-nav-change", "0.02", "four-eyes")
    assert strike(desk, fund, D2, 100).checked.open == ()
    second = fund.classes[0].model_copy(
        update={"class_id": "B", "launch_date": D3, "units": Decimal(10)}
    )
    wider = fund.model_copy(update={"classes": (*fund.classes, second)})
    cash = "account,currency,amount\nmain,EUR,1000\n"
    struck = strike(desk, wider, D3, 100, cash=cash)
    assert outcomes(struck) == ["pass", "missing"]
    assert struck.checked.open == ()


def test_benchmark_that_is_not_there_blocks(desk: NavDesk, plain_fund: Fund) -> None:
    fund = tolerant(plain_fund, "benchmark-multiple", "1.5", "block")
    assert strike(desk, fund, D2, 100).checked.open == ()
    (breach,) = strike(desk, fund, D3, 100).checked.open
    assert breach.note == "A: No benchmark level on 2024-01-03."


@pytest.mark.parametrize(
    ("bp", "outcome"), [("1", "pass"), ("1.01", "fail"), ("0", "pass"), (None, "missing")]
)
def test_ops_3_open_breaks_in_basis_points_of_the_nav(
    desk: NavDesk, plain_fund: Fund, bp: str | None, outcome: str
) -> None:
    """0.01 % is one basis point. What was not reconciled is not taken for reconciled."""
    fund = tolerant(plain_fund, "open-breaks", "0.0001", "block")
    checked = reconciled(desk, fund, open_breaks_bp=None if bp is None else Decimal(bp))
    (check,) = checked.checks
    assert check.outcome == outcome
    assert check.value == (None if bp is None else Decimal(bp) / 10000)


@pytest.mark.parametrize(
    ("ours", "theirs", "outcome"),
    [
        ("1000100", "1000000", "pass"),  # 0.01 % and 100 units
        ("1000100.01", "1000000", "fail"),
        ("10000100", "10000000", "pass"),
        ("10000101", "10000000", "fail"),  # 0.00101 %, and 101 units
        ("10001", "10000", "pass"),
        ("10002", "10000", "fail"),  # 0.02 %, and 2 units
        ("1", "0", "fail"),
        ("0", "0", "pass"),
        ("9998", "10000", "fail"),
    ],
)
def test_ops_3_position_break_over_a_basis_point_or_a_hundred_units(
    desk: NavDesk, plain_fund: Fund, ours: str, theirs: str, outcome: str
) -> None:
    tolerance = Tolerance.model_validate(
        {"rule": "position-breaks", "units": "100", "severity": "block"}
    )
    fund = plain_fund.model_copy(update={"tolerances": (tolerance,)})
    found = PositionBreak(instrument_id="X", ours=Decimal(ours), theirs=Decimal(theirs))
    checked = reconciled(desk, fund, position_breaks=(found,))
    (check,) = checked.checks
    assert check.outcome == outcome
    assert check.subject == "X"
    assert check.note.startswith(f"Ours {ours}, theirs {theirs}.")


def test_positions_that_agree_pass(desk: NavDesk, plain_fund: Fund) -> None:
    fund = tolerant(plain_fund, "position-breaks", "0.0001", "block")
    assert [each.outcome for each in reconciled(desk, fund, position_breaks=()).checks] == ["pass"]
    assert [each.outcome for each in reconciled(desk, fund).checks] == ["missing"]


def reconciled(desk: NavDesk, fund: Fund, **given: Any) -> CheckedNav:
    """The checks of a NAV with what a reconciliation before it found."""
    request = desk.request(
        fund,
        D2,
        positions="instrument_id,quantity\nX,1000\n",
        prices=f"instrument_id,date,price,currency\nX,{D2},100,EUR\n",
    )
    strike, _ = desk.prepare(request)
    positions, balances = value_positions(strike), value_balances(strike)
    fees = accrue_fees(AccrueFeesRequest(strike=strike, positions=positions, balances=balances))
    allocated = allocate_classes(
        AllocateClassesRequest(strike=strike, positions=positions, balances=balances, fees=fees)
    )
    return check_tolerances(
        CheckTolerancesRequest(
            strike=strike,
            administrator_nav={},
            positions=positions,
            balances=balances,
            fees=fees,
            nav=allocated.nav,
            classes=allocated.classes,
            compared_with={},
            movement=None,
            **given,
        )
    )


@pytest.mark.parametrize(
    ("quantity", "outcome", "value"), [("10", "pass", "0.01"), ("10.01", "fail", "0.0100098999")]
)
def test_ops_3_no_missing_price_for_holdings_over_one_percent(
    desk: NavDesk, plain_fund: Fund, quantity: str, outcome: str, value: str
) -> None:
    """Y is carried at 100: with 990 X at 100 and Y of 1,000 it is one percent exactly."""
    fund = tolerant(plain_fund, "missing-price", "0.01", "block")
    at = datetime(2024, 1, 2, 17, tzinfo=UTC)
    carried = CarriedPrice(instrument_id="Y", by="Ann", reason="suspended", at=at)
    request = desk.request(
        fund,
        D2,
        positions=f"instrument_id,quantity\nX,990\nY,{quantity}\n",
        prices=f"instrument_id,date,price,currency\nX,{D2},100,EUR\nY,2023-12-01,100,EUR\n",
    )
    check = only_check(desk.strike(request, [carried]))
    assert (check.subject, check.outcome, check.value) == ("Y", outcome, Decimal(value))
    assert check.note == "Valued at the price of 2023-12-01."


def test_without_a_missing_price_the_check_passes(desk: NavDesk, plain_fund: Fund) -> None:
    fund = tolerant(plain_fund, "missing-price", "0.01", "block")
    assert (only_check(strike(desk, fund, D2, 100)).outcome) == "pass"


def test_usual_limits_are_taken_where_none_is_written() -> None:
    usual = {
        rule: Tolerance.model_validate({"rule": rule}).limit
        for rule in ("administrator-variance", "unexplained-movement", "market-value-change")
    }
    assert usual == {
        "administrator-variance": Decimal("0.0003"),
        "unexplained-movement": Decimal(0),
        "market-value-change": Decimal("0.05"),
    }
    for rule in ("stale-fx", "no-such-rule"):
        with pytest.raises(ValueError, match="usual limit|Input should be"):
            Tolerance.model_validate({"rule": rule})
