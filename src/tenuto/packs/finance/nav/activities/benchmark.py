"""The benchmark's level on the valuation date."""

from decimal import Decimal

import polars as pl

from tenuto.packs.finance.nav.activities.digits import plain
from tenuto.packs.finance.nav.activities.opened import OpenStrike


def benchmark_level(opened: OpenStrike) -> Decimal | None:
    """The latest level that is no older than a price may be, or None."""
    strike = opened.strike
    levels = opened.table("benchmark").filter(
        (pl.col("date") <= strike.date) & (pl.col("level") > 0)
    )
    if not levels.height:
        return None
    day, level = levels.sort("date").select("date", "level").row(-1)
    return plain(level) if (strike.date - day).days <= strike.fund.prices.max_age_days else None
