"""What can be wrong with corporate actions, and between them and the book."""

from collections.abc import Iterator

import polars as pl

from tenuto.core.money import RoundingMode, round_to
from tenuto.packs.finance.math.corporate_actions import QUANTITY_PLACES, Effect
from tenuto.packs.finance.models import Problem
from tenuto.packs.finance.nav.activities.actions import effective, effective_since
from tenuto.packs.finance.nav.activities.entitlements import (
    rolled_holdings,
    unknown_entitlements,
)
from tenuto.packs.finance.nav.activities.opened import OpenStrike
from tenuto.packs.finance.nav.activities.rules.finding import (
    Row,
    at,
    not_positive,
    repeated,
    rows,
    shown,
)

_CASH = ("pay_date", "rate", "currency")

NEEDED: dict[str, tuple[str, ...]] = {
    "dividend": _CASH,
    "coupon": _CASH,
    "return-of-capital": _CASH,
    "split": ("ratio",),
    "reverse-split": ("ratio",),
    "stock-dividend": ("ratio",),
    "spin-off": ("ratio", "new_instrument_id"),
    "merger": (),
    "rights": ("ratio", "new_instrument_id", "subscription_price", "currency", "pay_date"),
    "redemption": _CASH,
    "pool-factor": ("prior_pool_factor", "pool_factor", "currency", "pay_date"),
}
"""Columns that each type cannot do without."""

_POSITIVE = (
    "rate",
    "ratio",
    "lieu_price",
    "subscription_price",
    "prior_pool_factor",
)


def corporate_action_problems(opened: OpenStrike) -> Iterator[Problem]:
    """Duplicates, actions without what they need, and amounts or dates that cannot be."""
    table = opened.table("corporate_actions")
    remedy = "keep one of them, or give the other its own name"
    yield from repeated(table, ["ca_id"], "nav.duplicate-row", remedy)
    for kind, fields in NEEDED.items():
        of_kind = table.filter(pl.col("type") == kind)
        for field in fields:
            for row in rows(of_kind, pl.col(field).is_null()):
                yield _needed(row, kind, field)
    yield from _mergers(table.filter(pl.col("type") == "merger"))
    yield from not_positive(table, *_POSITIVE)
    yield from _impossible_rates(table)
    yield from _impossible_dates(table)
    yield from _fractions(table)
    yield from _pool_factors(table)
    yield from _elections(table)
    for row in rows(table, pl.col("new_instrument_id") == pl.col("instrument_id")):
        found = f"`{row['instrument_id']}` becomes itself"
        yield at(row, "nav.same-instrument", "new_instrument_id", found, "name what it becomes")


def action_book_problems(opened: OpenStrike) -> Iterator[Problem]:
    """What actions say against what the book says: entitlements, pool factors, received units."""
    for effect in unknown_entitlements(opened):
        found = "nothing says how many units earn its cash: the book is of after the action"
        remedy = "supply `eligible_quantity`, or a position row of before its ex-date"
        yield _of(opened, effect, "nav.entitlement-unknown", "eligible_quantity", found, remedy)
    yield from _pools_against_book(opened)
    yield from _received_not_booked(opened)
    day = opened.strike.date
    for effect in effective(opened):
        action = effect.action
        is_end = action.kind == "rights" and effect.on == action.pay_date and not effect.keeps
        if is_end and action.election is None and day >= effect.on:
            found = f"the rights ended on {effect.on}, and nobody said what became of them"
            remedy = "write `exercise` or `lapse`"
            yield _of(opened, effect, "nav.election-missing", "election", found, remedy)


def _mergers(table: pl.DataFrame) -> Iterator[Problem]:
    for row in rows(table, pl.col("rate").is_null() & pl.col("ratio").is_null()):
        found = "a merger has neither `ratio` nor `rate`"
        remedy = "supply `ratio` and `new_instrument_id`, `rate` and `currency`, or all of them"
        yield at(row, "table.value-missing", "ratio", found, remedy)
    for row in rows(table, pl.col("ratio").is_not_null() & pl.col("new_instrument_id").is_null()):
        yield _needed(row, "merger for shares", "new_instrument_id")
    for field in ("currency", "pay_date"):
        for row in rows(table, pl.col("rate").is_not_null() & pl.col(field).is_null()):
            yield _needed(row, "merger for cash", field)


def _impossible_rates(table: pl.DataFrame) -> Iterator[Problem]:
    for row in rows(table, ~pl.col("withholding_rate").is_between(0, 1)):
        found = f"the withholding rate is {shown(row['withholding_rate'])}"
        remedy = "write a fraction of one: 0.15 is fifteen percent"
        yield at(row, "nav.rate-invalid", "withholding_rate", found, remedy)
    for row in rows(table, ~pl.col("cost_fraction").is_between(0, 1)):
        found = f"the part of the cost is {shown(row['cost_fraction'])}"
        remedy = "write a fraction of one: 0.2291 is 22.91 percent"
        yield at(row, "nav.rate-invalid", "cost_fraction", found, remedy)
    for row in rows(table, (pl.col("type") == "redemption") & (pl.col("ratio") > 1)):
        found = f"the redeemed part is {shown(row['ratio'])}"
        yield at(row, "nav.rate-invalid", "ratio", found, "write one above 0, up to 1")
    for row in rows(table, (pl.col("type") == "reverse-split") & (pl.col("ratio") >= 1)):
        found = f"one unit becomes {shown(row['ratio'])}"
        yield at(row, "nav.rate-invalid", "ratio", found, "write one below 1: 0.1 is one for ten")


def _impossible_dates(table: pl.DataFrame) -> Iterator[Problem]:
    for row in rows(table, pl.col("pay_date") < pl.col("ex_date")):
        found = f"paid on {row['pay_date']}, before its ex-date {row['ex_date']}"
        yield at(row, "nav.dates-reversed", "pay_date", found, "correct one of the dates")
    for row in rows(table, pl.col("elect_by") > pl.col("pay_date")):
        found = f"to be elected by {row['elect_by']}, after it is paid on {row['pay_date']}"
        yield at(row, "nav.dates-reversed", "elect_by", found, "correct one of the dates")


def _fractions(table: pl.DataFrame) -> Iterator[Problem]:
    in_cash = table.filter(pl.col("fractions") == "cash")
    for field in ("lieu_price", "currency", "pay_date"):
        for row in rows(in_cash, pl.col(field).is_null()):
            yield _needed(row, "action that pays fractions out", field)


def _pool_factors(table: pl.DataFrame) -> Iterator[Problem]:
    factors = table.filter(pl.col("type") == "pool-factor")
    wrong = (
        (pl.col("pool_factor") < 0)
        | (pl.col("prior_pool_factor") > 1)
        | (pl.col("pool_factor") > pl.col("prior_pool_factor"))
    )
    for row in rows(factors, wrong):
        found = (
            f"the pool factor goes from {shown(row['prior_pool_factor'])} to "
            f"{shown(row['pool_factor'])}"
        )
        yield at(row, "nav.factor-invalid", "pool_factor", found, "it falls, from 1 at most to 0")


def _elections(table: pl.DataFrame) -> Iterator[Problem]:
    is_rights = pl.col("type") == "rights"
    fits_rights = pl.col("election").is_in(["exercise", "lapse"])
    for row in rows(table, pl.col("election").is_not_null() & (is_rights != fits_rights)):
        valid = "`exercise` or `lapse`" if row["type"] == "rights" else "`accept` or `decline`"
        found = f"`{row['election']}` is no answer to a {row['type']}"
        yield at(row, "nav.election-invalid", "election", found, f"write {valid}")
    is_mandatory = pl.col("participation").fill_null("mandatory") == "mandatory"
    for row in rows(table, pl.col("election").is_not_null() & is_mandatory & ~is_rights):
        found = f"an election for a {row['type']} that is mandatory"
        remedy = "write `voluntary` as its participation, or leave the election out"
        yield at(row, "nav.election-invalid", "election", found, remedy)


def _pools_against_book(opened: OpenStrike) -> Iterator[Problem]:
    day = opened.strike.date
    book = {
        row["instrument_id"]: row
        for row in opened.table("positions")
        .filter(pl.col("pool_factor").is_not_null() & (pl.col("quantity") != 0))
        .iter_rows(named=True)
    }
    last = {each.instrument_id: each for each in effective(opened) if each.pool_factor is not None}
    for name, effect in last.items():
        row = book.get(name)
        if row is None:
            continue
        is_known = (row["position_date"] or day) >= effect.on
        action = effect.action
        expected = action.pool_factor if is_known else action.prior_pool_factor
        if row["pool_factor"] != expected:
            found = (
                f"the pool factor is {shown(row['pool_factor'])}, and that of `{action.ca_id}` "
                f"{'after' if is_known else 'before'} {effect.on} is {shown(expected)}"
            )
            yield at(row, "nav.pool-factor-differs", "pool_factor", found, "correct one of them")


def _received_not_booked(opened: OpenStrike) -> Iterator[Problem]:
    """Units that an action gave, in a book that knows of the action and not of them."""
    if opened.prior is None:
        return
    rolled = rolled_holdings(opened)[0]
    table = opened.table("positions")
    held = set(table.filter(pl.col("quantity") != 0)["instrument_id"])
    before = table.filter(pl.col("position_date").is_not_null())
    dates = dict(before.select("instrument_id", "position_date").iter_rows())
    for effect in effective_since(opened, opened.prior.date):
        new = effect.new_instrument_id
        is_applied = dates.get(effect.instrument_id, effect.on) < effect.on
        if new is None or new in held or is_applied or rolled.get(new, 0) <= 0:
            continue
        units = shown(round_to(rolled[new], QUANTITY_PLACES, RoundingMode.DOWN))
        found = f"it gave {units} `{new}`, and the positions have none"
        remedy = (
            f"add `{new}`, or date the row of `{effect.instrument_id}` before {effect.on} so that "
            "the action is applied to it"
        )
        yield _of(opened, effect, "nav.received-not-booked", "new_instrument_id", found, remedy)


def _of(
    opened: OpenStrike, effect: Effect, code: str, field: str, found: str, remedy: str
) -> Problem:
    table = opened.table("corporate_actions").filter(pl.col("ca_id") == effect.action.ca_id)
    return at(table.row(0, named=True), code, field, found, remedy)


def _needed(row: Row, kind: str, field: str) -> Problem:
    return at(row, "table.value-missing", field, f"a {kind} has no {field}", f"supply the {field}")
