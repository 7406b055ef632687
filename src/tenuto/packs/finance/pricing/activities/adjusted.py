"""What the prior price would be after the corporate actions since."""

from decimal import Decimal

import polars as pl

from tenuto.core.money import RoundingMode, difference, divide, multiply
from tenuto.packs.finance.pricing.activities.opened import OpenPricing
from tenuto.packs.finance.pricing.activities.schemas import PRICE

_PLACES = 10

ADJUSTED = {
    "instrument_id": pl.String(),
    "prior_price": PRICE,
    "prior_date": pl.Date(),
    "expected": PRICE,
    "actions": pl.String(),
}


def adjusted_priors(opened: OpenPricing) -> pl.DataFrame:
    """`instrument_id, prior_price, prior_date, expected, actions` where a prior price is known.

    `expected` is the prior price after splits (divided by the ratio) and dividends (less the
    rate) that went ex since, ten decimals half-even; `actions` says which, or is null. An
    instrument whose currency or unit changed since has no row: nothing can be compared.
    """
    comparable = (
        opened.priors.join(
            opened.instruments.select("instrument_id", "currency", "unit"), on="instrument_id"
        )
        .filter(
            (pl.col("prior_currency") == pl.col("currency")).fill_null(True)
            & (pl.col("prior_unit") == pl.col("unit")).fill_null(True)
        )
        .sort("instrument_id")
    )
    untouched = comparable.with_columns(
        pl.col("prior_price").alias("expected"), pl.lit(None, pl.String).alias("actions")
    ).select(*ADJUSTED)
    changed = _changed(opened, comparable)
    others = untouched.join(changed, on="instrument_id", how="anti")
    return pl.concat([others, changed]).sort("instrument_id")


def _changed(opened: OpenPricing, comparable: pl.DataFrame) -> pl.DataFrame:
    """The few with an action, one by one and exactly."""
    actions = opened.table("corporate_actions").filter(pl.col("ex_date") <= opened.day)
    since = actions.join(
        comparable.select("instrument_id", "prior_price", "prior_date", "unit"), on="instrument_id"
    ).filter(pl.col("ex_date") > pl.col("prior_date"))
    rows = []
    for _, group in since.sort("instrument_id", "ex_date", "type", "ca_id").group_by(
        "instrument_id", maintain_order=True
    ):
        first = group.row(0, named=True)
        expected, said = first["prior_price"], []
        for action in group.iter_rows(named=True):
            expected = _after(expected, action)
            size = action["ratio"] if action["type"] == "split" else action["rate"]
            said.append(f"{action['type']} {size.normalize():f} ex {action['ex_date']}")
        rows.append(
            (
                first["instrument_id"],
                first["prior_price"],
                first["prior_date"],
                max(expected, Decimal(0)),
                ", ".join(said),
            )
        )
    frame = pl.DataFrame(rows, schema=ADJUSTED, orient="row")
    return frame.filter(pl.col("expected") > 0)


def _after(price: Decimal, action: dict[str, object]) -> Decimal:
    ratio, rate = action["ratio"], action["rate"]
    if action["type"] == "split":
        assert isinstance(ratio, Decimal)  # noqa: S101 (validated when it was read)
        return divide(price, ratio, places=_PLACES, mode=RoundingMode.HALF_EVEN)
    assert isinstance(rate, Decimal)  # noqa: S101 (validated when it was read)
    return difference(price, multiply(rate, 100) if action["unit"] == "GBX" else rate)
