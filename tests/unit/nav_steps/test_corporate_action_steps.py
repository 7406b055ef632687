"""Corporate actions from file to NAV: nothing is gained, lost, or left unexplained by them."""

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from nav_desk import NavDesk, Struck
from plain_values import values
from tenuto.packs.finance.models import Fund, Problem, Tolerance
from tenuto.packs.finance.nav.parts import AppliedAction, Check

D2, D3, D4, D5 = (date(2024, 1, day) for day in (2, 3, 4, 5))
HEADER = (
    "ca_id,instrument_id,type,ex_date,pay_date,rate,currency,ratio,new_instrument_id,fractions,"
    "lieu_price,subscription_price,prior_pool_factor,pool_factor,cost_fraction,eligible_quantity,"
    "participation,election,elect_by"
)


def actions(*rows: dict[str, object]) -> str:
    """The file with one row per action; `C1` on X, ex on the 3rd and paid on the 5th."""
    names = HEADER.split(",")
    usual = {"ca_id": "C1", "instrument_id": "X", "ex_date": D3}
    lines = [",".join(str((usual | row).get(name, "")) for name in names) for row in rows]
    return "\n".join([HEADER, *lines, ""])


def prices(day: date, **by_name: object) -> str:
    lines = [f"{name},{day},{price},EUR\n" for name, price in by_name.items()]
    return "instrument_id,date,price,currency\n" + "".join(lines)


def held(*rows: str) -> str:
    return "instrument_id,quantity,position_date\n" + "".join(f"{row}\n" for row in rows)


def cash(amount: object) -> str:
    return f"account,currency,amount\nmain,EUR,{amount}\n"


def strike(desk: NavDesk, fund: Fund, day: date, **files: Any) -> Struck:
    """500 X at 100 EUR and 50000 EUR cash, unless changed."""
    given = {
        "positions": held(f"X,500,{day}"),
        "prices": prices(day, X=100),
        "cash": cash(50000),
        **files,
    }
    return desk.strike(desk.request(fund, day, **given))


def problems(desk: NavDesk, fund: Fund, day: date, **files: Any) -> tuple[Problem, ...]:
    given = {
        "positions": held(f"X,500,{day}"),
        "prices": prices(day, X=100),
        "cash": cash(50000),
        **files,
    }
    return desk.prepare(desk.request(fund, day, **given))[1].problems


def causes(struck: Struck, *names: str) -> tuple[object, ...]:
    return tuple(getattr(struck.result.movement, name) for name in names)


def quantities(struck: Struck) -> dict[str, Decimal]:
    return dict(struck.positions.select("instrument_id", "quantity").iter_rows())


def open_cash(struck: Struck) -> dict[str, Decimal]:
    return {
        each.reference: each.base_amount
        for each in struck.result.balances
        if each.kind in ("corporate-action", "dividend")
    }


def applied(struck: Struck) -> AppliedAction:
    (only,) = struck.result.corporate_actions
    return only


def notices(struck: Struck, rule: str) -> list[Check]:
    return [each for each in struck.result.checks if each.rule == rule]


BOOKS = pytest.mark.parametrize("is_reflected", [False, True], ids=["book before", "book after"])


@BOOKS
def test_reverse_split_pays_fractions_out(
    desk: NavDesk, plain_fund: Fund, *, is_reflected: bool
) -> None:
    """500 one for three: 166 at 300 and two thirds of one at 300: 200.00."""
    action = actions(
        {
            "type": "reverse-split",
            "ratio": "0.33333334",
            "fractions": "cash",
            "lieu_price": 300,
            "currency": "EUR",
            "pay_date": D5,
        }
    )
    strike(desk, plain_fund, D2)
    book = held(f"X,166,{D3}") if is_reflected else held(f"X,500,{D2}")
    after = strike(
        desk,
        plain_fund,
        D3,
        positions=book,
        prices=prices(D3, X=300),
        corporate_actions=action,
    )
    assert quantities(after) == {"X": 166}
    # 500 x 0.33333334 = 166.66667: 0.66667 x 300 = 200.001
    assert open_cash(after) == {"C1": Decimal("200.00")}
    assert after.result.nav == 100000
    assert causes(after, "price", "income", "other") == (0, 0, 0)
    paid = strike(
        desk,
        plain_fund,
        D5,
        positions=held(f"X,166,{D5}"),
        prices=prices(D5, X=300),
        corporate_actions=action,
        cash=cash(50200),
    )
    assert open_cash(paid) == {}
    assert causes(paid, "total", "other") == (0, 0)


@BOOKS
def test_stock_dividend_is_more_units_and_no_income(
    desk: NavDesk, plain_fund: Fund, *, is_reflected: bool
) -> None:
    action = actions({"type": "stock-dividend", "ratio": "0.25"})
    strike(desk, plain_fund, D2)
    after = strike(
        desk,
        plain_fund,
        D3,
        positions=held(f"X,625,{D3}") if is_reflected else held(f"X,500,{D2}"),
        prices=prices(D3, X=80),
        corporate_actions=action,
    )
    assert quantities(after) == {"X": 625}
    assert causes(after, "total", "other") == (0, 0)


@BOOKS
def test_spin_off_brings_a_new_instrument_and_its_cost(
    desk: NavDesk, plain_fund: Fund, *, is_reflected: bool
) -> None:
    """One S for two X: X falls to 77.09, S is worth 45.82; 22.91 % of the cost moves."""
    action = actions(
        {"type": "spin-off", "ratio": "0.5", "new_instrument_id": "S", "cost_fraction": "0.2291"}
    )
    strike(desk, plain_fund, D2)
    day = D3 if is_reflected else D2
    book = f"instrument_id,quantity,position_date,cost_base\nX,500,{day},40000\n"
    book += f"S,250,{D3},\n" if is_reflected else ""
    after = strike(
        desk,
        plain_fund,
        D3,
        positions=book,
        prices=prices(D3, X="77.09", S="45.82"),
        corporate_actions=action,
    )
    assert quantities(after) == {"X": 500, "S": 250}
    assert after.result.nav == 100000
    assert causes(after, "price", "other") == (0, 0)
    record = applied(after)
    assert values(record.eligible, record.received) == (500, 250)
    assert (record.cost_kept, record.cost_moved) == (Decimal(30836), Decimal(9164))


def test_spun_off_units_that_nobody_booked_are_found(desk: NavDesk, plain_fund: Fund) -> None:
    strike(desk, plain_fund, D2)
    action = actions({"type": "spin-off", "ratio": "0.5", "new_instrument_id": "S"})
    (problem,) = problems(desk, plain_fund, D3, corporate_actions=action)
    assert (problem.code, problem.file, problem.row) == (
        "nav.received-not-booked",
        "corporate_actions.csv",
        2,
    )
    assert problem.found == "it gave 250 `S`, and the positions have none"
    assert "date the row of `X` before 2024-01-03" in problem.remedy


@BOOKS
@pytest.mark.parametrize(
    ("terms", "shares", "price", "money"),
    [
        ({"ratio": "0.5", "new_instrument_id": "Y"}, 250, "200", 0),
        ({"rate": 100, "currency": "EUR", "pay_date": D5}, 0, "1", 50000),
        (
            {
                "ratio": "0.5",
                "new_instrument_id": "Y",
                "rate": 20,
                "currency": "EUR",
                "pay_date": D5,
            },
            250,
            "160",
            10000,
        ),
    ],
    ids=["shares", "cash", "both"],
)
def test_merger(
    desk: NavDesk,
    plain_fund: Fund,
    terms: dict[str, object],
    shares: int,
    price: str,
    money: int,
    *,
    is_reflected: bool,
) -> None:
    action = actions({"type": "merger", **terms})
    strike(desk, plain_fund, D2)
    reflected = held(f"Y,{shares},{D3}") if shares else held()
    after = strike(
        desk,
        plain_fund,
        D3,
        positions=reflected if is_reflected else held(f"X,500,{D2}"),
        prices=prices(D3, Y=price),
        corporate_actions=action,
    )
    assert quantities(after) == ({"Y": shares} if shares else {})
    assert open_cash(after) == ({"C1": money} if money else {})
    assert after.result.nav == 100000
    assert causes(after, "price", "income", "other") == (0, 0, 0)
    # still owed on the next day, when neither book nor roll knows of X any more
    later = strike(
        desk,
        plain_fund,
        D4,
        positions=held(f"Y,{shares},{D4}") if shares else held(),
        prices=prices(D4, Y=price),
        corporate_actions=action,
    )
    assert open_cash(later) == open_cash(after)
    assert causes(later, "total", "other") == (0, 0)


class TestRights:
    """One for four at 60: X falls from 100 to 92, a right is worth 8, 500 rights 4,000."""

    TERMS: ClassVar[dict[str, object]] = {
        "type": "rights",
        "ratio": "0.25",
        "new_instrument_id": "R",
        "subscription_price": 60,
        "currency": "EUR",
        "pay_date": D5,
    }

    def ex(self, desk: NavDesk, fund: Fund, **files: Any) -> Struck:
        given = {
            "positions": held(f"X,500,{D2}"),
            "prices": prices(D3, X=92),
            "corporate_actions": actions(self.TERMS),
            **files,
        }
        return strike(desk, fund, D3, **given)

    def test_right_is_worth_its_intrinsic_value_until_it_is_quoted(
        self, desk: NavDesk, plain_fund: Fund
    ) -> None:
        strike(desk, plain_fund, D2)
        after = self.ex(desk, plain_fund)
        assert quantities(after) == {"X": 500, "R": 500}
        right = after.positions.row(0, named=True)
        assert (right["instrument_id"], right["price"], right["base_value"]) == ("R", 8, 4000)
        assert after.result.nav == 100000
        assert causes(after, "price", "other") == (0, 0)
        (notice,) = notices(after, "intrinsic-value")
        assert values(notice.subject, notice.value) == ("R", 8)
        # (100 + 0.25 x 60) / 1.25
        assert notice.note.endswith("theoretical price ex rights is 92.")

    def test_quote_wins(self, desk: NavDesk, plain_fund: Fund) -> None:
        strike(desk, plain_fund, D2)
        after = self.ex(desk, plain_fund, prices=prices(D3, X=92, R="8.5"))
        assert after.result.nav == 100250
        assert not notices(after, "intrinsic-value")

    @pytest.mark.parametrize(
        ("election", "left", "money"),
        [("exercise", {"X": 625}, 42500), ("lapse", {"X": 500}, 50000)],
    )
    def test_rights_end_by_election(
        self,
        desk: NavDesk,
        plain_fund: Fund,
        election: str,
        left: dict[str, int],
        money: int,
    ) -> None:
        strike(desk, plain_fund, D2)
        self.ex(desk, plain_fund)
        after = strike(
            desk,
            plain_fund,
            D5,
            positions=held(f"X,{left['X']},{D5}"),
            prices=prices(D5, X=92),
            corporate_actions=actions({**self.TERMS, "election": election}),
            cash=cash(money),
        )
        assert quantities(after) == left
        # exercised: 125 x 92 came for 7,500 and rights of 4,000; lapsed: 4,000 are lost
        assert causes(after, "price", "other") == (0 if election == "exercise" else -4000, 0)

    def test_rights_that_ended_without_an_election_are_refused(
        self, desk: NavDesk, plain_fund: Fund
    ) -> None:
        strike(desk, plain_fund, D2)
        self.ex(desk, plain_fund)
        found = problems(
            desk,
            plain_fund,
            D5,
            prices=prices(D5, X=92),
            corporate_actions=actions(self.TERMS),
        )
        assert [(each.code, each.row) for each in found] == [("nav.election-missing", 2)]

    def test_election_that_is_pending_is_said(self, desk: NavDesk, plain_fund: Fund) -> None:
        strike(desk, plain_fund, D2)
        offer = actions({**self.TERMS, "elect_by": D4})
        (notice,) = notices(
            self.ex(desk, plain_fund, corporate_actions=offer), "corporate-action-election"
        )
        assert values(notice.subject, notice.outcome, notice.value) == ("C1", "warn", 1)

    def test_price_from_before_the_ex_date_is_refused(
        self, desk: NavDesk, plain_fund: Fund
    ) -> None:
        strike(desk, plain_fund, D2)
        found = problems(
            desk,
            plain_fund,
            D3,
            prices=prices(D2, X=100) + f"R,{D3},8,EUR\n",
            positions=held(f"X,500,{D3}", f"R,500,{D3}"),
            corporate_actions=actions(self.TERMS),
        )
        assert [each.code for each in found] == ["nav.price-before-action"]
        assert "older than its rights (`C1`) on 2024-01-03" in found[0].found


def test_offer_waits_for_acceptance(desk: NavDesk, plain_fund: Fund) -> None:
    offer = {
        "type": "merger",
        "rate": 110,
        "currency": "EUR",
        "pay_date": D5,
        "participation": "voluntary",
    }
    strike(desk, plain_fund, D2)
    waiting = strike(desk, plain_fund, D3, corporate_actions=actions(offer))
    assert quantities(waiting) == {"X": 500}
    assert [each.subject for each in notices(waiting, "corporate-action-election")] == ["C1"]
    taken = strike(
        desk,
        plain_fund,
        D4,
        positions=held(f"X,500,{D2}"),
        corporate_actions=actions({**offer, "election": "accept", "ex_date": D4}),
    )
    assert values(quantities(taken), open_cash(taken)) == ({}, {"C1": 55000})
    assert causes(taken, "price", "other") == (5000, 0)
    assert not notices(taken, "corporate-action-election")


def test_return_of_capital_is_no_income(desk: NavDesk, plain_fund: Fund) -> None:
    """500 x 4 back, and X falls by 4."""
    action = actions({"type": "return-of-capital", "rate": 4, "currency": "EUR", "pay_date": D5})
    strike(desk, plain_fund, D2)
    after = strike(desk, plain_fund, D3, prices=prices(D3, X=96), corporate_actions=action)
    assert open_cash(after) == {"C1": 2000}
    assert causes(after, "price", "income", "other") == (0, 0, 0)


def test_coupon_is_income_and_counts_once(desk: NavDesk, plain_fund: Fund) -> None:
    """100,000 nominal at 3 %: 3,000 on the 3rd, paid on the 5th; the terms say the same."""
    header = (
        "instrument_id,quantity,price_unit,coupon_rate,day_count,coupon_frequency,"
        "last_coupon_date,next_coupon_date\n"
    )
    before = f"{header}B,100000,per100,0.03,30E/360,1,2023-01-03,2024-01-03\n"
    after = f"{header}B,100000,per100,0.03,30E/360,1,2024-01-03,2025-01-03\n"
    action = actions(
        {"instrument_id": "B", "type": "coupon", "rate": "0.03", "currency": "EUR", "pay_date": D5}
    )
    strike(desk, plain_fund, D2, positions=before, prices=prices(D2, B=100), cash=cash(0))
    ex = strike(
        desk,
        plain_fund,
        D3,
        positions=after,
        prices=prices(D3, B=100),
        corporate_actions=action,
        cash=cash(0),
    )
    assert open_cash(ex) == {"C1": 3000}
    # accrued was 2,991.67 the day before
    assert causes(ex, "income", "other") == (Decimal("8.33"), 0)


@BOOKS
@pytest.mark.parametrize(("ratio", "left"), [("", 0), ("0.4", 60000)], ids=["full", "partial"])
def test_redemption(
    desk: NavDesk, plain_fund: Fund, ratio: str, left: int, *, is_reflected: bool
) -> None:
    """100,000 nominal at 99 %, redeemed at 102 %: 3 % of what is redeemed is gained."""
    action = actions(
        {
            "instrument_id": "B",
            "type": "redemption",
            "rate": "1.02",
            "ratio": ratio,
            "currency": "EUR",
            "pay_date": D5,
        }
    )
    header = "instrument_id,quantity,price_unit,position_date\n"
    strike(
        desk,
        plain_fund,
        D2,
        positions=f"{header}B,100000,per100,{D2}\n",
        prices=prices(D2, B=99),
        cash=cash(1000),
    )
    book = f"{header}B,{left},per100,{D3}\n" if is_reflected else f"{header}B,100000,per100,{D2}\n"
    after = strike(
        desk,
        plain_fund,
        D3,
        positions=book,
        prices=prices(D3, B=99),
        corporate_actions=action,
        cash=cash(1000),
    )
    redeemed = 100000 - left
    assert quantities(after) == ({"B": left} if left else {})
    assert open_cash(after) == {"C1": redeemed * Decimal("1.02")}
    assert causes(after, "price", "other") == (redeemed * Decimal("0.03"), 0)


@BOOKS
def test_pool_factor_pays_principal_back(
    desk: NavDesk, plain_fund: Fund, *, is_reflected: bool
) -> None:
    """1,000,000 from 0.85 to 0.80: 50,000 come back at par, at a price of 100."""
    action = actions(
        {
            "instrument_id": "M",
            "type": "pool-factor",
            "prior_pool_factor": "0.85",
            "pool_factor": "0.8",
            "currency": "EUR",
            "pay_date": D5,
        }
    )
    header = "instrument_id,quantity,price_unit,pool_factor,position_date\n"
    strike(
        desk,
        plain_fund,
        D2,
        positions=f"{header}M,1000000,per100,0.85,{D2}\n",
        prices=prices(D2, M=100),
    )
    row = f"0.8,{D3}" if is_reflected else f"0.85,{D2}"
    files = {
        "positions": f"{header}M,1000000,per100,{row}\n",
        "prices": prices(D3, M=100),
        "corporate_actions": action,
    }
    after = strike(desk, plain_fund, D3, **files)
    assert after.result.positions_value == 800000
    assert open_cash(after) == {"C1": 50000}
    assert causes(after, "price", "other") == (0, 0)
    wrong = files | {"positions": f"{header}M,1000000,per100,0.9,{D3}\n"}
    (problem,) = problems(desk, plain_fund, D3, **wrong)
    assert (problem.code, problem.field) == ("nav.pool-factor-differs", "pool_factor")
    assert problem.found == "the pool factor is 0.9, and that of `C1` after 2024-01-03 is 0.8"


def test_custodians_quantity_wins(desk: NavDesk, plain_fund: Fund) -> None:
    action = actions(
        {
            "type": "dividend",
            "rate": 2,
            "currency": "EUR",
            "pay_date": D5,
            "eligible_quantity": 480,
        }
    )
    strike(desk, plain_fund, D2)
    after = strike(desk, plain_fund, D3, corporate_actions=action)
    assert open_cash(after) == {"C1": 960}
    assert applied(after).eligible == 480


def test_corrected_rate_explains_itself(desk: NavDesk, plain_fund: Fund) -> None:
    """2.00 a share was 2.10: 50 more on the next day is income, and not unexplained."""
    terms = {"type": "dividend", "currency": "EUR", "pay_date": D5}
    strike(desk, plain_fund, D2)
    strike(desk, plain_fund, D3, corporate_actions=actions({**terms, "rate": 2}))
    corrected = strike(desk, plain_fund, D4, corporate_actions=actions({**terms, "rate": "2.1"}))
    assert causes(corrected, "income", "other") == (50, 0)


def test_dividend_outlives_the_share(desk: NavDesk, plain_fund: Fund) -> None:
    """Ex on the 3rd, merged away on the 4th, paid on the 5th."""
    both = actions(
        {"type": "dividend", "rate": 2, "currency": "EUR", "pay_date": D5, "ca_id": "D1"},
        {"type": "merger", "ratio": 1, "new_instrument_id": "Y", "ex_date": D4},
    )
    strike(desk, plain_fund, D2)
    strike(desk, plain_fund, D3, corporate_actions=both)
    merged = strike(
        desk,
        plain_fund,
        D4,
        positions=held(f"Y,500,{D4}"),
        prices=prices(D4, Y=100),
        corporate_actions=both,
    )
    assert open_cash(merged) == {"D1": 1000}
    assert causes(merged, "total", "other") == (0, 0)


def test_first_strike_needs_to_be_told_what_a_merger_was_on(
    desk: NavDesk, plain_fund: Fund
) -> None:
    terms = {"type": "merger", "rate": 100, "currency": "EUR", "pay_date": D5, "ex_date": D2}
    files = {"positions": held(), "corporate_actions": actions(terms)}
    (problem,) = problems(desk, plain_fund, D2, **files)
    assert (problem.code, problem.field) == ("nav.entitlement-unknown", "eligible_quantity")
    told = actions({**terms, "eligible_quantity": 500})
    assert open_cash(strike(desk, plain_fund, D2, **(files | {"corporate_actions": told}))) == {
        "C1": 50000
    }


def test_price_that_was_not_adjusted_blocks(desk: NavDesk, plain_fund: Fund) -> None:
    """Four for one, and the vendor still says 101: four times as much, or one percent."""
    split = actions({"type": "split", "ratio": 4})
    strike(desk, plain_fund, D2)
    wrong = strike(
        desk,
        plain_fund,
        D3,
        positions=held(f"X,500,{D2}"),
        prices=prices(D3, X=101),
        corporate_actions=split,
    )
    (notice,) = notices(wrong, "price-not-adjusted")
    assert (notice.subject, notice.outcome, notice.value) == ("X", "fail", Decimal("3.04"))
    assert [each.rule for each in wrong.checked.open] == ["price-not-adjusted"]
    other = plain_fund.model_copy(update={"fund_id": "OTHER"})
    strike(desk, other, D2)
    right = strike(
        desk,
        other,
        D3,
        positions=held(f"X,500,{D2}"),
        prices=prices(D3, X="25.25"),
        corporate_actions=split,
    )
    assert not right.checked.open


def test_price_change_takes_a_spin_off_out(desk: NavDesk, plain_fund: Fund) -> None:
    watched = plain_fund.model_copy(
        update={"tolerances": (Tolerance(rule="price-change", limit=Decimal("0.10")),)}
    )
    strike(desk, watched, D2)
    after = strike(
        desk,
        watched,
        D3,
        positions=held(f"X,500,{D2}"),
        prices=prices(D3, X=70, S=60),
        corporate_actions=actions({"type": "spin-off", "ratio": "0.5", "new_instrument_id": "S"}),
    )
    (check,) = notices(after, "price-change")
    assert values(check.subject, check.outcome, check.value) == ("X", "pass", 0)


WRONG = [
    ({"type": "split"}, "table.value-missing", "ratio", "a split has no ratio"),
    ({"type": "spin-off", "ratio": 1}, "table.value-missing", "new_instrument_id", "a spin-off"),
    ({"type": "merger"}, "table.value-missing", "ratio", "neither `ratio` nor `rate`"),
    ({"type": "merger", "ratio": 1}, "table.value-missing", "new_instrument_id", "for shares"),
    ({"type": "merger", "rate": 1, "pay_date": D5}, "table.value-missing", "currency", "cash"),
    ({"type": "redemption", "rate": 1, "currency": "EUR"}, "table.value-missing", "pay_date", ""),
    ({"type": "coupon", "currency": "EUR", "pay_date": D5}, "table.value-missing", "rate", ""),
    ({"type": "split", "ratio": -4}, "nav.not-positive", "ratio", "the ratio is -4"),
    ({"type": "reverse-split", "ratio": 10}, "nav.rate-invalid", "ratio", "one unit becomes 10"),
    (
        {"type": "split", "ratio": "0.1", "fractions": "cash", "currency": "EUR", "pay_date": D5},
        "table.value-missing",
        "lieu_price",
        "pays fractions out",
    ),
    (
        {"type": "spin-off", "ratio": 1, "new_instrument_id": "X"},
        "nav.same-instrument",
        "new_instrument_id",
        "`X` becomes itself",
    ),
    (
        {"type": "spin-off", "ratio": 1, "new_instrument_id": "S", "cost_fraction": "22.91"},
        "nav.rate-invalid",
        "cost_fraction",
        "22.91",
    ),
    (
        {"type": "split", "ratio": 2, "election": "accept"},
        "nav.election-invalid",
        "election",
        "mandatory",
    ),
    (
        {
            "type": "pool-factor",
            "prior_pool_factor": "0.8",
            "pool_factor": "0.85",
            "currency": "EUR",
            "pay_date": D5,
        },
        "nav.factor-invalid",
        "pool_factor",
        "from 0.8 to 0.85",
    ),
    (
        {"type": "redemption", "rate": 1, "ratio": "1.5", "currency": "EUR", "pay_date": D5},
        "nav.rate-invalid",
        "ratio",
        "1.5",
    ),
    (
        {"type": "split", "ratio": 2, "pay_date": D2},
        "nav.dates-reversed",
        "pay_date",
        "before its ex-date",
    ),
    (
        {
            "type": "merger",
            "rate": 1,
            "currency": "EUR",
            "pay_date": D4,
            "elect_by": D5,
            "participation": "voluntary",
        },
        "nav.dates-reversed",
        "elect_by",
        "after it is paid",
    ),
]


@pytest.mark.parametrize(("row", "code", "field", "found"), WRONG, ids=lambda each: str(each)[:40])
def test_wrong_action_is_refused_with_row_and_remedy(
    desk: NavDesk, plain_fund: Fund, row: dict[str, object], code: str, field: str, found: str
) -> None:
    wrong = problems(desk, plain_fund, D3, corporate_actions=actions({**row, "ex_date": D3}))
    assert [(each.code, each.file, each.row, each.field) for each in wrong] == [
        (code, "corporate_actions.csv", 2, field)
    ]
    assert found in wrong[0].found
    assert wrong[0].remedy


@pytest.mark.parametrize(
    ("kind", "election", "valid"),
    [("rights", "accept", "`exercise` or `lapse`"), ("merger", "lapse", "`accept` or `decline`")],
)
def test_election_must_fit_the_offer(
    desk: NavDesk, plain_fund: Fund, kind: str, election: str, valid: str
) -> None:
    row = {
        "type": kind,
        "ratio": 1,
        "new_instrument_id": "R",
        "subscription_price": 1,
        "currency": "EUR",
        "pay_date": D5,
        "participation": "voluntary",
        "election": election,
    }
    (wrong,) = problems(desk, plain_fund, D2, corporate_actions=actions(row))
    assert wrong.code == "nav.election-invalid"
    assert valid in wrong.remedy
