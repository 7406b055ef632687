"""Sheets on exposure, on what happened to fund and classes, and on how the NAV was proved."""

from collections.abc import Iterator

import polars as pl

from tenuto.activities.documents.figures import places_of
from tenuto.activities.documents.workbook import Column, Sheet, SheetChart, sheet
from tenuto.packs.finance.nav.models import NavResult
from tenuto.packs.finance.nav.report.sections.exposure import by_currency
from tenuto.packs.finance.nav.report.sections.proof import CAUSES

SHOWN_CURRENCIES = 12
"""In the chart; the table beside it has all."""


def exposure_sheet(result: NavResult, positions: pl.DataFrame) -> Sheet:
    """Positions and balances before fees by currency."""
    columns = [
        Column(head="Currency"),
        Column(head=f"Exposure, {result.base_currency}", width=22, places=places_of(result.nav)),
    ]
    rows = by_currency(result, positions)
    drawn = min(len(rows), SHOWN_CURRENCIES)
    chart = SheetChart(title="Exposure by currency", labels=0, values=[1], rows=drawn)
    return sheet("Exposure", columns, rows, charts=[chart])


def event_sheets(result: NavResult) -> Iterator[Sheet]:
    """A sheet for each kind of thing that the result has; none for what it has not."""
    if any(each.swing or each.dilution_levy for each in result.classes):
        yield _dealing(result)
    if result.performance_fees:
        yield _performance_fees(result)
    if result.hedges:
        yield _hedges(result)
    if result.corporate_actions:
        yield _corporate_actions(result)
    if result.expected_nav:
        yield _expected(result)
    if result.proof:
        yield _proof(result)


def _dealing(result: NavResult) -> Sheet:
    columns = [
        Column(head="Class"),
        Column(head=f"Net flow, {result.base_currency}", width=20),
        Column(head="Of the NAV", is_percent=True, places=4),
        Column(head="Swing proposed", is_percent=True, places=4),
        Column(head="Swing", is_percent=True, places=4),
        Column(head="Unswung NAV per unit"),
        Column(head="NAV per unit"),
        Column(head="Override by"),
        Column(head="Override, reason", width=50),
        Column(head="Levy on"),
        Column(head="Levy", is_percent=True, places=4),
    ]
    rows = [
        (
            each.class_id,
            dealt.flow,
            dealt.flow_fraction,
            swing.proposed_factor if swing else None,
            swing.factor if swing else None,
            swing.unswung if swing else None,
            each.nav_per_unit,
            swing.override.by if swing and swing.override else None,
            swing.override.reason if swing and swing.override else None,
            levy.charged_on if levy else None,
            levy.rate if levy else None,
        )
        for each in result.classes
        for swing, levy in ((each.swing, each.dilution_levy),)
        for dealt in (swing or levy,)
        if dealt is not None
    ]
    return sheet("Dealing", columns, rows)


def _performance_fees(result: NavResult) -> Sheet:
    base = result.base_currency
    columns = [
        Column(head="Class"),
        Column(head="Fee", width=20),
        Column(head="Currency", width=9),
        Column(head="Rate", is_percent=True, places=2),
        Column(head="Class assets", width=20),
        Column(head="To exceed", width=20),
        Column(head="High-water mark per unit", width=20),
        Column(head=f"Accrued, {base}"),
        Column(head=f"Crystallised, {base}"),
        Column(head=f"Crystallised this year, {base}"),
    ]
    rows = [
        (
            each.class_id,
            each.fee_id,
            each.currency,
            each.rate,
            each.assets,
            each.reference,
            each.high_water_mark,
            each.accrued,
            each.crystallised,
            each.crystallised_year_to_date,
        )
        for each in result.performance_fees
    ]
    return sheet("Performance fees", columns, rows)


def _hedges(result: NavResult) -> Sheet:
    base = result.base_currency
    columns = [
        Column(head="Class"),
        Column(head="Notional, class currency", width=22),
        Column(head=f"Worth, {base}", width=20),
        Column(head=f"Gained since the prior NAV, {base}", width=20),
        Column(head="Open contracts", width=60),
    ]
    rows = [
        (
            each.class_id,
            each.notional,
            each.mark_to_market,
            each.result,
            ", ".join(each.contracts) or None,
        )
        for each in result.hedges
    ]
    return sheet("Hedges", columns, rows)


def _corporate_actions(result: NavResult) -> Sheet:
    columns = [
        Column(head="Action", width=24),
        Column(head="Kind", width=18),
        Column(head="Instrument", width=18),
        Column(head="Ex date", width=12),
        Column(head="Pay date", width=12),
        Column(head="Entitled"),
        Column(head="Became"),
        Column(head="New instrument", width=18),
        Column(head="Received"),
        Column(head="Currency", width=9),
        Column(head="Cash"),
        Column(head="Income", width=8),
        Column(head="Election", width=12),
        Column(head=f"Cost kept, {result.base_currency}"),
        Column(head=f"Cost moved, {result.base_currency}"),
    ]
    rows = [
        (
            each.ca_id,
            each.kind,
            each.instrument_id,
            each.ex_date,
            each.pay_date,
            "missing" if each.eligible is None else each.eligible,
            each.kept,
            each.new_instrument_id,
            each.received,
            each.currency,
            each.cash,
            "yes" if each.is_income else "no",
            each.election,
            each.cost_kept,
            each.cost_moved,
        )
        for each in result.corporate_actions
    ]
    return sheet("Corporate actions", columns, rows)


def _expected(result: NavResult) -> Sheet:
    expected = result.expected_nav
    assert expected is not None  # noqa: S101 (asked for only where it is there)
    columns = [
        Column(head="What", width=30),
        Column(head="Expected", width=22),
        Column(head="Struck less expected", width=22),
    ]
    rows = [
        *(
            (
                f"{label}, {result.base_currency}",
                getattr(expected.causes, name),
                getattr(expected.difference, name),
            )
            for name, label in CAUSES.items()
        ),
        (f"NAV, {result.base_currency}", expected.nav, None),
        *(
            (
                f"Per unit of {each.class_id}; difference as a fraction",
                each.nav_per_unit,
                each.difference,
            )
            for each in expected.classes
        ),
        *((f"Estimated: {name}", None, None) for name in expected.estimated),
    ]
    return sheet("Expected NAV", columns, rows)


def _proof(result: NavResult) -> Sheet:
    proof = result.proof
    assert proof is not None  # noqa: S101 (asked for only where it is there)
    columns = [
        Column(head=f"Figure, by {proof.engine}", width=34),
        Column(head="Struck", width=24),
        Column(head="Proved", width=24),
    ]
    rows = [(each.figure, each.struck, each.proved) for each in proof.lines]
    return sheet("Proof", columns, [*rows, ("positions proved", proof.positions, None)])
