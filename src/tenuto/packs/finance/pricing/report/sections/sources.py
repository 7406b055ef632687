"""What each vendor delivered, and its score."""

from decimal import Decimal
from typing import Any

from tenuto.activities.documents.bars import Bar, bars
from tenuto.activities.documents.figures import NO_VALUE, percent, words
from tenuto.activities.documents.tables import Cell, cell, column, number, table
from tenuto.core.money import RoundingMode, divide
from tenuto.packs.finance.pricing.models import PricingReport, SourceUse


def sources(report: PricingReport) -> dict[str, Any]:
    """A chart of scores, and one row per source."""
    heads = ("Asked", "Covered", "Coverage", "Used", "Stale", "Late", "Corrected", "Failed")
    return {
        "chart": bars(
            [
                Bar(
                    label=each.source,
                    parts=[Decimal(0) if each.score is None else each.score],
                    text="not asked" if each.score is None else percent(each.score, 1),
                )
                for each in report.sources
            ],
            what="score of each source, of 100%",
            full=1,
        ),
        "table": table(
            [
                column("Source", share=1),
                *(number(head) for head in heads),
                number("Challenged"),
                number("Score"),
            ],
            [_row(each) for each in report.sources],
            empty="No source sent a quote.",
        ),
    }


def coverage(each: SourceUse) -> Decimal | None:
    """Covered of expected instruments, six decimals; None where nothing was expected."""
    if not each.expected:
        return None
    return divide(each.covered, each.expected, places=6, mode=RoundingMode.HALF_EVEN)


def _row(each: SourceUse) -> list[Cell]:
    covered = coverage(each)
    return [
        cell(words(each.source), each.kind or "not in the policy"),
        f"{each.expected:,}",
        f"{each.covered:,}",
        NO_VALUE if covered is None else percent(covered, 1),
        f"{each.used:,}",
        f"{each.stale:,}",
        f"{each.late:,}",
        f"{each.corrected:,}",
        f"{each.failed:,}",
        f"{each.challenged:,}",
        NO_VALUE if each.score is None else percent(each.score, 1),
    ]
