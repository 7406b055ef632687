"""One function per model: inputs in, a price or the reason why there is none."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tenuto.activities.calculate.bond import price_one
from tenuto.catalog.library.calculate.bonds import BondTerms
from tenuto.core.errors import DataError
from tenuto.packs.finance.pricing.activities.models.inputs import (
    Curve,
    ModelInput,
    ModelPrice,
    NoPrice,
    as_price,
    told,
)
from tenuto.packs.finance.pricing.math.curves import rate_at
from tenuto.packs.finance.pricing.math.forwards import forward_rate
from tenuto.packs.finance.pricing.math.levels import level_of
from tenuto.packs.finance.pricing.math.options import European, option_price

Instrument = Mapping[str, Any]
Inputs = Mapping[str, ModelInput]

_RATE_PLACES = 12


def bond(
    instrument: Instrument, inputs: Inputs, curve: Curve | None, on: date
) -> ModelPrice | NoPrice:
    """Clean price per 100 from its yield, or from its curve and spread: matrix pricing."""
    if instrument["maturity"] <= on:
        return NoPrice(reason=f"it matured on {instrument['maturity']}")
    if "yield" in inputs:
        given = inputs["yield"]
        rate, record, levels = given.value, dict([told("yield", given)]), [given.level]
    elif curve is None:
        return NoPrice(reason="it has neither a yield nor a curve")
    else:
        rate, record, levels = _matrix(inputs, curve, instrument["maturity"], on)
    try:
        priced = price_one(bond_terms(instrument, on, yield_rate=rate))
    except DataError as wrong:
        return NoPrice(reason=wrong.message)
    return ModelPrice(price=priced.clean_price, level=level_of("model", *levels), inputs=record)


def bond_terms(instrument: Instrument, on: date, **question: Decimal) -> BondTerms:
    """The bond as the calculation library knows it, settled on `on`."""
    return BondTerms(
        bond_id=instrument["instrument_id"],
        convention=instrument["convention"],
        settlement=on,
        maturity=instrument["maturity"],
        coupon_rate=instrument["coupon_rate"] or Decimal(0),
        dated=instrument["dated"],
        **question,
    )


def _matrix(
    inputs: Inputs, curve: Curve, maturity: date, on: date
) -> tuple[Decimal, dict[str, str], list[int]]:
    years = Fraction((maturity - on).days, 365)
    base = Decimal(round(rate_at(curve.points, years) * 10**_RATE_PLACES)).scaleb(-_RATE_PLACES)
    record = {"curve rate": f"{base.normalize():f} ({curve.source}, {float(years):.2f} years)"}
    if "spread" not in inputs:
        return base, record, [curve.level]
    given = inputs["spread"]
    return base + given.value, record | dict([told("spread", given)]), [curve.level, given.level]


def option(
    instrument: Instrument, inputs: Inputs, underlying: ModelInput | None, on: date
) -> ModelPrice | NoPrice:
    """European option on its underlying's proposed price; ACT/365, continuous rates."""
    lacking = _lacking(instrument, inputs, underlying, ("volatility", "rate"))
    if lacking or underlying is None:
        return NoPrice(reason=lacking)
    days = (instrument["maturity"] - on).days
    if days < 0:
        return NoPrice(reason=f"it expired on {instrument['maturity']}")
    carried = inputs.get("dividend_yield")
    terms = European(
        kind=instrument["option_type"],
        underlying=float(underlying.value),
        strike=float(instrument["strike"]),
        years=days / 365,
        rate=float(inputs["rate"].value),
        dividend_yield=float(carried.value) if carried else 0.0,
        volatility=float(inputs["volatility"].value),
    )
    return _from(as_price(option_price(terms)), {"underlying": underlying, **inputs})


def fx_forward(
    instrument: Instrument, inputs: Inputs, underlying: ModelInput | None, on: date
) -> ModelPrice | NoPrice:
    """By covered interest parity from the spot rate and the two currencies' rates."""
    lacking = _lacking(instrument, inputs, underlying, ("rate", "foreign_rate"))
    if lacking or underlying is None:
        return NoPrice(reason=lacking)
    if instrument["maturity"] < on:
        return NoPrice(reason=f"it was delivered on {instrument['maturity']}")
    price = forward_rate(
        Fraction(underlying.value),
        Fraction(inputs["rate"].value),
        Fraction(inputs["foreign_rate"].value),
        on,
        instrument["maturity"],
    )
    return _from(as_price(price), {"underlying": underlying, **inputs})


def _lacking(
    instrument: Instrument,
    inputs: Inputs,
    underlying: ModelInput | None,
    needed: tuple[str, ...],
) -> str:
    missing = [name for name in needed if name not in inputs]
    if underlying is None:
        missing.append(f"a price of `{instrument['underlying']}`")
    return f"its model lacks {', '.join(missing)}" if missing else ""


def _from(price: Decimal, used: Inputs) -> ModelPrice | NoPrice:
    if price <= 0:
        return NoPrice(reason="the model gives a price of 0")
    return ModelPrice(
        price=price,
        level=level_of("model", *(each.level for each in used.values())),
        inputs=dict(told(name, used[name]) for name in sorted(used)),
    )
