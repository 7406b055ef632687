"""Every rung of the fair-value waterfall, what its price record says, and who must approve."""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import exp
from typing import Any, Literal

import pytest

from pricing_desk import (
    DAY,
    HISTORY,
    INSTRUMENTS,
    PRIOR,
    QUOTES,
    Examined,
    PricingDesk,
    limits,
    policy,
)
from tenuto.packs.finance.pricing.math.forwards import forward_rate
from tenuto.packs.finance.pricing.math.levels import level_of
from tenuto.packs.finance.pricing.math.options import European, option_price

OTHER = f"{QUOTES}Q,{DAY},A,close,1\n"
"""A quote file that says nothing about what is asked."""

BOND = (
    "instrument_id,type,currency,unit,model,convention,maturity,coupon_rate,curve\n"
    "X,bond,EUR,per100,bond,icma-annual,2029-01-03,0.05,EUR-GOV\n"
)


def valued(desk: PricingDesk, master: str, quotes: str = OTHER, **given: Any) -> Examined:
    request = desk.request(master, quotes, policy=policy(limits=limits()), **given)
    return desk.examine(request)


class TestRungs:
    """OPS-7: prior price, broker, model, person."""

    def test_ops_7_market_closed_keeps_the_prior_price_with_its_reason(
        self, desk: PricingDesk
    ) -> None:
        request = desk.request(
            "instrument_id,type,currency,calendar\nX,equity,USD,NYSE\n",
            OTHER,
            policy=policy(limits=limits()),
            day=date(2023, 7, 4),
            history=f"{HISTORY}X,2023-07-03,100\n",
        )
        found = desk.examine(request)
        row = found.row("X")
        assert (row["price"], row["method"], row["date"]) == (100, "prior", date(2023, 7, 3))
        assert json.loads(row["inputs"])["reason"] == (
            "NYSE is closed on 2023-07-04, so the prior price stands"
        )
        assert found.outcome("X", "fair-value") == "warn"
        assert found.exception("X") is None

    def test_ops_7_open_market_asks_a_broker(self, desk: PricingDesk) -> None:
        found = valued(
            desk,
            f"{INSTRUMENTS}X,bond,EUR\n",
            f"{QUOTES}X,{DAY},D,mid,99\n",
            history=f"{HISTORY}X,{PRIOR},98.5\n",
        )
        row = found.row("X")
        assert (row["price"], row["method"], row["source"], row["level"]) == (99, "broker", "D", 3)
        assert found.outcome("X", "fair-value") == "review"
        exception = found.exception("X")
        assert exception is not None
        assert exception.suggestion.action == "accept"

    def test_two_brokers_that_agree_are_level_2(self, desk: PricingDesk) -> None:
        def level(second: str) -> object:
            quotes = f"{QUOTES}X,{DAY},D,mid,100\nX,{DAY},E,mid,{second}\n"
            return valued(desk, f"{INSTRUMENTS}X,bond,EUR\n", quotes).row("X")["level"]

        assert [level("101"), level("101.0000000001")] == [2, 3]

    def test_old_broker_quote_is_not_asked(self, desk: PricingDesk) -> None:
        quotes = f"{QUOTES}X,{PRIOR},D,mid,99\n"
        assert valued(desk, f"{INSTRUMENTS}X,bond,EUR\n", quotes).row("X")["price"] is None

    def test_ops_7_model_prices_a_bond_from_its_yield(self, desk: PricingDesk) -> None:
        """A 5 % bond at a yield of 5 % on a coupon date is at par."""
        found = valued(
            desk, BOND.replace("EUR-GOV", ""),
            model_inputs="instrument_id,name,value,source,level\nX,yield,0.05,desk,2\n",
        )  # fmt: skip
        row = found.row("X")
        assert (row["price"], row["method"], row["level"]) == (100, "model", 2)
        assert json.loads(row["inputs"])["yield"] == "0.05 (desk)"

    def test_matrix_price_is_curve_and_spread_and_never_level_1(self, desk: PricingDesk) -> None:
        """Five years between 4 (3 %) and 6 (5 %) give 4 %, and 1 % of spread makes par."""
        curve = "curve_id,years,rate,source,level\nEUR-GOV,4,0.03,ecb,1\nEUR-GOV,6,0.05,ecb,1\n"
        found = valued(
            desk,
            BOND,
            curves=curve,
            model_inputs="instrument_id,name,value,level\nX,spread,0.01,1\n",
        )
        row = found.row("X")
        # 1827 days are 5.00548 years: a yield of 5.00548 %, 0.00548 % x 4.33 below par.
        assert abs(row["price"] - Decimal("99.9763")) < Decimal("0.0001")
        assert row["level"] == 2
        assert set(json.loads(row["inputs"])) == {"curve rate", "spread", "reason"}

    def test_unobservable_input_makes_level_3(self, desk: PricingDesk) -> None:
        found = valued(
            desk,
            BOND.replace("EUR-GOV", ""),
            model_inputs="instrument_id,name,value\nX,yield,0.05\n",
        )
        assert found.row("X")["level"] == 3

    def test_option_on_the_proposed_price_of_its_underlying(self, desk: PricingDesk) -> None:
        """Put-call parity: call - put = spot - strike x exp(-rate x years)."""
        found = valued(
            desk,
            "instrument_id,type,currency,model,maturity,underlying,strike,option_type\n"
            "S,equity,USD,,,,,\n"
            "C,option,USD,option,2025-01-02,S,40,call\nP,option,USD,option,2025-01-02,S,40,put\n",
            f"{QUOTES}S,{DAY},A,close,42\n",
            model_inputs="instrument_id,name,value\nC,rate,0.1\nC,volatility,0.2\n"
            "P,rate,0.1\nP,volatility,0.2\n",
        )
        apart = found.row("C")["price"] - found.row("P")["price"]
        assert abs(float(apart) - (42 - 40 * exp(-0.1))) < 1e-7

    def test_forward_by_covered_parity(self, desk: PricingDesk) -> None:
        found = valued(
            desk,
            "instrument_id,type,currency,model,maturity,underlying\n"
            "S,fx,USD,,,\nF,fx_forward,USD,fx_forward,2024-12-28,S\n",
            f"{QUOTES}S,{DAY},A,close,1.1\n",
            model_inputs="instrument_id,name,value\nF,rate,0.05\nF,foreign_rate,0.03\n",
        )
        assert found.row("F")["price"] == Decimal("1.12135922")  # 1.1 x 1.05 / 1.03, 360 days

    def test_model_without_its_inputs_says_what_it_lacks(self, desk: PricingDesk) -> None:
        found = valued(desk, BOND.replace("EUR-GOV", ""))
        assert found.row("X")["price"] is None
        assert "neither a yield nor a curve" in found.check("X", "missing")["evidence"]


class TestMateriality:
    """A missing or fair-valued price of more than 1 % of the portfolio is the committee's."""

    @pytest.mark.parametrize(
        ("weight", "outcome"),
        [("0.01", "review"), ("0.0101", "committee"), ("-0.02", "committee"), ("0", "warn")],
    )
    def test_missing_price_by_weight(self, desk: PricingDesk, weight: str, outcome: str) -> None:
        found = valued(
            desk, f"{INSTRUMENTS}X,bond,EUR\n", holdings=f"instrument_id,weight\nX,{weight}\n"
        )
        assert found.outcome("X", "missing") == outcome

    def test_missing_price_of_what_is_not_held_only_warns(self, desk: PricingDesk) -> None:
        found = valued(
            desk,
            f"{INSTRUMENTS}X,bond,EUR\nY,bond,EUR\n",
            holdings="instrument_id,weight\nY,0.5\n",
        )
        assert found.outcome("X", "missing") == "warn"

    def test_ops_7_material_model_price_goes_to_the_committee(self, desk: PricingDesk) -> None:
        found = valued(
            desk,
            BOND.replace("EUR-GOV", ""),
            model_inputs="instrument_id,name,value\nX,yield,0.05\n",
            holdings="instrument_id,weight\nX,0.0101\n",
        )
        exception = found.exception("X")
        assert exception is not None
        assert exception.severity == "committee"


class TestLevels:
    """IFRS 13: the level of a price is that of its lowest significant input."""

    def test_level_is_the_lowest_of_evidence_inputs_and_hint(self) -> None:
        assert level_of("own-market-today") == 1
        assert level_of("own-market-today", 2) == 2
        assert level_of("own-market-today", None, 3) == 3
        assert level_of("model", 1, 1) == 2
        assert level_of("person") == 3

    @pytest.mark.parametrize(
        ("source", "day", "hint", "level"),
        [
            ("A", DAY, "", 1),
            ("A", PRIOR, "", 2),
            ("B", DAY, "", 2),
            ("A", DAY, "3", 3),
            ("B", DAY, "1", 2),
        ],
    )
    def test_level_of_a_source_price(
        self, desk: PricingDesk, source: str, day: date, hint: str, level: int
    ) -> None:
        found = valued(
            desk,
            f"instrument_id,type,currency,level_hint\nX,equity,EUR,{hint}\n",
            f"{QUOTES}X,{day},{source},close,10\n",
        )
        assert found.row("X")["level"] == level

    def test_transfers_against_the_prior_set(self, desk: PricingDesk) -> None:
        rules = policy(limits=limits())
        master = f"{INSTRUMENTS}X,equity,EUR\nY,equity,EUR\n"
        first = desk.request(
            master, f"{QUOTES}X,{PRIOR},A,close,10\nY,{PRIOR},A,close,5\n", policy=rules, day=PRIOR
        )
        desk.publish(desk.examine(first))
        second = desk.request(
            master, f"{QUOTES}X,{DAY},B,close,10.1\nY,{DAY},A,close,5\n", policy=rules
        )
        (moved,) = desk.publish(desk.examine(second)).report.transfers
        assert (moved.instrument_id, moved.prior_level, moved.level) == ("X", 1, 2)
        assert moved.reason.startswith("A before, now B by source")


@pytest.mark.parametrize(("kind", "price"), [("call", 4.76), ("put", 0.81)])
def test_published_option_prices(kind: Literal["call", "put"], price: float) -> None:
    """Hull, Options, Futures, and Other Derivatives, 9th edition, example 15.6."""
    terms = European(
        kind=kind, underlying=42, strike=40, years=0.5, rate=0.1, dividend_yield=0, volatility=0.2
    )
    assert round(option_price(terms), 2) == price


def test_option_at_expiry_is_worth_its_intrinsic_value() -> None:
    terms = European(
        kind="call", underlying=105, strike=100, years=0, rate=0.1, dividend_yield=0, volatility=0.3
    )
    assert option_price(terms) == 5


def test_forward_of_today_is_the_spot_rate() -> None:
    spot, rate = Fraction("1.1"), Fraction("0.05")
    assert forward_rate(spot, rate, Fraction(0), DAY, DAY) == spot
