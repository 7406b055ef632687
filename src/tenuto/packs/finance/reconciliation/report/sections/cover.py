"""Which reconciliation this is, what is open, and every row of every side accounted for."""

from typing import Any

from tenuto.activities.documents.figures import count, day, trimmed, words
from tenuto.activities.documents.tables import Cell, cell, column, number, table
from tenuto.core.money import total
from tenuto.packs.finance.reconciliation.models import RecReport, SideTotals
from tenuto.packs.finance.reconciliation.report.sections.amounts import (
    base_text,
    common_places,
    measure_text,
)

KINDS = {
    "cash": "Cash reconciliation",
    "balance": "Balance reconciliation",
    "position": "Position reconciliation",
    "transaction": "Transaction reconciliation",
    "nav": "NAV reconciliation",
    "units": "Units reconciliation",
    "valuation": "Valuation reconciliation",
}


def cover(report: RecReport) -> dict[str, Any]:
    """Rules, date, sides, figures, and what a reader must know before relying on them."""
    bp = "not known" if report.open_bp is None else trimmed(report.open_bp)
    return {
        "name": words(report.name or report.rec_id),
        "rec_id": words(report.rec_id),
        "kind": KINDS[report.kind],
        "date": day(report.date),
        "run_id": words(report.run_id),
        "sides": " against ".join(words(each.side) for each in report.sides),
        "measure": words(report.measure),
        "currency": report.base_currency,
        "status": "breaks open" if report.open_breaks else "no open breaks",
        "is_good": not report.open_breaks and not warned(report),
        "warnings": warned(report),
        "open": f"{report.open_breaks:,}",
        "amount": base_text(report.open_amount, report),
        "bp": bp,
        "bp_unit": "" if report.open_bp is None else "bp",
        "oldest": count(report.oldest_age, "day", "days") if report.open_breaks else "\u2013",
    }


def warned(report: RecReport) -> list[str]:
    """What makes the figures less than they seem."""
    said = []
    if report.is_estimated:
        late = ", ".join(words(each.side) for each in report.sides if each.is_estimated)
        said.append(f"Estimated: {late} was late; prior day plus known movements stand in for it.")
    if report.unconverted:
        breaks = count(report.unconverted, "open break has", "open breaks have")
        said.append(f"{breaks} no amount in {report.base_currency} and count in no amount below.")
    unproven = sum(not each.is_proven for each in report.proofs)
    if unproven:
        said.append(f"{count(unproven, 'proof does', 'proofs do')} not hold.")
    if report.problems:
        values = count(report.problems, "value", "values")
        said.append(f"{values} could not be read; the workbook lists them.")
    if report.not_compared:
        fields = ", ".join(words(each) for each in report.not_compared)
        said.append(f"Not compared, since a side does not have it: {fields}.")
    said += [
        f"The rows or amounts of {words(each.side)} do not add up."
        for each in report.sides
        if not adds_up(each)
    ]
    return said


def adds_up(each: SideTotals) -> bool:
    """Whether matched, unmatched, and excluded make the total, in rows and in amount."""
    parts = [each.matched_amount, each.unmatched_amount, each.excluded_amount]
    rows = each.matched + each.unmatched + each.excluded
    return rows == each.rows and total(parts) == each.amount


def sides(report: RecReport) -> dict[str, Any]:
    """One row per side: numbers of rows, with the amounts of the measure below them."""
    return table(
        [
            column("Side", share=1),
            number("Matched"),
            number("In breaks"),
            number("Set aside"),
            number("All"),
            column("Adds up"),
        ],
        [_row(each) for each in report.sides],
    )


def _row(each: SideTotals) -> list[Cell]:
    notes = [
        f"{count(each.carried, 'row', 'rows')} carried from earlier" if each.carried else "",
        f"{count(each.unreadable, 'row', 'rows')} unreadable" if each.unreadable else "",
        "estimated" if each.is_estimated else "",
        "nothing was given" if each.source is None else "",
    ]
    parts = (
        (each.matched, each.matched_amount),
        (each.unmatched, each.unmatched_amount),
        (each.excluded, each.excluded_amount),
        (each.rows, each.amount),
    )
    places = common_places(amount for _, amount in parts)
    return [
        cell(words(each.side), ", ".join(filter(None, notes)), is_strong=True),
        *(cell(f"{rows:,}", measure_text(amount, places)) for rows, amount in parts),
        "Yes" if adds_up(each) else cell("No", is_strong=True),
    ]
