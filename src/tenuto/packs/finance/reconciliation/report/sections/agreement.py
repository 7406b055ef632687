"""Three sides against each other, and a NAV's difference level by level."""

from typing import Any

from tenuto.activities.documents.bars import Bar, bars
from tenuto.activities.documents.figures import NO_VALUE, count, words
from tenuto.activities.documents.tables import column, number, rest_of, table
from tenuto.packs.finance.reconciliation.models import Agreement, RecReport
from tenuto.packs.finance.reconciliation.report.sections.amounts import common_places, measure_text

SHOWN_DRILLS = 100

_LEVELS = {
    "L0_NAV": "NAV",
    "L1_GL": "General ledger",
    "L2_SUBLEDGER": "Sub-ledger",
    "L3_TRANSACTION": "Transactions",
}


def agreement(report: RecReport) -> dict[str, Any] | None:
    """A chart of how often three sides agreed; None for two sides."""
    return bars(
        [
            Bar(
                label=outcome_text(each),
                parts=[each.count],
                text=count(each.count, "item", "items"),
            )
            for each in report.agreement
        ],
        what="agreement of three sides, item by item",
    )


def outcome_text(each: Agreement) -> str:
    """`All agree`, `One differs: custodian`."""
    text = each.outcome.replace("-", " ").capitalize()
    if each.side is None:
        return text
    only = "only " if each.outcome == "two-missing" else ""
    return f"{text}: {only}{each.side}"


def drill_down(report: RecReport) -> dict[str, Any] | None:
    """What the next level explains of each difference; None for other kinds than `nav`."""
    if not report.drill_down:
        return None
    shown = report.drill_down[:SHOWN_DRILLS]
    places = common_places(
        value
        for each in shown
        for value in (each.ours, each.theirs, each.difference, each.explained)
    )
    return table(
        [
            column("Subject", share=1),
            column("Level"),
            number("Ours"),
            number("Theirs"),
            number("Difference"),
            number("Explained one level down"),
        ],
        [
            (
                words(each.subject),
                _LEVELS[each.level],
                measure_text(each.ours, places),
                measure_text(each.theirs, places),
                measure_text(each.difference, places),
                NO_VALUE if each.explained is None else measure_text(each.explained, places),
            )
            for each in shown
        ],
        rest=rest_of(len(report.drill_down), len(shown), "difference", "differences"),
    )
