"""Money against fractions of integers, which cannot round, and against a 50-digit Decimal."""

import math
from collections.abc import Callable
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    localcontext,
)
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.core.errors import DataError
from tenuto.core.money import (
    RoundingMode,
    allocate,
    difference,
    divide,
    multiply,
    round_to,
    share_out,
    total,
)

FIFTY_DIGITS = Context(prec=50)
DECIMAL_MODE = {
    RoundingMode.HALF_EVEN: ROUND_HALF_EVEN,
    RoundingMode.HALF_UP: ROUND_HALF_UP,
    RoundingMode.DOWN: ROUND_DOWN,
    RoundingMode.UP: ROUND_UP,
}

amounts = st.integers(-(10**20), 10**20).flatmap(
    lambda digits: st.integers(0, 12).map(lambda places: Decimal(digits).scaleb(-places))
)
small_divisors = st.integers(1, 5000).map(Decimal) | amounts.filter(bool)
modes = st.sampled_from(RoundingMode)
places = st.integers(0, 12)


def rounded_fraction(value: Fraction, to: int, mode: RoundingMode) -> Fraction:
    """The definition of each mode on exact fractions."""
    scaled = value * 10**to
    sign = -1 if scaled < 0 else 1
    units = {
        RoundingMode.HALF_EVEN: lambda: round(scaled),
        RoundingMode.HALF_UP: lambda: sign * math.floor(abs(scaled) + Fraction(1, 2)),
        RoundingMode.DOWN: lambda: sign * math.floor(abs(scaled)),
        RoundingMode.UP: lambda: sign * math.ceil(abs(scaled)),
    }[mode]()
    return Fraction(units, 10**to)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (RoundingMode.HALF_EVEN, ["2.34", "2.36", "-2.34", "-2.36", "2.35", "2.34"]),
        (RoundingMode.HALF_UP, ["2.35", "2.36", "-2.35", "-2.36", "2.35", "2.34"]),
        (RoundingMode.DOWN, ["2.34", "2.35", "-2.34", "-2.35", "2.34", "2.34"]),
        (RoundingMode.UP, ["2.35", "2.36", "-2.35", "-2.36", "2.35", "2.35"]),
    ],
)
def test_each_mode_at_ties_and_beside_them(mode: RoundingMode, expected: list[str]) -> None:
    values = ["2.345", "2.355", "-2.345", "-2.355", "2.3450000001", "2.3449999999"]

    assert [str(round_to(Decimal(each), 2, mode)) for each in values] == expected


@given(amounts, places, modes)
def test_rounding_agrees_with_a_fifty_digit_decimal(
    value: Decimal, to: int, mode: RoundingMode
) -> None:
    expected = value.quantize(Decimal(1).scaleb(-to), DECIMAL_MODE[mode], FIFTY_DIGITS)

    assert round_to(value, to, mode) == expected == round_to(Fraction(value), to, mode)


@given(amounts, places, modes)
def test_a_rounded_amount_has_its_decimals_and_no_negative_zero(
    value: Decimal, to: int, mode: RoundingMode
) -> None:
    rounded = round_to(value, to, mode)

    assert rounded.as_tuple().exponent == -to
    assert not (rounded.is_zero() and rounded.is_signed())


@given(amounts, small_divisors, places, modes)
def test_a_quotient_is_rounded_once_from_the_exact_fraction(
    numerator: Decimal, denominator: Decimal, to: int, mode: RoundingMode
) -> None:
    expected = rounded_fraction(Fraction(numerator) / Fraction(denominator), to, mode)

    assert Fraction(divide(numerator, denominator, places=to, mode=mode)) == expected


def test_a_quotient_that_fifty_digits_would_turn_into_a_tie() -> None:
    """0.125 less 1e-60 is no tie; quantizing its 50-digit value would make one."""
    numerator = Fraction(125, 1000) - Fraction(1, 10**60)

    assert divide(numerator, 1, places=2, mode=RoundingMode.HALF_UP) == Decimal("0.12")
    assert divide(1, 8, places=2, mode=RoundingMode.HALF_UP) == Decimal("0.13")


@given(st.lists(amounts, max_size=2))
def test_a_product_keeps_every_digit(factors: list[Decimal]) -> None:
    expected = math.prod((Fraction(each) for each in factors), start=Fraction(1))

    assert Fraction(multiply(*factors)) == expected


@given(st.lists(amounts, max_size=20))
def test_a_sum_keeps_every_digit_whatever_the_ambient_context(values: list[Decimal]) -> None:
    with localcontext(prec=3):
        added = total(values)
        subtracted = difference(0, *values)

    assert Fraction(added) == sum((Fraction(each) for each in values), Fraction(0))
    assert Fraction(subtracted) == -Fraction(added)


def test_too_many_digits_are_an_error_not_a_rounding() -> None:
    wide = Decimal("1." + "1" * 30)

    with pytest.raises(DataError) as product:
        multiply(wide, wide)
    with pytest.raises(DataError) as added:
        total([Decimal("1e49"), Decimal("1e-9")])
    with pytest.raises(DataError) as rounded:
        round_to(Decimal("1e48"), 4, RoundingMode.DOWN)
    with pytest.raises(DataError) as quotient:
        divide(Decimal("1e48"), 3, places=4, mode=RoundingMode.DOWN)
    with pytest.raises(DataError) as huge:
        multiply(Decimal("1e1000000"))

    codes = {each.value.code for each in (product, added, rounded, quotient, huge)}
    assert codes == {"money.too-many-digits"}


@pytest.mark.parametrize("value", [1.5, float("nan"), True, "1.50", None])
def test_anything_but_decimal_int_and_fraction_is_refused(value: Any) -> None:
    calls: list[Callable[[], object]] = [
        lambda: multiply(value),
        lambda: total([value]),
        lambda: round_to(value, 2, RoundingMode.DOWN),
        lambda: divide(value, 2, places=2, mode=RoundingMode.DOWN),
        lambda: divide(2, value, places=2, mode=RoundingMode.DOWN),
        lambda: allocate(Decimal(1), [value], 2),
    ]
    for call in calls:
        with pytest.raises(DataError) as refused:
            call()
        assert refused.value.code == "money.not-exact"


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_not_a_number_is_refused(value: str) -> None:
    for call in (multiply, lambda each: total([each])):
        with pytest.raises(DataError) as refused:
            call(Decimal(value))
        assert refused.value.code == "money.not-exact"


def test_division_by_zero_names_what_was_divided() -> None:
    with pytest.raises(DataError, match=r"^10\.50 cannot be divided by zero") as refused:
        divide(Decimal("10.50"), Decimal("0.00"), places=2, mode=RoundingMode.HALF_EVEN)

    assert refused.value.code == "money.division-by-zero"


def test_a_cent_left_over_goes_to_the_largest_remainder() -> None:
    assert allocate(Decimal("100.00"), [1, 1, 1], 2) == (
        Decimal("33.34"),
        Decimal("33.33"),
        Decimal("33.33"),
    )
    assert allocate(Decimal("1.00"), [1, 2, 4], 2) == (
        Decimal("0.14"),
        Decimal("0.29"),
        Decimal("0.57"),
    )


def test_equal_remainders_go_to_the_larger_part_then_to_the_earlier() -> None:
    assert allocate(Decimal("0.02"), [1, 3], 2) == (Decimal("0.00"), Decimal("0.02"))
    assert allocate(Decimal("0.01"), [1, 1], 2) == (Decimal("0.01"), Decimal("0.00"))


weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=8).filter(any)
cents = st.integers(-(10**15), 10**15).map(lambda units: Decimal(units).scaleb(-2))


@given(cents, weights)
def test_allocated_parts_add_up_and_stay_within_one_cent(amount: Decimal, parts: list[int]) -> None:
    allocated = allocate(amount, parts, 2)
    fair = [Fraction(amount) * part / sum(parts) for part in parts]

    assert total(allocated) == amount
    assert all(
        abs(Fraction(got) - exact) < Fraction(1, 100)
        for got, exact in zip(allocated, fair, strict=True)
    )
    assert allocate(-amount, parts, 2) == tuple(-part for part in allocated)


@given(st.lists(amounts, min_size=1, max_size=8), modes, st.integers(0, 6))
def test_parts_of_any_sign_share_out_to_their_rounded_sum(
    parts: list[Decimal], mode: RoundingMode, to: int
) -> None:
    whole = round_to(total(parts), to, mode)

    shared = share_out(whole, parts, to)

    assert total(shared) == whole
    assert all(
        abs(got - part) <= Decimal(1).scaleb(-to) for got, part in zip(shared, parts, strict=True)
    )


@pytest.mark.parametrize(
    ("amount", "parts"),
    [
        ("0.01", ["0.00", "0.00"]),
        ("10.00", ["5.00", "4.99"]),
        ("10.005", ["5.00", "5.005"]),
        ("1.00", []),
    ],
)
def test_parts_that_are_not_the_amount_are_refused(amount: str, parts: list[str]) -> None:
    with pytest.raises(DataError) as refused:
        share_out(Decimal(amount), [Decimal(part) for part in parts], 2)

    assert refused.value.code == "money.parts-differ"


@pytest.mark.parametrize("bad", [[], [0, 0], [2, -1], [-1, 2]])
def test_weights_that_weigh_nothing_are_refused(bad: list[int]) -> None:
    with pytest.raises(DataError) as refused:
        allocate(Decimal("1.00"), bad, 2)

    assert refused.value.code == "money.bad-weights"
