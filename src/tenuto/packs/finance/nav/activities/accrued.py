"""Interest that bonds have earned since their last coupon."""

from datetime import date
from decimal import Decimal
from typing import Any, cast

import polars as pl

from tenuto.core.money import RoundingMode, exact, round_to
from tenuto.packs.finance.inputs.columns import AMOUNT_PLACES
from tenuto.packs.finance.math.day_count import CouponPeriod, Frequency, accrued_fraction


def accrued_interest(book: pl.DataFrame, day: date) -> pl.Series:
    """Accrued interest of each position in its own currency, `Decimal(38, 8)`; 0 without coupon.

    Quantity (the nominal) x coupon rate x day-count fraction x pool factor, rounded once,
    half even. Raises DataError `nav.outside-coupon-period`.
    """
    amounts = [Decimal(0)] * book.height
    bonds = book.with_row_index("place").filter(pl.col("coupon_rate") != 0)
    for row in bonds.iter_rows(named=True):
        amounts[row["place"]] = _accrued(row, day)
    return pl.Series("accrued_interest", amounts, dtype=pl.Decimal(38, AMOUNT_PLACES))


def _accrued(row: dict[str, Any], day: date) -> Decimal:
    period = CouponPeriod(
        start=row["last_coupon_date"],
        end=row["next_coupon_date"],
        frequency=cast("Frequency", row["coupon_frequency"] or 1),
        is_last=row["next_coupon_date"] == row["maturity"],
    )
    years = accrued_fraction(row["day_count"], period, day)
    nominal = exact(row["quantity"]) * exact(row["pool_factor"] or Decimal(1))
    earned = nominal * exact(row["coupon_rate"]) * years
    return round_to(earned, AMOUNT_PLACES, RoundingMode.HALF_EVEN)
