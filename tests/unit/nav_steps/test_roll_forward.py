"""From one NAV to the next: income, splits, trades, deals, fees, carried prices, restatements."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from nav_desk import NavDesk, Struck, nav_per_units
from tenuto.packs.finance.models import Fee, Fund, ShareClass
from tenuto.packs.finance.nav.parts import CarriedPrice, Movement

D2, D3, D4, D5 = (date(2024, 1, day) for day in (2, 3, 4, 5))
ACTIONS = "ca_id,instrument_id,type,ex_date,pay_date,rate,currency,ratio,withholding_rate\n"
TRADES = "trade_id,instrument_id,side,quantity,price,currency,net_amount,trade_date,settle_date\n"
DEALS = "deal_id,class_id,type,trade_date,settle_date,units,amount\n"


def strike(desk: NavDesk, fund: Fund, day: date, version: int = 1, **changed: Any) -> Struck:
    """500 X at 100 EUR and 50000 EUR cash, unless changed."""
    files = {
        "positions": "instrument_id,quantity\nX,500\n",
        "prices": f"instrument_id,date,price,currency\nX,{day},100,EUR\n",
        "cash": cash(50000),
        **changed,
    }
    carried = files.pop("carried", ())
    return desk.strike(desk.request(fund, day, version, **files), carried)


def cash(amount: object) -> str:
    return f"account,currency,amount\nmain,EUR,{amount}\n"


def movement_of(struck: Struck) -> Movement:
    assert struck.result.movement is not None
    return struck.result.movement


def causes(struck: Struck, *names: str) -> tuple[object, ...]:
    """Parts of the movement, for comparison with plain numbers."""
    return tuple(getattr(movement_of(struck), name) for name in names)


def balances_of(struck: Struck) -> dict[str, object]:
    return {f"{each.kind} {each.reference}": each.base_amount for each in struck.result.balances}


class TestDividends:
    """500 x 2.00 x (1 - 0.15) = 850, ex on the 3rd, paid on the 5th."""

    ACTION = ACTIONS + "D1,X,dividend,2024-01-03,2024-01-05,2,EUR,,0.15\n"

    def test_is_receivable_from_its_ex_date(self, desk: NavDesk, plain_fund: Fund) -> None:
        before = strike(desk, plain_fund, D2, corporate_actions=self.ACTION)
        assert balances_of(before) == {"cash main": 50000}
        ex = strike(desk, plain_fund, D3, corporate_actions=self.ACTION)
        assert balances_of(ex) == {"cash main": 50000, "dividend D1": 850}
        assert causes(ex, "income", "other") == (850, 0)

    def test_turns_into_cash_on_its_pay_date(self, desk: NavDesk, plain_fund: Fund) -> None:
        strike(desk, plain_fund, D2, corporate_actions=self.ACTION)
        strike(desk, plain_fund, D3, corporate_actions=self.ACTION)
        paid = strike(desk, plain_fund, D5, corporate_actions=self.ACTION, cash=cash(50850))
        assert balances_of(paid) == {"cash main": 50850}
        assert causes(paid, "income", "other") == (0, 0)

    def test_that_was_not_paid_shows_as_unexplained(self, desk: NavDesk, plain_fund: Fund) -> None:
        strike(desk, plain_fund, D3, corporate_actions=self.ACTION)
        unpaid = strike(desk, plain_fund, D5, corporate_actions=self.ACTION)
        assert movement_of(unpaid).other == -850

    def test_belongs_to_who_held_over_the_ex_date(self, desk: NavDesk, plain_fund: Fund) -> None:
        """100 bought on the ex-date come too late; 200 sold on it still earn."""
        trades = (
            TRADES
            + "T1,X,buy,100,100,EUR,10000,2024-01-03,2024-01-05\n"
            + "T2,X,sell,200,100,EUR,20000,2024-01-03,2024-01-05\n"
        )
        strike(desk, plain_fund, D2)
        ex = strike(
            desk,
            plain_fund,
            D3,
            positions="instrument_id,quantity\nX,400\n",
            transactions=trades,
            corporate_actions=self.ACTION,
        )
        assert balances_of(ex)["dividend D1"] == 850
        assert movement_of(ex).other == 0

    def test_is_rounded_to_what_will_be_paid(self, desk: NavDesk, plain_fund: Fund) -> None:
        """500 x 0.12345 = 61.725 -> 61.72."""
        odd = ACTIONS + "D1,X,dividend,2024-01-03,2024-01-05,0.12345,EUR,,\n"
        strike(desk, plain_fund, D2)
        assert balances_of(strike(desk, plain_fund, D3, corporate_actions=odd))["dividend D1"] == (
            Decimal("61.72")
        )


class TestSplits:
    """Four for one on the 3rd: 500 at 100 become 2000 at 25."""

    ACTION = ACTIONS + "S1,X,split,2024-01-03,,,,4,\n"
    AFTER = "instrument_id,date,price,currency\nX,2024-01-03,25,EUR\n"

    @pytest.mark.parametrize(
        "positions",
        [
            "instrument_id,quantity,position_date\nX,500,2024-01-02\n",
            "instrument_id,quantity,position_date\nX,2000,2024-01-03\n",
            "instrument_id,quantity\nX,2000\n",
        ],
        ids=["held before", "held after", "no date"],
    )
    def test_changes_quantity_not_value(
        self, desk: NavDesk, plain_fund: Fund, positions: str
    ) -> None:
        strike(desk, plain_fund, D2)
        split = strike(
            desk,
            plain_fund,
            D3,
            positions=positions,
            prices=self.AFTER,
            corporate_actions=self.ACTION,
        )
        assert split.positions["quantity"].to_list() == [2000]
        assert split.result.nav == 100000
        assert causes(split, "price", "other") == (0, 0)

    def test_reverse_split_drops_what_no_share_can_hold(
        self, desk: NavDesk, plain_fund: Fund
    ) -> None:
        reverse = ACTIONS + "S1,X,split,2024-01-03,,,,0.33333333,\n"
        split = strike(
            desk,
            plain_fund,
            D3,
            positions="instrument_id,quantity,position_date\nX,0.5,2024-01-02\n",
            corporate_actions=reverse,
        )
        assert split.positions["quantity"].to_list() == [Decimal("0.16666666")]


class TestTrades:
    """Holdings are as of trade date, so the money is owed until settlement."""

    def test_unsettled_purchase_is_a_payable(self, desk: NavDesk, plain_fund: Fund) -> None:
        strike(desk, plain_fund, D2)
        trades = TRADES + "T1,X,buy,100,99.50,EUR,9960,2024-01-03,2024-01-05\n"
        bought = strike(
            desk,
            plain_fund,
            D3,
            positions="instrument_id,quantity\nX,600\n",
            transactions=trades,
        )
        assert balances_of(bought)["trade T1"] == -9960
        # 100 shares cost 9960 with their commission and are worth 10000
        assert causes(bought, "price", "other") == (40, 0)
        settled = strike(
            desk,
            plain_fund,
            D5,
            positions="instrument_id,quantity\nX,600\n",
            transactions=trades,
            cash=cash(40040),
        )
        assert balances_of(settled) == {"cash main": 40040}
        assert causes(settled, "total", "other") == (0, 0)

    def test_unsettled_sale_is_a_receivable(self, desk: NavDesk, plain_fund: Fund) -> None:
        strike(desk, plain_fund, D2)
        sold = strike(
            desk,
            plain_fund,
            D3,
            positions="instrument_id,quantity\n",
            prices="instrument_id,date,price,currency\n",
            transactions=TRADES + "T1,X,sell,500,101,EUR,50500,2024-01-03,2024-01-05\n",
        )
        assert balances_of(sold)["trade T1"] == 50500
        assert causes(sold, "price", "other") == (500, 0)

    def test_currency_of_a_trade_long_settled_needs_no_fixing(
        self, desk: NavDesk, plain_fund: Fund
    ) -> None:
        old = TRADES + "T1,X,buy,1,1,JPY,1,2023-12-01,2023-12-05\n"
        assert strike(desk, plain_fund, D2, transactions=old).result.nav == 100000
        new = TRADES + "T1,X,buy,1,1,JPY,1,2024-01-03,2024-01-05\n"
        request = desk.request(
            plain_fund,
            D3,
            positions="instrument_id,quantity\n",
            prices="instrument_id,date,price,currency\n",
            transactions=new,
        )
        problem = desk.prepare(request)[1].problems[0]
        assert (problem.code, problem.file) == ("nav.fx-missing", "fx")
        assert problem.found.endswith("needed for row 2 of transactions.csv")

    def test_holding_without_a_trade_is_unexplained(self, desk: NavDesk, plain_fund: Fund) -> None:
        strike(desk, plain_fund, D2)
        more = strike(desk, plain_fund, D3, positions="instrument_id,quantity\nX,501\n")
        assert causes(more, "price", "other") == (0, 100)
        gone = strike(
            desk,
            plain_fund,
            D4,
            positions="instrument_id,quantity\n",
            prices="instrument_id,date,price,currency\n",
        )
        assert causes(gone, "price", "other") == (0, -50100)

    def test_trade_without_a_holding_is_unexplained(self, desk: NavDesk, plain_fund: Fund) -> None:
        strike(desk, plain_fund, D2)
        trades = TRADES + "T1,Y,buy,10,100,EUR,1000,2024-01-03,2024-01-05\n"
        bought = strike(desk, plain_fund, D3, transactions=trades)
        assert causes(bought, "price", "other") == (0, -1000)

    def test_cash_out_of_nowhere_is_unexplained(self, desk: NavDesk, plain_fund: Fund) -> None:
        strike(desk, plain_fund, D2)
        assert movement_of(strike(desk, plain_fund, D3, cash=cash("50000.01"))).other == (
            Decimal("0.01")
        )


class TestCapital:
    """Units and money of a deal enter with the first NAV after its trade date."""

    DEAL = DEALS + (
        "D1,A,subscription,2024-01-03,2024-01-05,100,10000\n"
        "D2,A,redemption,2024-01-03,2024-01-05,40,4000\n"
    )

    def test_units_roll_forward(self, desk: NavDesk, plain_fund: Fund) -> None:
        strike(desk, plain_fund, D2)
        dealt = strike(desk, plain_fund, D3, capital=self.DEAL)
        assert dealt.result.classes[0].units == 1000
        entered = strike(desk, plain_fund, D4, capital=self.DEAL)
        share_class = entered.result.classes[0]
        assert share_class.opening_units == 1000
        assert share_class.subscribed_units == 100
        assert share_class.redeemed_units == 40
        assert share_class.units == 1060
        assert balances_of(entered) == {
            "cash main": 50000,
            "subscription D1": 10000,
            "redemption D2": -4000,
        }
        assert causes(entered, "capital", "other") == (6000, 0)
        assert nav_per_units(entered) == {"A": Decimal("100.0000")}
        settled = strike(desk, plain_fund, D5, capital=self.DEAL, cash=cash(56000))
        assert settled.result.classes[0].units == 1060
        assert causes(settled, "total", "other") == (0, 0)

    def test_money_that_came_early_is_owed_back(self, desk: NavDesk, plain_fund: Fund) -> None:
        early = DEALS + "D1,A,subscription,2024-01-03,2024-01-03,100,10000\n"
        strike(desk, plain_fund, D2)
        dealt = strike(desk, plain_fund, D3, capital=early, cash=cash(60000))
        assert balances_of(dealt)["subscription D1"] == -10000
        assert causes(dealt, "total", "other") == (0, 0)
        entered = strike(desk, plain_fund, D4, capital=early, cash=cash(60000))
        assert causes(entered, "capital", "other") == (10000, 0)

    def test_redeeming_more_than_there_is_is_refused(self, desk: NavDesk, plain_fund: Fund) -> None:
        strike(desk, plain_fund, D2)
        deal = DEALS + "D1,A,redemption,2024-01-03,2024-01-05,1001,100100\n"
        request = desk.request(
            plain_fund,
            D4,
            positions="instrument_id,quantity\n",
            prices="instrument_id,date,price,currency\n",
            capital=deal,
        )
        assert desk.prepare(request)[1].problems[0].code == "nav.units-negative"

    def test_class_that_leaves_with_units_is_refused(self, desk: NavDesk, plain_fund: Fund) -> None:
        strike(desk, plain_fund, D2)
        other = plain_fund.classes[0].model_copy(update={"class_id": "B"})
        request = desk.request(
            plain_fund.model_copy(update={"classes": (other,)}),
            D3,
            positions="instrument_id,quantity\n",
            prices="instrument_id,date,price,currency\n",
            cash=cash(100000),
        )
        problem = desk.prepare(request)[1].problems[0]
        assert (problem.code, problem.field) == ("nav.class-removed", "classes")

    def test_class_new_to_the_fund_brings_its_launch_units(
        self, desk: NavDesk, plain_fund: Fund
    ) -> None:
        strike(desk, plain_fund, D2)
        second = ShareClass(
            class_id="B",
            currency="EUR",
            launch_date=D3,
            launch_price=Decimal(10),
            units=Decimal(1000),
        )
        wider = plain_fund.model_copy(update={"classes": (*plain_fund.classes, second)})
        launched = strike(desk, wider, D3, cash=cash(60000))
        assert nav_per_units(launched) == {"A": Decimal("100.0000"), "B": Decimal("10.0000")}
        assert causes(launched, "capital", "other") == (10000, 0)


class TestFees:
    """36500 a year is 100 a day."""

    @pytest.fixture
    def charged(self, plain_fund: Fund) -> Fund:
        """The plain fund with a fee of 100 a day."""
        fee = Fee(fee_id="administration", kind="fixed", amount=Decimal(36500))
        return plain_fund.model_copy(update={"fees": (fee,)})

    def test_accrue_and_are_paid(self, desk: NavDesk, charged: Fund) -> None:
        strike(desk, charged, D2)
        strike(desk, charged, D3)
        paid = strike(
            desk,
            charged,
            D5,
            fee_payments="fee_id,class_id,date,amount\nadministration,,2024-01-04,100\n",
            cash=cash(49900),
        )
        (accrual,) = paid.result.accruals
        assert accrual.prior_total == 100
        assert accrual.amount == 200
        assert accrual.paid == 100
        assert accrual.total == 200
        assert accrual.year_to_date == 300
        assert paid.result.gav == 99900
        assert paid.result.nav == 99700
        assert causes(paid, "fees", "other") == (-200, 0)

    def test_paid_on_the_day_of_the_prior_nav_count_once(
        self, desk: NavDesk, charged: Fund
    ) -> None:
        payment = "fee_id,class_id,date,amount\nadministration,,2024-01-03,60\n"
        strike(desk, charged, D2)
        paid = strike(desk, charged, D3, fee_payments=payment, cash=cash(49940))
        assert paid.result.accruals[0].total == 40
        later = strike(desk, charged, D4, fee_payments=payment, cash=cash(49940))
        assert later.result.accruals[0].paid == 0
        assert later.result.accruals[0].total == 140
        assert causes(later, "fees", "other") == (-100, 0)

    def test_that_are_still_owed_outlive_their_definition(
        self, desk: NavDesk, charged: Fund
    ) -> None:
        strike(desk, charged, D2)
        strike(desk, charged, D3)
        dropped = strike(desk, charged.model_copy(update={"fees": ()}), D4)
        (accrual,) = dropped.result.accruals
        assert accrual.fee_id == "administration"
        assert accrual.amount == 0
        assert accrual.total == 100
        assert dropped.result.nav == 99900


class TestCarriedPrices:
    """A person may use an earlier price again: the latest one there is."""

    NO_PRICES = "instrument_id,date,price,currency\n"

    def carried(self) -> tuple[CarriedPrice, ...]:
        """Ann's decision to carry X."""
        at = datetime(2024, 1, 4, 17, tzinfo=UTC)
        return (CarriedPrice(instrument_id="X", by="Ann", reason="suspended", at=at),)

    def test_missing_price_is_carried_from_the_prior_nav(
        self, desk: NavDesk, plain_fund: Fund
    ) -> None:
        strike(desk, plain_fund, D2)
        request = desk.request(
            plain_fund,
            D3,
            positions="instrument_id,quantity\nX,500\n",
            prices=self.NO_PRICES,
            cash=cash(50000),
        )
        (missing,) = desk.prepare(request)[1].missing
        assert (missing.instrument_id, missing.last_known) == ("X", D2)
        struck = desk.strike(request, self.carried())
        assert struck.positions.select("price", "price_date").row(0) == (100, D2)
        assert struck.result.carried_prices == self.carried()

    def test_stale_price_is_carried_from_the_file(self, desk: NavDesk, plain_fund: Fund) -> None:
        request = desk.request(
            plain_fund,
            D2,
            positions="instrument_id,quantity\nX,500\n",
            prices=self.NO_PRICES + "X,2023-12-01,90,EUR\n",
            cash=cash(50000),
        )
        (missing,) = desk.prepare(request)[1].missing
        assert missing.last_known == date(2023, 12, 1)
        struck = desk.strike(request, self.carried())
        assert struck.positions.select("price", "price_date").row(0) == (90, date(2023, 12, 1))

    def test_nothing_can_be_carried_where_nothing_is_known(
        self, desk: NavDesk, plain_fund: Fund
    ) -> None:
        request = desk.request(
            plain_fund, D2, positions="instrument_id,quantity\nX,1\n", prices=self.NO_PRICES
        )
        (missing,) = desk.prepare(request)[1].missing
        assert missing.last_known is None

    def test_other_problems_leave_nothing_to_wait_for(
        self, desk: NavDesk, plain_fund: Fund
    ) -> None:
        request = desk.request(
            plain_fund,
            D2,
            positions="instrument_id,quantity\nX,1\n",
            prices=self.NO_PRICES,
            cash="account,currency,amount\nmain,EUR,abc\n",
        )
        report = desk.prepare(request)[1]
        assert (report.count, report.missing) == (2, ())

    def test_supplied_price_ends_the_wait(self, desk: NavDesk, plain_fund: Fund) -> None:
        request = desk.request(
            plain_fund,
            D2,
            positions="instrument_id,quantity\nX,500\n",
            prices=self.NO_PRICES,
            cash=cash(50000),
        )
        more = desk.document("late.csv", self.NO_PRICES + "X,2024-01-02,100,EUR\n")
        struck = desk.strike(request, supplied=[more])
        assert struck.result.nav == 100000
        assert struck.result.inputs["prices supplied 1"] == more.sha256


class TestPriorNavs:
    """Which NAV is rolled forward, and which ones returns are measured from."""

    def test_ops_2_restated_month_end_changes_month_to_date(
        self, desk: NavDesk, plain_fund: Fund
    ) -> None:
        def on(day: date, price: object, version: int = 1) -> Struck:
            prices = f"instrument_id,date,price,currency\nX,{day},{price},EUR\n"
            return strike(desk, plain_fund, day, version, prices=prices)

        on(D2, 100)
        on(date(2024, 1, 31), 110)
        first = on(date(2024, 2, 1), 121)
        # 110500 / 105000 - 1
        assert first.result.classes[0].performance.month_to_date.value == Decimal("0.0523809524")
        restated = on(date(2024, 1, 31), 112, version=2)
        again = on(date(2024, 2, 1), 121, version=2)
        # 110500 / 106000 - 1
        assert again.result.classes[0].performance.month_to_date.value == Decimal("0.0424528302")
        assert again.result.inputs["prior"] == restated.document.sha256
        assert again.result.inputs[restated.result.nav_id] == restated.document.sha256

    def test_prior_is_the_latest_version_of_the_latest_earlier_day(
        self, desk: NavDesk, plain_fund: Fund
    ) -> None:
        for version, price in ((9, 101), (10, 102)):
            prices = f"instrument_id,date,price,currency\nX,{D3},{price},EUR\n"
            tenth = strike(desk, plain_fund, D3, version, prices=prices)
        strike(desk, plain_fund, D5)
        later = strike(desk, plain_fund, D4)
        assert later.result.prior_date == D3
        assert later.result.inputs["prior"] == tenth.document.sha256

    def test_prior_of_last_year_is_found(self, desk: NavDesk, plain_fund: Fund) -> None:
        strike(desk, plain_fund, D2)
        assert strike(desk, plain_fund, date(2025, 3, 3)).result.prior_date == D2

    def test_prior_may_be_given(self, desk: NavDesk, plain_fund: Fund) -> None:
        first = strike(desk, plain_fund, D2)
        strike(desk, plain_fund, D3)
        given = strike(desk, plain_fund, D4, prior=first.document)
        assert given.result.prior_date == D2

    @pytest.mark.parametrize(
        ("change", "found"),
        [
            ({"fund_id": "OTHER"}, "official NAV of PLAIN in EUR"),
            ({"base_currency": "USD"}, "official NAV of PLAIN in EUR"),
        ],
    )
    def test_prior_of_another_fund_is_refused(
        self, desk: NavDesk, plain_fund: Fund, change: dict[str, str], found: str
    ) -> None:
        first = strike(desk, plain_fund, D2)
        request = desk.request(
            plain_fund.model_copy(update=change),
            D3,
            positions="instrument_id,quantity\n",
            prices="instrument_id,date,price,currency\n",
            fx=f"date,base,quote,rate\n{D3},EUR,USD,1.1\n",
            prior=first.document,
        )
        problem = desk.prepare(request)[1].problems[0]
        assert (problem.code, problem.found) == ("nav.prior-differs", found)

    def test_prior_that_is_later_is_refused(self, desk: NavDesk, plain_fund: Fund) -> None:
        later = strike(desk, plain_fund, D3)
        request = desk.request(
            plain_fund,
            D2,
            positions="instrument_id,quantity\n",
            prices="instrument_id,date,price,currency\n",
            prior=later.document,
        )
        problem = desk.prepare(request)[1].problems[0]
        assert (problem.code, problem.field) == ("nav.prior-differs", "date")

    def test_prior_that_is_no_nav_is_refused(self, desk: NavDesk, plain_fund: Fund) -> None:
        request = desk.request(
            plain_fund,
            D2,
            positions="instrument_id,quantity\n",
            prices="instrument_id,date,price,currency\n",
            prior=desk.document("prior.json", '{"nav": 1}'),
        )
        problem = desk.prepare(request)[1].problems[0]
        assert (problem.code, problem.file) == ("nav.prior-unreadable", "prior.json")
