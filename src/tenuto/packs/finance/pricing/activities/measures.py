"""Differences held against limits, exactly: at the limit nothing is rounded in or out."""

from decimal import Decimal

import polars as pl

from tenuto.activities.exact import exact, product, ratio
from tenuto.core.money import RoundingMode
from tenuto.packs.finance.pricing.activities.schemas import FRACTION

_PRICE_SCALE = 10
_LIMIT_SCALE = 8
_WIDE = _PRICE_SCALE + _LIMIT_SCALE


def exceeds(gap: pl.Expr, base: pl.Expr, limit: pl.Expr) -> pl.Expr:
    """Whether `|gap| > base x limit`; gap and base are prices, neither may be null."""
    allowed = product(base, limit, left_scale=_PRICE_SCALE, right_scale=_LIMIT_SCALE)
    return exact(gap.abs(), _WIDE) > allowed


def share(gap: pl.Expr, base: pl.Expr) -> pl.Expr:
    """`gap / base` with eight decimals, half-even; neither may be null."""
    return ratio(
        gap,
        base,
        numerator_scale=_PRICE_SCALE,
        denominator_scale=_PRICE_SCALE,
        places=_LIMIT_SCALE,
        mode=RoundingMode.HALF_EVEN,
    )


def limit_of(value: Decimal) -> pl.Expr:
    """A limit of the policy as a column."""
    return pl.lit(value).cast(FRACTION)
