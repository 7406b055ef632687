"""Exact money: the only place that multiplies, divides, and rounds amounts.

Nothing here is ever silently inexact. Products and sums keep every digit or fail; a quotient
is rounded once, from the exact fraction. A float is refused wherever it turns up.
`tenuto.activities.exact` holds the same rules for columns.
"""

import math
from collections.abc import Iterable, Sequence
from decimal import (
    ROUND_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
    Inexact,
    InvalidOperation,
    Overflow,
)
from enum import StrEnum
from fractions import Fraction

from tenuto.core.errors import DataError

Exact = Decimal | int | Fraction
"""A number without rounding error. `bool` and `float` are refused at run time."""

MAX_DIGITS = 50
"""Significant digits of any result; one more is an error, not a rounding."""

_MAX_EXPONENT = 100


class RoundingMode(StrEnum):
    """What becomes of the digits that are dropped."""

    HALF_EVEN = "half-even"
    """To the nearest; a tie goes to the even neighbour."""
    HALF_UP = "half-up"
    """To the nearest; a tie goes away from zero."""
    DOWN = "down"
    """Towards zero."""
    UP = "up"
    """Away from zero."""


def multiply(*factors: Decimal | int) -> Decimal:
    """The exact product.

    Raises DataError `money.too-many-digits` when it needs more than 50 digits,
    `money.not-exact` for a float, NaN, or infinity.
    """
    product = Decimal(1)
    try:
        for factor in factors:
            product = _EXACT.multiply(product, _decimal(factor))
    except (Inexact, Overflow) as exc:
        raise _too_many_digits("product") from exc
    return product


def total(values: Iterable[Decimal | int]) -> Decimal:
    """The exact sum; zero for no values. Raises as `multiply` does."""
    result = Decimal(0)
    try:
        for value in values:
            result = _EXACT.add(result, _decimal(value))
    except (Inexact, Overflow) as exc:
        raise _too_many_digits("sum") from exc
    return result


def difference(minuend: Decimal | int, *subtrahends: Decimal | int) -> Decimal:
    """The exact difference. Raises as `multiply` does.

    A bare `-amount` is not exact: it rounds to the 28 digits of the ambient decimal context.
    """
    return total([minuend, *(_decimal(each).copy_negate() for each in subtrahends)])


def round_to(value: Exact, places: int, mode: RoundingMode) -> Decimal:
    """`value` with exactly `places` decimals, rounded once; never minus zero.

    Raises DataError `money.too-many-digits` when the result needs more than 50 digits,
    `money.not-exact` for a float, NaN, or infinity.
    """
    if isinstance(value, Fraction):
        return _on_grid(_rounded(value * 10**places, mode), places)
    try:
        rounded = _EXACT_BUT_ROUNDS[mode].quantize(_decimal(value), Decimal(1).scaleb(-places))
    except InvalidOperation as exc:
        raise _too_many_digits("rounded amount") from exc
    return rounded or abs(rounded)


def divide(numerator: Exact, denominator: Exact, *, places: int, mode: RoundingMode) -> Decimal:
    """`numerator / denominator` with exactly `places` decimals, rounded once.

    The quotient is formed as a fraction of integers, so that no intermediate rounding can
    make or hide a tie. Raises DataError `money.division-by-zero`, and as `round_to` does.
    """
    divisor = exact(denominator)
    if not divisor:
        raise DataError(
            f"{numerator} cannot be divided by zero; check the units, rate, or period it is "
            "divided by.",
            code="money.division-by-zero",
        )
    return round_to(exact(numerator) / divisor, places, mode)


def exact(value: Exact) -> Fraction:
    """`value` as a fraction. Raises DataError `money.not-exact` for a float, NaN, or infinity."""
    return value if isinstance(value, Fraction) else Fraction(_decimal(value))


def allocate(amount: Decimal, weights: Sequence[Exact], places: int) -> tuple[Decimal, ...]:
    """`amount` split in proportion to `weights`; the parts add up to it exactly.

    Raises DataError `money.bad-weights` when a weight is negative or all are zero, and as
    `share_out` does.
    """
    shares = [exact(weight) for weight in weights]
    whole = sum(shares, Fraction(0))
    if whole <= 0 or min(shares) < 0:
        raise DataError(
            f"{amount} cannot be split by weights {[str(weight) for weight in weights]}: every "
            "weight must be zero or more, and one of them more than zero.",
            code="money.bad-weights",
        )
    return share_out(amount, [exact(amount) * share / whole for share in shares], places)


def share_out(amount: Decimal, parts: Sequence[Exact], places: int) -> tuple[Decimal, ...]:
    """`parts` with `places` decimals each, so that they add up to `amount` exactly.

    Largest remainder: every part is cut down to the grid, then the missing smallest units go
    one each to the parts that lost most; among equals to the larger part, then to the earlier.
    Signs mirror: the parts of `-amount` are the negatives of the parts of `amount`.

    Raises DataError `money.parts-differ` when `amount` has more decimals, or differs from the
    sum of the parts by a whole smallest unit, which no rounding explains.
    """
    sign = -1 if amount < 0 else 1
    scaled = [sign * exact(part) * 10**places for part in parts]
    target = sign * exact(amount) * 10**places
    if target.denominator != 1 or abs(target - sum(scaled)) >= 1:
        raise DataError(
            f"{[str(part) for part in parts]} cannot be rounded to {places} decimals so that they "
            f"add up to {amount}; the amount must be their sum, rounded to the same decimals.",
            code="money.parts-differ",
        )
    units = [math.floor(part) for part in scaled]
    by_loss = sorted(range(len(scaled)), key=lambda i: (units[i] - scaled[i], -scaled[i], i))
    for index in by_loss[: int(target) - sum(units)]:
        units[index] += 1
    return tuple(_on_grid(sign * each, places) for each in units)


_NOT_SILENT = [Inexact, InvalidOperation, Overflow]
_EXACT = Context(prec=MAX_DIGITS, traps=_NOT_SILENT)
_EXACT_BUT_ROUNDS = {
    mode: Context(prec=MAX_DIGITS, rounding=rounding, traps=[InvalidOperation, Overflow])
    for mode, rounding in {
        RoundingMode.HALF_EVEN: ROUND_HALF_EVEN,
        RoundingMode.HALF_UP: ROUND_HALF_UP,
        RoundingMode.DOWN: ROUND_DOWN,
        RoundingMode.UP: ROUND_UP,
    }.items()
}


def _decimal(value: Decimal | int) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise DataError(
            f"{value!r} is a {type(value).__name__}; money is computed with Decimal or int only, "
            "because a float has already lost digits: read the number as text.",
            code="money.not-exact",
        )
    number = Decimal(value)
    if not number.is_finite():
        raise DataError(
            f"{number} is not a number that money can be computed with; supply a finite amount.",
            code="money.not-exact",
        )
    if abs(number.adjusted()) > _MAX_EXPONENT or len(number.as_tuple().digits) > MAX_DIGITS:
        raise _too_many_digits("number")
    return number


def _rounded(value: Fraction, mode: RoundingMode) -> int:
    magnitude, rest = divmod(abs(value.numerator), value.denominator)
    twice = 2 * rest
    away = {
        RoundingMode.HALF_EVEN: twice > value.denominator
        or (twice == value.denominator and magnitude % 2 == 1),
        RoundingMode.HALF_UP: twice >= value.denominator,
        RoundingMode.DOWN: False,
        RoundingMode.UP: rest > 0,
    }[mode]
    magnitude += away
    return magnitude if value >= 0 else -magnitude


def _on_grid(units: int, places: int) -> Decimal:
    if len(str(abs(units))) > MAX_DIGITS:
        raise _too_many_digits("rounded amount")
    return Decimal(units).scaleb(-places, _EXACT)


def _too_many_digits(what: str) -> DataError:
    return DataError(
        f"A {what} needs more than {MAX_DIGITS} digits and would lose some; check the inputs for "
        "a misplaced decimal point, or round the factors first.",
        code="money.too-many-digits",
    )
