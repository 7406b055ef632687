"""Exact money in Polars columns, by the same rules as `tenuto.core.money`.

Left alone, Polars rounds a product to the larger scale of its factors, wraps around when a
grouped sum overflows, turns Float64 into Decimal without a word, and drops nulls from sums.
The expressions below close these holes: each is told the scale it works at, and fails on a
float, a null, or a digit too many. Run them with `collect`, which raises what fails as the
errors of `core.money`.
"""

from collections.abc import Callable
from decimal import Decimal

import polars as pl

from tenuto.core.errors import DataError
from tenuto.core.money import RoundingMode

MAX_DIGITS = 38
"""Digits of the widest Polars decimal, before and after the point together."""


def exact(value: pl.Expr, scale: int) -> pl.Expr:
    """`value` as `Decimal(38, scale)`, every value unchanged.

    Fails with `money.not-exact` for a column that is neither Decimal nor integer, that holds
    a null, or a value with more than `scale` decimals; with `money.too-many-digits` for a value
    that has no room in 38 digits at this scale.
    """
    return value.map_batches(_kept_exact(scale), return_dtype=_decimal(scale), is_elementwise=True)


def product(left: pl.Expr, right: pl.Expr, *, left_scale: int, right_scale: int) -> pl.Expr:
    """The exact product, `Decimal(38, left_scale + right_scale)`.

    Fails as `exact` does, and at once when the two scales alone exceed 38 digits.
    """
    digits = _unscaled(left, left_scale) * _unscaled(right, right_scale)
    return _scaled(digits, left_scale + right_scale)


def round_to(value: pl.Expr, places: int, mode: RoundingMode) -> pl.Expr:
    """A Decimal column rounded once, `Decimal(38, places)`.

    Fails with `money.too-many-digits` when a rounded value does not fit 38 digits.
    """
    match mode:
        case RoundingMode.HALF_EVEN:
            rounded = value  # narrowing a decimal rounds half to even
        case RoundingMode.HALF_UP:
            rounded = value.round(places, mode="half_away_from_zero")
        case RoundingMode.DOWN:
            rounded = value.truncate(places)
        case RoundingMode.UP:
            cut = value.truncate(places)
            rounded = cut + _sign(value - cut) * pl.lit(Decimal(1).scaleb(-places))
    return rounded.cast(_decimal(places))


def ratio(
    numerator: pl.Expr,
    denominator: pl.Expr,
    *,
    numerator_scale: int,
    denominator_scale: int,
    places: int,
    mode: RoundingMode,
) -> pl.Expr:
    """`numerator / denominator` rounded once, `Decimal(38, places)`.

    Fails as `exact` does, and with `money.division-by-zero`.
    """
    shift = places + denominator_scale - numerator_scale
    top = _unscaled(numerator, numerator_scale) * _power_of_ten(shift)
    bottom = _unscaled(denominator, denominator_scale) * _power_of_ten(-shift)
    nearest = top / bottom  # of two integers, ties to even
    if mode is not RoundingMode.HALF_EVEN:
        nearest = _corrected(nearest, top, bottom, mode)
    return _scaled(nearest, places)


def total(value: pl.Expr, *, scale: int) -> pl.Expr:
    """The exact sum, `Decimal(38, scale)`: of a column, of each group, or over a window.

    Zero for no rows. Fails as `exact` does, and with `money.too-many-digits` as soon as the
    magnitudes add up to more than 38 digits: left alone, Polars' in-memory engine wraps around
    in grouped and window sums.
    """
    kept = exact(value, scale)
    magnitude = (kept.cast(pl.Float64).abs().sum() * _ABOVE_FLOAT_ERROR).cast(_decimal(scale))
    return kept.sum() + magnitude * _ZERO


def collect(frame: pl.LazyFrame, what: str) -> pl.DataFrame:
    """The evaluated frame; `what` names it in errors. Raises DataError as each expression says."""
    try:
        return frame.collect()
    except pl.exceptions.PolarsError as exc:
        raise _translated(exc, what) from exc


def decimals_used(column: pl.Series) -> int:
    """The smallest scale that holds every value of a Decimal or integer column exactly."""
    if not column.dtype.is_decimal():
        return 0
    low, high = 0, _scale_of(column)
    while low < high:
        middle = (low + high) // 2
        if (column.truncate(middle) == column).all():
            high = middle
        else:
            low = middle + 1
    return low


_ABOVE_FLOAT_ERROR = 1.000001
_ZERO = pl.lit(0, dtype=pl.Decimal(MAX_DIGITS, 0))
_OUT_OF_DIGITS = ("overflow in decimal", "can't fit values", "to `decimal[")


def _decimal(scale: int) -> pl.Decimal:
    if not 0 <= scale <= MAX_DIGITS:
        raise DataError(
            f"{scale} decimals were asked for, and a column holds 0 to {MAX_DIGITS}; declare the "
            "scales that the data needs (see `decimals_used`), or round a factor first.",
            code="money.too-many-digits",
        )
    return pl.Decimal(MAX_DIGITS, scale)


def _unscaled(value: pl.Expr, scale: int) -> pl.Expr:
    return exact(value, scale).reinterpret(dtype=pl.Int128).reinterpret(dtype=_decimal(0))


def _scaled(digits: pl.Expr, scale: int) -> pl.Expr:
    return digits.reinterpret(dtype=pl.Int128).reinterpret(dtype=_decimal(scale))


def _power_of_ten(exponent: int) -> pl.Expr:
    return _scaled(pl.lit(10 ** max(exponent, 0), dtype=pl.Int128), 0)


def _corrected(nearest: pl.Expr, top: pl.Expr, bottom: pl.Expr, mode: RoundingMode) -> pl.Expr:
    """The quotient nearest to `top / bottom`, moved by one where `mode` says otherwise.

    Without when/then: Polars hands a branch its rows masked to null, which `exact` refuses.
    """
    rest = top - nearest * bottom
    away = _sign(top) * _sign(bottom)
    is_too_small = _sign(rest) * _sign(top) == 1
    is_too_large = _sign(rest) * _sign(top) == -1
    is_tie = rest.abs() * 2 == bottom.abs()
    steps = {
        RoundingMode.HALF_UP: _as_number(is_too_small & is_tie),
        RoundingMode.DOWN: _ZERO - _as_number(is_too_large),
        RoundingMode.UP: _as_number(is_too_small),
    }[mode]
    return nearest + away * steps


def _sign(value: pl.Expr) -> pl.Expr:
    return _as_number(value > 0) - _as_number(value < 0)


def _as_number(claim: pl.Expr) -> pl.Expr:
    return claim.cast(pl.Int64).cast(_decimal(0))


def _scale_of(column: pl.Series) -> int:
    return column.dtype.scale if isinstance(column.dtype, pl.Decimal) else 0


def _kept_exact(scale: int) -> Callable[[pl.Series], pl.Series]:
    def keep(column: pl.Series) -> pl.Series:
        if not (column.dtype.is_decimal() or column.dtype.is_integer()):
            raise _NotExactError(f"{column.name!r} is {column.dtype}, expected Decimal or integer")
        if column.has_nulls():
            raise _NotExactError(f"{column.name!r} has {column.null_count()} missing values")
        kept = column.cast(_decimal(scale))
        if _scale_of(column) > scale and not (kept == column).all():
            raise _NotExactError(f"{column.name!r} has values with more than {scale} decimals")
        return kept

    return keep


class _NotExactError(pl.exceptions.ComputeError):
    """Raised inside an expression, where Polars rebuilds exceptions from their message alone."""


def _translated(exc: pl.exceptions.PolarsError, what: str) -> Exception:
    found = str(exc).partition("\n")[0]
    if isinstance(exc, _NotExactError):
        return DataError(
            f"{what}: {found}; read numbers as text into Decimal, and fill or reject what is "
            "missing before computing.",
            code="money.not-exact",
        )
    if "division by zero" in found:
        return DataError(
            f"{what}: a value is divided by zero; check the rates and units it is divided by.",
            code="money.division-by-zero",
        )
    if any(sign in found for sign in _OUT_OF_DIGITS):
        return DataError(
            f"{what}: a value needs more than {MAX_DIGITS} digits ({found}); check the inputs for "
            "a misplaced decimal point, or use fewer decimals.",
            code="money.too-many-digits",
        )
    return exc
