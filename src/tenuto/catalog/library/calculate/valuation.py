"""Valuation of positions: quantity x price x exchange rate, exact and rounded once."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from tenuto.catalog import SideEffect, activity
from tenuto.catalog.library.calculate.series import LONG, QUEUE, SAME_BYTES
from tenuto.core.currency import Currency
from tenuto.core.money import RoundingMode
from tenuto.core.records import Record
from tenuto.core.references import Dataset


class Rounding(Record):
    """Where and how values in base currency are rounded."""

    mode: RoundingMode = RoundingMode.HALF_EVEN
    places: Annotated[int, Field(ge=0, le=8)] = 2
    level: Literal["position", "total"] = "position"
    """Round each position and add, or add exactly and round the total once."""


class ExchangeRate(Record):
    """One unit of `base` buys `rate` units of `quote`."""

    base: Currency
    quote: Currency
    rate: Annotated[Decimal, Field(gt=0)]


class ValuationRequest(Record):
    """Value a table of positions. Numbers are Decimal or integer columns; a float is refused."""

    positions: Dataset
    """`instrument_id, quantity` and optionally `accrued_interest` in the price's currency."""
    prices: Dataset
    """`instrument_id, price, currency` and optionally `price_factor` (0.01 for a price per 100 or
    in pence; 1 where empty). One row per instrument."""
    exchange_rates: Annotated[tuple[ExchangeRate, ...], Field(max_length=200)] = ()
    """Used directly or the other way round; never through a third currency."""
    base_currency: Currency
    rounding: Rounding = Rounding()


class CurrencyTotal(Record):
    """The exact value of all positions priced in one currency."""

    currency: Currency
    local_value: Decimal
    base_value: Decimal
    """Base currency, rounded as the total is."""


class ValuationResult(Record):
    """The valued positions."""

    positions: Dataset
    """`(n, 8): instrument_id, currency, quantity, price, price_factor, accrued_interest [local],
    local_value [local, exact, with interest], base_value [base currency]`, sorted."""
    value: Decimal
    """Base currency, rounded as `rounding` says."""
    by_currency: tuple[CurrencyTotal, ...]


valuation = activity(
    "calculate.valuation",
    request=ValuationRequest,
    result=ValuationResult,
    summary="Value positions with prices and exchange rates, exactly.",
    queue=QUEUE,
    start_to_close=LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)
