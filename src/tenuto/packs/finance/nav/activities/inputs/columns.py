"""Which columns each input file has, and what may stand in them."""

from dataclasses import dataclass
from typing import Literal

import polars as pl

Kind = Literal["text", "decimal", "integer", "date", "currency", "quoted", "choice"]

QUANTITY_PLACES = 8
PRICE_PLACES = 10
RATE_PLACES = 12
AMOUNT_PLACES = 8

PRICE_UNITS = ("unit", "per100", "GBX")
BOND_DAY_COUNTS = ("30E/360", "30/360", "ACT/365", "ACT/360", "ACT/ACT")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an input file."""

    name: str
    kind: Kind
    is_required: bool = True
    """Whether the file must have the column, and every row a value in it."""
    places: int = 0
    """Decimals kept, for `decimal`; a value with more is an error, not a rounding."""
    choices: tuple[str, ...] = ()

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of the typed column."""
        match self.kind:
            case "decimal":
                return pl.Decimal(38, self.places)
            case "integer":
                return pl.Int64()
            case "date":
                return pl.Date()
            case _:
                return pl.String()


def _text(name: str, *, optional: bool = False) -> Column:
    return Column(name, "text", not optional)


def _decimal(name: str, places: int, *, optional: bool = False) -> Column:
    return Column(name, "decimal", not optional, places)


def _date(name: str, *, optional: bool = False) -> Column:
    return Column(name, "date", not optional)


def _currency(name: str, *, optional: bool = False) -> Column:
    return Column(name, "currency", not optional)


def _quoted(name: str) -> Column:
    """A currency in a table of rates, which lists many that no fund holds, withdrawn ones too."""
    return Column(name, "quoted")


def _choice(name: str, choices: tuple[str, ...], *, optional: bool = False) -> Column:
    return Column(name, "choice", not optional, choices=choices)


INPUTS: dict[str, tuple[Column, ...]] = {
    "positions": (
        _text("instrument_id"),
        _decimal("quantity", QUANTITY_PLACES),
        _text("name", optional=True),
        _text("type", optional=True),
        _currency("currency", optional=True),
        _choice("price_unit", PRICE_UNITS, optional=True),
        _decimal("price_factor", PRICE_PLACES, optional=True),
        _decimal("pool_factor", PRICE_PLACES, optional=True),
        _date("position_date", optional=True),
        _decimal("coupon_rate", RATE_PLACES, optional=True),
        _choice("day_count", BOND_DAY_COUNTS, optional=True),
        Column("coupon_frequency", "integer", is_required=False),
        _date("maturity", optional=True),
        _date("last_coupon_date", optional=True),
        _date("next_coupon_date", optional=True),
    ),
    "prices": (
        _text("instrument_id"),
        _date("date"),
        _decimal("price", PRICE_PLACES),
        _currency("currency"),
        _choice("unit", PRICE_UNITS, optional=True),
        _text("source", optional=True),
    ),
    "fx": (
        _date("date"),
        _quoted("base"),
        _quoted("quote"),
        _decimal("rate", RATE_PLACES),
    ),
    "cash": (
        _text("account"),
        _currency("currency"),
        _decimal("amount", AMOUNT_PLACES),
    ),
    "transactions": (
        _text("trade_id"),
        _text("instrument_id"),
        _choice("side", ("buy", "sell")),
        _decimal("quantity", QUANTITY_PLACES),
        _decimal("price", PRICE_PLACES),
        _currency("currency"),
        _decimal("net_amount", AMOUNT_PLACES),
        _date("trade_date"),
        _date("settle_date"),
    ),
    "capital": (
        _text("deal_id"),
        _text("class_id"),
        _choice("type", ("subscription", "redemption")),
        _date("trade_date"),
        _date("settle_date"),
        _decimal("units", QUANTITY_PLACES),
        _decimal("amount", AMOUNT_PLACES),
    ),
    "corporate_actions": (
        _text("ca_id"),
        _text("instrument_id"),
        _choice("type", ("dividend", "split")),
        _date("ex_date"),
        _date("pay_date", optional=True),
        _decimal("rate", PRICE_PLACES, optional=True),
        _currency("currency", optional=True),
        _decimal("ratio", QUANTITY_PLACES, optional=True),
        _decimal("withholding_rate", RATE_PLACES, optional=True),
    ),
    "fee_payments": (
        _text("fee_id"),
        _text("class_id", optional=True),
        _date("date"),
        _decimal("amount", AMOUNT_PLACES),
    ),
    "benchmark": (
        _date("date"),
        _decimal("level", PRICE_PLACES),
    ),
}
"""Every input with its columns, in the order of the documentation."""


def empty_table(name: str) -> pl.DataFrame:
    """The typed table of an input that was not given: all columns, no rows."""
    return pl.DataFrame(schema=table_schema(name))


def table_schema(name: str) -> dict[str, pl.DataType]:
    """`file, row` and the input's columns, typed."""
    typed = {column.name: column.dtype for column in INPUTS[name]}
    return {"file": pl.String(), "row": pl.Int64(), **typed}
