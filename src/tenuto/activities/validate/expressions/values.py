"""Typed Polars expressions: what a part of a rule is, and how numbers in it stay exact.

A number is a `Decimal(38, scale)`. Sums, products and comparisons are exact. A value that would
need more than 38 digits becomes null, which no check passes, so that one absurd row is set aside
and does not stop the others.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

import polars as pl

from tenuto.core.references import Column

MAX_DIGITS = 38


class Kind(StrEnum):
    """What a value is, in the words of the error messages."""

    NUMBER = "a number"
    FLOAT = "a float"
    TEXT = "text"
    BOOLEAN = "true or false"
    DATE = "a date"
    MOMENT = "a moment"
    OTHER = "of another type"


@dataclass(frozen=True)
class Value:
    """A Polars expression and what it gives."""

    expr: pl.Expr
    kind: Kind
    scale: int = 0
    """Decimals of a number."""
    constant: Decimal | str | bool | date | None = None
    """The value, where it is written in the rule."""


def column_value(column: Column) -> Value:
    """A column of a dataset, from the name of its type."""
    kind, scale = _kind_of(column.dtype)
    expr = pl.col(column.name)
    if kind is Kind.NUMBER:
        expr = expr.cast(pl.Decimal(MAX_DIGITS, scale), strict=False)
    elif kind is Kind.TEXT:
        expr = expr.cast(pl.String)
    return Value(expr, kind, scale)


def constant(value: Decimal | str | bool | date) -> Value:
    """A value written in a rule. A number may have 38 digits."""
    if isinstance(value, bool):
        return Value(pl.lit(value), Kind.BOOLEAN, constant=value)
    if isinstance(value, Decimal):
        scale = max(0, -int(value.as_tuple().exponent))
        literal = pl.lit(value, dtype=pl.Decimal(MAX_DIGITS, scale))
        return Value(literal, Kind.NUMBER, scale, value)
    if isinstance(value, date):
        return Value(pl.lit(value, dtype=pl.Date), Kind.DATE, constant=value)
    return Value(pl.lit(value), Kind.TEXT, constant=value)


def has_room(value: Decimal) -> bool:
    """Whether a number fits 38 digits, those after the point included."""
    exponent = int(value.as_tuple().exponent)
    return -exponent <= MAX_DIGITS and value.adjusted() + 1 + max(0, -exponent) <= MAX_DIGITS


def at_scale(value: Value, scale: int) -> pl.Expr:
    """The same number with more decimals; null where it has no room for them."""
    if scale == value.scale:
        return value.expr
    return value.expr.cast(pl.Decimal(MAX_DIGITS, scale), strict=False)


def aligned(values: Sequence[Value]) -> tuple[list[pl.Expr], int]:
    """Numbers at their largest scale, and that scale; anything else as it is."""
    scale = max(value.scale for value in values)
    return [at_scale(v, scale) if v.kind is Kind.NUMBER else v.expr for v in values], scale


def added(left: Value, right: Value, *, minus: bool) -> Value:
    """The exact sum or difference."""
    (first, second), scale = aligned([left, right])
    fits = _magnitude(first) + _magnitude(second) < _room(scale)
    first = pl.when(fits).then(first)
    return Value(first - second if minus else first + second, Kind.NUMBER, scale)


def multiplied(left: Value, right: Value) -> Value:
    """The exact product; its decimals are those of both factors together, at most 38."""
    fits = _magnitude(left.expr) * _magnitude(right.expr) < _room(left.scale + right.scale)
    first = pl.when(fits).then(left.expr)
    product = _digits(first) * _digits(right.expr)
    return Value(_scaled(product, left.scale + right.scale), Kind.NUMBER, left.scale + right.scale)


def divided(numerator: Value, denominator: Value, places: int) -> Value:
    """The quotient rounded once, half to even; null for a denominator of zero."""
    shift = places + denominator.scale - numerator.scale
    top, bottom = numerator.expr, denominator.expr
    up, down = Decimal(10) ** max(shift, 0), Decimal(10) ** max(-shift, 0)
    fits = (_magnitude(top) * float(up) < _room(numerator.scale)) & (
        _magnitude(bottom) * float(down) < _room(denominator.scale)
    )
    top = _digits(pl.when(fits).then(top)) * _digits_of(up)
    bottom = _digits(pl.when(fits & (bottom != 0)).then(bottom)) * _digits_of(down)
    return Value(_scaled(top / bottom, places), Kind.NUMBER, places)


def rounded(value: Value, places: int) -> Value:
    """The number with so many decimals, half to even."""
    return Value(at_scale(value, places), Kind.NUMBER, places)


_BELOW_FLOAT_ERROR = 0.999999


def _room(scale: int) -> float:
    return 10.0 ** (MAX_DIGITS - scale) * _BELOW_FLOAT_ERROR


def _magnitude(number: pl.Expr) -> pl.Expr:
    return number.cast(pl.Float64).abs()


def _digits(number: pl.Expr) -> pl.Expr:
    """The number without its point."""
    return number.reinterpret(dtype=pl.Int128).reinterpret(dtype=pl.Decimal(MAX_DIGITS, 0))


def _digits_of(power: Decimal) -> pl.Expr:
    return pl.lit(power, dtype=pl.Decimal(MAX_DIGITS, 0))


def _scaled(digits: pl.Expr, scale: int) -> pl.Expr:
    return digits.reinterpret(dtype=pl.Int128).reinterpret(dtype=pl.Decimal(MAX_DIGITS, scale))


def _kind_of(dtype: str) -> tuple[Kind, int]:
    decimal = re.fullmatch(r"Decimal\((?:\d+|None), (\d+)\)", dtype)
    if decimal:
        return Kind.NUMBER, int(decimal.group(1))
    for begins_with, kind in _KINDS.items():
        if dtype.startswith(begins_with):
            return kind, 0
    return Kind.OTHER, 0


_KINDS = {
    "Int": Kind.NUMBER,
    "UInt": Kind.NUMBER,
    "Float": Kind.FLOAT,
    "String": Kind.TEXT,
    "Categorical": Kind.TEXT,
    "Enum": Kind.TEXT,
    "Boolean": Kind.BOOLEAN,
    "Datetime": Kind.MOMENT,
    "Date": Kind.DATE,
}
