"""The exact expressions do not lean on an optimiser pass that hoists them out of branches."""

from decimal import Decimal

import polars as pl
import pytest

from tenuto.activities.exact import ratio, round_to, total
from tenuto.core.money import RoundingMode, divide
from tenuto.core.money import round_to as round_scalar

TOPS = [Decimal("1.00"), Decimal("-1.00"), Decimal("2.50"), Decimal("0.00"), Decimal("-2.55")]
BOTTOM = Decimal("0.30")
PLAIN = pl.QueryOptFlags(comm_subexpr_elim=False, comm_subplan_elim=False)


@pytest.mark.parametrize("mode", list(RoundingMode))
def test_ratio_and_rounding_hold_without_common_subexpressions(mode: RoundingMode) -> None:
    frame = pl.LazyFrame({"top": TOPS}, schema={"top": pl.Decimal(38, 2)}).with_columns(
        bottom=pl.lit(BOTTOM, dtype=pl.Decimal(38, 2))
    )
    quotient = ratio(
        pl.col("top"), pl.col("bottom"), numerator_scale=2, denominator_scale=2, places=1, mode=mode
    )
    found = frame.select(
        quotient=quotient, rounded=round_to(quotient, 0, mode), sum=total(quotient, scale=1)
    ).collect(optimizations=PLAIN)
    expected = [divide(top, BOTTOM, places=1, mode=mode) for top in TOPS]
    assert found["quotient"].to_list() == expected
    assert found["rounded"].to_list() == [round_scalar(each, 0, mode) for each in expected]
    assert set(found["sum"]) == {sum(expected)}
