"""Forward exchange rates."""

from fractions import Fraction

from tenuto.activities.calculate.math.parity import continuous_forward, simple_forward
from tenuto.activities.heartbeat import beat
from tenuto.catalog import implements
from tenuto.catalog.library.calculate import fx_forwards as entry
from tenuto.catalog.library.calculate.fx_forwards import (
    FxForwardRequest,
    FxForwardResult,
    FxForwardTerms,
    FxForwardValue,
)
from tenuto.core.money import RoundingMode, exact, round_to

_POINT_DECIMALS = 4


@implements(entry.fx_forward)
def price_forwards(request: FxForwardRequest) -> FxForwardResult:
    """Every forward in its order. Raises DataError `calculate.bad-rate`."""
    beat(f"pricing {len(request.forwards)} forwards")
    return FxForwardResult(forwards=tuple(_priced(each) for each in request.forwards))


def _priced(terms: FxForwardTerms) -> FxForwardValue:
    days = (terms.delivery - terms.spot_date).days
    formula = simple_forward if terms.compounding == "simple" else continuous_forward
    forward = formula(
        terms.spot,
        terms.base_rate,
        terms.quote_rate,
        Fraction(days, terms.base_year),
        Fraction(days, terms.quote_year),
    )
    points = (forward - exact(terms.spot)) * 10**terms.point_places
    return FxForwardValue(
        base=terms.base,
        quote=terms.quote,
        delivery=terms.delivery,
        days=days,
        forward=round_to(forward, terms.places, RoundingMode.HALF_EVEN),
        points=round_to(points, _POINT_DECIMALS, RoundingMode.HALF_EVEN),
    )
