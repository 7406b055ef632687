"""Prices that no source of the waterfall gave, with all that went into them."""

from typing import Any

from tenuto.activities.documents.figures import prose, trimmed, words
from tenuto.activities.documents.tables import cell, column, number, rest_of, table
from tenuto.packs.finance.pricing.models import PricingReport

SHOWN_FAIR_VALUES = 100
_METHODS = {"prior": "Prior price", "broker": "Broker quote", "model": "Model"}


def fair_values(report: PricingReport) -> dict[str, Any]:
    """One row for each, with inputs, reason, and approver."""
    shown = report.fair_values[:SHOWN_FAIR_VALUES]
    return table(
        [
            column("Instrument", share=2),
            column("Method"),
            number("Price"),
            column("Level"),
            column("Why, and from what", share=5),
        ],
        [
            (
                words(each.instrument_id),
                _METHODS.get(each.method, each.method),
                trimmed(each.price, 2),
                str(each.level),
                cell(
                    prose(each.reason),
                    "; ".join(f"{words(k)}: {words(v)}" for k, v in sorted(each.inputs.items())),
                    f"Approved by {words(each.approver)}" if each.approver else "",
                ),
            )
            for each in shown
        ],
        empty="Every price came from a source of the waterfall.",
        rest=rest_of(len(report.fair_values), len(shown), "fair value", "fair values"),
    )
