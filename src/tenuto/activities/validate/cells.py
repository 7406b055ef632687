"""What a declared column allows in a cell, one rule for each way to be wrong."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import polars as pl

from tenuto.activities.validate.findings import RowRule, shown
from tenuto.activities.validate.patterns import whole
from tenuto.catalog.library.validate.schema import CodeKind, ColumnSchema
from tenuto.core.currency import currency_problem
from tenuto.core.identifiers import identifier_problem


def cell_rules(column: ColumnSchema) -> Iterator[RowRule]:
    """The rules of a column that is there and of its type; only `value` looks at missing cells."""
    if not column.nullable:
        yield _required(column)
    if column.type == "float":
        yield _finite(column)
    if column.allowed:
        yield _allowed(column)
    if column.pattern is not None:
        yield _pattern(column, column.pattern)
    if column.min_length is not None or column.max_length is not None:
        yield _length(column)
    if column.minimum is not None or column.maximum is not None:
        yield _range(column)
    if column.digits is not None or column.places is not None:
        yield _digits(column)
    if column.code is not None:
        yield _code(column, column.code)


def outside(
    value: pl.Expr,
    minimum: Decimal | date | None,
    maximum: Decimal | date | None,
    *,
    is_float: bool = False,
) -> pl.Expr:
    """Whether a value is below `minimum` or above `maximum`; NaN is."""
    is_outside = value.is_nan() if is_float else pl.lit(value=False)
    if minimum is not None:
        is_outside |= value < bound(minimum, is_float=is_float)
    if maximum is not None:
        is_outside |= value > bound(maximum, is_float=is_float)
    return is_outside


def bound(value: Decimal | date, *, is_float: bool = False) -> pl.Expr:
    """A bound as a literal: the nearest float for a float column, else with all its digits."""
    if not isinstance(value, Decimal):
        return pl.lit(value, dtype=pl.Date)
    if is_float:
        return pl.lit(float(value))
    scale = max(0, -int(value.as_tuple().exponent))
    return pl.lit(value, dtype=pl.Decimal(38, scale))


def between(minimum: Decimal | date | None, maximum: Decimal | date | None) -> str:
    """Bounds in words."""
    if minimum is None:
        return f"at most {maximum}"
    return f"at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"


def _rule(
    column: ColumnSchema, what: str, description: str, fails: pl.Expr, remedy: str
) -> RowRule:
    return RowRule(
        rule=f"{column.name}.{what}",
        severity=column.severity,
        description=f"{column.name} {description}.",
        applies=pl.col(column.name).is_not_null(),
        fails=fails,
        found=pl.concat_str(pl.lit(f"{column.name} is "), shown(column.name)),
        remedy=remedy,
    )


def _required(column: ColumnSchema) -> RowRule:
    return RowRule(
        rule=f"{column.name}.value",
        severity=column.severity,
        description=f"{column.name} has a value.",
        fails=pl.col(column.name).is_null(),
        found=pl.lit(f"{column.name} is missing"),
        remedy=f"supply the {column.name}",
    )


def _finite(column: ColumnSchema) -> RowRule:
    fails = ~pl.col(column.name).is_finite()
    return _rule(column, "finite", "is a finite number", fails, "supply a number")


def _allowed(column: ColumnSchema) -> RowRule:
    fails = ~_text(column).is_in(list(column.allowed))
    values = ", ".join(column.allowed[:20]) + (" ..." if len(column.allowed) > 20 else "")
    return _rule(column, "allowed", f"is one of {values}", fails, f"write one of {values}")


def _pattern(column: ColumnSchema, pattern: str) -> RowRule:
    fails = ~_text(column).str.contains(whole(pattern))
    return _rule(column, "pattern", f"looks like {pattern}", fails, f"write it as {pattern}")


def _length(column: ColumnSchema) -> RowRule:
    minimum, maximum = (
        None if each is None else Decimal(each) for each in (column.min_length, column.max_length)
    )
    fails = outside(_text(column).str.len_chars().cast(pl.Int64), minimum, maximum)
    allowed = f"{between(minimum, maximum)} characters"
    return _rule(column, "length", f"has {allowed}", fails, f"write {allowed}")


def _range(column: ColumnSchema) -> RowRule:
    value = pl.col(column.name)
    if column.type == "datetime":
        value = value.dt.date()
    is_float = column.type == "float"
    fails = outside(value, column.minimum, column.maximum, is_float=is_float)
    allowed = between(column.minimum, column.maximum)
    return _rule(column, "range", f"is {allowed}", fails, f"supply a value {allowed}")


def _digits(column: ColumnSchema) -> RowRule:
    """By value, not by type: 1.50 in a column of ten decimals has one that counts."""
    value = pl.col(column.name)
    fails = pl.lit(value=False)
    allowed = []
    if column.places is not None:
        fails |= value.truncate(column.places) != value
        allowed.append(f"{column.places} decimals")
    if column.digits is not None:
        text = value.abs().cast(pl.String).str.replace(r"(\.[0-9]*?)0+$", "${1}")
        fails |= text.str.replace_all(r"^0+|\.", "").str.len_bytes() > column.digits
        allowed.append(f"{column.digits} digits")
    limit = f"at most {' and '.join(allowed)}"
    remedy = f"round it to {limit}, or look for a misplaced point"
    return _rule(column, "digits", f"has {limit}", fails, remedy)


def _code(column: ColumnSchema, kind: CodeKind) -> RowRule:
    problem = _text(column).map_batches(
        _problems(kind), return_dtype=pl.String, is_elementwise=True
    )
    return RowRule(
        rule=f"{column.name}.{kind}",
        severity=column.severity,
        description=f"{column.name} is a valid {kind if kind == 'currency' else kind.upper()}.",
        applies=pl.col(column.name).is_not_null(),
        fails=problem.is_not_null(),
        found=pl.concat_str(pl.lit(f"{column.name}: "), problem),
        remedy=f"correct the {column.name}, or ask its source for the right one",
    )


def _problems(kind: CodeKind) -> Callable[[pl.Series], pl.Series]:
    """Each different value is looked at once, however often it occurs."""

    def look(values: pl.Series) -> pl.Series:
        different = values.drop_nulls().unique()
        problems = [
            currency_problem(each) if kind == "currency" else identifier_problem(kind, each)
            for each in different
        ]
        known = pl.DataFrame(
            {"value": different, "problem": problems}, schema_overrides={"problem": pl.String}
        )
        joined = values.to_frame("value").join(known, on="value", how="left", maintain_order="left")
        return joined["problem"].alias(values.name)

    return look


def _text(column: ColumnSchema) -> pl.Expr:
    return pl.col(column.name).cast(pl.String)
