"""Breaks that probably have one reason, and what rules closed or set aside."""

from typing import Any

from tenuto.activities.documents.figures import short_day, words
from tenuto.activities.documents.tables import column, number, rest_of, table
from tenuto.packs.finance.reconciliation.models import RecReport
from tenuto.packs.finance.reconciliation.report.sections.amounts import base_text

SHOWN_CAUSES = 25

_ACTIONS = {"write-off": "Written off", "pending": "Pending"}


def root_causes(report: RecReport) -> dict[str, Any]:
    """The causes that are worth most, each to be worked as one task."""
    shown = report.root_causes[:SHOWN_CAUSES]
    return table(
        [
            column("Probable cause", share=1),
            number("Breaks"),
            number(f"Worth, {report.base_currency}"),
        ],
        [(words(each.cause), f"{each.count:,}", base_text(each.amount, report)) for each in shown],
        empty="No two open breaks share a class and an instrument.",
        rest=rest_of(len(report.root_causes), len(shown), "cause", "causes"),
    )


def auto_resolved(report: RecReport) -> dict[str, Any]:
    """What each rule or tolerance resolved, with its owner and the day it ends."""
    return table(
        [
            column("Rule", share=2),
            column("What became of them"),
            column("Owner", share=1),
            column("Rule ends"),
            number("Breaks"),
            number(f"Worth, {report.base_currency}"),
        ],
        [
            (
                words(each.rule),
                _ACTIONS[each.action],
                words(each.owner),
                short_day(each.expires) if each.expires else "with its pass",
                f"{each.count:,}",
                base_text(each.amount, report),
            )
            for each in report.auto_resolved
        ],
        empty="Nothing was resolved by a rule.",
    )
