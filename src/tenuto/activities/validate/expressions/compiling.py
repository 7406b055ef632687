"""A tree to a typed Polars expression. What it cannot type, it refuses before any row is read."""

from collections.abc import Mapping
from functools import reduce

import polars as pl

from tenuto.activities.validate.expressions import functions
from tenuto.activities.validate.expressions.parsing import parse
from tenuto.activities.validate.expressions.problem import ExpressionError, suggestion
from tenuto.activities.validate.expressions.tree import (
    Binary,
    Call,
    IsNull,
    Literal,
    Name,
    Negative,
    Node,
    Not,
    Parameter,
    Within,
)
from tenuto.activities.validate.expressions.values import (
    MAX_DIGITS,
    Kind,
    Value,
    added,
    aligned,
    constant,
    divided,
    has_room,
    multiplied,
)

TALLEST = 100
"""Levels of a tree; more are refused before the stack runs out."""


def compile_condition(
    text: str, columns: Mapping[str, Value], parameters: Mapping[str, Value]
) -> pl.Expr:
    """A Boolean expression over the columns; null where a row's values cannot tell.

    `and`, `or`, `not` are three-valued: `false and null` is false. Raises ExpressionError.
    """
    node = parse(text)
    value = _Compiler(columns, parameters).value(node)
    if value.kind is not Kind.BOOLEAN:
        raise ExpressionError(f"a rule is true or false, and this is {value.kind}", node.at)
    return value.expr


class _Compiler:
    def __init__(self, columns: Mapping[str, Value], parameters: Mapping[str, Value]) -> None:
        self._columns = columns
        self._parameters = parameters
        self._height = 0

    def value(self, node: Node) -> Value:
        self._height += 1
        if self._height > TALLEST:
            raise ExpressionError(f"more than {TALLEST} parts in a row; split the rule", node.at)
        value = self._value(node)
        self._height -= 1
        return value

    def _value(self, node: Node) -> Value:
        match node:
            case Literal(at, value):
                if not isinstance(value, str | bool) and not has_room(value):
                    raise ExpressionError(f"a number has at most {MAX_DIGITS} digits", at)
                return constant(value)
            case Name(at, name):
                return self._column(at, name)
            case Parameter(at, name):
                return self._parameter(at, name)
            case Not(_, operand):
                return Value(~self._of(Kind.BOOLEAN, operand).expr, Kind.BOOLEAN)
            case Negative(_, operand):
                return self._negative(operand)
            case IsNull(_, operand):
                return Value(self.value(operand).expr.is_null(), Kind.BOOLEAN)
            case Within(at, operand, choices):
                return self._within(at, operand, choices)
            case Call(at, function, arguments):
                return self._call(at, function, arguments)
            case Binary(at, operator, left, right):
                return self._binary(at, operator, left, right)
        raise TypeError(type(node).__name__)

    def _column(self, at: int, name: str) -> Value:
        if name not in self._columns:
            hint = suggestion(name, self._columns)
            raise ExpressionError(f"there is no column `{name}`; {hint}", at)
        return self._columns[name]

    def _parameter(self, at: int, name: str) -> Value:
        if name not in self._parameters:
            hint = suggestion(name, self._parameters)
            raise ExpressionError(f"parameter `${name}` is not declared; {hint}", at)
        return self._parameters[name]

    def _of(self, kind: Kind, node: Node) -> Value:
        value = self.value(node)
        if value.kind is not kind:
            raise ExpressionError(_wanted(kind, value.kind), node.at)
        return value

    def _negative(self, operand: Node) -> Value:
        value = self._of(Kind.NUMBER, operand)
        if isinstance(operand, Literal) and not isinstance(operand.value, str | bool):
            return constant(operand.value.copy_negate())
        zero = pl.lit(0, dtype=pl.Decimal(MAX_DIGITS, value.scale))
        return Value(zero - value.expr, Kind.NUMBER, value.scale)

    def _binary(self, at: int, operator: str, left: Node, right: Node) -> Value:
        match operator:
            case "and" | "or":
                first, second = self._of(Kind.BOOLEAN, left), self._of(Kind.BOOLEAN, right)
                both = first.expr & second.expr
                either = first.expr | second.expr
                return Value(both if operator == "and" else either, Kind.BOOLEAN)
            case "+" | "-":
                return self._sum(at, operator, left, right)
            case "*":
                return self._product(at, left, right)
            case "/":
                problem = "a quotient has no end; say its decimals: `round(a / b, 6)`"
                raise ExpressionError(problem, at)
            case _:
                return self._compared(at, operator, self.value(left), self.value(right))

    def _sum(self, at: int, operator: str, left: Node, right: Node) -> Value:
        first, second = self.value(left), self.value(right)
        if first.kind is Kind.DATE and second.kind is Kind.DATE and operator == "-":
            days = first.expr.cast(pl.Int64) - second.expr.cast(pl.Int64)
            return Value(days.cast(pl.Decimal(MAX_DIGITS, 0)), Kind.NUMBER)
        if first.kind is Kind.DATE and second.kind is Kind.NUMBER:
            return functions.moved(first, second, at, back=operator == "-")
        for value, node in ((first, left), (second, right)):
            if value.kind is not Kind.NUMBER:
                raise ExpressionError(_wanted(Kind.NUMBER, value.kind), node.at)
        return added(first, second, minus=operator == "-")

    def _product(self, at: int, left: Node, right: Node) -> Value:
        first, second = self._of(Kind.NUMBER, left), self._of(Kind.NUMBER, right)
        if first.scale + second.scale > MAX_DIGITS:
            problem = (
                f"the product would have {first.scale + second.scale} decimals, at most "
                f"{MAX_DIGITS} are kept; round a factor first: `round(a, 10) * b`"
            )
            raise ExpressionError(problem, at)
        return multiplied(first, second)

    def _compared(self, at: int, operator: str, left: Value, right: Value) -> Value:
        _refuse_unlike(at, left, right)
        if left.kind is Kind.BOOLEAN and operator not in ("=", "!="):
            raise ExpressionError("true and false are equal or not; they have no order", at)
        (first, second), _ = aligned([left, right])
        comparison = {
            "=": first == second,
            "!=": first != second,
            "<": first < second,
            "<=": first <= second,
            ">": first > second,
            ">=": first >= second,
        }[operator]
        return Value(comparison, Kind.BOOLEAN)

    def _within(self, at: int, operand: Node, choices: tuple[Node, ...]) -> Value:
        value = self.value(operand)
        found = [self.value(choice) for choice in choices]
        for choice in found:
            _refuse_unlike(at, value, choice)
        if value.kind is Kind.TEXT and all(choice.constant is not None for choice in found):
            return Value(value.expr.is_in([choice.constant for choice in found]), Kind.BOOLEAN)
        equal = [self._compared(at, "=", value, choice).expr for choice in found]
        return Value(reduce(lambda one, other: one | other, equal), Kind.BOOLEAN)

    def _call(self, at: int, function: str, arguments: tuple[Node, ...]) -> Value:
        if function not in functions.FUNCTIONS:
            hint = suggestion(function, functions.FUNCTIONS)
            raise ExpressionError(f"there is no function `{function}`; {hint}", at)
        if function == "round" and arguments and _is_quotient(arguments[0]):
            return self._rounded_quotient(at, arguments)
        values = [self.value(argument) for argument in arguments]
        return functions.called(function, values, at)

    def _rounded_quotient(self, at: int, arguments: tuple[Node, ...]) -> Value:
        quotient = arguments[0]
        places = functions.places_of([self.value(each) for each in arguments[1:]], at)
        if not isinstance(quotient, Binary):
            raise TypeError(type(quotient).__name__)
        top, bottom = self._of(Kind.NUMBER, quotient.left), self._of(Kind.NUMBER, quotient.right)
        return divided(top, bottom, places)


def _is_quotient(node: Node) -> bool:
    return isinstance(node, Binary) and node.operator == "/"


def _refuse_unlike(at: int, left: Value, right: Value) -> None:
    for value in (left, right):
        if value.kind is Kind.FLOAT:
            raise ExpressionError(_FLOAT, at)
        if value.kind is Kind.OTHER:
            raise ExpressionError("a column of this type cannot be compared", at)
    if left.kind is not right.kind:
        raise ExpressionError(
            f"{left.kind} cannot be compared with {right.kind}{_hint(left, right)}", at
        )


def _hint(left: Value, right: Value) -> str:
    kinds = {left.kind, right.kind}
    if kinds == {Kind.DATE, Kind.TEXT}:
        return "; write the date as `date('2026-03-31')`"
    if kinds == {Kind.DATE, Kind.MOMENT}:
        return "; write `day(moment)`"
    if kinds == {Kind.NUMBER, Kind.TEXT}:
        return "; a number is written without quotes, a text with them"
    return ""


def _wanted(wanted: Kind, found: Kind) -> str:
    if found is Kind.FLOAT and wanted is Kind.NUMBER:
        return _FLOAT
    return f"this is {found}, and {wanted} was expected"


_FLOAT = (
    "a float has lost digits already; read the column as Decimal, or say how many decimals "
    "count: `decimal(column, 6)`"
)
