"""Corporate actions, hedges, performance fees, and dealing: what happened to fund and classes."""

from decimal import Decimal
from typing import Any

from tenuto.activities.documents.figures import (
    NO_VALUE,
    amount,
    count,
    exact_percent,
    percent,
    places_of,
    prose,
    short_day,
    signed,
    trimmed,
    words,
)
from tenuto.activities.documents.tables import Cell, cell, column, number, rest_of, table
from tenuto.core.currency import minor_units
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.parts import AppliedAction, ClassNav, Swing

SHOWN_ACTIONS = 50


def corporate_actions(result: NavResult) -> dict[str, Any] | None:
    """What was applied since the prior NAV, with entitlement and cash; None without any."""
    if not result.corporate_actions:
        return None
    shown = result.corporate_actions[:SHOWN_ACTIONS]
    return table(
        [
            column("Action", share=2),
            column("Instrument", share=2),
            column("Ex date"),
            column("Pay date"),
            number("Entitled"),
            number("Became"),
            number("Cash"),
        ],
        [_action(each) for each in shown],
        rest=rest_of(len(result.corporate_actions), len(shown), "action", "actions"),
    )


def _action(each: AppliedAction) -> list[Cell]:
    received = (
        f"and {trimmed(each.received)} {words(each.new_instrument_id)}"
        if each.new_instrument_id
        else ""
    )
    election = f"Elected: {each.election}" if each.election else ""
    cash = NO_VALUE
    if each.currency:
        cash = f"{amount(each.cash, minor_units(each.currency))} {each.currency}"
    return [
        cell(each.kind.replace("-", " ").capitalize(), words(each.ca_id), election),
        words(each.instrument_id),
        short_day(each.ex_date),
        short_day(each.pay_date) if each.pay_date else NO_VALUE,
        "missing" if each.eligible is None else trimmed(each.eligible),
        cell(trimmed(each.kept), received),
        cell(cash, "income" if each.is_income else ""),
    ]


def performance_fees(result: NavResult) -> dict[str, Any] | None:
    """Where each class's performance fee stands; None for a fund without any."""
    if not result.performance_fees:
        return None
    places = places_of(result.nav)
    return table(
        [
            column("Class", share=1),
            number("Rate"),
            number("High-water mark per unit"),
            number("Class assets"),
            number("To exceed"),
            number(f"Accrued, {result.base_currency}"),
            number(f"Crystallised, {result.base_currency}"),
        ],
        [
            (
                cell(words(each.class_id), words(each.fee_id)),
                exact_percent(each.rate, 0),
                cell(trimmed(each.high_water_mark, 2), each.currency),
                trimmed(each.assets, 2),
                trimmed(each.reference, 2),
                trimmed(each.accrued, places),
                cell(
                    trimmed(each.crystallised, places),
                    f"{trimmed(each.crystallised_year_to_date, places)} this year",
                ),
            )
            for each in result.performance_fees
        ],
    )


def hedges(result: NavResult) -> dict[str, Any] | None:
    """The forwards of hedged classes; None for a fund without any."""
    if not result.hedges:
        return None
    places = places_of(result.nav)
    currencies = {each.class_id: each.currency for each in result.classes}
    return table(
        [
            column("Class", share=1),
            number("Notional"),
            number(f"Worth, {result.base_currency}"),
            number(f"Gained since, {result.base_currency}"),
        ],
        [
            (
                cell(
                    words(each.class_id),
                    count(len(each.contracts), "open contract", "open contracts"),
                ),
                f"{trimmed(each.notional, 2)} {currencies.get(each.class_id, '')}".strip(),
                trimmed(each.mark_to_market, places),
                trimmed(each.result, places),
            )
            for each in result.hedges
        ],
    )


def dealing(result: NavResult) -> dict[str, Any] | None:
    """What dealing did to the price of each class's unit; None where it does nothing."""
    rows = [_dealt(each) for each in result.classes if each.swing or each.dilution_levy]
    if not rows:
        return None
    return table(
        [
            column("Class", share=1),
            number("Net flow of the fund"),
            column("What dealing did", share=3),
            number("Unswung"),
            number("Published"),
        ],
        rows,
    )


def _dealt(each: ClassNav) -> list[Cell]:
    swing, levy = each.swing, each.dilution_levy
    if swing:
        said = cell(*_swung(swing))
        flow, part = swing.flow, swing.flow_fraction
    else:
        assert levy is not None  # noqa: S101 (one of the two is there)
        charged = "No levy" if levy.charged_on == "none" else f"Levy on {levy.charged_on}"
        said = cell(charged, f"{exact_percent(levy.rate)} of each deal" if levy.rate else "")
        flow, part = levy.flow, levy.flow_fraction
    return [
        words(each.class_id),
        cell(amount(flow), f"{percent(part)} of the NAV"),
        said,
        trimmed(swing.unswung, 2) if swing else NO_VALUE,
        cell(f"{amount(each.nav_per_unit)} {each.currency}", _by(swing), is_strong=True),
    ]


def _swung(swing: Swing) -> list[str]:
    limit = ""
    if swing.threshold is not None:
        limit = f"Swings beyond a flow of {exact_percent(swing.threshold)}"
    cap = "cut by the cap" if swing.capped else ""
    notes = [limit, cap]
    if swing.override:
        said = swing.override
        notes.append(
            f"{words(said.by)} instead of {exact_percent(swing.proposed_factor)}: "
            f"{prose(said.reason)}"
        )
    moved = "No swing" if swing.factor == 0 else f"Swung by {_signed_percent(swing.factor)}"
    return [moved, *notes]


def _signed_percent(factor: Decimal) -> str:
    return ("+" if factor > 0 else "") + exact_percent(factor)


def _by(swing: Swing | None) -> str:
    return "" if swing is None or swing.amount == 0 else f"{signed(swing.amount)} per unit"
