"""Bars begin and end where their figures say, and say so to who cannot see them."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.activities.documents.bars import Bar, Series, bars

SERIES = [Series(name="Bad", tone="bad"), Series(name="Good", tone="good")]
SIZES = st.decimals(min_value=-(10**15), max_value=10**15, places=4)


def drawn(*sizes: Decimal | int, **options: Any) -> dict[str, Any] | None:
    rows = [Bar(label=f"r{i}", parts=[size], text=str(size)) for i, size in enumerate(sizes)]
    return bars(rows, what="things", **options)


def known(chart: dict[str, Any] | None) -> dict[str, Any]:
    assert chart is not None
    return chart


@given(st.lists(SIZES, min_size=1, max_size=8))
def test_bars_are_in_proportion_and_in_their_frame(sizes: list[Decimal]) -> None:
    chart = drawn(*sizes)
    assert (chart is None) == (not any(sizes))
    if chart is None:
        return
    zero = Decimal(0)
    span = max([zero, *sizes]) - min([zero, *sizes])
    for size, row in zip(sizes, chart["rows"], strict=True):
        assert len(row["parts"]) == (size != 0)
        for part in row["parts"]:
            assert 0 <= part["start"] <= part["start"] + part["width"] <= 1.00002
            assert part["width"] == pytest.approx(float(abs(size) / span), abs=3e-5)
            assert part["falls"] == (size < 0)
            zero_end = part["start"] + part["width"] if size < 0 else part["start"]
            assert zero_end == pytest.approx(chart["zero"], abs=3e-5)


def test_parts_stand_side_by_side_and_empty_ones_are_left_out() -> None:
    rows = [
        Bar(label="a", parts=[1, 3], text="4"),
        Bar(label="b", parts=[0, 2], text="2"),
        Bar(label="c", parts=[0, 0], text="0"),
    ]
    first, second, third = known(bars(rows, what="x", series=SERIES))["rows"]
    assert [(p["series"], p["start"], p["width"]) for p in first["parts"]] == [
        (0, 0, 0.25),
        (1, 0.25, 0.75),
    ]
    assert [(p["series"], p["width"]) for p in second["parts"]] == [(1, 0.5)]
    assert third["parts"] == []


def test_a_full_width_is_kept_where_it_is_given() -> None:
    part = known(drawn(Decimal("0.25"), full=1))["rows"][0]["parts"][0]
    assert part["width"] == 0.25


def test_nothing_to_draw_is_no_chart() -> None:
    assert bars([], what="x") is None
    assert drawn(0, Decimal("0.00"), full=1) is None


def test_the_figures_are_said_in_words() -> None:
    assert known(drawn(5, -2))["alt"] == "Bar chart: things. r0: 5; r1: -2"
    long = Bar(label="WITHOUTANYPLACETOBREAK" * 10, parts=[1], text="1")
    chart = known(bars([long], what="x"))
    label = chart["rows"][0]["label"].replace("\u200b", "")
    assert (len(label), label[-1]) == (34, "\u2026")
    assert "\u200b" not in chart["alt"]
