"""Zero is a value; what a conversion costs is known or an error."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.core.errors import DataError, UsageError
from tenuto.packs.sync.sources.derived import read_kinds, with_cost_per_action
from tenuto.packs.sync.sources.values import as_number, first_present, is_missing

MISSING = st.sampled_from([None, "", "  "])
ZERO = st.sampled_from([0, 0.0, "0", "0.00", Decimal(0)])
NUMBER = st.integers(1, 10**9) | st.decimals("0.01", "1000000", places=2) | st.just("7")


@given(first=ZERO, second=NUMBER)
def test_sig_8_zero_never_falls_through(first: object, second: object) -> None:
    row = {"conversions": first, "total_conversions": second}
    chosen = as_number(first_present(row, ["conversions", "total_conversions"]))
    assert chosen == 0
    assert isinstance(chosen, Decimal)


@given(first=MISSING, second=ZERO | NUMBER, third=NUMBER)
def test_sig_8_what_is_missing_does(first: object, second: object, third: object) -> None:
    row = {"a": first, "b": second, "c": third}
    assert first_present(row, ["none", "a", "b", "c"]) is second


@given(MISSING)
def test_sig_8_missing_everywhere_is_none(value: object) -> None:
    assert first_present({"a": value}, ["a", "b"]) is None
    assert as_number(value) is None
    assert is_missing(value)


def _kinds(folder: Path, text: str) -> Path:
    path = folder / "affiliates.csv"
    path.write_bytes(text.encode("utf-8-sig"))
    return path


def test_sig_25_cpa_of_the_house_and_of_others(tmp_path: Path) -> None:
    kinds = read_kinds(
        _kinds(tmp_path, "source , kind\r\nHouse  ,internal \r\n Seven,External\r\n")
    )
    derive = with_cost_per_action(kinds)
    row = {"conversions": 4, "payout": "10", "ad_spend": 6.5}
    assert derive({"affiliate": "House", **row})["cpa"] == Decimal("1.625")
    assert derive({"affiliate": "Seven ", **row})["cpa"] == Decimal("2.5")


@pytest.mark.parametrize("count", [0, "0", None, ""])
def test_sig_25_no_conversions_have_no_price(tmp_path: Path, count: object) -> None:
    derive = with_cost_per_action({"House": "internal"})
    derived = derive({"affiliate": "House", "conversions": count, "ad_spend": 5})
    assert derived["cpa"] is None
    assert derived["cost"] == 5


def test_sig_25_unmapped_is_an_error(tmp_path: Path) -> None:
    derive = with_cost_per_action({"House": "internal"})
    with pytest.raises(DataError, match="`Nobody` in `affiliate`"):
        derive({"affiliate": "Nobody", "conversions": 1, "payout": 1})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,kind\nA,internal\n", "has to name"),
        ("source,kind\nA,inside\n", "csv:2: expected"),
        ("source,kind\nA,internal\nA,external\n", "csv:3: `A` is both"),
    ],
)
def test_sig_25_a_wrong_mapping_names_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_kinds(_kinds(tmp_path, text))
