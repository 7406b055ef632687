"""The book: what is held, and the price each holding is valued at."""

from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from tenuto.core.money import RoundingMode, exact, round_to, total
from tenuto.packs.finance.inputs.columns import PRICE_PLACES
from tenuto.packs.finance.math.corporate_actions import Effect, entitle, right_value
from tenuto.packs.finance.nav.activities.actions import effective
from tenuto.packs.finance.nav.activities.opened import OpenStrike

UNIT_FACTORS = {"unit": Decimal(1), "per100": Decimal("0.01"), "GBX": Decimal("0.01")}
"""What one unit of quantity is worth at a price of one."""

_PRICE = pl.Decimal(38, PRICE_PLACES)


def held_positions(opened: OpenStrike) -> pl.DataFrame:
    """Each instrument once, sorted, after the corporate actions its row does not know of yet.

    A row of before an action's ex-date is changed by it, and what it receives is added; a row
    without a `position_date` is today's. Rows of quantity zero are not held. Of a duplicate, the
    first row counts.
    """
    rows = (
        opened.table("positions")
        .filter(pl.col("instrument_id").is_not_null() & (pl.col("quantity") != 0))
        .sort("instrument_id", "row")
        .unique("instrument_id", keep="first", maintain_order=True)
    )
    happened = effective(opened)
    if not happened:
        return rows
    touched = {each.instrument_id for each in happened} | {
        each.new_instrument_id for each in happened if each.new_instrument_id
    }
    changed = _Changed(opened.strike.date)
    for row in rows.filter(pl.col("instrument_id").is_in(list(touched))).iter_rows(named=True):
        changed.start(row)
    for effect in happened:
        changed.apply(effect)
    return changed.written_into(rows)


class _Changed:
    """The few rows that corporate actions touch, while these happen one after the other."""

    def __init__(self, day: date) -> None:
        self._day = day
        self._held: dict[str, Decimal] = {}
        self._since: dict[str, date] = {}
        self._rows: dict[str, dict[str, Any]] = {}
        self._pools: dict[str, Decimal] = {}

    def start(self, row: dict[str, Any]) -> None:
        name = row["instrument_id"]
        self._rows[name] = row
        self._held[name] = row["quantity"]
        self._since[name] = row["position_date"] or self._day

    def apply(self, effect: Effect) -> None:
        name = effect.instrument_id
        if name not in self._held or self._since[name] >= effect.on:
            return
        after = entitle(effect, self._held[name])
        self._held[name] = after.kept
        if effect.pool_factor is not None:
            self._pools[name] = effect.pool_factor
        new = effect.new_instrument_id
        if new is None or not after.received:
            return
        if new not in self._rows:
            origin = self._rows[name]
            blank = dict.fromkeys(origin)
            given = {"file": origin["file"], "row": origin["row"], "instrument_id": new}
            self._rows[new] = blank | given
            self._held[new] = after.received
            self._since[new] = self._since[name]
        elif self._since[new] < effect.on:
            self._held[new] = total([self._held[new], after.received])

    def written_into(self, rows: pl.DataFrame) -> pl.DataFrame:
        changed = [
            row
            | {"quantity": self._held[name]}
            | ({"pool_factor": self._pools[name]} if name in self._pools else {})
            for name, row in self._rows.items()
            if self._held[name]
        ]
        untouched = rows.filter(~pl.col("instrument_id").is_in(list(self._rows)))
        return pl.concat([untouched, pl.DataFrame(changed, schema=rows.schema)]).sort(
            "instrument_id"
        )


def priced_book(opened: OpenStrike) -> pl.DataFrame:
    """Every held position with the price it is valued at.

    Adds `price, price_date, price_file, price_row, price_currency, unit`, null where no price
    is known, and `is_carried`; `given_factor` is the position's own price factor, and
    `price_factor` the one to use. The price is the latest one on or before the valuation date;
    where a person decided to carry, also the prior NAV's price counts. Rights that are not
    quoted yet are worth their intrinsic value.
    """
    held = held_positions(opened)
    carried = [each.instrument_id for each in opened.strike.carried]
    quotes = pl.concat(
        [latest_quotes(opened), _prior_quotes(opened, carried), intrinsic_quotes(opened)]
    )
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


def intrinsic_quotes(opened: OpenStrike) -> pl.DataFrame:
    """What rights without a quote are worth: the share's price ex rights less what they cost.

    In the row of the share's price. None for a right whose share has no price since the ex-date,
    or one in another currency than the subscription price.
    """
    latest = latest_quotes(opened)
    quoted = set(latest["instrument_id"])
    issues = {
        effect.new_instrument_id: effect.action
        for effect in effective(opened)
        if effect.action.kind == "rights" and effect.receives and effect.keeps
    }
    rows = []
    for right, action in sorted(issues.items(), key=lambda issue: str(issue[0])):
        share = latest.filter(pl.col("instrument_id") == action.instrument_id)
        if right in quoted or share.is_empty() or not action.ratio:
            continue
        row = share.row(0, named=True)
        if row["price_date"] < action.ex_date or row["price_currency"] != action.currency:
            continue
        value = right_value(
            exact(row["price"]) * exact(UNIT_FACTORS[row["unit"] or "unit"]),
            ratio=action.ratio,
            subscription_price=action.subscription_price or 0,
        )
        price = round_to(value, PRICE_PLACES, RoundingMode.HALF_EVEN)
        one = {"instrument_id": right, "price": price, "unit": None, "quoted_factor": Decimal(1)}
        rows.append(row | one)
    return pl.DataFrame(rows, schema=latest.schema)


def last_known(opened: OpenStrike) -> dict[str, date]:
    """Date of the latest price of each instrument that could be carried."""
    instruments = opened.table("positions")["instrument_id"].unique().to_list()
    quotes = pl.concat([latest_quotes(opened), _prior_quotes(opened, instruments)])
    return dict(quotes.group_by("instrument_id").agg(pl.col("price_date").max()).iter_rows())


def latest_quotes(opened: OpenStrike) -> pl.DataFrame:
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
