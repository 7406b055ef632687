"""Checks that every strike makes, whatever the fund's tolerances say."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import polars as pl

from tenuto.core.money import RoundingMode, round_to
from tenuto.packs.finance.math.corporate_actions import theoretical_ex_rights_price
from tenuto.packs.finance.models import PerformanceFee
from tenuto.packs.finance.nav.activities.actions import (
    announced,
    effective_since,
    unit_values,
    value_since,
)
from tenuto.packs.finance.nav.activities.book import intrinsic_quotes
from tenuto.packs.finance.nav.activities.digits import plain
from tenuto.packs.finance.nav.activities.tolerances.subject import SHOWN_PLACES, Subject
from tenuto.packs.finance.nav.parts import Check, Comment, Severity

_NO_SMALLER_CHANGE = Fraction(5, 4)
"""A corporate action that moves the price by less cannot be told from a day's move."""

_ESMA_YEARS = 5


def checks(subject: Subject) -> Iterator[Check]:
    """What a person should know of: elections, prices around corporate actions, overrides."""
    yield from _elections(subject)
    yield from _intrinsic_values(subject)
    yield from _prices_not_adjusted(subject)
    yield from _swing_override(subject)
    yield from _performance_fee_terms(subject)


def _elections(subject: Subject) -> Iterator[Check]:
    """Offers that nobody has answered; until then the fund is taken not to accept."""
    day = subject.result.date
    is_offer = (pl.col("participation") == "voluntary") | (pl.col("type") == "rights")
    offers = subject.opened.table("corporate_actions").filter(
        is_offer.fill_null(value=False)
        & pl.col("election").is_null()
        & (pl.coalesce("pay_date", "elect_by", "ex_date") >= day)
    )
    for row in offers.sort("ca_id").iter_rows(named=True):
        last = row["elect_by"] or row["pay_date"]
        by = f" by {last}" if last else ""
        left = None if last is None else Decimal((last - day).days)
        note = f"{row['type']} of {row['instrument_id']}: no election yet, to be made{by}."
        yield _notice("corporate-action-election", row["ca_id"], left, note)


def _intrinsic_values(subject: Subject) -> Iterator[Check]:
    """Rights without a quote, with the share's theoretical price where its last one is known."""
    quotes = intrinsic_quotes(subject.opened)
    held = subject.positions.join(quotes, on="instrument_id", how="semi")
    issues = {each.new_instrument_id: each for each in announced(subject.opened)}
    before = unit_values(subject.opened.prior_positions)
    for name, price in held.select("instrument_id", "price").iter_rows():
        action = issues[name]
        note = "The right is not quoted, and valued at the share's price less what it costs."
        cum = before.get(action.instrument_id)
        if cum is not None and action.ratio and action.subscription_price is not None:
            theoretical = theoretical_ex_rights_price(
                cum, ratio=action.ratio, subscription_price=action.subscription_price
            )
            shown = plain(round_to(theoretical, SHOWN_PLACES, RoundingMode.HALF_EVEN))
            note = f"{note} The share's theoretical price ex rights is {shown}."
        yield _notice("intrinsic-value", name, plain(price), note)


def _prices_not_adjusted(subject: Subject) -> Iterator[Check]:
    """Prices that look as if a corporate action since the prior NAV had not happened."""
    prior = subject.prior
    happened = [
        each
        for each in (effective_since(subject.opened, prior.date) if prior else [])
        if each.changes_price
    ]
    if not happened:
        return
    now, before = unit_values(subject.positions), unit_values(subject.opened.prior_positions)
    for name in sorted({each.instrument_id for each in happened} & now.keys() & before.keys()):
        became = value_since(happened, name, now[name], now)
        multiple = became / now[name] if now[name] else Fraction(1)
        is_small = 1 / _NO_SMALLER_CHANGE < multiple < _NO_SMALLER_CHANGE
        as_if_nothing = abs(now[name] / before[name] - 1)
        if is_small or as_if_nothing >= abs(became / before[name] - 1):
            continue
        change = round_to(became / before[name] - 1, SHOWN_PLACES, RoundingMode.HALF_EVEN)
        note = (
            "With the corporate action the price means this change, and almost none without: it "
            "looks as if it was not adjusted."
        )
        yield _notice("price-not-adjusted", name, plain(change), note, severity="block")


def _swing_override(subject: Subject) -> Iterator[Check]:
    override = subject.opened.strike.inputs.swing_override
    swing = subject.result.classes[0].swing
    if override is None or swing is None:
        return
    note = f"The policy proposes {plain(swing.proposed_factor)}."
    check = _notice("swing-override", "fund", plain(override.factor), note)
    said = Comment(rule=check.rule, text=override.reason, by=override.by)
    yield check.model_copy(update={"comments": (said,)})


def _performance_fee_terms(subject: Subject) -> Iterator[Check]:
    """Terms outside guidelines 3 and 4 of ESMA 34-39-992, which are for UCITS and retail AIFs."""
    for share_class in subject.opened.strike.fund.classes:
        fee = share_class.performance_fee
        if fee is None:
            continue
        years = fee.reference_years
        if years is not None and years < _ESMA_YEARS:
            note = f"Losses are forgotten after {years} year(s); ESMA asks for five or more."
            yield _notice("performance-fee-terms", share_class.class_id, Decimal(years), note)
        if fee.crystallisation != "yearly" and not _is_pure_high_water_mark(fee):
            note = f"Crystallises {fee.crystallisation}; ESMA asks for once a year at most."
            yield _notice("performance-fee-terms", share_class.class_id, None, note)


def _is_pure_high_water_mark(fee: PerformanceFee) -> bool:
    """Whether no level of the NAV can be paid for twice, so that the frequency is free."""
    return fee.hurdle == "none" and fee.reference_years is None


def _notice(
    rule: str, subject: str, value: Decimal | None, note: str, *, severity: Severity = "warn"
) -> Check:
    return Check(
        rule=rule,
        subject=subject,
        outcome="warn" if severity == "warn" else "fail",
        value=value,
        limit=Decimal(0),
        severity=severity,
        note=note,
    )
