"""Time-weighted returns, true and by Modified Dietz, against worked examples in print."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.activities.calculate.math.linking import Chain, FlowTiming, Method, link

Amounts = dict[date, Decimal]


def day(text: str) -> date:
    return date.fromisoformat(text)


def chain(
    valuations: dict[str, str],
    flows: dict[str, str] | None = None,
    *,
    method: Method = "daily",
    timing: FlowTiming = "end-of-day",
    charges: dict[str, str] | None = None,
) -> Chain:
    return link(
        [(day(each), Decimal(value)) for each, value in valuations.items()],
        {day(each): Decimal(amount) for each, amount in (flows or {}).items()},
        charges={day(each): Decimal(amount) for each, amount in (charges or {}).items()},
        method=method,
        timing=timing,
        is_dealing_day=lambda each: each.weekday() < 5,
    )


def last(linked: Chain) -> Decimal:
    return linked.index[max(linked.index)] - 1


def test_modified_dietz_of_one_redemption() -> None:
    """Practice question "Judy Picoo, JP Fund" for the CFA examination, GIPS.

    50.0 m on 28 February 2003, 51.5 m on 31 March, 500,000 redeemed on 15 March, weight 16/31 =
    0.51613: 4.02 %; with 2.3 % and -1.0 % before, 5.35 % in the quarter.
    """
    march = last(
        chain(
            {"2003-02-28": "50000000", "2003-03-31": "51500000"},
            {"2003-03-15": "-500000"},
            method="modified-dietz",
        )
    )
    assert march.quantize(Decimal("0.0001")) == Decimal("0.0402")
    quarter = Decimal("1.023") * Decimal("0.99") * (1 + march) - 1
    assert quarter.quantize(Decimal("0.0001")) == Decimal("0.0535")


def test_modified_dietz_of_a_composite_with_four_flows() -> None:
    """Practice question "Hang" for the CFA examination (Bloomberg Prep), GIPS composite return.

    585.60 to 602.34 in October, flows of -15.05 on the 5th, 19.82 on the 9th, 16.42 on the 15th,
    -18.96 on the 24th: denominator 591.237, 2.45 %.
    """
    october = last(
        chain(
            {"2003-09-30": "585.60", "2003-10-31": "602.34"},
            {
                "2003-10-05": "-15.05",
                "2003-10-09": "19.82",
                "2003-10-15": "16.42",
                "2003-10-24": "-18.96",
            },
            method="modified-dietz",
        )
    )
    gain = Decimal("602.34") - Decimal("585.60") - Decimal("2.23")
    assert (gain / october).quantize(Decimal("0.001")) == Decimal("591.237")
    assert october.quantize(Decimal("0.0001")) == Decimal("0.0245")


ONE_FLOW = ({"2007-12-31": "74.2", "2008-01-31": "104.4"}, {"2008-01-14": "37.1"})


@pytest.mark.parametrize(
    ("timing", "weight"), [("end-of-day", Fraction(17, 31)), ("start-of-day", Fraction(18, 31))]
)
def test_modified_dietz_weighs_a_flow_by_the_days_it_was_there(
    timing: FlowTiming, weight: Fraction
) -> None:
    """Weights as in the GIPS guidance on calculation methodology: (CD - D) / CD for flows at the
    end of the day, (CD - D + 1) / CD at its start."""
    found = last(chain(*ONE_FLOW, method="modified-dietz", timing=timing))
    expected = Fraction("-6.9") / (Fraction("74.2") + weight * Fraction("37.1"))

    assert abs(Fraction(found) - expected) < Fraction(1, 10**18)


def test_true_return_is_linked_through_the_valuation_at_the_flow() -> None:
    """67.0 before a flow of 37.1 that arrives at the end of 14 January: 67.0/74.2 x 104.4/104.1."""
    found = last(
        chain(
            {"2008-01-11": "74.2", "2008-01-14": "104.1", "2008-01-15": "104.4"},
            {"2008-01-14": "37.1"},
        )
    )
    expected = Fraction("67.0") / Fraction("74.2") * Fraction("104.4") / Fraction("104.1") - 1
    assert abs(Fraction(found) - expected) < Fraction(1, 10**17)


def test_flow_at_the_start_of_the_day_earns_that_day() -> None:
    """100, then 50 in the morning, 165 in the evening: 165 / 150."""
    flows = ({"2024-01-02": "100", "2024-01-03": "165"}, {"2024-01-03": "50"})

    assert last(chain(*flows, timing="start-of-day")) == Decimal("0.1")
    assert last(chain(*flows, timing="end-of-day")) == Decimal("0.15")


def test_flow_on_a_weekend_is_there_on_monday_morning() -> None:
    linked = chain({"2024-01-05": "100", "2024-01-08": "165"}, {"2024-01-06": "50"})

    assert last(linked) == Decimal("0.1")
    assert linked.breaks == ()


def test_ops_2_flow_beside_an_unvalued_day_breaks_the_chain() -> None:
    linked = chain(
        {"2024-01-02": "100", "2024-01-04": "160", "2024-01-05": "176"}, {"2024-01-03": "50"}
    )
    (broken,) = linked.breaks

    assert (broken.since, broken.until) == (day("2024-01-02"), day("2024-01-04"))
    assert "no valuation for 2024-01-03" in broken.why
    assert linked.break_between(day("2024-01-03"), day("2024-01-05")) == broken
    assert linked.break_between(day("2024-01-04"), day("2024-01-05")) is None
    assert linked.index[day("2024-01-05")] / linked.index[day("2024-01-04")] == Decimal("1.1")


def test_unvalued_day_without_a_flow_loses_nothing() -> None:
    linked = chain({"2024-01-02": "100", "2024-01-04": "110"})

    assert last(linked) == Decimal("0.1")
    assert linked.breaks == ()


@pytest.mark.parametrize("method", ["daily", "modified-dietz"])
def test_nothing_invested_has_no_return(method: Method) -> None:
    linked = chain({"2024-01-02": "0", "2024-01-03": "10"}, method=method)

    assert "nothing was invested" in linked.breaks[0].why


def test_gross_return_adds_back_what_fees_took() -> None:
    """100 grows to 110 and pays a fee of 2 at the end of the day: 8 % net, 10 % gross."""
    values = {"2024-01-02": "100", "2024-01-03": "108"}

    assert last(chain(values)) == Decimal("0.08")
    assert last(chain(values, charges={"2024-01-03": "2"})) == Decimal("0.1")


levels = st.lists(st.integers(1, 10**9), min_size=2, max_size=400)


@given(levels)
def test_links_of_a_portfolio_without_flows_give_last_over_first(cents: list[int]) -> None:
    start = date(2020, 1, 1)
    values = [(start + timedelta(days=n), Decimal(each)) for n, each in enumerate(cents)]
    linked = link(
        values,
        {},
        charges={},
        method="daily",
        timing="end-of-day",
        is_dealing_day=lambda _: True,
    )
    exact = Fraction(cents[-1], cents[0])
    # A link is off by half of the 18th decimal, and what follows multiplies that.
    worst = sum(Fraction(cents[-1], now) for now in cents[1:]) / (2 * 10**18)
    assert abs(Fraction(linked.index[values[-1][0]]) - exact) <= worst


@given(levels, st.lists(st.integers(-(10**6), 10**6), min_size=400, max_size=400))
def test_flows_do_not_change_a_true_return(returns: list[int], flows: list[int]) -> None:
    """A portfolio and its twin with flows at the end of days earn the same day by day."""
    start = date(2020, 1, 1)
    value = Decimal(10) ** 9
    valuations, dated = [(start, value)], {}
    growth = Fraction(1)
    for n, each in enumerate(returns[:60], start=1):
        factor = Fraction(1) + Fraction(each % 200 - 100, 10_000)
        flow = Decimal(flows[n])
        value = Decimal(round(Fraction(value) * factor)) + flow
        growth *= (Fraction(value) - Fraction(flow)) / Fraction(valuations[-1][1])
        valuations.append((start + timedelta(days=n), value))
        dated[start + timedelta(days=n)] = flow
    linked = link(
        valuations,
        dated,
        charges={},
        method="daily",
        timing="end-of-day",
        is_dealing_day=lambda _: True,
    )
    assert abs(Fraction(linked.index[valuations[-1][0]]) - growth) < Fraction(1, 10**15)
