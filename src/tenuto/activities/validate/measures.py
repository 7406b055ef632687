"""Checks of a table against numbers: how much is there, how large, how often."""

from datetime import date
from decimal import Decimal

import polars as pl

from tenuto.activities.validate.cells import between, outside
from tenuto.activities.validate.expressions.values import Kind, column_value
from tenuto.activities.validate.findings import RowRule, TableRule, shown, table_example
from tenuto.activities.validate.judging import label
from tenuto.catalog.library.validate.quality import (
    Completeness,
    Distribution,
    Range,
    RowCount,
    Volume,
)
from tenuto.core.errors import UsageError
from tenuto.core.money import RoundingMode, divide, multiply
from tenuto.core.references import Dataset


def kind_of(table: Dataset, column: str) -> Kind:
    """What a column of a dataset holds."""
    return next(column_value(each).kind for each in table.columns if each.name == column)


def wrong_type(table: Dataset, column: str, wanted: str) -> UsageError:
    """A check that does not fit its column's type."""
    return UsageError(
        f"Column `{column}` of {label(table)} is {kind_of(table, column)}, and the check needs "
        f"{wanted}; name another column, or read this one with its type.",
        code="validate.wrong-type",
        details={"column": column},
    )


_DATES = frozenset({Kind.DATE, Kind.MOMENT})
_NUMBERS = frozenset({Kind.NUMBER, Kind.FLOAT})


def is_missing(table: Dataset, column: str) -> pl.Expr:
    """Null, NaN, and blank text. Zero and false are values."""
    value = pl.col(column)
    kind = kind_of(table, column)
    if kind is Kind.FLOAT:
        return value.is_null() | value.is_nan().fill_null(value=False)
    if kind is Kind.TEXT:
        return value.cast(pl.String).str.strip_chars().fill_null("") == ""
    return value.is_null()


def completeness(
    check: Completeness, name: str, table: Dataset, frame: pl.LazyFrame
) -> RowRule | TableRule:
    """Rows without a value fail, if there are more of them than the check allows."""
    missing = is_missing(table, check.column)
    description = f"{check.column} has a value"
    if check.max_missing_share:
        description += f" in all but {check.max_missing_share} of the rows"
        count = frame.select(missing.sum()).collect(engine="streaming").item()
        if count <= multiply(check.max_missing_share, table.rows):
            return TableRule(
                rule=name,
                severity=check.severity,
                description=f"{description}.",
                checked=table.rows,
                failed=0,
            )
    return RowRule(
        rule=name,
        severity=check.severity,
        description=f"{description}.",
        fails=missing,
        found=pl.lit(f"{check.column} is missing"),
        remedy=f"supply the {check.column}",
    )


def value_range(check: Range, name: str, table: Dataset) -> RowRule:
    """Values outside the bounds fail."""
    kind = kind_of(table, check.column)
    value = pl.col(check.column)
    dates = isinstance(check.minimum, date) or isinstance(check.maximum, date)
    fitting = _DATES if dates else _NUMBERS
    if kind not in fitting:
        raise wrong_type(table, check.column, "a date" if dates else "a number")
    if kind is Kind.MOMENT:
        value = value.dt.date()
    allowed = between(check.minimum, check.maximum)
    return RowRule(
        rule=name,
        severity=check.severity,
        description=f"{check.column} is {allowed}.",
        applies=pl.col(check.column).is_not_null(),
        fails=outside(value, check.minimum, check.maximum, is_float=kind is Kind.FLOAT),
        found=pl.concat_str(pl.lit(f"{check.column} is "), shown(check.column)),
        remedy=f"supply a value {allowed}",
    )


def row_count(check: RowCount, name: str, table: Dataset) -> TableRule:
    """The table fails with fewer or more rows than expected."""
    maximum = table.rows if check.maximum is None else check.maximum
    is_wrong = not check.minimum <= table.rows <= maximum
    expected = between(
        Decimal(check.minimum), None if check.maximum is None else Decimal(check.maximum)
    )
    example = table_example(
        f"there are {table.rows} rows", f"expected {expected}; ask whether the file is whole"
    )
    return TableRule(
        rule=name,
        severity=check.severity,
        description=f"The table has {expected} rows.",
        checked=1,
        failed=int(is_wrong),
        examples=(example,) if is_wrong else (),
    )


def volume(check: Volume, name: str, table: Dataset) -> TableRule:
    """The table fails when its number of rows changed by more than the check allows."""
    change = abs(table.rows - check.previous_rows)
    is_wrong = change > multiply(check.max_change, check.previous_rows)
    share = divide(
        table.rows - check.previous_rows,
        check.previous_rows,
        places=4,
        mode=RoundingMode.HALF_EVEN,
    )
    example = table_example(
        f"there are {table.rows} rows after {check.previous_rows}, a change of {share:f}",
        f"a change of {check.max_change} is expected at most; ask whether the file is whole",
    )
    return TableRule(
        rule=name,
        severity=check.severity,
        description=f"The number of rows changed by at most {check.max_change}.",
        checked=1,
        failed=int(is_wrong),
        examples=(example,) if is_wrong else (),
    )


def distribution(check: Distribution, name: str, table: Dataset, frame: pl.LazyFrame) -> TableRule:
    """The table fails when a value is rarer or more frequent than expected; empty tables too."""
    equal = pl.col(check.column) == _literal(check, table)
    count = frame.select(equal.sum()).collect(engine="streaming").item()
    rows = max(table.rows, 1)
    is_wrong = not multiply(check.minimum, rows) <= count <= multiply(check.maximum, rows)
    share = divide(count, rows, places=6, mode=RoundingMode.HALF_EVEN)
    expected = between(check.minimum, check.maximum)
    example = table_example(
        f"{check.column} is {check.value} in {count} of {table.rows} rows, a share of {share:f}",
        f"a share {expected} is expected; ask whether the file is whole",
    )
    return TableRule(
        rule=name,
        severity=check.severity,
        description=f"{check.column} is {check.value} in a share {expected} of the rows.",
        checked=1,
        failed=int(is_wrong),
        examples=(example,) if is_wrong else (),
    )


def _literal(check: Distribution, table: Dataset) -> pl.Expr:
    kind = kind_of(table, check.column)
    try:
        match kind:
            case Kind.TEXT:
                return pl.lit(check.value)
            case Kind.NUMBER | Kind.FLOAT:
                return pl.lit(float(check.value) if kind is Kind.FLOAT else Decimal(check.value))
            case Kind.DATE:
                return pl.lit(date.fromisoformat(check.value))
            case Kind.BOOLEAN if check.value in ("true", "false"):
                return pl.lit(check.value == "true")
    except (ValueError, ArithmeticError) as wrong:
        raise wrong_type(table, check.column, f"a value unlike `{check.value}`") from wrong
    raise wrong_type(table, check.column, f"a value unlike `{check.value}`")
