"""What was bought and sold since the prior positions, which tells active breaches from passive."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from tenuto.activities.exact import collect, total
from tenuto.activities.validate.expressions.values import column_value
from tenuto.activities.validate.judging import label
from tenuto.artifacts.current import current_store
from tenuto.catalog.library.validate.limits import LimitsRequest
from tenuto.core.references import Dataset


@dataclass(frozen=True)
class Trades:
    """Positions whose quantity changed."""

    positions: pl.LazyFrame
    keys: tuple[str, ...]
    bought: pl.DataFrame
    """Keys of positions that are larger than before, or new."""
    sold: pl.DataFrame
    """Keys of positions that are smaller than before, or gone."""
    has_gone: bool
    """Whether any position is gone: nothing says any more what it counted towards."""

    def has_bought(self, condition: pl.Expr) -> bool:
        """Whether one of the positions that meet the condition was bought."""
        return self._any_of(self.bought, condition)

    def has_sold(self, condition: pl.Expr) -> bool:
        """Whether one was sold. A position that is gone may have been any of them."""
        return self.has_gone or self._any_of(self.sold, condition)

    def _any_of(self, changed: pl.DataFrame, condition: pl.Expr) -> bool:
        if changed.is_empty():
            return False
        rows = self.positions.filter(condition).join(
            changed.lazy(), on=self.keys, how="semi", nulls_equal=True
        )
        return rows.head(1).collect(engine="streaming").height > 0


def trades_since(request: LimitsRequest, frame: pl.LazyFrame) -> Trades | None:
    """What changed since the prior positions, lots of one position together; None without them.

    Raises DataError `money.not-exact` for a quantity that is missing.
    """
    if request.prior is None or request.quantity_column is None:
        return None
    keys = request.row_keys
    now = _quantities(request.table, frame, keys, request.quantity_column)
    then = _quantities(
        request.prior, current_store().scan_table(request.prior), keys, request.quantity_column
    )
    both = now.join(then, on=keys, how="full", coalesce=True, nulls_equal=True, suffix=" then")
    quantity, before = pl.col("quantity").fill_null(0), pl.col("quantity then").fill_null(0)
    gone = both.filter(pl.col("quantity").is_null())
    return Trades(
        positions=frame,
        keys=keys,
        bought=both.filter(quantity > before).select(keys),
        sold=both.filter(quantity < before).select(keys),
        has_gone=gone.height > 0,
    )


def _quantities(
    table: Dataset, frame: pl.LazyFrame, keys: Sequence[str], quantity: str
) -> pl.DataFrame:
    column = next(each for each in table.columns if each.name == quantity)
    summed = total(pl.col(quantity), scale=column_value(column).scale).alias("quantity")
    return collect(frame.group_by(keys).agg(summed), label(table))
