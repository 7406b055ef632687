"""Which quote prices an instrument, and the reason kept for each source that does not."""

from decimal import Decimal

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
from tenuto.packs.finance.pricing.handoffs import Exclusion
from tenuto.packs.finance.pricing.policy import SourceStep, WaterfallRule

MASTER = "instrument_id,type,currency,unit\n"


def examined(desk: PricingDesk, rows: str, *, master: str = "X,equity,EUR,unit\n") -> Examined:
    """Instrument X by sources A, B, C, with a prior price of 100."""
    header = "instrument_id,date,source,field,price,currency,unit,received_at\n"
    request = desk.request(
        MASTER + master,
        header + rows,
        policy=policy(limits=limits()),
        history=f"{HISTORY}X,{PRIOR},100\n",
    )
    return desk.examine(request)


@pytest.mark.parametrize(
    ("first", "reason"),
    [
        ("", "missing"),
        ("X,2023-12-01,A,close,100,,,\n", "too-old"),
        (f"X,{DAY},A,close,100,USD,,\n", "currency"),
        (f"X,{DAY},A,close,0,,,\n", "not-positive"),
        (f"X,{DAY},A,close,-1,,,\n", "not-positive"),
        (f"X,{DAY},A,close,99,,,\nX,{DAY},A,bid,100,,,\nX,{DAY},A,ask,101,,,\n", "outside-spread"),
        (f"X,{DAY},A,close,100,,,\nX,{DAY},A,bid,101,,,\nX,{DAY},A,ask,100,,,\n", "bid-over-ask"),
        (f"X,{DAY},A,close,10000,,,\n", "unit-change"),
        (f"X,{DAY},A,close,1,,,\n", "unit-change"),
        (f"X,{DAY},A,close,100,,,\nX,{DAY},A,close,101,,,\n", "two-prices"),
        (f"X,{DAY},A,close,100,,GBX,\n", "unit"),
        ("X,2024-01-04,A,close,100,,,\n", "missing"),
    ],
)  # fmt: skip
def test_ops_6_skipped_source_keeps_its_reason(desk: PricingDesk, first: str, reason: str) -> None:
    found = examined(desk, first + f"X,{DAY},B,close,100.1,,,\n")
    assert found.reasons("X") == [
        ("A", "skipped", reason),
        ("B", "used", None),
        ("C", "skipped", "missing"),
    ]
    assert found.row("X")["price"] == Decimal("100.1")
    assert found.row("X")["source"] == "B"
    if reason not in ("missing", "too-old"):
        assert found.outcome("X", reason) == "warn"
        assert reason in found.row("X")["flags"].split(",")


def test_excluded_source_is_skipped_and_the_next_one_used(desk: PricingDesk) -> None:
    request = desk.request(
        f"{INSTRUMENTS}X,equity,EUR\n",
        f"{QUOTES}X,{DAY},A,close,1\nX,{DAY},B,close,2\nX,{DAY},C,close,3\n",
        policy=policy(limits=limits()),
    )
    found = desk.examine(request, [Exclusion(instrument_id="X", source="A")])
    assert found.reasons("X") == [
        ("A", "skipped", "excluded"),
        ("B", "used", None),
        ("C", "spare", None),
    ]


def test_rank_decides_within_the_look_back(desk: PricingDesk) -> None:
    found = examined(desk, f"X,{PRIOR},A,close,100,,,\nX,{DAY},B,close,101,,,\n")
    assert found.row("X")["source"] == "A"
    exception = found.exception("X")
    assert exception is not None
    assert (exception.suggestion.action, exception.suggestion.source) == ("next_source", "B")


def test_newest_quote_of_a_source_decides_even_when_it_is_wrong(desk: PricingDesk) -> None:
    found = examined(desk, f"X,{PRIOR},A,close,100,,,\nX,{DAY},A,close,0,,,\n")
    assert found.reasons("X")[0] == ("A", "skipped", "not-positive")


def test_correction_received_later_replaces_the_first_price(desk: PricingDesk) -> None:
    found = examined(
        desk,
        f"X,{DAY},A,close,100,,,{DAY}T17:00:00Z\nX,{DAY},A,close,101,,,{DAY}T17:30:00Z\n",
    )
    assert found.row("X")["price"] == 101
    assert found.outcome("X", "two-prices") is None
    published = desk.publish(found)
    score = next(each for each in published.report.sources if each.source == "A")
    assert score.corrected == 1


def test_same_quote_in_two_files_is_one(desk: PricingDesk) -> None:
    row = f"X,{DAY},A,close,100\n"
    request = desk.request(
        f"{INSTRUMENTS}X,equity,EUR\n",
        [QUOTES + row, f"{QUOTES}Y,{DAY},A,close,1\n{row}"],
        policy=policy(limits=limits()),
    )
    found = desk.examine(request)
    assert found.row("X")["price"] == 100
    assert found.outcome("X", "two-prices") is None


class TestUnits:
    """Pence and pounds, per 100 and per unit: converted where it is said, questioned where not."""

    @pytest.mark.parametrize(
        ("unit", "given", "price", "expected"),
        [
            ("GBX", "unit", "1.2345", "123.45"),
            ("unit", "GBX", "123.45", "1.2345"),
            ("GBX", "GBX", "123.45", "123.45"),
            ("unit", "per100", "99.5", "0.995"),
            ("per100", "unit", "0.995", "99.5"),
        ],
    )
    def test_stated_unit_is_converted(
        self, desk: PricingDesk, unit: str, given: str, price: str, expected: str
    ) -> None:
        request = desk.request(
            f"{MASTER}X,equity,GBP,{unit}\n",
            f"instrument_id,date,source,field,price,unit\nX,{DAY},A,close,{price},{given}\n",
            policy=policy(limits=limits()),
        )
        found = desk.examine(request)
        assert found.row("X")["price"] == Decimal(expected)
        assert found.row("X")["unit"] == unit

    @pytest.mark.parametrize(
        ("price", "is_questioned"),
        [("79.9", False), ("80", True), ("125", True), ("125.1", False)],
    )
    def test_unstated_change_of_unit(
        self, desk: PricingDesk, price: str, is_questioned: bool
    ) -> None:
        """From 1 to within 25 % of 100."""
        request = desk.request(
            f"{INSTRUMENTS}X,equity,EUR\n",
            f"{QUOTES}X,{DAY},A,close,{price}\n",
            policy=policy(limits=limits()),
            history=f"{HISTORY}X,{PRIOR},1\n",
        )
        reason = desk.examine(request).reasons("X")[0][2]
        assert (reason == "unit-change") is is_questioned


class TestFields:
    """Close, bid, ask, and a mid that is made of them."""

    def test_mid_is_made_of_bid_and_ask(self, desk: PricingDesk) -> None:
        rule = WaterfallRule(rule_id="all", field="mid", steps=(SourceStep(source="A"),))
        request = desk.request(
            f"{INSTRUMENTS}X,equity,EUR\n",
            f"{QUOTES}X,{DAY},A,bid,100.01\nX,{DAY},A,ask,100.02\n",
            policy=policy(limits=limits(), waterfall=(rule,)),
        )
        row = desk.examine(request).row("X")
        assert row["price"] == Decimal("100.015")
        assert len(row["quote_ref"].split(",")) == 2

    def test_sent_mid_is_taken_as_it_is(self, desk: PricingDesk) -> None:
        rule = WaterfallRule(rule_id="all", field="mid", steps=(SourceStep(source="A"),))
        request = desk.request(
            f"{INSTRUMENTS}X,equity,EUR\n",
            f"{QUOTES}X,{DAY},A,bid,100\nX,{DAY},A,ask,102\nX,{DAY},A,mid,100.5\n",
            policy=policy(limits=limits(), waterfall=(rule,)),
        )
        assert desk.examine(request).row("X")["price"] == Decimal("100.5")


def test_first_rule_that_fits_prices_an_instrument(desk: PricingDesk) -> None:
    rules = (
        WaterfallRule(rule_id="one", instruments=("Y",), steps=(SourceStep(source="C"),)),
        WaterfallRule(rule_id="us", countries=("US",), steps=(SourceStep(source="B"),)),
        WaterfallRule(rule_id="bonds", types=("bond",), currencies=("EUR",),
                      steps=(SourceStep(source="B"),)),
        WaterfallRule(rule_id="rest", steps=(SourceStep(source="A"),)),
    )  # fmt: skip
    request = desk.request(
        "instrument_id,type,currency,country\nX,equity,EUR,\nY,equity,EUR,US\nZ,equity,EUR,US\n"
        "B,bond,EUR,DE\nU,bond,USD,DE\n",
        QUOTES + "".join(f"{n},{DAY},{s},close,1\n" for n in "XYZBU" for s in "ABC"),
        policy=policy(limits=limits(), waterfall=rules),
    )
    found = desk.examine(request)
    assert [found.row(name)["rule"] for name in "XYZBU"] == ["rest", "one", "us", "bonds", "rest"]


def test_isin_shared_by_two_currencies_is_told_apart_by_the_quote(desk: PricingDesk) -> None:
    request = desk.request(
        "instrument_id,type,currency,isin\nL,equity,GBP,GB00X\nU,equity,USD,GB00X\n",
        "identifier,date,source,field,price,currency\n"
        f"GB00X,{DAY},A,close,10,GBP\nGB00X,{DAY},A,close,13,USD\n",
        policy=policy(limits=limits()),
    )
    found = desk.examine(request)
    assert [found.row(name)["price"] for name in "LU"] == [10, 13]


def test_quotes_of_strangers_are_kept_and_never_used(desk: PricingDesk) -> None:
    request = desk.request(
        f"{INSTRUMENTS}X,equity,EUR\n",
        f"{QUOTES}X,{DAY},A,close,10\nX,{DAY},NOBODY,close,99\nQ,{DAY},A,close,5\n",
        policy=policy(limits=limits()),
    )
    found = desk.examine(request)
    published = desk.publish(found)
    assert published.report.counts.quotes == 3
    stranger = next(each for each in published.report.sources if each.source == "NOBODY")
    assert (stranger.kind, stranger.used, stranger.score) == (None, 0, None)
