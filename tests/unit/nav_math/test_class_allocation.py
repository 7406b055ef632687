"""Classes add up to the fund to the cent, and a unit is worth what a hand would say."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.core.errors import DataError
from tenuto.core.money import RoundingMode, total
from tenuto.packs.finance.math.classes import (
    ClassOpening,
    roll_units,
    share_result,
    value_class,
)
from tenuto.packs.finance.models import RoundingPolicy, ShareClass


def share_class(**fields: Any) -> ShareClass:
    return ShareClass.model_validate(
        {
            "class_id": "A-EUR",
            "currency": "EUR",
            "launch_date": "2022-01-03",
            "launch_price": "100",
            "units": "1000",
            **fields,
        }
    )


def opening(class_id: str, nav: str, capital: str = "0.00") -> ClassOpening:
    return ClassOpening(class_id=class_id, nav=Decimal(nav), capital=Decimal(capital))


def test_a_result_falls_by_prior_nav_and_capital() -> None:
    """Classes of 6,000,000 and 3,000,000; the second takes in 1,000,000; the fund gains 1 %."""
    shares = share_result(
        [opening("A", "6000000.00"), opening("B", "3000000.00", "1000000.00")],
        assets=Decimal("10100000.00"),
        places=2,
    )

    assert [each.weight for each in shares] == [Decimal("0.6"), Decimal("0.4")]
    assert [each.gross for each in shares] == [Decimal("6060000.00"), Decimal("4040000.00")]


def test_a_leftover_cent_goes_to_the_largest_remainder() -> None:
    """100.00 over three equal classes; they start from 30.00 each."""
    shares = share_result(
        [opening(name, "30.00") for name in ("A", "B", "C")], assets=Decimal("100.00"), places=2
    )

    assert [str(each.gross) for each in shares] == ["33.34", "33.33", "33.33"]
    assert total(each.weight for each in shares) == 1


def test_a_class_that_was_redeemed_whole_takes_no_part() -> None:
    shares = share_result(
        [opening("A", "500.00"), opening("B", "200.00", "-200.00")],
        assets=Decimal("510.00"),
        places=2,
    )

    assert [str(each.gross) for each in shares] == ["510.00", "0.00"]
    assert [each.weight for each in shares] == [Decimal(1), Decimal(0)]


cents = st.integers(1, 10**13).map(lambda units: Decimal(units).scaleb(-2))
books = st.lists(st.tuples(cents, st.integers(-99, 300)), min_size=1, max_size=12)


@given(books, st.integers(1, 10**14), st.integers(0, 6))
def test_classes_add_up_to_the_fund_to_the_last_digit(
    book: list[tuple[Decimal, int]], units: int, places: int
) -> None:
    openings = [
        ClassOpening(class_id=f"C{index}", nav=nav, capital=total([nav]) * percent / 100)
        for index, (nav, percent) in enumerate(book)
    ]
    assets = Decimal(units).scaleb(-places)

    shares = share_result(openings, assets=assets, places=places)

    assert total(each.gross for each in shares) == assets
    assert total(each.weight for each in shares) == 1
    whole = sum(Fraction(each.nav) + Fraction(each.capital) for each in openings)
    for start, share in zip(openings, shares, strict=True):
        fair = Fraction(assets) * (Fraction(start.nav) + Fraction(start.capital)) / whole
        assert abs(Fraction(share.gross) - fair) < Fraction(1, 10**places)


@pytest.mark.parametrize(
    "openings",
    [
        [],
        [opening("A", "0.00")],
        [opening("A", "100.00", "-100.00")],
        [opening("A", "100.00"), opening("B", "10.00", "-10.01")],
    ],
)
def test_classes_that_start_from_nothing_or_less_are_refused(
    openings: list[ClassOpening],
) -> None:
    with pytest.raises(DataError) as refused:
        share_result(openings, assets=Decimal("100.00"), places=2)

    assert refused.value.code == "nav.no-class-assets"


def test_units_roll_forward() -> None:
    units = roll_units(
        share_class(),
        Decimal("1000.500"),
        subscribed=[Decimal("100.250"), Decimal("0.250")],
        redeemed=[Decimal("50.125")],
    )

    assert (units.subscribed, units.redeemed) == (Decimal("100.500"), Decimal("50.125"))
    assert units.closing == Decimal("1050.875")
    assert roll_units(share_class(), Decimal(1000)).closing == 1000


@pytest.mark.parametrize("units", ["0.0001", "-1"])
def test_units_that_the_class_does_not_deal_in_are_refused(units: str) -> None:
    with pytest.raises(DataError, match="3 decimals") as refused:
        roll_units(share_class(), Decimal(1000), subscribed=[Decimal(units)])

    assert refused.value.code == "nav.unit-places"


def test_more_units_redeemed_than_there_are_is_refused() -> None:
    with pytest.raises(DataError, match="10 units, and 10.001 are redeemed") as refused:
        roll_units(share_class(), Decimal(10), redeemed=[Decimal("10.001")])

    assert refused.value.code == "nav.units-negative"


def test_a_class_in_base_currency() -> None:
    value = value_class(
        share_class(nav_places=4),
        nav_base=Decimal("1234567.89"),
        units=Decimal("12000.500"),
        base_per_class=Decimal(1),
        rounding=RoundingPolicy(),
    )

    assert value.nav == Decimal("1234567.89")
    assert value.nav_per_unit == Decimal("102.8764")  # 1234567.89 / 12000.5 = 102.87637098...
    assert value.nav_per_unit_exact == Decimal("102.876370984542")


def test_a_class_in_another_currency_divides_by_the_rate_once() -> None:
    """EUR fund, USD class, 1 EUR = 1.0666 USD: a dollar is 1/1.0666 EUR, never 0.9376 of one."""
    value = value_class(
        share_class(currency="USD"),
        nav_base=Decimal("1000000.00"),
        units=Decimal(10000),
        base_per_class=Fraction(10000, 10666),
        rounding=RoundingPolicy(),
    )

    assert value.nav == Decimal("1066600.00")
    assert value.nav_per_unit == Decimal("106.6600")
    assert value.nav_per_unit_exact == Decimal("106.660000000000")


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("half-even", "0.12"), ("half-up", "0.13"), ("down", "0.12"), ("up", "0.13")],
)
def test_the_nav_per_unit_is_rounded_from_the_exact_quotient(mode: str, expected: str) -> None:
    value = value_class(
        share_class(nav_places=2),
        nav_base=Decimal("1.00"),
        units=Decimal(8),
        base_per_class=Decimal(1),
        rounding=RoundingPolicy(mode=RoundingMode(mode)),
    )

    assert value.nav_per_unit == Decimal(expected)


@pytest.mark.parametrize(
    ("nav_base", "units", "code"),
    [
        ("100.00", "0", "nav.zero-units"),
        ("0.00", "0", "nav.zero-units"),
        ("0.00", "10", "nav.negative"),
        ("-0.01", "10", "nav.negative"),
    ],
)
def test_ops_1_a_class_without_units_or_assets_fails_with_the_reason(
    nav_base: str, units: str, code: str
) -> None:
    with pytest.raises(DataError, match="'A-EUR'") as refused:
        value_class(
            share_class(),
            nav_base=Decimal(nav_base),
            units=Decimal(units),
            base_per_class=Decimal(1),
            rounding=RoundingPolicy(),
        )

    assert refused.value.code == code
