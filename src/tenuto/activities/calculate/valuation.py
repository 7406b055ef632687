"""What every position is worth, exactly, in base currency."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import polars as pl

from tenuto.activities import exact
from tenuto.activities.heartbeat import beat
from tenuto.artifacts.current import current_store
from tenuto.catalog import implements
from tenuto.catalog.library.calculate import valuation as entry
from tenuto.catalog.library.calculate.valuation import (
    CurrencyTotal,
    ValuationRequest,
    ValuationResult,
)
from tenuto.core.errors import DataError
from tenuto.core.money import RoundingMode, round_to, total
from tenuto.core.money import exact as exactly

_CHUNK = 250_000
_UNROUNDED_PLACES = 12
"""Decimals of a base value that is shown but not added up, with `level: total`."""
_MOST_NAMED = 1000

_FACTORS = ("quantity", "price", "price_factor")


@implements(entry.valuation)
def value_positions(request: ValuationRequest) -> ValuationResult:
    """Quantity x price x price factor, plus accrued interest, x exchange rate.

    Raises DataError `calculate.bad-column`, `calculate.price-given-twice`; with all of them named
    `calculate.price-missing` and `calculate.fx-missing`; and the `money.*` codes of exact columns.
    """
    store = current_store()
    positions = _positions(store.get_table(request.positions))
    prices = _prices(store.get_table(request.prices))
    book = positions.join(prices, on="instrument_id", how="left", maintain_order="left")
    _refuse_unpriced(book)
    rates = _base_per_local(request, book["currency"].unique().sort().to_list())
    scales = {name: exact.decimals_used(book[name]) for name in (*_FACTORS, "accrued_interest")}
    chunks = list(_valued_chunks(request, book, rates, scales))
    valued = pl.concat(chunks)
    by_currency = _by_currency(request, valued, rates)
    return ValuationResult(
        positions=store.put_table(valued, name="valued positions"),
        value=_value(request, by_currency, rates),
        by_currency=by_currency,
    )


def _positions(frame: pl.DataFrame) -> pl.DataFrame:
    _require("positions", frame, ("instrument_id", "quantity"))
    interest = (
        pl.col("accrued_interest").fill_null(0)
        if "accrued_interest" in frame.columns
        else pl.lit(0).alias("accrued_interest")
    )
    chosen = frame.select("instrument_id", "quantity", interest)
    return chosen.sort("instrument_id", "quantity", "accrued_interest")


def _prices(frame: pl.DataFrame) -> pl.DataFrame:
    _require("prices", frame, ("instrument_id", "price", "currency"))
    factor = (
        pl.col("price_factor").fill_null(1)
        if "price_factor" in frame.columns
        else pl.lit(1).alias("price_factor")
    )
    twice = frame["instrument_id"].filter(frame["instrument_id"].is_duplicated()).unique().sort()
    if twice.len():
        raise DataError(
            f"{twice.len()} instruments have more than one price: {_named(twice.to_list())}. "
            "Supply one price for each.",
            code="calculate.price-given-twice",
            details={"instruments": twice.to_list()[:_MOST_NAMED]},
        )
    return frame.select("instrument_id", "price", "currency", factor)


def _require(what: str, frame: pl.DataFrame, columns: tuple[str, ...]) -> None:
    absent = [name for name in columns if name not in frame.columns]
    if absent:
        raise DataError(
            f"Table `{what}` has no `{absent[0]}`; it has the columns "
            f"{', '.join(frame.columns)}. Expected {', '.join(columns)}.",
            code="calculate.bad-column",
            details={"table": what, "column": absent[0]},
        )


def _refuse_unpriced(book: pl.DataFrame) -> None:
    is_unpriced = pl.col("price").is_null() | pl.col("currency").is_null()
    missing = book.filter(is_unpriced)["instrument_id"].unique().sort().to_list()
    if missing:
        raise DataError(
            f"{len(missing)} positions have no price: {_named(missing)}. Supply a price with its "
            "currency for each.",
            code="calculate.price-missing",
            details={"count": len(missing), "instruments": missing[:_MOST_NAMED]},
        )


def _base_per_local(request: ValuationRequest, currencies: list[str]) -> dict[str, Fraction]:
    """Base currency for one unit of each currency; a direct rate before an inverse one."""
    base = request.base_currency
    rates = {base: Fraction(1)}
    for each in request.exchange_rates:
        if each.base == base and each.quote not in rates:
            rates[each.quote] = 1 / exactly(each.rate)
    for each in request.exchange_rates:
        if each.quote == base:
            rates[each.base] = exactly(each.rate)
    missing = [currency for currency in currencies if currency not in rates]
    if missing:
        raise DataError(
            f"There is no exchange rate to {base} for {_named(missing)}; supply one for each.",
            code="calculate.fx-missing",
            details={"currencies": missing},
        )
    return {currency: rates[currency] for currency in currencies}


def _valued_chunks(
    request: ValuationRequest,
    book: pl.DataFrame,
    rates: dict[str, Fraction],
    scales: dict[str, int],
) -> Iterator[pl.DataFrame]:
    converted = book.join(_multipliers(rates), on="currency", how="left", maintain_order="left")
    factors = {name: exact.decimals_used(converted[name]) for name in ("multiplier", "divisor")}
    done = 0
    for chunk in converted.iter_slices(_CHUNK):
        beat(f"valued {done} of {book.height} positions")
        yield _valued(request, chunk, scales | factors)
        done += chunk.height
    if not book.height:
        yield _valued(request, converted, scales | factors)


def _multipliers(rates: dict[str, Fraction]) -> pl.DataFrame:
    """`currency, multiplier, divisor`, whole numbers: an inverse rate is divided by, once."""
    wide = pl.Decimal(38, 0)
    return pl.DataFrame(
        [
            (currency, Decimal(rate.numerator), Decimal(rate.denominator))
            for currency, rate in rates.items()
        ],
        schema={"currency": pl.String, "multiplier": wide, "divisor": wide},
        orient="row",
    )


def _valued(request: ValuationRequest, book: pl.DataFrame, scales: dict[str, int]) -> pl.DataFrame:
    local_scale = max(sum(scales[name] for name in _FACTORS), scales["accrued_interest"])
    worth, scale = pl.col("quantity"), scales["quantity"]
    for name in ("price", "price_factor"):
        worth = exact.product(worth, pl.col(name), left_scale=scale, right_scale=scales[name])
        scale += scales[name]
    local = exact.exact(worth, local_scale) + exact.exact(pl.col("accrued_interest"), local_scale)
    is_rounded = request.rounding.level == "position"
    base = exact.ratio(
        exact.product(
            pl.col("local_value"),
            pl.col("multiplier"),
            left_scale=local_scale,
            right_scale=scales["multiplier"],
        ),
        pl.col("divisor"),
        numerator_scale=local_scale + scales["multiplier"],
        denominator_scale=scales["divisor"],
        places=request.rounding.places if is_rounded else _UNROUNDED_PLACES,
        mode=request.rounding.mode if is_rounded else RoundingMode.HALF_EVEN,
    )
    valued = book.lazy().with_columns(local_value=local).with_columns(base_value=base)
    numbers = (*_FACTORS, "accrued_interest")
    return exact.collect(
        valued.select(
            "instrument_id",
            "currency",
            *(exact.exact(pl.col(name), scales[name]).alias(name) for name in numbers),
            "local_value",
            "base_value",
        ),
        "valued positions",
    )


def _by_currency(
    request: ValuationRequest, valued: pl.DataFrame, rates: dict[str, Fraction]
) -> tuple[CurrencyTotal, ...]:
    scale = exact.decimals_used(valued["local_value"])
    places = exact.decimals_used(valued["base_value"])
    totals = exact.collect(
        valued.lazy()
        .group_by("currency")
        .agg(
            exact.total(pl.col("local_value"), scale=scale),
            exact.total(pl.col("base_value"), scale=places),
        )
        .sort("currency"),
        "totals by currency",
    )
    return tuple(
        CurrencyTotal(
            currency=currency,
            local_value=local,
            base_value=_rounded(
                request,
                exactly(base)
                if request.rounding.level == "position"
                else exactly(local) * rates[currency],
            ),
        )
        for currency, local, base in totals.iter_rows()
    )


def _value(
    request: ValuationRequest,
    by_currency: tuple[CurrencyTotal, ...],
    rates: dict[str, Fraction],
) -> Decimal:
    if request.rounding.level == "position":
        return _rounded(request, exactly(total(each.base_value for each in by_currency)))
    whole = sum(
        (exactly(each.local_value) * rates[each.currency] for each in by_currency), Fraction(0)
    )
    return _rounded(request, whole)


def _rounded(request: ValuationRequest, value: Fraction) -> Decimal:
    return round_to(value, request.rounding.places, request.rounding.mode)


def _named(names: list[str]) -> str:
    shown = ", ".join(names[:10])
    return shown if len(names) <= 10 else f"{shown} and {len(names) - 10} more"
