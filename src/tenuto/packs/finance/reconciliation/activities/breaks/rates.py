"""Amounts in base currency, by the last known fixing; never through a third currency."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

import polars as pl

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import DataError
from tenuto.core.money import RoundingMode, exact, round_to
from tenuto.core.references import Document
from tenuto.packs.finance.inputs import columns as inputs
from tenuto.packs.finance.inputs.reading import read_input
from tenuto.packs.finance.reconciliation.rules import RecRules

BASE_PLACES = 8

_COLUMNS = (
    inputs.date("date"),
    inputs.quoted("base"),
    inputs.quoted("quote"),
    inputs.decimal("rate", inputs.RATE_PLACES),
)


def base_per_local(
    rules: RecRules, document: Document | None, day: date, store: ArtifactStore
) -> dict[str, Fraction]:
    """Base currency for one unit of each currency that has a fixing young enough, exact.

    Raises DataError `reconciliation.fx-unreadable` naming file, row, and remedy.
    """
    rates = {rules.base_currency: Fraction(1)}
    if document is None:
        return rates
    name = document.name or "fx"
    read = read_input(name, document, _COLUMNS, store)
    if read.problems or not read.is_readable:
        first = read.problems[0]
        raise DataError(
            f"{first.file}:{first.row or 1} {first.field or ''}: {first.found}; {first.remedy}.",
            code="reconciliation.fx-unreadable",
            details={"problems": [each.model_dump(mode="json") for each in read.problems[:100]]},
        )
    usable = read.table.filter(
        (pl.col("date") <= day)
        & ((pl.lit(day) - pl.col("date")).dt.total_days() <= rules.fx_max_age_days)
        & (pl.col("rate") > 0)
    ).sort("date", "row")
    base = rules.base_currency
    for quoted_base, quote, rate in usable.select("base", "quote", "rate").iter_rows():
        if quote == base:
            rates[quoted_base] = exact(rate)
        elif quoted_base == base:
            rates[quote] = 1 / exact(rate)
    return rates


def in_base(
    amount: Decimal | None, currency: str | None, rates: Mapping[str, Fraction], base: str
) -> Fraction | None:
    """The amount in base currency, exact; an item without a currency is in base currency."""
    rate = rates.get(currency or base)
    if amount is None or rate is None:
        return None
    return exact(amount) * rate


def rounded(value: Fraction | None, places: int = BASE_PLACES) -> Decimal | None:
    """`value` with 8 decimals, ties to even."""
    return None if value is None else round_to(value, places, RoundingMode.HALF_EVEN)
