"""Values, sensitivities, and implied volatilities of options."""

import math
from dataclasses import astuple
from decimal import Decimal
from typing import TYPE_CHECKING

from tenuto.activities.calculate.math.floats import rounded
from tenuto.activities.heartbeat import beat
from tenuto.catalog import implements
from tenuto.catalog.library.calculate import options as entry
from tenuto.catalog.library.calculate.options import (
    OptionRequest,
    OptionResult,
    OptionTerms,
    OptionValue,
)
from tenuto.core.errors import DataError

if TYPE_CHECKING:
    from tenuto.activities.calculate.math.option_value import Option

PLACES = 10


@implements(entry.option)
def price_options(request: OptionRequest) -> OptionResult:
    """Every option in its order.

    Raises DataError `calculate.no-implied-volatility`, and `calculate.option-not-priced` for what
    QuantLib refuses.
    """
    priced = []
    for number, terms in enumerate(request.options):
        beat(f"priced {number} of {len(request.options)} options")
        priced.append(price_one(terms))
    return OptionResult(options=tuple(priced))


def price_one(terms: OptionTerms) -> OptionValue:
    """One option. Raises as `price_options` does."""
    # QuantLib takes as much memory as polars: only a worker that prices an option loads it.
    from tenuto.activities.calculate.math import option_value

    option = _option(terms)
    try:
        volatility = (
            float(terms.volatility)
            if terms.volatility is not None
            else option_value.implied_volatility(option, float(terms.price or 0))
        )
        greeks = option_value.sensitivities(option, volatility)
    except RuntimeError as exc:  # the only thing that QuantLib raises
        raise _not_priced(terms, str(exc)) from exc
    if not all(math.isfinite(each) for each in astuple(greeks)):
        raise _not_priced(terms, "a figure is not a finite number")
    is_on_forward = terms.model == "black-76"
    return OptionValue(
        option_id=terms.option_id,
        price=_rounded(greeks.price),
        volatility=terms.volatility if terms.volatility is not None else _rounded(volatility),
        delta=_rounded(greeks.delta),
        gamma=_rounded(greeks.gamma),
        vega=_rounded(greeks.vega),
        theta=_rounded(greeks.theta),
        # A forward is given, so a change of the rate moves the discount and the carry alike.
        rho=_rounded(greeks.rho + greeks.carry_rho if is_on_forward else greeks.rho),
        carry_rho=None if is_on_forward else _rounded(greeks.carry_rho),
    )


def _not_priced(terms: OptionTerms, why: str) -> DataError:
    return DataError(
        f"Option {terms.option_id} cannot be priced: {why}. Check its terms: rates and volatility "
        "are yearly fractions, so 5 % is 0.05.",
        code="calculate.option-not-priced",
        details={"option_id": terms.option_id},
    )


def _option(terms: OptionTerms) -> "Option":
    from tenuto.activities.calculate.math.option_value import Option

    carry = terms.rate if terms.model == "black-76" else terms.carry_yield
    return Option(
        is_call=terms.kind == "call",
        method=terms.method if terms.exercise == "american" else "european",
        steps=terms.steps,
        spot=float(terms.underlying),
        strike=float(terms.strike),
        years=float(terms.years),
        rate=float(terms.rate),
        carry=float(carry),
    )


def _rounded(value: float) -> Decimal:
    return rounded(value, PLACES)
