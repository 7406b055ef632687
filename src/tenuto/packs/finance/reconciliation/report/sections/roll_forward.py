"""From the open breaks of the previous run to those of this one."""

from decimal import Decimal
from typing import Any

from tenuto.activities.documents.figures import day, short_day
from tenuto.activities.documents.tables import cell, column, number, table
from tenuto.packs.finance.reconciliation.models import RecReport
from tenuto.packs.finance.report.waterfall import waterfall


def roll_forward(report: RecReport) -> dict[str, Any] | None:
    """A waterfall and a table in numbers of breaks; None when there was no earlier run."""
    roll = report.roll
    if roll.prior_date is None:
        return None
    is_whole = roll.opening + roll.new - roll.resolved == roll.closing
    return {
        "since": day(roll.prior_date),
        "chart": waterfall(
            (short_day(roll.prior_date), Decimal(roll.opening)),
            [("New", Decimal(roll.new)), ("Resolved", Decimal(-roll.resolved))],
            (short_day(report.date), Decimal(roll.closing)),
            unit="breaks",
            what="open breaks since the previous run",
            places=0,
            is_rise_good=False,
            from_zero=True,
        ),
        "table": table(
            [column("Breaks", share=1), number("Number")],
            [
                (cell("Opening", is_strong=True), f"{roll.opening:,}"),
                (
                    cell("New", f"{roll.returned:,} of them came back" if roll.returned else ""),
                    f"{roll.new:,}",
                ),
                ("Resolved", f"{roll.resolved:,}"),
                (cell("Closing", is_strong=True), f"{roll.closing:,}"),
                ("Of these, unchanged", f"{roll.confirmed:,}"),
                ("Of these, with other values", f"{roll.changed:,}"),
            ],
        ),
        "warning": None
        if is_whole
        else "Opening, new, and resolved breaks do not make the closing ones.",
    }
