"""Functions on numbers that give the same digits on every machine.

The C library's `exp`, `log`, and `pow` differ in the last digit from one system to another, which
is enough to break a replay. `decimal` carries its own algorithms: these are rounded to 40 digits
there and to a float at the end.
"""

import math
from collections.abc import Callable, Iterator
from decimal import Context, Decimal
from typing import Any

from pydantic import JsonValue

from tenuto.definitions.expressions.engine import builtins, errors, ops
from tenuto.definitions.expressions.meter import spend
from tenuto.definitions.expressions.operations import Number, refuse_long_integer

_STEPS = 50
"""What a function of `decimal` costs."""


def install() -> None:
    """Puts these functions in the place of the engine's."""
    own: dict[str, Callable[[Number], Number]] = {
        "exp": lambda x: _decimal(lambda at, d: at.exp(d), x),
        "exp2": lambda x: power(2, x),
        "exp10": lambda x: power(10, x),
        "log": lambda x: _decimal(lambda at, d: at.ln(d), x),
        "log10": lambda x: _decimal(lambda at, d: at.log10(d), x),
        "log2": _log2,
        "sqrt": lambda x: math.sqrt(x) if x >= 0 else math.nan,
        "round": _round_half_away,
    }
    for name, function in own.items():
        _check_known((name, 0))
        builtins.PY_BUILTINS[name, 0] = _of_number(function)
    _check_known(("pow", 2))
    builtins.PY_BUILTINS["pow", 2] = _pow


def power(base: Number, exponent: Number) -> Number:
    """`base` to the power of `exponent`: exact for integers, otherwise a float.

    Raises Stop when an integer gets too long.
    """
    if isinstance(base, int) and isinstance(exponent, int) and exponent >= 0:
        if abs(base) > 1:
            refuse_long_integer(base.bit_length() * exponent)
        return int(base**exponent)
    return _decimal(lambda at, d: at.power(d, Decimal(exponent)), base)


def _pow(data: JsonValue, env: Any, base: Any, exponent: Any) -> Iterator[Number]:
    for second in exponent.vals(data):
        for first in base.vals(data):
            yield power(_number(first), _number(second))


def _of_number(function: Callable[[Number], Number]) -> Any:
    def of_number(data: JsonValue, env: Any) -> Iterator[Number]:
        number = _number(data)
        is_finite = isinstance(number, int) or math.isfinite(number)
        yield function(number) if is_finite else number

    return of_number


def _number(value: JsonValue) -> Number:
    if isinstance(value, bool) or not isinstance(value, Number):
        raise errors.JqError(f"{ops.describe(value)} number required")
    return value


def _decimal(function: Callable[[Context, Decimal], Decimal], number: Number) -> float:
    spend(_STEPS)
    exact = Context(prec=40, Emax=999_999, Emin=-999_999, traps=[])
    return float(function(exact, Decimal(number)))


def _log2(number: Number) -> float:
    mantissa, exponent = math.frexp(number)
    if mantissa == 0.5:
        return float(exponent - 1)
    return _decimal(lambda at, d: at.divide(at.ln(d), at.ln(Decimal(2))), number)


def _round_half_away(number: Number) -> int:
    return math.floor(number + 0.5) if number >= 0 else math.ceil(number - 0.5)


def _check_known(key: tuple[str, int]) -> None:
    if key not in builtins.PY_BUILTINS:
        raise ImportError(f"purejq has no function `{key[0]}/{key[1]}`.")
