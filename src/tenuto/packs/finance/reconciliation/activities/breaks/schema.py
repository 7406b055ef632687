"""The columns of the table of breaks, typed."""

import polars as pl

from tenuto.packs.finance.reconciliation.activities.breaks.rates import BASE_PLACES
from tenuto.packs.finance.reconciliation.models import BREAK_COLUMNS
from tenuto.packs.finance.reconciliation.rules import RecRules

_DATES = {"item_date", "settle_date", "first_seen", "last_seen", "earlier_life"}
_NUMBERS = {"ours_items", "theirs_items", "candidates", "age", "lives"}
_CLAIMS = {"is_material", "is_estimated"}
_MEASURES = {"ours_measure", "theirs_measure", "variance"}


def breaks_schema(rules: RecRules) -> dict[str, pl.DataType]:
    """`BREAK_COLUMNS` with their types; measures have the decimals of the measure."""
    places = rules.field(rules.measure or "").places
    return {name: _dtype(name, places) for name, _ in BREAK_COLUMNS}


def _dtype(name: str, places: int) -> pl.DataType:
    if name in _DATES:
        return pl.Date()
    if name in _NUMBERS:
        return pl.Int64()
    if name in _CLAIMS:
        return pl.Boolean()
    if name in _MEASURES:
        return pl.Decimal(38, places)
    exact = {"relative": 8, "variance_base": BASE_PLACES, "bp_of_nav": 4}
    return pl.Decimal(38, exact[name]) if name in exact else pl.String()
