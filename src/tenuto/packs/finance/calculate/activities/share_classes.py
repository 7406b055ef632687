"""Net assets class by class and per unit."""

from fractions import Fraction

from tenuto.activities.heartbeat import beat
from tenuto.catalog import implements
from tenuto.core.money import difference, exact, total
from tenuto.packs.finance.calculate import catalog
from tenuto.packs.finance.calculate.models import (
    ClassResult,
    ClassState,
    ShareClassesRequest,
    ShareClassesResult,
)
from tenuto.packs.finance.math.classes import (
    ClassOpening,
    ClassShare,
    roll_units,
    share_result,
    value_class,
)
from tenuto.packs.finance.models import RoundingPolicy


@implements(catalog.share_classes)
def share_among_classes(request: ShareClassesRequest) -> ShareClassesResult:
    """Each class's part of the assets less its own fees, and what a unit of it is worth.

    Raises DataError `nav.no-class-assets`, `nav.unit-places`, `nav.units-negative`,
    `nav.zero-units`, `nav.negative`, and `money.parts-differ` for assets with too many decimals.
    """
    beat(f"sharing among {len(request.classes)} classes")
    openings = [
        ClassOpening(class_id=each.share_class.class_id, nav=each.prior_nav, capital=each.capital)
        for each in request.classes
    ]
    shares = share_result(openings, assets=request.assets, places=request.rounding.nav_places)
    classes = tuple(
        _valued(state, share, request.rounding)
        for state, share in zip(request.classes, shares, strict=True)
    )
    return ShareClassesResult(nav=total(each.nav_base for each in classes), classes=classes)


def _valued(state: ClassState, share: ClassShare, rounding: RoundingPolicy) -> ClassResult:
    units = roll_units(
        state.share_class,
        state.opening_units,
        subscribed=[state.subscribed_units],
        redeemed=[state.redeemed_units],
    )
    nav_base = difference(share.gross, state.own_fees)
    value = value_class(
        state.share_class,
        nav_base=nav_base,
        units=units.closing,
        base_per_class=_base_per_class(state),
        rounding=rounding,
    )
    return ClassResult(
        class_id=share.class_id,
        weight=share.weight,
        gross=share.gross,
        nav_base=nav_base,
        nav=value.nav,
        units=units.closing,
        nav_per_unit=value.nav_per_unit,
        nav_per_unit_exact=value.nav_per_unit_exact,
    )


def _base_per_class(state: ClassState) -> Fraction:
    if state.base_per_class is not None:
        return exact(state.base_per_class)
    if state.class_per_base is not None:
        return 1 / exact(state.class_per_base)
    return Fraction(1)
