"""The functions of rule files. Nothing here reads anything but the row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from tenuto.activities.validate.expressions.problem import ExpressionError
from tenuto.activities.validate.expressions.values import (
    MAX_DIGITS,
    Kind,
    Value,
    aligned,
    at_scale,
    constant,
    rounded,
)
from tenuto.activities.validate.patterns import pattern_problem, whole

_FURTHEST_DAYS = 1_000_000


@dataclass(frozen=True)
class Function:
    """How a function is called, and what it gives."""

    usage: str
    takes: tuple[Kind, ...]
    """Kinds of the arguments; empty where the function looks at them itself."""
    make: Callable[[Sequence[Value], int], Value]


def called(name: str, arguments: Sequence[Value], at: int) -> Value:
    """The function's value. Raises ExpressionError where the arguments are not what it takes."""
    function = FUNCTIONS[name]
    kinds = tuple(argument.kind for argument in arguments)
    if function.takes and kinds != function.takes:
        given = ", ".join(kinds) or "nothing"
        raise ExpressionError(f"`{function.usage}` was given {given}", at)
    if not arguments:
        raise ExpressionError(f"`{function.usage}` was given nothing", at)
    return function.make(arguments, at)


def places_of(arguments: Sequence[Value], at: int) -> int:
    """The decimals that somebody asks to round to."""
    given = arguments[0].constant if len(arguments) == 1 else None
    if not isinstance(given, Decimal) or given != int(given) or not 0 <= given <= _MOST_PLACES:
        problem = f"the decimals are written as a whole number from 0 to {_MOST_PLACES}"
        raise ExpressionError(problem, at)
    return int(given)


def moved(day: Value, days: Value, at: int, *, back: bool) -> Value:
    """A date so many days later or earlier."""
    if days.scale:
        raise ExpressionError("days are counted in whole numbers", at)
    count = pl.when(days.expr.abs() <= _FURTHEST_DAYS).then(days.expr).cast(pl.Int64)
    number = day.expr.cast(pl.Int64) + (-count if back else count)
    return Value(number.cast(pl.Int32, strict=False).cast(pl.Date), Kind.DATE)


_MOST_PLACES = 30


def _absolute(arguments: Sequence[Value], _: int) -> Value:
    (number,) = arguments
    return Value(number.expr.abs(), Kind.NUMBER, number.scale)


def _extreme(
    choose: Callable[[Sequence[pl.Expr]], pl.Expr],
) -> Callable[[Sequence[Value], int], Value]:
    def make(arguments: Sequence[Value], at: int) -> Value:
        _refuse_mixed(arguments, at, (Kind.NUMBER, Kind.DATE))
        exprs, scale = aligned(arguments)
        known = pl.all_horizontal([expr.is_not_null() for expr in exprs])
        return Value(pl.when(known).then(choose(exprs)), arguments[0].kind, scale)

    return make


def _coalesce(arguments: Sequence[Value], at: int) -> Value:
    """The first that is there. Chosen before numbers are brought to one scale: a number without
    room there is not missing, and nothing else may stand in for it."""
    _refuse_mixed(arguments, at, (Kind.NUMBER, Kind.TEXT, Kind.DATE, Kind.MOMENT, Kind.BOOLEAN))
    exprs, scale = aligned(arguments)
    chosen = exprs[-1]
    for argument, expr in reversed(list(zip(arguments[:-1], exprs[:-1], strict=True))):
        chosen = pl.when(argument.expr.is_not_null()).then(expr).otherwise(chosen)
    return Value(chosen, arguments[0].kind, scale)


def _refuse_mixed(arguments: Sequence[Value], at: int, allowed: tuple[Kind, ...]) -> None:
    kinds = sorted({argument.kind for argument in arguments})
    if len(kinds) > 1:
        raise ExpressionError(f"the arguments are {' and '.join(kinds)}; write one kind", at)
    if kinds[0] not in allowed:
        raise ExpressionError(f"{kinds[0]} cannot be used here", at)


def _round(arguments: Sequence[Value], at: int) -> Value:
    if arguments[0].kind is not Kind.NUMBER:
        raise ExpressionError(f"`round(number, places)` was given {arguments[0].kind}", at)
    return rounded(arguments[0], places_of(arguments[1:], at))


def _decimal(arguments: Sequence[Value], at: int) -> Value:
    number = arguments[0]
    places = places_of(arguments[1:], at)
    if number.kind not in (Kind.FLOAT, Kind.NUMBER):
        raise ExpressionError(f"`decimal(float, places)` was given {number.kind}", at)
    return Value(at_scale(Value(number.expr, Kind.NUMBER, -1), places), Kind.NUMBER, places)


def _date(arguments: Sequence[Value], at: int) -> Value:
    text = arguments[0].constant
    try:
        return constant(date.fromisoformat(str(text)))
    except ValueError as wrong:
        problem = "a date is written as `date('2026-03-31')`; a column of dates needs no function"
        raise ExpressionError(problem, at) from wrong


def _day(arguments: Sequence[Value], _: int) -> Value:
    return Value(arguments[0].expr.dt.date(), Kind.DATE)


def _of_text(make: Callable[[pl.Expr], pl.Expr]) -> Callable[[Sequence[Value], int], Value]:
    return lambda arguments, _: Value(make(arguments[0].expr), Kind.TEXT)


def _about_text(
    make: Callable[[pl.Expr, pl.Expr], pl.Expr],
) -> Callable[[Sequence[Value], int], Value]:
    return lambda arguments, _: Value(make(arguments[0].expr, arguments[1].expr), Kind.BOOLEAN)


def _length(arguments: Sequence[Value], _: int) -> Value:
    count = arguments[0].expr.str.len_chars().cast(pl.Decimal(MAX_DIGITS, 0))
    return Value(count, Kind.NUMBER)


def _matches(arguments: Sequence[Value], at: int) -> Value:
    text, pattern = arguments
    if not isinstance(pattern.constant, str):
        raise ExpressionError("the pattern of `matches` is written as a text", at)
    problem = pattern_problem(pattern.constant)
    if problem:
        raise ExpressionError(problem, at)
    return Value(text.expr.str.contains(whole(pattern.constant)), Kind.BOOLEAN)


_TWO_TEXTS = (Kind.TEXT, Kind.TEXT)

FUNCTIONS = {
    "abs": Function("abs(number)", (Kind.NUMBER,), _absolute),
    "min": Function("min(a, b, ...)", (), _extreme(pl.min_horizontal)),
    "max": Function("max(a, b, ...)", (), _extreme(pl.max_horizontal)),
    "round": Function("round(number, places)", (), _round),
    "decimal": Function("decimal(float, places)", (), _decimal),
    "coalesce": Function("coalesce(a, b, ...)", (), _coalesce),
    "date": Function("date('2026-03-31')", (Kind.TEXT,), _date),
    "day": Function("day(moment)", (Kind.MOMENT,), _day),
    "lower": Function("lower(text)", (Kind.TEXT,), _of_text(lambda text: text.str.to_lowercase())),
    "upper": Function("upper(text)", (Kind.TEXT,), _of_text(lambda text: text.str.to_uppercase())),
    "trim": Function("trim(text)", (Kind.TEXT,), _of_text(lambda text: text.str.strip_chars())),
    "length": Function("length(text)", (Kind.TEXT,), _length),
    "starts_with": Function(
        "starts_with(text, start)", _TWO_TEXTS, _about_text(lambda a, b: a.str.starts_with(b))
    ),
    "ends_with": Function(
        "ends_with(text, end)", _TWO_TEXTS, _about_text(lambda a, b: a.str.ends_with(b))
    ),
    "contains": Function(
        "contains(text, part)",
        _TWO_TEXTS,
        _about_text(lambda a, b: a.str.contains(b, literal=True)),
    ),
    "matches": Function("matches(text, 'pattern')", _TWO_TEXTS, _matches),
}
