"""Which columns each input file of a set has."""

from typing import get_args

from tenuto.catalog.library.calculate.bonds import Convention
from tenuto.packs.finance.inputs.columns import (
    PRICE_PLACES,
    PRICE_UNITS,
    QUANTITY_PLACES,
    RATE_PLACES,
    Column,
    choice,
    currency,
    date,
    decimal,
    integer,
    quoted,
    text,
)
from tenuto.packs.finance.pricing.policy import InstrumentType, QuoteField

MODELS = ("bond", "option", "fx_forward")
MODEL_INPUTS = ("yield", "spread", "volatility", "rate", "dividend_yield", "foreign_rate")

INPUTS: dict[str, tuple[Column, ...]] = {
    "instruments": (
        text("instrument_id"),
        choice("type", get_args(InstrumentType)),
        currency("currency"),
        text("isin", optional=True),
        text("sedol", optional=True),
        text("cusip", optional=True),
        text("name", optional=True),
        choice("unit", PRICE_UNITS, optional=True),
        text("country", optional=True),
        text("calendar", optional=True),
        text("sector", optional=True),
        text("benchmark", optional=True),
        text("peer", optional=True),
        integer("level_hint", optional=True),
        choice("model", MODELS, optional=True),
        date("maturity", optional=True),
        decimal("coupon_rate", RATE_PLACES, optional=True),
        choice("convention", get_args(Convention), optional=True),
        date("dated", optional=True),
        text("curve", optional=True),
        text("underlying", optional=True),
        decimal("strike", PRICE_PLACES, optional=True),
        choice("option_type", ("call", "put"), optional=True),
    ),
    "quotes": (
        text("instrument_id", optional=True),
        text("identifier", optional=True),
        date("date"),
        text("source"),
        choice("field", get_args(QuoteField)),
        decimal("price", PRICE_PLACES),
        currency("currency", optional=True),
        choice("unit", PRICE_UNITS, optional=True),
        text("received_at", optional=True),
    ),
    "fx": (
        date("date"),
        quoted("base"),
        quoted("quote"),
        decimal("rate", RATE_PLACES),
        text("source", optional=True),
    ),
    "holdings": (
        text("instrument_id"),
        decimal("weight", RATE_PLACES),
    ),
    "corporate_actions": (
        text("ca_id"),
        text("instrument_id"),
        choice("type", ("dividend", "split")),
        date("ex_date"),
        date("pay_date", optional=True),
        decimal("rate", PRICE_PLACES, optional=True),
        currency("currency", optional=True),
        decimal("ratio", QUANTITY_PLACES, optional=True),
        decimal("withholding_rate", RATE_PLACES, optional=True),
    ),
    "history": (
        text("instrument_id"),
        date("date"),
        decimal("price", PRICE_PLACES),
    ),
    "series": (
        text("series_id"),
        date("date"),
        decimal("level", PRICE_PLACES),
    ),
    "model_inputs": (
        text("instrument_id"),
        choice("name", MODEL_INPUTS),
        decimal("value", RATE_PLACES),
        text("source", optional=True),
        integer("level", optional=True),
    ),
    "curves": (
        text("curve_id"),
        decimal("years", RATE_PLACES),
        decimal("rate", RATE_PLACES),
        text("source", optional=True),
        integer("level", optional=True),
    ),
}
"""Every input with its columns, in the order of the documentation."""
