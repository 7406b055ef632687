"""Which model prices which instrument, with the inputs that the files give for it."""

from collections import defaultdict
from fractions import Fraction
from typing import Any

import polars as pl

from tenuto.packs.finance.pricing.activities.models.formulas import bond, fx_forward, option
from tenuto.packs.finance.pricing.activities.models.inputs import (
    Curve,
    ModelInput,
    ModelPrice,
    NoPrice,
)
from tenuto.packs.finance.pricing.activities.opened import OpenPricing

_UNSTATED_LEVEL = 3
"""An input that nobody says is observable is not."""

_SOURCE_LEVEL = 1
"""An underlying's own price counts as its level; unknown before levels are given, at best 1."""


class ModelLibrary:
    """The models with their inputs of one set."""

    def __init__(self, opened: OpenPricing, proposed: pl.DataFrame) -> None:
        self._day = opened.day
        self._inputs = _inputs(opened.table("model_inputs"))
        self._curves = _curves(opened.table("curves"))
        self._spots = {
            row["instrument_id"]: ModelInput(
                value=row["price"],
                source=f"{row['instrument_id']}, {row['source']} {row['date']}",
                level=row["input_level"] or _SOURCE_LEVEL,
            )
            for row in proposed.filter(pl.col("price").is_not_null())
            .select("instrument_id", "price", "source", "date", "input_level")
            .join(
                opened.instruments.select(pl.col("underlying").alias("instrument_id")).unique(),
                on="instrument_id",
                how="semi",
            )
            .iter_rows(named=True)
        }

    def price(self, instrument: dict[str, Any]) -> ModelPrice | NoPrice:
        """The price by the instrument's model, or why there is none."""
        inputs = self._inputs.get(instrument["instrument_id"], {})
        spot = self._spots.get(instrument["underlying"])
        match instrument["model"]:
            case "bond":
                curve = self._curves.get(instrument["curve"])
                return bond(instrument, inputs, curve, self._day)
            case "option":
                return option(instrument, inputs, spot, self._day)
            case "fx_forward":
                return fx_forward(instrument, inputs, spot, self._day)
            case _:
                return NoPrice(reason="it has no model")


def _inputs(table: pl.DataFrame) -> dict[str, dict[str, ModelInput]]:
    found: dict[str, dict[str, ModelInput]] = defaultdict(dict)
    for row in table.iter_rows(named=True):
        found[row["instrument_id"]][row["name"]] = ModelInput(
            value=row["value"],
            source=row["source"] or f"{row['file']}:{row['row']}",
            level=row["level"] or _UNSTATED_LEVEL,
        )
    return found


def _curves(table: pl.DataFrame) -> dict[str, Curve]:
    """The level of a curve is the lowest of its points."""
    return {
        str(curve_id): Curve(
            points=[
                (Fraction(years), Fraction(rate))
                for years, rate in points.sort("years").select("years", "rate").iter_rows()
            ],
            source=str(points["source"].drop_nulls().first() or curve_id),
            level=max(level or _UNSTATED_LEVEL for level in points["level"]),
        )
        for (curve_id,), points in table.group_by("curve_id")
    }
