"""Each check of a proposed price below, at, and above its limit; at the limit it passes."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

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


def moved(desk: PricingDesk, kind: str, price: str, prior: str = "100", **given: Any) -> Examined:
    """One instrument X of a type, priced by A, with a prior price of the day before."""
    request = desk.request(
        f"{INSTRUMENTS}X,{kind},EUR\n",
        f"{QUOTES}X,{DAY},A,close,{price}\n",
        policy=policy(limits=limits()),
        history=f"{HISTORY}X,{PRIOR},{prior}\n",
        **given,
    )
    return desk.examine(request)


@pytest.mark.parametrize(
    ("kind", "price", "outcome"),
    [
        ("equity", "104.99", "pass"),
        ("equity", "105", "pass"),
        ("equity", "105.0000000001", "review"),
        ("equity", "95", "pass"),
        ("equity", "94.9999999999", "review"),
        ("bond", "101", "pass"),
        ("bond", "101.0000000001", "review"),
        ("bond", "99", "pass"),
        ("bond", "98.99", "review"),
        ("fx", "105", "pass"),
        ("fx", "105.01", "review"),
        ("fund", "101.01", "review"),
    ],
)
def test_ops_6_change_since_the_prior_price(
    desk: PricingDesk, kind: str, price: str, outcome: str
) -> None:
    examined = moved(desk, kind, price)
    assert examined.outcome("X", "own-change") == outcome
    assert (examined.exception("X") is not None) == (outcome == "review")


def test_change_says_what_it_saw(desk: PricingDesk) -> None:
    found = moved(desk, "equity", "90").check("X", "own-change")
    assert found["value"] == Decimal("-0.10000000")
    assert found["limit"] == Decimal("0.05")
    assert found["evidence"] == "-10.0 % from 100 on 2024-01-02 to 90 (A)"


class TestCorporateActions:
    """A split or dividend explains a change, and is missed when it does not show."""

    SPLIT = f"ca_id,instrument_id,type,ex_date,ratio\n1,X,split,{DAY},2\n"

    def test_split_explains_half_the_price(self, desk: PricingDesk) -> None:
        examined = moved(desk, "equity", "50.5", corporate_actions=self.SPLIT)
        assert examined.outcome("X", "own-change") == "pass"
        assert examined.check("X", "own-change")["value"] == Decimal("0.01")
        assert examined.outcome("X", "corporate-action") == "pass"

    def test_price_that_does_not_show_the_split_is_asked_about(self, desk: PricingDesk) -> None:
        examined = moved(desk, "equity", "100.5", corporate_actions=self.SPLIT)
        assert examined.outcome("X", "corporate-action") == "review"
        assert examined.check("X", "corporate-action")["evidence"] == (
            "split 2 ex 2024-01-03: expected about 50, found 100.5 (A)"
        )

    def test_action_before_the_prior_price_is_in_it_already(self, desk: PricingDesk) -> None:
        old = self.SPLIT.replace(str(DAY), str(PRIOR))
        assert moved(desk, "equity", "50", corporate_actions=old).outcome(
            "X", "own-change"
        ) == "review"  # fmt: skip

    def test_dividend_is_taken_off(self, desk: PricingDesk) -> None:
        action = f"ca_id,instrument_id,type,ex_date,rate\n1,X,dividend,{DAY},8\n"
        examined = moved(desk, "equity", "92", corporate_actions=action)
        assert examined.check("X", "own-change")["value"] == 0
        assert examined.outcome("X", "corporate-action") == "pass"

    def test_dividend_in_pounds_off_a_price_in_pence(self, desk: PricingDesk) -> None:
        request = desk.request(
            "instrument_id,type,currency,unit\nX,equity,GBP,GBX\n",
            f"{QUOTES}X,{DAY},A,close,920\n",
            policy=policy(limits=limits()),
            history=f"{HISTORY}X,{PRIOR},1000\n",
            corporate_actions=f"ca_id,instrument_id,type,ex_date,rate\n1,X,dividend,{DAY},0.8\n",
        )
        assert desk.examine(request).check("X", "own-change")["value"] == 0


def history_of(prices: list[str]) -> str:
    """Prices of X on the weekdays before DAY, the oldest first."""
    days: list[date] = []
    day = DAY
    while len(days) < len(prices):
        day -= timedelta(days=1)
        if day.weekday() < 5:
            days.append(day)
    return HISTORY + "".join(
        f"X,{when},{price}\n" for when, price in zip(reversed(days), prices, strict=True)
    )


class TestVolatility:
    """Ten changes of +1 % and -1 % in turn, whose standard deviation is 0.0105409255."""

    def examined(self, desk: PricingDesk, price: str, multiple: str) -> Examined:
        prices = ["100"]
        for number in range(10):
            factor = Decimal("1.01") if number % 2 == 0 else Decimal("0.99")
            prices.append(str((Decimal(prices[-1]) * factor).quantize(Decimal("1e-10"))))
        rules = limits(volatility_multiple=Decimal(multiple), volatility_observations=10)
        request = desk.request(
            f"{INSTRUMENTS}X,equity,EUR\n",
            f"{QUOTES}X,{DAY},A,close,{price}\n",
            policy=policy(limits=rules),
            history=history_of(prices),
        )
        return desk.examine(request)

    def test_multiple_at_and_above_the_limit(self, desk: PricingDesk) -> None:
        measured = self.examined(desk, "102", "1").check("X", "volatility")["value"]
        assert abs(float(measured) - (102 / 99.9500099990 - 1) / 0.0105409255) < 0.3
        assert self.examined(desk, "102", str(measured)).outcome("X", "volatility") == "pass"
        just_below = measured - Decimal("0.00000001")
        assert self.examined(desk, "102", str(just_below)).outcome("X", "volatility") == "review"

    def test_too_few_prices_say_nothing(self, desk: PricingDesk) -> None:
        request = desk.request(
            f"{INSTRUMENTS}X,equity,EUR\n",
            f"{QUOTES}X,{DAY},A,close,120\n",
            policy=policy(),
            history=history_of(["100", "101"]),
        )
        assert desk.examine(request).outcome("X", "volatility") is None


class TestOldPrices:
    """Stale by trading days, and the same number again and again."""

    def stale(
        self, desk: PricingDesk, quoted: date, *, calendar: str = "WEEKDAYS", **rules: Any
    ) -> Examined:
        request = desk.request(
            f"instrument_id,type,currency,calendar\nX,equity,EUR,{calendar}\n",
            f"{QUOTES}X,{quoted},A,close,100\n",
            policy=policy(limits=limits(**rules)),
        )
        return desk.examine(request)

    def test_limit_in_trading_days(self, desk: PricingDesk) -> None:
        friday = date(2023, 12, 29)
        assert self.stale(desk, DAY).outcome("X", "stale") == "pass"
        assert self.stale(desk, PRIOR).outcome("X", "stale") == "review"
        assert self.stale(desk, friday, stale_days=3).outcome("X", "stale") == "pass"
        assert self.stale(desk, friday, stale_days=2).outcome("X", "stale") == "review"
        assert self.stale(desk, friday).check("X", "stale")["value"] == 3

    def test_ops_6_holiday_allows_a_stale_price_with_its_reason(self, desk: PricingDesk) -> None:
        """Independence Day 2023 was a Tuesday; the day before closed early, but traded."""
        request = desk.request(
            "instrument_id,type,currency,calendar\nX,equity,USD,NYSE\nY,equity,USD,WEEKDAYS\n",
            f"{QUOTES}X,2023-07-03,A,close,100\nY,2023-07-03,A,close,100\n",
            policy=policy(limits=limits()),
            day=date(2023, 7, 4),
        )
        examined = desk.examine(request)
        assert examined.outcome("X", "stale") == "pass"
        assert examined.check("X", "stale")["evidence"] == (
            "NYSE is closed on 2023-07-04; the price is of 2023-07-03, the last trading day"
        )
        assert examined.row("X")["age_days"] == 0
        assert examined.outcome("Y", "stale") == "review"

    @pytest.mark.parametrize(("same", "outcome"), [(3, "pass"), (4, "pass"), (5, "review")])
    def test_unchanged_prices_in_a_row(self, desk: PricingDesk, same: int, outcome: str) -> None:
        """The limit is 5 in a row, today's among them."""
        request = desk.request(
            f"{INSTRUMENTS}X,equity,EUR\n",
            f"{QUOTES}X,{DAY},A,close,100\n",
            policy=policy(limits=limits()),
            history=history_of(["100", "99", *["100"] * same]),
        )
        examined = desk.examine(request)
        assert examined.outcome("X", "unchanged") == outcome
        assert examined.check("X", "unchanged")["value"] == same + 1

    def test_unchanged_over_holidays_is_not_counted(self, desk: PricingDesk) -> None:
        request = desk.request(
            "instrument_id,type,currency,calendar\nX,equity,USD,NYSE\n",
            f"{QUOTES}X,2023-07-05,A,close,100\n",
            policy=policy(limits=limits(unchanged_days=2)),
            day=date(2023, 7, 5),
            history=HISTORY + "".join(f"X,2023-07-0{n},100\n" for n in (1, 2, 3, 4)),
        )
        assert desk.examine(request).outcome("X", "unchanged") == "pass"


class TestMarkets:
    """Benchmark, peer, and sector; the limit is a difference of 5 % points."""

    def test_benchmark(self, desk: PricingDesk) -> None:
        series = f"series_id,date,level\nIDX,{PRIOR},1000\nIDX,{DAY},950\n"
        master = "instrument_id,type,currency,benchmark\nX,equity,EUR,IDX\n"

        def outcome(price: str) -> str | None:
            request = desk.request(
                master,
                f"{QUOTES}X,{DAY},A,close,{price}\n",
                policy=policy(limits=limits()),
                history=f"{HISTORY}X,{PRIOR},100\n",
                series=series,
            )
            return desk.examine(request).outcome("X", "benchmark")

        assert [outcome(price) for price in ("95", "100", "100.000001", "90", "89.99")] == [
            "pass",
            "pass",
            "review",
            "pass",
            "review",
        ]

    def test_series_that_ends_early_says_nothing(self, desk: PricingDesk) -> None:
        request = desk.request(
            "instrument_id,type,currency,benchmark\nX,equity,EUR,IDX\n",
            f"{QUOTES}X,{DAY},A,close,120\n",
            policy=policy(limits=limits()),
            history=f"{HISTORY}X,{PRIOR},100\n",
            series=f"series_id,date,level\nIDX,{PRIOR},1000\n",
        )
        assert desk.examine(request).outcome("X", "benchmark") is None

    @pytest.mark.parametrize(("price", "outcome"), [("105", "pass"), ("106", "review")])
    def test_peer(self, desk: PricingDesk, price: str, outcome: str) -> None:
        request = desk.request(
            "instrument_id,type,currency,peer\nX,equity,EUR,Y\nY,equity,EUR,\n",
            f"{QUOTES}X,{DAY},A,close,{price}\nY,{DAY},A,close,50\n",
            policy=policy(limits=limits(change={"equity": Decimal("0.5")})),
            history=f"{HISTORY}X,{PRIOR},100\nY,{PRIOR},50\n",
        )
        assert desk.examine(request).outcome("X", "peer") == outcome

    def test_sector_median_needs_members(self, desk: PricingDesk) -> None:
        names = ["X", *"BCDEF"]

        def outcome(members: int) -> str | None:
            rows = names[: members + 1]
            request = desk.request(
                "instrument_id,type,currency,sector\n"
                + "".join(f"{name},equity,EUR,S\n" for name in rows),
                QUOTES
                + "".join(f"{name},{DAY},A,close,{107 if name == 'X' else 101}\n" for name in rows),
                policy=policy(limits=limits(change={"equity": Decimal("0.5")})),
                history=HISTORY + "".join(f"{name},{PRIOR},100\n" for name in rows),
            )
            return desk.examine(request).outcome("X", "sector")

        assert outcome(4) is None
        assert outcome(5) == "review"


class TestSourceSpread:
    """0.5 % flagged, under 1 % primary, 1-5 % verified by a second source, over 5 % committee."""

    def examined(self, desk: PricingDesk, *others: str) -> Examined:
        rows = "".join(
            f"X,{DAY},{source},close,{price}\n" for source, price in zip("BC", others, strict=False)
        )
        request = desk.request(
            f"{INSTRUMENTS}X,equity,EUR\n",
            f"{QUOTES}X,{DAY},A,close,100\n{rows}",
            policy=policy(limits=limits()),
        )
        return desk.examine(request)

    @pytest.mark.parametrize(
        ("other", "outcome"),
        [
            ("100.49", "pass"),
            ("100.5", "pass"),
            ("99.5", "pass"),
            ("100.5000000001", "warn"),
            ("101", "warn"),
            ("99", "warn"),
            ("101.0000000001", "review"),
            ("105", "review"),
            ("95", "review"),
            ("105.0000000001", "committee"),
            ("94.99", "committee"),
        ],
    )
    def test_ops_6_bands(self, desk: PricingDesk, other: str, outcome: str) -> None:
        examined = self.examined(desk, other)
        assert examined.outcome("X", "source-spread") == outcome
        assert examined.row("X")["source"] == "A"
        exception = examined.exception("X")
        assert (exception.severity if exception else "none") == (
            outcome if outcome in ("review", "committee") else "none"
        )

    def test_ops_6_second_source_settles_up_to_five_percent(self, desk: PricingDesk) -> None:
        settled = self.examined(desk, "104", "101")
        assert settled.outcome("X", "source-spread") == "warn"
        assert settled.check("X", "source-spread")["evidence"].endswith("; C confirms it")
        assert self.examined(desk, "104", "101.01").outcome("X", "source-spread") == "review"
        assert self.examined(desk, "106", "100").outcome("X", "source-spread") == "committee"

    def test_prices_of_other_days_are_not_compared(self, desk: PricingDesk) -> None:
        request = desk.request(
            f"{INSTRUMENTS}X,equity,EUR\n",
            f"{QUOTES}X,{DAY},A,close,100\nX,{PRIOR},B,close,120\n",
            policy=policy(limits=limits()),
        )
        assert desk.examine(request).outcome("X", "source-spread") is None


class TestYieldRange:
    """A five-year 5 % annual bond at par yields 5 %."""

    def outcome(self, desk: PricingDesk, price: str, **rules: Any) -> Examined:
        request = desk.request(
            "instrument_id,type,currency,unit,convention,maturity,coupon_rate\n"
            "X,bond,EUR,per100,icma-annual,2029-01-03,0.05\n",
            f"{QUOTES}X,{DAY},A,close,{price}\n",
            policy=policy(limits=limits(**rules)),
        )
        return desk.examine(request)

    def test_yield_below_at_and_above_the_limit(self, desk: PricingDesk) -> None:
        par = self.outcome(desk, "100")
        assert par.check("X", "yield-range")["value"] == Decimal("0.05000000")
        assert par.outcome("X", "yield-range") == "pass"
        at = self.outcome(desk, "100", yield_high=Decimal("0.05"))
        assert at.outcome("X", "yield-range") == "pass"
        above = self.outcome(desk, "100", yield_high=Decimal("0.0499"))
        assert above.outcome("X", "yield-range") == "review"
        below = self.outcome(desk, "100", yield_low=Decimal("0.0501"))
        assert below.outcome("X", "yield-range") == "review"
        assert below.check("X", "yield-range")["limit"] == Decimal("0.0501")

    def test_misplaced_digit_shows(self, desk: PricingDesk) -> None:
        assert self.outcome(desk, "10").outcome("X", "yield-range") == "review"


class TestExchangeRates:
    """Change since the day before, and triangles."""

    FX = "date,base,quote,rate\n"

    def examined(self, desk: PricingDesk, rates: str) -> Examined:
        request = desk.request(
            f"{INSTRUMENTS}X,equity,EUR\n",
            f"{QUOTES}X,{DAY},A,close,100\n",
            policy=policy(limits=limits()),
            fx=self.FX + rates,
        )
        return desk.examine(request)

    @pytest.mark.parametrize(
        ("rate", "outcome"), [("1.05", "pass"), ("0.95", "pass"), ("1.050000000001", "review")]
    )
    def test_ops_6_change_of_a_rate(self, desk: PricingDesk, rate: str, outcome: str) -> None:
        examined = self.examined(desk, f"{PRIOR},EUR,USD,1\n{DAY},EUR,USD,{rate}\n")
        assert examined.outcome("FX:EUR/USD", "fx-change") == outcome

    @pytest.mark.parametrize(
        ("cross", "outcome"),
        [("1.6", "pass"), ("1.6016", "pass"), ("1.5984", "pass"), ("1.601600000001", "review")],
    )
    def test_triangle(self, desk: PricingDesk, cross: str, outcome: str) -> None:
        """EUR/USD 1.2 and EUR/GBP 0.75 make GBP/USD 1.6; the limit is 0.1 %."""
        examined = self.examined(
            desk, f"{DAY},EUR,USD,1.2\n{DAY},EUR,GBP,0.75\n{DAY},GBP,USD,{cross}\n"
        )
        assert examined.outcome("FX:GBP/USD", "fx-triangle") == outcome

    def test_rates_of_one_base_have_no_triangle(self, desk: PricingDesk) -> None:
        examined = self.examined(desk, f"{DAY},EUR,USD,1.2\n{DAY},EUR,GBP,0.75\n")
        assert examined.outcome("FX:EUR/USD", "fx-triangle") is None


def test_policy_may_change_what_a_failed_check_does(desk: PricingDesk) -> None:
    lenient = policy(limits=limits(), severities={"own-change": "warn"})
    request = desk.request(
        f"{INSTRUMENTS}X,equity,EUR\n",
        f"{QUOTES}X,{DAY},A,close,200\n",
        policy=lenient,
        history=f"{HISTORY}X,{PRIOR},100\n",
    )
    examined = desk.examine(request)
    assert examined.outcome("X", "own-change") == "warn"
    assert examined.exception("X") is None
    assert examined.row("X")["flags"] == "own-change"
