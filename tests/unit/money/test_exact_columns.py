"""Columns by the same rules as single amounts, where Polars alone would lose a cent in silence."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tenuto.activities.exact import (
    collect,
    decimals_used,
    exact,
    product,
    ratio,
    round_to,
    total,
)
from tenuto.core import money
from tenuto.core.errors import DataError
from tenuto.core.money import RoundingMode

A, B = pl.col("a"), pl.col("b")
WIDEST = Decimal("9" * 38)

modes = st.sampled_from(RoundingMode)
scales = st.integers(0, 12)
digits = st.integers(-(10**12), 10**12) | st.integers(-200, 200)


def column(values: Sequence[Decimal | None], scale: int) -> pl.Series:
    return pl.Series(values, dtype=pl.Decimal(38, scale))


def numbers(scale: int) -> st.SearchStrategy[list[Decimal]]:
    return st.lists(digits.map(lambda units: Decimal(units).scaleb(-scale)), min_size=1, max_size=9)


def computed(expression: pl.Expr, **columns: pl.Series) -> pl.Series:
    return collect(pl.LazyFrame(columns).select(result=expression), "test columns")["result"]


@given(st.data(), scales, scales)
def test_a_product_is_the_fifty_digit_product(data: st.DataObject, left: int, right: int) -> None:
    a, b = data.draw(numbers(left)), data.draw(numbers(right))
    length = min(len(a), len(b))
    a, b = a[:length], b[:length]

    result = computed(
        product(A, B, left_scale=left, right_scale=right), a=column(a, left), b=column(b, right)
    )

    assert result.dtype == pl.Decimal(38, left + right)
    assert result.to_list() == [money.multiply(x, y) for x, y in zip(a, b, strict=True)]


@given(st.data(), scales, scales, modes)
def test_rounding_columns_agrees_with_rounding_amounts(
    data: st.DataObject, scale: int, places: int, mode: RoundingMode
) -> None:
    values = data.draw(numbers(scale))

    result = computed(round_to(A, places, mode), a=column(values, scale))

    assert result.dtype == pl.Decimal(38, places)
    assert result.to_list() == [money.round_to(each, places, mode) for each in values]


@pytest.mark.parametrize("mode", RoundingMode)
@pytest.mark.parametrize("scale", [3, 14])
def test_exact_ties_round_as_single_amounts_do(scale: int, mode: RoundingMode) -> None:
    halves = [Decimal(units) * 10 + 5 for units in range(-300, 300)]
    beside = Decimal(1).scaleb(-scale)
    ties = [half.scaleb(-3) for half in halves]
    values = [each + nudge for each in ties for nudge in (-beside, 0, beside)]

    result = computed(round_to(A, 2, mode), a=column(values, scale))

    assert result.to_list() == [money.round_to(each, 2, mode) for each in values]


@given(st.data(), scales, scales, st.integers(0, 8), modes)
def test_a_ratio_is_rounded_once(
    data: st.DataObject, above: int, below: int, places: int, mode: RoundingMode
) -> None:
    a, b = data.draw(numbers(above)), data.draw(numbers(below))
    length = min(len(a), len(b))
    a, b = a[:length], b[:length]
    assume(all(b))

    result = computed(
        ratio(A, B, numerator_scale=above, denominator_scale=below, places=places, mode=mode),
        a=column(a, above),
        b=column(b, below),
    )

    assert result.dtype == pl.Decimal(38, places)
    assert result.to_list() == [
        money.divide(x, y, places=places, mode=mode) for x, y in zip(a, b, strict=True)
    ]


@pytest.mark.parametrize("mode", RoundingMode)
def test_ratios_that_tie_exactly(mode: RoundingMode) -> None:
    """n / 8 and n / -8 at two decimals: every eighth number is a tie, of either sign."""
    top = [Decimal(units).scaleb(-2) for units in range(-120, 120) for _ in (8, -8)]
    bottom = [Decimal(each) for _ in range(-120, 120) for each in (8, -8)]

    result = computed(
        ratio(A, B, numerator_scale=2, denominator_scale=0, places=2, mode=mode),
        a=column(top, 2),
        b=column(bottom, 0),
    )

    assert result.to_list() == [
        money.divide(x, y, places=2, mode=mode) for x, y in zip(top, bottom, strict=True)
    ]


def test_polars_alone_would_round_the_product_twice() -> None:
    """0.01 x 0.49999999 is below half a cent; at the larger scale, 8, it becomes half a cent."""
    quantity, price = Decimal("0.010000"), Decimal("0.49999999")
    frame = pl.LazyFrame({"a": column([quantity], 6), "b": column([price], 8)})

    twice = frame.select((A * B).round(2, mode="half_away_from_zero")).collect().item()
    once = collect(
        frame.select(round_to(product(A, B, left_scale=6, right_scale=8), 2, RoundingMode.HALF_UP)),
        "test columns",
    ).item()

    assert once == money.round_to(quantity * price, 2, RoundingMode.HALF_UP) == Decimal("0.00")
    assert twice == Decimal("0.01")


@given(st.data(), scales)
def test_grouped_sums_keep_every_digit(data: st.DataObject, scale: int) -> None:
    values = data.draw(numbers(scale))
    groups = data.draw(st.lists(st.integers(0, 2), min_size=len(values), max_size=len(values)))
    frame = pl.LazyFrame({"g": groups, "a": column(values, scale)})

    sums = collect(frame.group_by("g").agg(total(A, scale=scale)), "sums")
    windows = collect(frame.select("g", total(A, scale=scale).over("g")), "windows")

    expected = {
        group: money.total(v for v, g in zip(values, groups, strict=True) if g == group)
        for group in groups
    }
    assert dict(sums.iter_rows()) == expected
    assert all(expected[group] == value for group, value in windows.iter_rows())


def test_the_sum_of_nothing_is_zero() -> None:
    assert computed(total(A, scale=2), a=column([], 2)).to_list() == [Decimal(0)]


def test_a_narrower_column_is_widened_and_an_integer_is_taken() -> None:
    assert computed(exact(A, 4), a=column([Decimal("1.5")], 1)).to_list() == [Decimal("1.5")]
    assert computed(exact(A, 4), a=pl.Series([7])).dtype == pl.Decimal(38, 4)
    assert computed(exact(A, 1), a=column([Decimal("1.500")], 3)).dtype == pl.Decimal(38, 1)


ALL_SHAPES: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "exact": lambda each: exact(each, 2),
    "product": lambda each: product(each, pl.lit(1), left_scale=2, right_scale=0),
    "ratio": lambda each: ratio(
        pl.lit(1),
        each,
        numerator_scale=0,
        denominator_scale=2,
        places=2,
        mode=RoundingMode.DOWN,
    ),
    "total": lambda each: total(each, scale=2),
}


@pytest.mark.parametrize("shape", ALL_SHAPES)
@pytest.mark.parametrize(
    ("values", "said"),
    [
        (pl.Series([1.0]), "'a' is Float64, expected Decimal or integer"),
        (pl.Series(["1.00"]), "'a' is String"),
        (column([Decimal("1.00"), None], 2), "'a' has 1 missing values"),
        (column([Decimal("1.001")], 3), "'a' has values with more than 2 decimals"),
    ],
)
def test_what_is_not_exact_is_refused_by_every_expression(
    shape: str, values: pl.Series, said: str
) -> None:
    with pytest.raises(DataError) as refused:
        computed(ALL_SHAPES[shape](A), a=values)

    assert refused.value.code == "money.not-exact"
    assert f"test columns: {said}" in str(refused.value)


OVERFLOWS: dict[str, pl.Expr] = {
    "product": product(A, A, left_scale=0, right_scale=0),
    "widening": exact(A, 1),
    "ratio": ratio(
        A,
        pl.lit(1),
        numerator_scale=0,
        denominator_scale=0,
        places=1,
        mode=RoundingMode.HALF_EVEN,
    ),
    "sum": total(A, scale=0),
    "window": total(A, scale=0).over(pl.lit(1)),
    "rounding": round_to(A, 1, RoundingMode.HALF_EVEN),
}


@pytest.mark.parametrize("case", OVERFLOWS)
@pytest.mark.parametrize("rows", [2, 3, 4])
def test_a_digit_too_many_is_an_error_never_null_or_another_number(case: str, rows: int) -> None:
    with pytest.raises(DataError) as refused:
        computed(OVERFLOWS[case], a=column([WIDEST] * rows, 0))

    assert refused.value.code == "money.too-many-digits"


@pytest.mark.parametrize("rows", [2, 3, 4, 5])
def test_a_grouped_sum_that_polars_would_wrap_is_an_error(rows: int) -> None:
    """The in-memory engine wraps around where the streaming one checks; which one runs is
    Polars' choice."""
    frame = pl.LazyFrame({"g": [1] * rows, "a": column([WIDEST] * rows, 0)})
    grouped = frame.group_by("g").agg(total(A, scale=0))
    window = frame.select(total(A, scale=0).over("g"))
    unguarded = frame.group_by("g").agg(A.sum()).collect(engine="in-memory")

    assert unguarded["a"].item() != WIDEST * rows
    for each in (grouped, window):
        with pytest.raises(DataError) as refused:
            collect(each, "sums")
        assert refused.value.code == "money.too-many-digits"
        with pytest.raises(pl.exceptions.PolarsError):
            each.collect(engine="in-memory")


@pytest.mark.parametrize("mode", RoundingMode)
def test_rounding_at_the_edge_is_right_or_an_error(mode: RoundingMode) -> None:
    edge = Decimal("9" * 36 + ".99")
    try:
        rounded = computed(round_to(A, 1, mode), a=column([edge], 2)).item()
    except DataError as refused:
        assert refused.code == "money.too-many-digits"  # noqa: PT017  # either is right
    else:
        assert rounded == money.round_to(edge, 1, mode)


def test_scales_that_leave_no_room_are_refused_before_anything_runs() -> None:
    with pytest.raises(DataError, match="40 decimals") as refused:
        product(A, B, left_scale=20, right_scale=20)

    assert refused.value.code == "money.too-many-digits"


def test_a_zero_divisor_is_named_as_such() -> None:
    with pytest.raises(DataError) as refused:
        computed(
            ratio(
                A,
                B,
                numerator_scale=0,
                denominator_scale=0,
                places=2,
                mode=RoundingMode.HALF_UP,
            ),
            a=pl.Series([1, 1]),
            b=pl.Series([1, 0]),
        )

    assert refused.value.code == "money.division-by-zero"


def test_an_error_that_is_no_arithmetic_stays_what_it_is() -> None:
    with pytest.raises(pl.exceptions.ColumnNotFoundError):
        collect(pl.LazyFrame({"a": [1]}).select("b"), "test columns")


@given(st.data(), scales)
def test_decimals_used_is_the_smallest_scale_that_changes_nothing(
    data: st.DataObject, scale: int
) -> None:
    values = data.draw(numbers(scale))
    needed = max((scale - min(scale, _trailing_zeros(each)) for each in values if each), default=0)

    assert decimals_used(column(values, scale)) == needed


def _trailing_zeros(value: Decimal) -> int:
    text = "".join(map(str, value.as_tuple().digits))
    return len(text) - len(text.rstrip("0"))


def test_an_integer_column_uses_no_decimals() -> None:
    assert decimals_used(pl.Series([1, 20])) == 0
    assert decimals_used(column([], 4)) == 0


@given(st.data())
def test_a_value_in_another_currency_is_rounded_once(data: st.DataObject) -> None:
    """Local value times one rate over another, the form of every conversion."""
    value = Decimal(data.draw(st.integers(-(10**14), 10**14))).scaleb(-4)
    over = Decimal(data.draw(st.integers(1, 10**8))).scaleb(-4)
    under = Decimal(data.draw(st.integers(1, 10**8))).scaleb(-4)
    mode = data.draw(modes)

    converted = computed(
        ratio(
            product(pl.col("value"), pl.col("over"), left_scale=4, right_scale=4),
            pl.col("under"),
            numerator_scale=8,
            denominator_scale=4,
            places=2,
            mode=mode,
        ),
        value=column([value], 4),
        over=column([over], 4),
        under=column([under], 4),
    ).item()

    expected = Fraction(value) * Fraction(over) / Fraction(under)
    assert converted == money.round_to(expected, 2, mode)
