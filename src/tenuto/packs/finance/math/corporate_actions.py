"""What a corporate action does to a holding: units kept, units received, cash.

Every kind of action is one and the same thing here, an `Effect` on each unit that was held when
the day began: a part of it is kept, other units may come, cash may come or go. The kinds differ
only in their numbers, so the rest of the NAV knows of no kinds.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from tenuto.core.errors import DataError
from tenuto.core.money import Exact, RoundingMode, difference, exact, round_to

Kind = Literal[
    "dividend",
    "split",
    "reverse-split",
    "stock-dividend",
    "spin-off",
    "merger",
    "rights",
    "return-of-capital",
    "coupon",
    "redemption",
    "pool-factor",
]
Fractions = Literal["keep", "cash", "drop"]
"""What becomes of a fraction of a unit: it is held, paid out at `lieu_price`, or lost."""

PRICE_CHANGING = frozenset({"split", "reverse-split", "stock-dividend", "spin-off", "rights"})
"""Kinds after which a price from before is that of something else."""

Election = Literal["accept", "decline", "exercise", "lapse"]

QUANTITY_PLACES = 8
"""Decimals of a quantity where fractions are kept; what is finer is dropped."""

COST_PLACES = 2


@dataclass(frozen=True, kw_only=True)
class Action:
    """A corporate action as it was announced, its numbers per unit held before it."""

    ca_id: str
    kind: Kind
    instrument_id: str
    ex_date: date
    pay_date: date | None = None
    ratio: Decimal | None = None
    """`split`, `reverse-split`: units after for one before; `stock-dividend`, `spin-off`,
    `merger`: new units for one held; `rights`: new shares for one right; `redemption`: the part
    that is redeemed."""
    rate: Decimal | None = None
    """Cash for one unit, in `currency`."""
    currency: str | None = None
    withholding_rate: Decimal = Decimal(0)
    new_instrument_id: str | None = None
    fractions: Fractions = "keep"
    lieu_price: Decimal | None = None
    """What one whole unit after the action is paid out at, when fractions are."""
    subscription_price: Decimal | None = None
    prior_pool_factor: Decimal | None = None
    pool_factor: Decimal | None = None
    cost_fraction: Decimal | None = None
    """The part of the cost that goes to the new instrument."""
    is_voluntary: bool = False
    election: Election | None = None


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What happens to each unit of `instrument_id` that is held when `on` begins."""

    action: Action
    on: date
    instrument_id: str
    keeps: Fraction = Fraction(1)
    new_instrument_id: str | None = None
    receives: Fraction = Fraction(0)
    pays: Fraction = Fraction(0)
    """Cash in the action's currency, after withholding tax; negative when it costs."""
    is_income: bool = False
    pool_factor: Decimal | None = None

    @property
    def reference(self) -> str:
        """Under which the effect is remembered; the two effects of a rights issue differ."""
        ca_id = self.action.ca_id
        return ca_id if self.instrument_id == self.action.instrument_id else f"{ca_id}/exercise"

    @property
    def paid(self) -> date:
        """The day its cash moves."""
        return self.action.pay_date or self.on

    @property
    def changes_price(self) -> bool:
        """Whether a price from before says nothing about a unit after."""
        is_first = self.instrument_id == self.action.instrument_id
        return is_first and self.action.kind in PRICE_CHANGING


@dataclass(frozen=True, kw_only=True)
class Entitlement:
    """What one holding becomes by one effect."""

    kept: Decimal
    received: Decimal
    cash: Fraction
    """Not yet rounded to a coin; what is paid for fractions included."""


def effects(action: Action) -> tuple[Effect, ...]:
    """What the action does, and when; nothing for an offer that was not accepted.

    A rights issue has two: on its ex-date a right for each share, and on its pay date the right
    ends, with `ratio` new shares at the subscription price when the election says so.
    """
    first = Effect(action=action, on=action.ex_date, instrument_id=action.instrument_id)
    if action.is_voluntary and action.kind != "rights" and action.election != "accept":
        return ()
    ratio = exact(action.ratio if action.ratio is not None else 0)
    cash = exact(action.rate or 0) * (1 - exact(action.withholding_rate))
    match action.kind:
        case "dividend" | "coupon":
            return (replace(first, pays=cash, is_income=True),)
        case "return-of-capital":
            return (replace(first, pays=cash),)
        case "split" | "reverse-split":
            return (replace(first, keeps=ratio),)
        case "stock-dividend":
            return (replace(first, keeps=1 + ratio),)
        case "spin-off":
            return (replace(first, new_instrument_id=action.new_instrument_id, receives=ratio),)
        case "merger":
            new = action.new_instrument_id if ratio else None
            return (
                replace(first, keeps=Fraction(0), new_instrument_id=new, receives=ratio, pays=cash),
            )
        case "redemption":
            part = ratio if action.ratio is not None else Fraction(1)
            return (replace(first, keeps=1 - part, pays=cash * part),)
        case "pool-factor":
            repaid = exact(action.prior_pool_factor or 0) - exact(action.pool_factor or 0)
            par = exact(action.rate) if action.rate is not None else Fraction(1)
            return (replace(first, pays=repaid * par, pool_factor=action.pool_factor),)
        case "rights":
            issued = replace(
                first, new_instrument_id=action.new_instrument_id, receives=Fraction(1)
            )
            return (issued, *_end_of_rights(action, ratio))


def _end_of_rights(action: Action, ratio: Fraction) -> tuple[Effect, ...]:
    if action.pay_date is None or action.new_instrument_id is None:
        return ()
    ended = Effect(
        action=action,
        on=action.pay_date,
        instrument_id=action.new_instrument_id,
        keeps=Fraction(0),
    )
    if action.election != "exercise":
        return (ended,)
    cost = ratio * exact(action.subscription_price or 0)
    return (replace(ended, new_instrument_id=action.instrument_id, receives=ratio, pays=-cost),)


def entitle(effect: Effect, held: Exact) -> Entitlement:
    """What `held` units become. Fractions of a unit are treated as the action says.

    Cash for fractions counts from the units after the action: those kept, or those received.
    Raises DataError `nav.lieu-price-missing` when they are paid out and nobody said at what.
    """
    kept, loose = _whole(effect, exact(held) * effect.keeps)
    received, loose_new = _whole(effect, exact(held) * effect.receives)
    cash = exact(held) * effect.pays
    if effect.action.kind == "rights" and effect.keeps == 0:
        # Only whole shares are bought, and paid for.
        cash = -exact(received) * exact(effect.action.subscription_price or 0)
        loose_new = Fraction(0)
    in_lieu = (loose if effect.keeps not in (0, 1) else Fraction(0)) + loose_new
    if effect.action.fractions == "cash" and in_lieu:
        if effect.action.lieu_price is None:
            raise DataError(
                f"Corporate action {effect.action.ca_id!r} pays fractions out in cash and has no "
                "`lieu_price`; supply it.",
                code="nav.lieu-price-missing",
            )
        cash += in_lieu * exact(effect.action.lieu_price)
    return Entitlement(kept=kept, received=received, cash=cash)


def _whole(effect: Effect, units: Fraction) -> tuple[Decimal, Fraction]:
    """The units that are held, and the fraction that is not; towards zero for short ones too."""
    changes = effect.keeps not in (0, 1) or effect.receives
    if effect.action.fractions == "keep" or not changes:
        held = round_to(units, QUANTITY_PLACES, RoundingMode.DOWN)
    else:
        held = Decimal(math.trunc(units))
    return held, units - exact(held)


def roll(
    holdings: Mapping[str, Exact],
    *,
    trades: Iterable[tuple[date, str, Exact]],
    happening: Iterable[Effect],
) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """Holdings after trades and effects, and what was held when each effect began.

    `trades` are `(trade date, instrument, units bought less sold)`. An effect comes before the
    trades of its day. The second result is by `Effect.reference`.
    """
    held = {name: exact(units) for name, units in holdings.items()}
    entitled: dict[str, Fraction] = {}
    dealt = sorted(trades, key=lambda trade: trade[:2])
    for effect in sorted(happening, key=order):
        while dealt and dealt[0][0] < effect.on:
            _deal(held, *dealt.pop(0)[1:])
        before = held.get(effect.instrument_id, Fraction(0))
        entitled[effect.reference] = before
        after = entitle(effect, before)
        held[effect.instrument_id] = exact(after.kept)
        if effect.new_instrument_id and after.received:
            _deal(held, effect.new_instrument_id, after.received)
    for _, instrument_id, units in dealt:
        _deal(held, instrument_id, units)
    return held, entitled


def order(effect: Effect) -> tuple[date, str]:
    """Effects happen by day; on one day by the name of their action."""
    return effect.on, effect.reference


def _deal(held: dict[str, Fraction], instrument_id: str, units: Exact) -> None:
    held[instrument_id] = held.get(instrument_id, Fraction(0)) + exact(units)


def theoretical_ex_rights_price(
    cum_price: Exact, *, ratio: Exact, subscription_price: Exact
) -> Fraction:
    """The price of a share after a rights issue of `ratio` new shares for each one held.

    The value of one old share and of the money paid in, spread over all shares (IAS 33, A2).
    """
    return (exact(cum_price) + exact(ratio) * exact(subscription_price)) / (1 + exact(ratio))


def right_value(ex_price: Exact, *, ratio: Exact, subscription_price: Exact) -> Fraction:
    """The intrinsic value of one right to `ratio` new shares; never below 0."""
    return max(
        exact(ratio) * (exact(ex_price) - exact(subscription_price)),
        Fraction(0),
    )


def split_cost(cost: Decimal, moved: Decimal) -> tuple[Decimal, Decimal]:
    """The cost of a holding that stays, and the part `moved` of it that goes to the new one.

    In whole cents, half even; the two add up to `cost`.
    """
    goes = round_to(exact(cost) * exact(moved), COST_PLACES, RoundingMode.HALF_EVEN)
    return difference(cost, goes), goes
