"""The book: what is held, and the price each holding is valued at."""

from datetime import date
from decimal import Decimal

import polars as pl

from tenuto.core.money import RoundingMode, multiply, round_to
from tenuto.packs.finance.inputs.columns import PRICE_PLACES, QUANTITY_PLACES
from tenuto.packs.finance.nav.activities.opened import OpenStrike

UNIT_FACTORS = {"unit": Decimal(1), "per100": Decimal("0.01"), "GBX": Decimal("0.01")}
"""What one unit of quantity is worth at a price of one."""

_PRICE = pl.Decimal(38, PRICE_PLACES)
_QUANTITY = pl.Decimal(38, QUANTITY_PLACES)


def held_positions(opened: OpenStrike) -> pl.DataFrame:
    """Each instrument once, sorted, with the quantity after splits up to the valuation date.

    Rows of quantity zero are not held. Of a duplicate, the first row counts.
    """
    rows = (
        opened.table("positions")
        .filter(pl.col("instrument_id").is_not_null() & (pl.col("quantity") != 0))
        .sort("instrument_id", "row")
        .unique("instrument_id", keep="first", maintain_order=True)
    )
    ratios = split_ratios(opened)
    if not ratios:
        return rows
    quantities = [
        _after_splits(quantity, ratios.get(instrument_id, {}), since)
        for instrument_id, quantity, since in rows.select(
            "instrument_id", "quantity", pl.col("position_date").fill_null(opened.strike.date)
        ).iter_rows()
    ]
    return rows.with_columns(pl.Series("quantity", quantities, dtype=_QUANTITY))


def split_ratios(opened: OpenStrike) -> dict[str, dict[date, Decimal]]:
    """Splits that are effective by the valuation date: instrument -> ex-date -> ratio."""
    ratios: dict[str, dict[date, Decimal]] = {}
    effective = opened.table("corporate_actions").filter(
        (pl.col("type") == "split")
        & (pl.col("ex_date") <= opened.strike.date)
        & (pl.col("ratio") > 0)
    )
    for instrument_id, ex_date, ratio in effective.select(
        "instrument_id", "ex_date", "ratio"
    ).iter_rows():
        of_instrument = ratios.setdefault(instrument_id, {})
        of_instrument[ex_date] = multiply(of_instrument.get(ex_date, 1), ratio)
    return ratios


def ratio_since(ratios: dict[date, Decimal], since: date) -> Decimal:
    """By how much one unit held on `since` has been multiplied: 1 without a split."""
    return multiply(*(ratio for ex_date, ratio in ratios.items() if ex_date > since))


def _after_splits(quantity: Decimal, ratios: dict[date, Decimal], since: date) -> Decimal:
    """Fractions below the eighth decimal are dropped, as a registrar does."""
    split = multiply(quantity, ratio_since(ratios, since))
    return round_to(split, QUANTITY_PLACES, RoundingMode.DOWN)


def priced_book(opened: OpenStrike) -> pl.DataFrame:
    """Every held position with the price it is valued at.

    Adds `price, price_date, price_file, price_row, price_currency, unit`, null where no price
    is known, and `is_carried`; `given_factor` is the position's own price factor, and
    `price_factor` the one to use. The price is the latest one on or before the valuation date;
    where a person decided to carry, also the prior NAV's price counts.
    """
    held = held_positions(opened)
    carried = [each.instrument_id for each in opened.strike.carried]
    quotes = pl.concat([_latest_quotes(opened), _prior_quotes(opened, carried)])
    chosen = quotes.sort(
        "instrument_id", "price_date", "is_from_prior", descending=[False, True, False]
    ).unique("instrument_id", keep="first", maintain_order=True)
    unit = pl.coalesce("unit", "price_unit", pl.lit("unit"))
    return held.join(chosen, on="instrument_id", how="left", maintain_order="left").with_columns(
        pl.col("price_factor").alias("given_factor"),
        pl.coalesce(
            "quoted_factor",
            "price_factor",
            unit.replace_strict(UNIT_FACTORS, return_dtype=_PRICE),
        ).alias("price_factor"),
        pl.coalesce("currency", "price_currency").alias("currency"),
        pl.col("instrument_id").is_in(carried).alias("is_carried"),
    )


def last_known(opened: OpenStrike) -> dict[str, date]:
    """Date of the latest price of each instrument that could be carried."""
    instruments = opened.table("positions")["instrument_id"].unique().to_list()
    quotes = pl.concat([_latest_quotes(opened), _prior_quotes(opened, instruments)])
    return dict(quotes.group_by("instrument_id").agg(pl.col("price_date").max()).iter_rows())


def _latest_quotes(opened: OpenStrike) -> pl.DataFrame:
    """The latest quote of each instrument up to the valuation date, in the price files."""
    return (
        opened.table("prices")
        .filter((pl.col("date") <= opened.strike.date) & (pl.col("price") > 0))
        .sort("instrument_id", "date", "row", descending=[False, True, False])
        .unique("instrument_id", keep="first", maintain_order=True)
        .select(
            "instrument_id",
            "price",
            "unit",
            pl.col("date").alias("price_date"),
            pl.col("file").alias("price_file"),
            pl.col("row").alias("price_row"),
            pl.col("currency").alias("price_currency"),
            pl.lit(None, _PRICE).alias("quoted_factor"),
            pl.lit(False).alias("is_from_prior"),
        )
    )


def _prior_quotes(opened: OpenStrike, instruments: list[str]) -> pl.DataFrame:
    """The prices at which the prior NAV valued `instruments`."""
    return opened.prior_positions.filter(pl.col("instrument_id").is_in(instruments)).select(
        "instrument_id",
        pl.col("price").cast(_PRICE),
        pl.lit(None, pl.String).alias("unit"),
        "price_date",
        pl.lit(None, pl.String).alias("price_file"),
        pl.lit(None, pl.Int64).alias("price_row"),
        pl.col("currency").alias("price_currency"),
        pl.col("price_factor").cast(_PRICE).alias("quoted_factor"),
        pl.lit(True).alias("is_from_prior"),
    )
