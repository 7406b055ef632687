"""Swing pricing and dilution levies: what one dealing day's net flow does to the price.

The flow is summed over all classes, and every class swings by the same part; the NAV of fund
and classes stays as it is, and only the price per unit moves: up for net subscriptions, down
for net redemptions (ALFI, Swing Pricing guidelines; CSSF FAQ on the swing pricing mechanism).
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from tenuto.core.money import Exact, RoundingMode, difference, exact, round_to
from tenuto.packs.finance.models import DilutionLevy, SwingPolicy
from tenuto.packs.finance.nav.parts import LevyCharged, Swing, SwingOverride

FACTOR_PLACES = 12
FRACTION_PLACES = 10

Direction = Literal["up", "down", "none"]


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What the policy says for one net flow; the same for every class."""

    flow: Decimal
    flow_fraction: Decimal
    threshold: Decimal | None
    direction: Direction
    factor: Decimal
    """Signed, 12 decimals."""
    capped: bool


def propose(
    policy: SwingPolicy,
    *,
    flow: Decimal,
    nav: Decimal,
    spread_up: Exact = 0,
    spread_down: Exact = 0,
) -> Proposal:
    """The swing for a net `flow` into a fund of `nav`, both base currency.

    `spread_up` and `spread_down` are what the fund would be worth more at offer, and less at bid
    prices, as fractions of its NAV; they count for a swing by basis. A flow on the threshold does
    not swing, and no factor exceeds the cap.
    """
    fraction = exact(flow) / exact(nav)
    threshold = _threshold(policy, nav)
    swings = bool(flow) and (threshold is None or abs(fraction) > threshold)
    direction: Direction = "none" if not swings else "up" if flow > 0 else "down"
    is_basis = policy.method == "basis"
    sizes = {
        "up": exact(spread_up if is_basis else policy.factor_up),
        "down": exact(spread_down if is_basis else policy.factor_down),
        "none": Fraction(0),
    }
    size = sizes[direction]
    capped = min(size, exact(policy.cap))
    sign = -1 if direction == "down" else 1
    return Proposal(
        flow=flow,
        flow_fraction=round_to(fraction, FRACTION_PLACES, RoundingMode.HALF_EVEN),
        threshold=None
        if threshold is None
        else round_to(threshold, FRACTION_PLACES, RoundingMode.HALF_EVEN),
        direction=direction,
        factor=round_to(sign * capped, FACTOR_PLACES, RoundingMode.HALF_EVEN),
        capped=size > capped,
    )


def swing(
    policy: SwingPolicy,
    proposal: Proposal,
    *,
    unswung_exact: Exact,
    places: int,
    mode: RoundingMode,
    override: SwingOverride | None = None,
) -> tuple[Decimal, Swing]:
    """The published NAV per unit of one class, and how it came from the unswung one.

    `unswung_exact` is the exact quotient; both prices are rounded once from it, with `places`.
    """
    factor = proposal.factor if override is None else override.factor
    unswung = round_to(exact(unswung_exact), places, mode)
    published = round_to(exact(unswung_exact) * (1 + exact(factor)), places, mode)
    direction = proposal.direction
    if override is not None:
        direction = "up" if factor > 0 else "down" if factor < 0 else "none"
    return published, Swing(
        flow=proposal.flow,
        flow_fraction=proposal.flow_fraction,
        threshold=proposal.threshold,
        direction=direction,
        method=policy.method,
        proposed_factor=proposal.factor,
        capped=proposal.capped,
        factor=factor,
        unswung=unswung,
        amount=difference(published, unswung),
        override=override,
    )


def levy(policy: DilutionLevy, *, flow: Decimal, nav: Decimal) -> LevyCharged:
    """Who is charged, and at which rate; a flow on the threshold is not charged."""
    fraction = exact(flow) / exact(nav)
    charged = bool(flow) and abs(fraction) > exact(policy.threshold_fraction)
    side: Literal["subscriptions", "redemptions"] = "subscriptions" if flow > 0 else "redemptions"
    return LevyCharged(
        flow=flow,
        flow_fraction=round_to(fraction, FRACTION_PLACES, RoundingMode.HALF_EVEN),
        charged_on=side if charged else "none",
        rate=policy.rate if charged else Decimal(0),
    )


def _threshold(policy: SwingPolicy, nav: Decimal) -> Fraction | None:
    if policy.threshold_amount is not None:
        return exact(policy.threshold_amount) / exact(nav)
    return None if policy.threshold_fraction is None else exact(policy.threshold_fraction)
