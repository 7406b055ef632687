"""The language of rule files: exact, three-valued, typed before any row is read, and closed."""

from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenuto.activities.validate.expressions.compiling import compile_condition
from tenuto.activities.validate.expressions.problem import ExpressionError
from tenuto.activities.validate.expressions.values import Value, column_value, constant
from tenuto.artifacts.tables import write_table
from tenuto.core.references import Column

ROW = pl.DataFrame(
    {
        "quantity": [Decimal("1.10")],
        "price": [Decimal("3.3000")],
        "empty": [None],
        "units": [3],
        "weight": [0.1],
        "isin": ["XS0000000009"],
        "Trade Date": [date(2026, 1, 30)],
        "booked_at": [datetime(2026, 1, 31, 23, 30)],  # noqa: DTZ001  # as tables have them
        "is_open": [True],
        "tags": [["a"]],
    },
    schema_overrides={
        "quantity": pl.Decimal(38, 2),
        "price": pl.Decimal(38, 4),
        "empty": pl.Decimal(38, 2),
    },
)


def columns_of(frame: pl.DataFrame) -> dict[str, Value]:
    names = {
        name: f"Decimal({dtype.precision}, {dtype.scale})"
        if isinstance(dtype, pl.Decimal)
        else str(dtype)
        for name, dtype in frame.schema.items()
    }
    return {name: column_value(Column(name=name, dtype=each)) for name, each in names.items()}


def evaluate(text: str, frame: pl.DataFrame = ROW, **parameters: Any) -> bool | None:
    given_values = {name: constant(value) for name, value in parameters.items()}
    condition = compile_condition(text, columns_of(frame), given_values)
    found: bool | None = frame.select(condition.alias("found"))["found"][0]
    return found


def refusal(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as refused:
        evaluate(text)
    return refused.value


@pytest.mark.parametrize(
    "text",
    [
        "quantity * price = 3.63",
        "quantity + price = 4.4",
        "quantity - price = -2.2",
        "-quantity < 0",
        "1 + 2 * 3 = 7",
        "(1 + 2) * 3 = 9",
        "10 - 3 - 2 = 5",
        "round(quantity / price, 6) = 0.333333",
        "round(0.125, 2) = 0.12 and round(0.375, 2) = 0.38",
        "round(1 / 8, 2) = 0.12 and round(3 / 8, 2) = 0.38",
        "abs(-2.5) = 2.5 and min(1, 2.5, 0.5) = 0.5 and max(1, 2.5) = 2.5",
        "quantity between 1.1 and 1.10",
        "quantity not between 1.11 and 2",
        "units in (1, 2, 3.0)",
        "units not in (4, 5)",
        "isin in ('XS0000000009', 'it''s')",
        "starts_with(isin, 'XS') and ends_with(isin, '9') and contains(isin, '000')",
        "length(isin) = 12 and lower(isin) = 'xs0000000009' and trim(' a ') = 'a'",
        "matches(isin, '[A-Z]{2}[0-9]{10}') and not matches(isin, '[A-Z]{2}')",
        "\"Trade Date\" + 1 = date('2026-01-31')",
        'day(booked_at) - "Trade Date" = 1',
        "is_open and is_open = true and not (is_open = false)",
        "empty is null and quantity is not null",
        "coalesce(empty, quantity) = 1.1",
        "decimal(weight, 2) = 0.10",
        "NOT false OR false AND false",
        "1 <> 2 and 1 != 2 and 1 == 1",
    ],
)
def test_what_is_true(text: str) -> None:
    assert evaluate(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "empty > 0",
        "not (empty > 0)",
        "empty + quantity > 0",
        "max(empty, quantity) > 0",
        "empty > 0 or false",
        "empty > 0 and true",
        "empty in (1, 2)",
        "round(quantity / (price - price), 2) > 0",
    ],
)
def test_what_cannot_be_told_is_null_and_not_false(text: str) -> None:
    assert evaluate(text) is None


def test_a_known_side_decides_beside_an_unknown_one() -> None:
    assert evaluate("empty > 0 and false") is False
    assert evaluate("empty > 0 or true") is True


@pytest.mark.parametrize(
    ("text", "at", "words"),
    [
        ("quantty > 0", 0, "did you mean `quantity`?"),
        ("quantity > 0 and prise > 0", 17, "did you mean `price`?"),
        ("quantity > $limit", 11, "parameter `$limit` is not declared"),
        ("absolute(quantity) > 0", 0, "there is no function `absolute`"),
        ("quantity >", 10, "the end stands where a value was expected"),
        ("quantity > 1 > 0", 13, "join two comparisons with `and`"),
        ("quantity = null", 11, "write `is null`"),
        ("quantity", 0, "a rule is true or false, and this is a number"),
        ("quantity > 'x'", 9, "a number is written without quotes"),
        ("\"Trade Date\" > '2026-01-01'", 13, "date('2026-03-31')"),
        ("weight > 0.1", 7, "decimal(column, 6)"),
        ("quantity / price > 1", 9, "round(a / b, 6)"),
        ("booked_at > date('2026-01-01')", 10, "day(moment)"),
        ("date('31.12.2026') = \"Trade Date\"", 0, "a date is written as"),
        ("isin = 'open", 7, "has no end"),
        ("isin = 'a' && true", 11, "write `and`"),
        ("1e5 > quantity", 0, "digits and one point"),
        ("matches(isin, '(a')", 0, "does not compile"),
        ("matches(isin, '(?=a)')", 0, "look-around"),
        ("matches(isin, 'a)|(b')", 0, "does not compile"),
        ("round(quantity, units) = 1", 0, "whole number from 0 to"),
        ("is_open > false", 8, "no order"),
        ("tags = tags", 5, "cannot be compared"),
        ("lower(quantity) = 'a'", 0, "was given a number"),
        ("lower() = 'a'", 0, "was given nothing"),
        ('"Trade Date" + 0.5 > "Trade Date"', 13, "whole numbers"),
        ("quantity > 1" + "0" * 40, 11, "38 digits"),
        ("(" * 31 + "true" + ")" * 31, 30, "nested deeper"),
        ("not " * 200 + "true", 400, "parts in a row"),
        ("quantity" + " + 1" * 2_000 + " > 0", 0, "longer than"),
        ("round(price, 30) * round(price, 30) > 0", 17, "round a factor first"),
    ],
)
def test_a_refusal_says_where_and_what_to_write(text: str, at: int, words: str) -> None:
    refused = refusal(text)
    assert words in refused.problem
    assert refused.at == at


@pytest.mark.parametrize(
    "text",
    [
        "read_csv('/etc/passwd') = 1",
        "(select 1) = 1",
        "quantity.__class__ = 1",
        "isin[0] = 'a'",
        "__import__('os') = 1",
        "lambda: 1",
        "quantity; drop",
        "`quantity` > 1",
        "exists (select 1)",
        "cast(isin as integer) = 1",
        "{quantity} > 1",
        "quantity := 1",
    ],
)
def test_there_is_no_way_out_of_the_row(text: str) -> None:
    refusal(text)


NUMBERS = st.decimals(
    min_value=-(10**12), max_value=10**12, places=6, allow_nan=False, allow_infinity=False
)


def one_row(a: Decimal, b: Decimal) -> pl.DataFrame:
    return pl.DataFrame({"a": [a], "b": [b]}, schema=dict.fromkeys("ab", pl.Decimal(38, 6)))


@given(a=NUMBERS, b=NUMBERS)
def test_arithmetic_is_that_of_exact_decimals(a: Decimal, b: Decimal) -> None:
    with localcontext() as context:
        context.prec = 60
        found = one_row(a, b)
        for operator, expected in (("+", a + b), ("-", a - b), ("*", a * b)):
            assert evaluate(f"a {operator} b = {expected:f}", found)
            nearby = expected + Decimal("0.000000000001")
            assert evaluate(f"a {operator} b = {nearby:f}", found) is False
        if b:
            quotient = (a / b).quantize(Decimal("0.00000001"), ROUND_HALF_EVEN)
            assert evaluate(f"round(a / b, 8) = {quotient:f}", found)


@given(a=NUMBERS, b=NUMBERS)
def test_comparisons_are_those_of_exact_decimals(a: Decimal, b: Decimal) -> None:
    found = one_row(a, b)
    assert evaluate("a < b", found) is (a < b)
    assert evaluate("a <= b", found) is (a <= b)
    assert evaluate(f"a = {b:f}", found) is (a == b)


def test_a_literal_is_a_decimal_and_never_a_float() -> None:
    frame = one_row(Decimal("0.1"), Decimal("0.2"))
    assert evaluate("a + b = 0.3", frame) is True
    assert evaluate("0.1 + 0.2 = 0.3", frame) is True


def test_a_number_without_room_cannot_be_told_and_spares_the_other_rows() -> None:
    huge = Decimal("9" * 31)
    frame = pl.DataFrame({"a": [huge, Decimal(2)]}, schema={"a": pl.Decimal(38, 6)})
    for text in ("a * a > 0", "a + 0.0000000001 > 0", "round(a / 0.000001, 6) > 0"):
        condition = compile_condition(text, columns_of(frame), {})
        assert frame.select(found=condition)["found"].to_list() == [None, True], text


@given(value=st.sampled_from([Decimal(0), Decimal(5), None]))
def test_sig_8_zero_never_falls_through_to_another_column(value: Decimal | None) -> None:
    frame = pl.DataFrame(
        {"conversions": [value], "clicks": [Decimal(7)]},
        schema=dict.fromkeys(["conversions", "clicks"], pl.Decimal(38, 0)),
    )
    expected = Decimal(7) if value is None else value
    assert evaluate(f"coalesce(conversions, clicks) = {expected}", frame) is True


@pytest.mark.parametrize("text", ["0", "", " "])
def test_sig_8_a_text_never_falls_through_either(text: str) -> None:
    frame = pl.DataFrame({"conversions": [text], "clicks": ["7"]})
    assert evaluate(f"coalesce(conversions, clicks) = '{text}'", frame) is True


def test_a_parameter_has_the_type_it_was_given() -> None:
    assert evaluate('"Trade Date" < $as_of', as_of=date(2026, 2, 1)) is True
    assert evaluate("quantity < $limit", limit=Decimal("1.11")) is True


def test_sig_15_a_parameter_is_not_mistaken_for_one_whose_name_begins_alike() -> None:
    day, later = date(2026, 1, 1), date(2026, 2, 1)
    assert evaluate("$day < $day_from and $day_from = $day + 31", day=day, day_from=later) is True
    assert evaluate("$name = 'it''s; drop'", name="it's; drop") is True


def test_columns_are_named_by_the_types_that_the_store_writes(tmp_path: Any) -> None:
    _, stored = write_table(ROW, tmp_path / "row.parquet")
    by_store = {column.name: column_value(column).kind for column in stored}
    assert by_store == {name: value.kind for name, value in columns_of(ROW).items()}
