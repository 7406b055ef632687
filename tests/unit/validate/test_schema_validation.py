"""`validate.schema`: every way in which a cell or a column can differ."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tenuto.activities.validate.schema import validate_schema
from tenuto.artifacts.store import ArtifactStore
from tenuto.catalog.library.validate.schema import ColumnSchema, SchemaRequest
from tenuto.catalog.library.validate.verdict import RuleSummary, Validated
from tenuto.core.errors import UsageError
from tenuto.core.references import Dataset

Put = Callable[[pl.DataFrame], Dataset]


def check(table: Dataset, *columns: ColumnSchema, **fields: Any) -> Validated:
    return validate_schema(SchemaRequest(table=table, columns=columns, **fields))


def failed(found: Validated) -> dict[str, RuleSummary]:
    return {each.rule: each for each in found.summary if each.failed}


def decimals(*values: str | None) -> pl.DataFrame:
    numbers = [None if each is None else Decimal(each) for each in values]
    return pl.DataFrame({"a": numbers}, schema={"a": pl.Decimal(38, 6)})


CELLS: list[tuple[str, dict[str, Any], pl.DataFrame, list[int]]] = [
    ("value", {"type": "text"}, pl.DataFrame({"a": ["x", None, ""]}), [2]),
    ("allowed", {"type": "text", "allowed": ("x",)}, pl.DataFrame({"a": ["x", "X", ""]}), [2, 3]),
    ("pattern", {"type": "text", "pattern": "a+|b"}, pl.DataFrame({"a": ["aa", "ab", "b"]}), [2]),
    (
        "length",
        {"type": "text", "min_length": 1, "max_length": 2},
        pl.DataFrame({"a": ["", "é", "ab", "abc"]}),
        [1, 4],
    ),
    (
        "range",
        {"type": "decimal", "minimum": Decimal("0.0000001"), "maximum": Decimal("1.5")},
        decimals("0", "0.000001", "1.5", "1.500001"),
        [1, 4],
    ),
    ("range", {"type": "integer", "minimum": Decimal("0.5")}, pl.DataFrame({"a": [0, 1]}), [1]),
    (
        "range",
        {"type": "float", "minimum": Decimal("0.1")},
        pl.DataFrame({"a": [0.1, 0.0, float("nan")]}),
        [2, 3],
    ),
    ("finite", {"type": "float"}, pl.DataFrame({"a": [0.0, float("inf"), float("nan")]}), [2, 3]),
    (
        "range",
        {"type": "date", "minimum": date(2026, 1, 1)},
        pl.DataFrame({"a": [date(2025, 12, 31), date(2026, 1, 1)]}),
        [1],
    ),
    (
        "range",
        {"type": "datetime", "maximum": date(2026, 1, 1)},
        pl.DataFrame({"a": [datetime(2026, 1, 1, 23), datetime(2026, 1, 2)]}),  # noqa: DTZ001
        [2],
    ),
    ("digits", {"type": "decimal", "places": 2}, decimals("1.23", "1.2300", "1.234"), [3]),
    (
        "digits",
        {"type": "decimal", "digits": 3},
        decimals("999", "1000", "-9.99", "9.999", "0.123", "0.1234", "0"),
        [2, 4, 6],
    ),
    (
        "currency",
        {"type": "text", "code": "currency"},
        pl.DataFrame({"a": ["EUR", "GBX", "EUR", "XXX"]}),
        [2, 4],
    ),
    (
        "isin",
        {"type": "text", "code": "isin"},
        pl.DataFrame({"a": ["US0378331005", "US0378331006", "GB0002634946"]}),
        [2],
    ),
    (
        "cusip",
        {"type": "text", "code": "cusip"},
        pl.DataFrame({"a": ["037833100", "037833101"]}),
        [2],
    ),
    ("sedol", {"type": "text", "code": "sedol"}, pl.DataFrame({"a": ["0263494", "0263495"]}), [2]),
    (
        "lei",
        {"type": "text", "code": "lei"},
        pl.DataFrame({"a": ["5493001KJTIIGC8Y1R12", "5493001KJTIIGC8Y1R13"]}),
        [2],
    ),
]


@pytest.mark.parametrize(("rule", "fields", "table", "rows"), CELLS)
def test_a_cell_that_differs_is_found_in_its_row(
    put: Put, rule: str, fields: dict[str, Any], table: pl.DataFrame, rows: list[int]
) -> None:
    found = failed(check(put(table), ColumnSchema(name="a", **fields)))
    assert f"a.{rule}" in found
    assert [example.row for example in found[f"a.{rule}"].examples] == rows


@pytest.mark.parametrize(("rule", "fields", "table", "rows"), CELLS)
def test_a_missing_cell_is_for_nullable_alone_to_judge(
    put: Put, rule: str, fields: dict[str, Any], table: pl.DataFrame, rows: list[int]
) -> None:
    missing = table.head(2).with_columns(pl.lit(None).cast(table.schema["a"]).alias("a"))
    allowed = check(put(missing), ColumnSchema(name="a", nullable=True, **fields))
    assert allowed.outcome == "pass"
    refused = failed(check(put(missing), ColumnSchema(name="a", **fields)))
    assert refused.keys() == {"a.value"}


@pytest.mark.parametrize(
    ("type_", "values", "dtype"),
    [
        ("text", ["a"], pl.Categorical),
        ("integer", [1], pl.UInt16),
        ("decimal", [Decimal(1)], pl.Decimal(20, 2)),
        ("float", [1.0], pl.Float32),
        ("boolean", [True], pl.Boolean),
        ("date", [date(2026, 1, 1)], pl.Date),
        ("datetime", [datetime(2026, 1, 1)], pl.Datetime("us", "UTC")),  # noqa: DTZ001
    ],
)
def test_a_type_is_itself_and_no_other(
    put: Put, type_: Any, values: list[Any], dtype: pl.DataType
) -> None:
    table = put(pl.DataFrame({"a": pl.Series(values).cast(dtype)}))
    assert check(table, ColumnSchema(name="a", type=type_)).outcome == "pass"
    for other in {"text", "integer", "decimal", "float", "boolean", "date", "datetime"} - {type_}:
        found = check(table, ColumnSchema(name="a", type=other))
        assert failed(found).keys() == {"a.type"}
        assert found.good.rows == 0, "a column of another type blocks the table"


def test_a_column_that_is_missing_blocks_the_table_unless_it_is_optional(put: Put) -> None:
    table = put(pl.DataFrame({"quantiy": [1]}))
    wanted = ColumnSchema(name="quantity", type="integer")
    found = failed(check(table, wanted, unknown_columns="keep"))
    assert "did you mean `quantiy`?" in found["quantity.present"].examples[0].found
    optional = wanted.model_copy(update={"required": False})
    assert check(table, optional, unknown_columns="keep").outcome == "pass"


def test_unknown_columns_are_refused_kept_or_dropped(store: ArtifactStore, put: Put) -> None:
    frame = pl.DataFrame({"a": [1, None], "b": [3, 4]})
    wanted, table = ColumnSchema(name="a", type="integer"), put(frame)
    refused = check(table, wanted)
    assert failed(refused)["unknown-columns"].examples[0].found.startswith("column `b` is not")
    assert refused.good.rows == 0
    kept = check(table, wanted, unknown_columns="keep")
    assert store.get_table(kept.good).columns == ["a", "b"]
    dropped = check(table, wanted, unknown_columns="drop")
    assert store.get_table(dropped.good).columns == ["a"]
    assert dropped.quarantined is not None
    assert store.get_table(dropped.quarantined).columns == ["a", "b", "reasons"]


def test_of_rows_that_share_a_key_all_fail(put: Put) -> None:
    frame = pl.DataFrame({"a": ["x", "y", "x", None, None], "b": [1, 1, 1, 1, 1]})
    columns = (
        ColumnSchema(name="a", type="text", nullable=True),
        ColumnSchema(name="b", type="integer"),
    )
    found = failed(check(put(frame), *columns, key=("a", "b")))
    assert [example.row for example in found["key"].examples] == [1, 3]
    assert found["key"].checked == 3
    assert found["key"].examples[0].found == "a=x, b=1 occurs more than once"


def test_a_key_that_cannot_be_checked_fails(put: Put) -> None:
    columns = (
        ColumnSchema(name="a", type="integer"),
        ColumnSchema(name="b", type="integer", severity="warn"),
    )
    found = check(put(pl.DataFrame({"a": [1, 1]})), *columns, key=("a", "b"))
    assert found.outcome == "block"
    assert "without column `b`" in failed(found)["key"].examples[0].found


def test_what_only_warns_stays_good(put: Put) -> None:
    table = put(pl.DataFrame({"a": [1, None]}))
    found = check(table, ColumnSchema(name="a", type="integer", severity="warn"))
    assert (found.outcome, found.good, found.quarantined) == ("warn", table, None)


@pytest.mark.parametrize("pattern", ["(", "(?=a)", r"(a)\1", "a{1000}{1000}{1000}"])
def test_a_pattern_that_does_not_compile_is_refused_by_name(put: Put, pattern: str) -> None:
    with pytest.raises(UsageError, match="column `a`: pattern") as refused:
        check(put(pl.DataFrame({"a": ["x"]})), ColumnSchema(name="a", type="text", pattern=pattern))
    assert refused.value.code == "validate.bad-pattern"


@pytest.mark.timeout(20)
def test_a_pattern_that_would_hang_a_backtracking_engine_does_not(put: Put) -> None:
    table = put(pl.DataFrame({"a": ["a" * 50_000 + "!"]}))
    found = check(table, ColumnSchema(name="a", type="text", pattern="(a+)+"))
    assert failed(found).keys() == {"a.pattern"}


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "integer", "pattern": "a"},
        {"type": "integer", "allowed": ("1",)},
        {"type": "text", "minimum": Decimal(1)},
        {"type": "date", "minimum": Decimal(1)},
        {"type": "integer", "places": 1},
        {"type": "decimal", "minimum": Decimal(2), "maximum": Decimal(1)},
        {"type": "text", "min_length": 2, "max_length": 1},
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ColumnSchema(name="a", **fields)


NUMBERS = st.decimals(min_value=-1000, max_value=1000, places=4, allow_nan=False)


@given(values=st.lists(NUMBERS, min_size=1, max_size=8), low=NUMBERS, digits=st.integers(1, 8))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_numbers_are_judged_as_python_judges_them(
    put: Put, values: list[Decimal], low: Decimal, digits: int
) -> None:
    table = put(pl.DataFrame({"a": values}, schema={"a": pl.Decimal(38, 10)}))
    column = ColumnSchema(name="a", type="decimal", minimum=low, digits=digits, places=2)
    found = {each.rule: each.failed for each in check(table, column).summary}
    assert found["a.range"] == sum(value < low for value in values)
    assert found["a.digits"] == sum(
        _places(value) > 2 or _digits(value) > digits for value in values
    )


def _places(value: Decimal) -> int:
    return max(0, -int(value.normalize().as_tuple().exponent))


def _digits(value: Decimal) -> int:
    whole = abs(int(value))
    return len(str(whole)) * (whole > 0) + _places(value)
