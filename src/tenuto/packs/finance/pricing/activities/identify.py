"""Which instrument a quote is about, and where each quote stands in its file."""

import polars as pl

from tenuto.packs.finance.pricing.activities.schemas import MOMENT

_MOMENT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?(\.\d{1,6})?(Z|\+00:00)$"


def identified(quotes: pl.DataFrame, instruments: pl.DataFrame) -> pl.DataFrame:
    """`quotes` with `quote_ref`, `moment`, `matches`, and the `instrument_id` it is about.

    The identifier is an ISIN, SEDOL, or CUSIP; where several instruments share one, the
    quote's currency decides. `matches` counts the instruments it could be; a quote of an
    instrument that the master does not have is kept and has none.
    """
    numbered = quotes.with_columns(
        pl.format("{}:{}", "sha256", "row").alias("quote_ref"),
        _moment(pl.col("received_at")).alias("moment"),
    )
    by_code = numbered.filter(
        pl.col("instrument_id").is_null() & pl.col("identifier").is_not_null()
    )
    matched = (
        by_code.select("quote_ref", "identifier", "currency")
        .join(_codes(instruments), on="identifier", how="inner")
        .filter(
            (pl.col("currency") == pl.col("of_currency")).fill_null(True) | (pl.col("of_code") == 1)
        )
        .group_by("quote_ref")
        .agg(pl.col("of").n_unique().alias("matches"), pl.col("of").min())
    )
    known = instruments["instrument_id"].drop_nulls().unique()
    return (
        numbered.join(matched, on="quote_ref", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce(
                pl.col("matches"),
                pl.col("instrument_id").is_in(known.implode()).cast(pl.UInt32),
                pl.lit(0, pl.UInt32),
            ).alias("matches"),
            pl.coalesce("instrument_id", pl.when(pl.col("matches") == 1).then(pl.col("of"))).alias(
                "instrument_id"
            ),
        )
        .drop("of")
    )


def _codes(instruments: pl.DataFrame) -> pl.DataFrame:
    """`identifier, of, of_currency, of_code`: every code, and how many instruments share it."""
    parts = [
        instruments.select(
            pl.col(code).alias("identifier"),
            pl.col("instrument_id").alias("of"),
            pl.col("currency").alias("of_currency"),
        ).filter(pl.col("identifier").is_not_null() & pl.col("of").is_not_null())
        for code in ("isin", "sedol", "cusip")
    ]
    codes = pl.concat(parts).unique()
    return codes.with_columns(pl.len().over("identifier").alias("of_code"))


def _moment(text: pl.Expr) -> pl.Expr:
    valid = pl.when(text.str.contains(_MOMENT)).then(text.str.replace(r"(Z|\+00:00)$", ""))
    seconds = pl.when(valid.str.len_chars() == 16).then(valid + ":00").otherwise(valid)
    return seconds.str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us", time_zone="UTC"
    ).cast(MOMENT)
