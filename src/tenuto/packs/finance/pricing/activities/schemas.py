"""The columns of every table Pricing stores; each step writes exactly these."""

from collections.abc import Mapping

import polars as pl

PRICE = pl.Decimal(38, 10)
FRACTION = pl.Decimal(38, 8)
"""Of measured changes and differences, rounded half-even."""
MOMENT = pl.Datetime("us", "UTC")

Schema = Mapping[str, pl.DataType]

QUOTES: Schema = {
    "quote_ref": pl.String(),
    "file": pl.String(),
    "row": pl.Int64(),
    "identifier": pl.String(),
    "instrument_id": pl.String(),
    "date": pl.Date(),
    "source": pl.String(),
    "field": pl.String(),
    "price": PRICE,
    "currency": pl.String(),
    "unit": pl.String(),
    "received_at": MOMENT,
}

CHECKED_QUOTES: Schema = {
    "quote_ref": pl.String(),
    "instrument_id": pl.String(),
    "date": pl.Date(),
    "source": pl.String(),
    "field": pl.String(),
    "price": PRICE,
    "given_price": PRICE,
    "given_unit": pl.String(),
    "age_days": pl.Int64(),
    "received_at": MOMENT,
    "is_late": pl.Boolean(),
    "fault": pl.String(),
    "detail": pl.String(),
}

CANDIDATES: Schema = {
    "instrument_id": pl.String(),
    "rule": pl.String(),
    "rank": pl.Int64(),
    "source": pl.String(),
    "field": pl.String(),
    "outcome": pl.String(),
    "reason": pl.String(),
    "quote_ref": pl.String(),
    "date": pl.Date(),
    "price": PRICE,
    "age_days": pl.Int64(),
    "received_at": MOMENT,
    "detail": pl.String(),
}

PROPOSED: Schema = {
    "instrument_id": pl.String(),
    "type": pl.String(),
    "date": pl.Date(),
    "price": PRICE,
    "currency": pl.String(),
    "unit": pl.String(),
    "source": pl.String(),
    "field": pl.String(),
    "rule": pl.String(),
    "method": pl.String(),
    "input_level": pl.Int64(),
    "age_days": pl.Int64(),
    "override_id": pl.String(),
    "quote_ref": pl.String(),
    "received_at": MOMENT,
    "approver": pl.String(),
    "inputs": pl.String(),
}

PRICE_SET: Schema = {
    "instrument_id": pl.String(),
    "type": pl.String(),
    "date": pl.Date(),
    "price": PRICE,
    "currency": pl.String(),
    "unit": pl.String(),
    "source": pl.String(),
    "field": pl.String(),
    "rule": pl.String(),
    "method": pl.String(),
    "level": pl.Int64(),
    "age_days": pl.Int64(),
    "flags": pl.String(),
    "override_id": pl.String(),
    "quote_ref": pl.String(),
    "received_at": MOMENT,
    "prior_price": PRICE,
    "change": FRACTION,
    "approver": pl.String(),
    "inputs": pl.String(),
}

NAV_PRICES = ("instrument_id", "date", "price", "currency", "unit", "source")
"""The columns that a NAV takes as its prices."""

CHECKS: Schema = {
    "instrument_id": pl.String(),
    "rule": pl.String(),
    "outcome": pl.String(),
    "value": FRACTION,
    "limit": FRACTION,
    "evidence": pl.String(),
    "quote_ref": pl.String(),
}

HISTORY: Schema = {"instrument_id": pl.String(), "date": pl.Date(), "price": PRICE}


def shaped(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """`frame` with exactly the columns of `schema`, in its order; what is not there is null."""
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )
