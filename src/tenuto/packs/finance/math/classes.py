"""How a fund's result falls to its share classes, and what one unit is then worth.

A class starts from its prior NAV and the capital that entered or left it, and takes its share
of the fund's result in proportion to that sum; what its own forwards gained is its alone.
Smallest units that rounding leaves over go by largest remainder, so the classes add up to the
fund to the last digit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tenuto.core.errors import DataError
from tenuto.core.money import (
    Exact,
    RoundingMode,
    allocate,
    difference,
    divide,
    exact,
    round_to,
    share_out,
    total,
)
from tenuto.packs.finance.models import RoundingPolicy, ShareClass

EXACT_PLACES = 12
"""Decimals of a NAV per unit before the class rounds it."""

_WEIGHT_PLACES = 18


@dataclass(frozen=True, kw_only=True)
class ClassOpening:
    """Where a class starts from, base currency."""

    class_id: str
    nav: Decimal
    """The prior NAV; at the first strike the launch units at the launch price."""
    capital: Decimal
    """Subscriptions less redemptions that enter with this NAV."""
    own_result: Decimal = Decimal(0)
    """Gained by what this class alone owns: the forwards of a hedged class."""


@dataclass(frozen=True, kw_only=True)
class ClassShare:
    """A class's part of the fund before the fees it bears alone."""

    class_id: str
    weight: Decimal
    """Share in the fund's result, 18 decimals; all weights add up to 1."""
    gross: Decimal
    """Base currency."""


@dataclass(frozen=True, kw_only=True)
class Units:
    """Units of one class across a strike."""

    opening: Decimal
    subscribed: Decimal
    redeemed: Decimal
    closing: Decimal


@dataclass(frozen=True, kw_only=True)
class ClassValue:
    """A class's worth in its own currency."""

    nav: Decimal
    """Rounded as the fund rounds totals."""
    nav_per_unit: Decimal
    """Rounded once, from the exact quotient, as the class rounds."""
    nav_per_unit_exact: Decimal
    """12 decimals, half even."""


def share_result(
    openings: Sequence[ClassOpening], *, assets: Decimal, places: int
) -> tuple[ClassShare, ...]:
    """Each class's part of `assets`, the fund's net assets before any class's own fees.

    The parts have `places` decimals and add up to `assets`, which must have no more. Raises
    DataError `nav.no-class-assets` when the classes start from nothing, or one from less.
    """
    starts = [exact(each.nav) + exact(each.capital) for each in openings]
    whole = sum(starts, Fraction(0))
    if whole <= 0 or min(starts) < 0:
        found = {each.class_id: str(total([each.nav, each.capital])) for each in openings}
        raise DataError(
            f"The fund's result has no classes to fall to: they start from {found}, prior NAV and "
            "capital together; each must be zero or more and one of them more: check the prior "
            "NAV and the capital activity.",
            code="nav.no-class-assets",
        )
    own = [exact(each.own_result) for each in openings]
    result = exact(assets) - whole - sum(own, Fraction(0))
    parts = [
        start + result * start / whole + alone for start, alone in zip(starts, own, strict=True)
    ]
    gross = share_out(assets, parts, places)
    weights = allocate(Decimal(1), starts, _WEIGHT_PLACES)
    return tuple(
        ClassShare(class_id=opening.class_id, weight=weight, gross=part)
        for opening, weight, part in zip(openings, weights, gross, strict=True)
    )


def roll_units(
    share_class: ShareClass,
    opening: Decimal,
    *,
    subscribed: Iterable[Decimal] = (),
    redeemed: Iterable[Decimal] = (),
) -> Units:
    """`opening + subscribed - redeemed`.

    Raises DataError `nav.unit-places` for units finer than the class deals in, and
    `nav.units-negative` when more is redeemed than there is.
    """
    bought, sold = tuple(subscribed), tuple(redeemed)
    for units in (opening, *bought, *sold):
        if round_to(units, share_class.unit_places, RoundingMode.DOWN) != units or units < 0:
            raise DataError(
                f"Class {share_class.class_id!r} deals in units of 0 or more with "
                f"{share_class.unit_places} decimals, found {units}; correct the deal, or "
                "`unit_places` of the class.",
                code="nav.unit-places",
            )
    closing = difference(total([opening, *bought]), *sold)
    if closing < 0:
        raise DataError(
            f"Class {share_class.class_id!r} has {opening} units, and {total(sold)} are redeemed "
            f"against {total(bought)} subscribed; check the capital activity and the prior NAV.",
            code="nav.units-negative",
        )
    return Units(opening=opening, subscribed=total(bought), redeemed=total(sold), closing=closing)


def value_class(
    share_class: ShareClass,
    *,
    nav_base: Decimal,
    units: Decimal,
    base_per_class: Exact,
    rounding: RoundingPolicy,
) -> ClassValue:
    """The class's NAV and NAV per unit in its own currency.

    `base_per_class` is the base-currency value of one unit of the class's currency, exact: a
    `Fraction` where the rate is quoted the other way round. Raises DataError `nav.zero-units`
    when there is nothing to divide by, and `nav.negative` for a NAV of zero or less.
    """
    if units <= 0:
        raise DataError(
            f"Class {share_class.class_id!r} has assets of {nav_base} and {units} units, so a unit "
            "has no value; supply its units, or take a closed class out of the fund.",
            code="nav.zero-units",
        )
    if nav_base <= 0:
        raise DataError(
            f"Class {share_class.class_id!r} has a NAV of {nav_base} in base currency; it must be "
            "more than zero: check positions, cash, capital activity, and fees.",
            code="nav.negative",
        )
    nav = exact(nav_base) / exact(base_per_class)
    return ClassValue(
        nav=round_to(nav, rounding.nav_places, rounding.mode),
        nav_per_unit=divide(nav, units, places=share_class.nav_places, mode=rounding.mode),
        nav_per_unit_exact=divide(nav, units, places=EXACT_PLACES, mode=RoundingMode.HALF_EVEN),
    )
