"""The prices that moved most since the prior set."""

from typing import Any

from tenuto.activities.documents.bars import Bar, bars
from tenuto.activities.documents.figures import signed, trimmed
from tenuto.activities.documents.tables import column, number, rest_of, table
from tenuto.core.money import RoundingMode, multiply, round_to
from tenuto.packs.finance.pricing.models import PriceChange, PricingReport
from tenuto.packs.finance.pricing.report.sections.prices import instrument_cell

SHOWN_CHANGES = 20


def changes(report: PricingReport) -> dict[str, Any]:
    """A chart and a table of the largest, up or down."""
    shown = report.changes[:SHOWN_CHANGES]
    return {
        "chart": bars(
            [
                Bar(label=each.name or each.instrument_id, parts=[each.change], text=moved(each))
                for each in shown
            ],
            what="largest price changes since the prior set",
        ),
        "table": table(
            [
                column("Instrument", share=1),
                column("Type"),
                number("Before"),
                number("Now"),
                number("Change"),
            ],
            [
                (
                    instrument_cell(each.instrument_id, each.name),
                    each.type.replace("_", " "),
                    trimmed(each.prior_price, 2),
                    trimmed(each.price, 2),
                    moved(each),
                )
                for each in shown
            ],
            empty="No price has changed."
            if report.prior_date
            else "There is no prior set, so no change can be told.",
            rest=rest_of(len(report.changes), len(shown), "change", "changes"),
        ),
    }


def moved(each: PriceChange) -> str:
    """`+4.21%`, rounded half-even for reading."""
    return signed(round_to(multiply(each.change, 100), 2, RoundingMode.HALF_EVEN), 2) + "%"
