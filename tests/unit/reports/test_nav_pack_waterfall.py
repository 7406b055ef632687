"""The bars of the waterfall meet, stay in their frame, and have readable labels."""

from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.packs.finance.report.waterfall import waterfall

CAUSES = ("Price", "FX", "Income", "Fees", "Capital", "Other")
MONEY = st.decimals(min_value=-(10**12), max_value=10**12, places=2)


def drawn(opening: str | Decimal, changes: list[Decimal]) -> dict[str, Any]:
    start = Decimal(opening)
    closing = start + sum(changes, Decimal(0))
    causes = list(zip(CAUSES, changes, strict=True))
    return waterfall(("27 Dec", start), causes, ("28 Dec", closing), unit="EUR", what="NAV")


@given(
    st.decimals(min_value=0, max_value=10**13, places=2), st.lists(MONEY, min_size=6, max_size=6)
)
def test_every_bar_starts_where_the_last_one_ended(
    opening: Decimal, changes: list[Decimal]
) -> None:
    chart = drawn(opening, changes)
    bars = chart["bars"]
    assert len(bars) == 8
    for bar in bars:
        assert 0 <= bar["low"] <= bar["high"] <= 1
        assert bar["end"] in (bar["low"], bar["high"])
    for before, bar in pairwise(bars[:-1]):
        assert before["end"] in (bar["low"], bar["high"])
    assert bars[-1]["end"] == bars[-2]["end"]


def test_a_small_change_of_a_large_fund_can_be_seen() -> None:
    chart = drawn("1378734461.59", [Decimal(-398345), *[Decimal(0)] * 5])
    assert chart["is_cut"]
    fall = chart["bars"][1]
    assert fall["high"] - fall["low"] > 0.4
    assert chart["unit"] == "EUR thousand"
    assert (chart["bars"][0]["text"], fall["text"]) == (
        "1,378,734.46",
        "\u2212398.34",
    )  # half to even


def test_a_large_change_starts_from_zero() -> None:
    chart = drawn("100", [Decimal(100), *[Decimal(0)] * 5])
    assert not chart["is_cut"]
    assert chart["bars"][0]["low"] == 0
    assert chart["bars"][0]["high"] == pytest.approx(chart["bars"][-1]["high"] / 2, abs=1e-4)


def test_no_change_at_all_is_drawn_as_two_equal_bars() -> None:
    bars = drawn("5000000", [Decimal(0)] * 6)["bars"]
    assert bars[0]["high"] == bars[-1]["high"] > 0
    assert {bar["kind"] for bar in bars[1:-1]} == {"flat"}


def test_a_rise_and_a_fall_are_told_apart() -> None:
    kinds = [
        bar["kind"] for bar in drawn("100", [Decimal(5), Decimal(-5), *[Decimal(0)] * 4])["bars"]
    ]
    assert kinds == ["whole", "up", "down", "flat", "flat", "flat", "flat", "whole"]


@pytest.mark.parametrize("opening", ["99.12", "1e9", "9e15"])
def test_labels_stay_short(opening: str) -> None:
    bars = drawn(opening, [Decimal("0.01"), *[Decimal(0)] * 5])["bars"]
    assert max(len(bar["text"]) for bar in bars) <= 12
