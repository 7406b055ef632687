"""Arithmetic statements about accounts and classes, and whether they hold."""

from typing import Any

from tenuto.activities.documents.figures import NO_VALUE, prose, words
from tenuto.activities.documents.tables import cell, column, number, rest_of, table
from tenuto.packs.finance.reconciliation.models import ProofCheck, RecReport
from tenuto.packs.finance.reconciliation.report.sections.amounts import common_places, measure_text

SHOWN_PROOFS = 100

TITLES = {
    "statement-integrity": "Statement integrity",
    "proof-of-account": "Proof of account",
    "units-roll-forward": "Units roll-forward",
}


def proofs(report: RecReport) -> dict[str, Any]:
    """Every proof, those that do not hold first."""
    ordered = sorted(
        report.proofs, key=lambda each: (each.is_proven, each.kind, each.side, each.subject)
    )
    shown = ordered[:SHOWN_PROOFS]
    places = common_places(
        value for each in shown for value in (each.expected, each.found, each.difference)
    )
    return table(
        [
            column("Proof", share=2),
            column("Of", share=2),
            number("Expected"),
            number("Found"),
            number("Difference"),
            column("Holds"),
        ],
        [
            (
                cell(TITLES[each.kind], prose(each.note)),
                cell(words(each.subject), words(each.side)),
                measure_text(each.expected, places),
                measure_text(each.found, places),
                NO_VALUE if each.difference is None else measure_text(each.difference, places),
                cell(verdict(each), is_strong=not each.is_proven),
            )
            for each in shown
        ],
        empty="Nothing was given to prove: no statement headers, no units of a prior day.",
        rest=rest_of(len(ordered), len(shown), "proof", "proofs"),
    )


def verdict(each: ProofCheck) -> str:
    """`Yes`, `No`, or `Missing` when something to compare with is not there."""
    if each.is_proven:
        return "Yes"
    return "Missing" if each.difference is None else "No"
