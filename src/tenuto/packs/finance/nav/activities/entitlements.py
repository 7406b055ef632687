"""What the fund is entitled to by corporate actions, and the cash that comes of it."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import polars as pl

from tenuto.core.currency import minor_units
from tenuto.core.money import RoundingMode, difference, exact, round_to
from tenuto.packs.finance.math.corporate_actions import (
    QUANTITY_PLACES,
    Effect,
    entitle,
    roll,
    split_cost,
)
from tenuto.packs.finance.nav.activities.actions import (
    effective,
    effective_since,
    eligible_quantities,
    kept_since,
    trades_since,
)
from tenuto.packs.finance.nav.activities.book import held_positions
from tenuto.packs.finance.nav.activities.digits import plain
from tenuto.packs.finance.nav.activities.opened import OpenStrike
from tenuto.packs.finance.nav.parts import AppliedAction

_NONE = Decimal(0)


def applied_actions(opened: OpenStrike) -> tuple[AppliedAction, ...]:
    """Every action that happened since the prior NAV, or whose cash has not moved yet.

    The quantity entitled is, in this order: the one the custodian announced; the one of the prior
    NAV, where the action happened before it; what was held when the ex-date began, rolled
    forward from the prior NAV or, without one, back from today's book.
    """
    since = opened.prior.date if opened.prior else None
    known = _quantities(opened)
    costs = _costs(opened)
    return tuple(
        _applied(opened, effect, known[effect.reference], costs)
        for effect in effective(opened)
        if effect.paid > opened.strike.date or since is None or effect.on > since
    )


def earned_since(opened: OpenStrike) -> list[tuple[AppliedAction, Decimal]]:
    """Each action with the cash it explains in this NAV's movement.

    All of it where it happened since the prior NAV; of one that was known, what a correction
    changed.
    """
    if opened.prior is None:
        return []
    before = {each.ca_id: each.cash for each in opened.prior.corporate_actions}
    return [
        (each, each.cash if each.ex_date > opened.prior.date else _correction(each, before))
        for each in applied_actions(opened)
    ]


def _correction(applied: AppliedAction, before: dict[str, Decimal]) -> Decimal:
    known = before.get(applied.ca_id)
    return _NONE if known is None else difference(applied.cash, known)


def unknown_entitlements(opened: OpenStrike) -> list[Effect]:
    """Actions whose cash is still to come, and of which nothing says how many units earn it."""
    known = _quantities(opened)
    return [
        effect
        for effect in effective(opened)
        if known[effect.reference] is None and effect.paid > opened.strike.date
    ]


def _quantities(opened: OpenStrike) -> dict[str, Decimal | Fraction | None]:
    """The quantity entitled by `Effect.reference`; None where nothing says it."""
    announced = eligible_quantities(opened)
    prior = opened.prior
    carried = {each.ca_id: each.eligible for each in prior.corporate_actions} if prior else {}
    rolled = rolled_holdings(opened)[1] if prior else {}
    happened = effective(opened)
    book = _book_quantities(opened)
    found: dict[str, Decimal | Fraction | None] = {}
    for effect in happened:
        name = effect.reference
        if name in announced:
            found[name] = announced[name]
        elif name in rolled:
            found[name] = rolled[name]
        elif carried.get(name) is not None:
            found[name] = carried[name]
        else:
            found[name] = _held_back(opened, happened, book, effect)
    return found


def rolled_holdings(opened: OpenStrike) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """The prior NAV's holdings after the trades and actions since, as `roll` gives them.

    Only of instruments that were traded or had an action; all others are as they were.
    """
    if opened.prior is None:
        return {}, {}
    trades = trades_since(opened, opened.prior.date)
    happened = effective_since(opened, opened.prior.date)
    touched = {name for _, name, _ in trades} | {each.instrument_id for each in happened}
    touched |= {each.new_instrument_id for each in happened if each.new_instrument_id}
    before = opened.prior_positions.filter(pl.col("instrument_id").is_in(list(touched)))
    return roll(
        dict(before.select("instrument_id", "quantity").iter_rows()),
        trades=trades,
        happening=happened,
    )


def _book_quantities(opened: OpenStrike) -> dict[str, Decimal]:
    names = list({each.instrument_id for each in effective(opened)})
    book = held_positions(opened).filter(pl.col("instrument_id").is_in(names))
    return dict(book.select("instrument_id", "quantity").iter_rows())


def _held_back(
    opened: OpenStrike, happened: list[Effect], book: dict[str, Decimal], effect: Effect
) -> Fraction | None:
    """Today's quantity without what was traded on or after the ex-date, in units of before it.

    None for an action after which nothing is left to count back from.
    """
    if not effect.keeps:
        return _held_before(opened, effect)
    name = effect.instrument_id
    held = exact(book.get(name, _NONE))
    for day, traded, units in trades_since(opened, effect.on - timedelta(days=1)):
        if traded == name:
            held -= units * kept_since(happened, name, day)
    return held / kept_since(happened, name, effect.on) / effect.keeps


def _held_before(opened: OpenStrike, effect: Effect) -> Fraction | None:
    """The quantity in the file, where the row is of before the action."""
    rows = opened.table("positions").filter(
        (pl.col("instrument_id") == effect.instrument_id)
        & (pl.col("position_date") < effect.on)
        & pl.col("quantity").is_not_null()
    )
    return exact(rows["quantity"][0]) if rows.height else None


def _costs(opened: OpenStrike) -> dict[str, Decimal]:
    rows = opened.table("positions").filter(pl.col("cost_base").is_not_null())
    return dict(rows.select("instrument_id", "cost_base").iter_rows())


def _applied(
    opened: OpenStrike,
    effect: Effect,
    eligible: Decimal | Fraction | None,
    costs: dict[str, Decimal],
) -> AppliedAction:
    action = effect.action
    held = exact(eligible or 0)
    after = entitle(effect, held)
    cash = _NONE
    if action.currency is not None:
        mode = opened.strike.fund.rounding.mode
        cash = round_to(after.cash, minor_units(action.currency), mode)
    cost = costs.get(effect.instrument_id)
    stays, goes = (
        split_cost(cost, action.cost_fraction)
        if cost is not None and action.cost_fraction is not None and effect.receives
        else (None, None)
    )
    return AppliedAction(
        ca_id=effect.reference,
        kind=action.kind,
        instrument_id=effect.instrument_id,
        ex_date=effect.on,
        pay_date=action.pay_date,
        eligible=None
        if eligible is None
        else plain(round_to(held, QUANTITY_PLACES, RoundingMode.HALF_EVEN)),
        kept=plain(after.kept),
        new_instrument_id=effect.new_instrument_id,
        received=plain(after.received),
        currency=action.currency,
        cash=cash,
        is_income=effect.is_income,
        election=action.election,
        cost_kept=None if stays is None else plain(stays),
        cost_moved=None if goes is None else plain(goes),
    )
