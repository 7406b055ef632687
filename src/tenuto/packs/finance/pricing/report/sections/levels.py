"""Where the prices stand in the fair value hierarchy, and what moved within it."""

from typing import Any

from tenuto.activities.documents.bars import Bar, bars
from tenuto.activities.documents.figures import count, percent, prose, words
from tenuto.activities.documents.tables import cell, column, rest_of, table
from tenuto.packs.finance.pricing.models import LevelCount, PricingReport

SHOWN_TRANSFERS = 100

MEANINGS = {
    1: "Level 1, quoted in active markets",
    2: "Level 2, other observable inputs",
    3: "Level 3, inputs that cannot be observed",
}


def levels(report: PricingReport) -> dict[str, Any] | None:
    """A chart of instruments by level, with their share of the portfolio where it is known."""
    return bars(
        [
            Bar(label=MEANINGS[each.level], parts=[each.instruments], text=_text(each))
            for each in report.levels
        ],
        what="instruments by level of the fair value hierarchy",
        longest=48,
    )


def transfers(report: PricingReport) -> dict[str, Any]:
    """Instruments that changed their level since the prior set."""
    shown = report.transfers[:SHOWN_TRANSFERS]
    return table(
        [column("Instrument", share=2), column("From"), column("To"), column("Why", share=5)],
        [
            (
                words(each.instrument_id),
                f"Level {each.prior_level}",
                cell(f"Level {each.level}", is_strong=True),
                prose(each.reason),
            )
            for each in shown
        ],
        empty="No instrument changed its level."
        if report.prior_date
        else "There is no prior set, so no change of level can be told.",
        rest=rest_of(len(report.transfers), len(shown), "transfer", "transfers"),
    )


def _text(each: LevelCount) -> str:
    held = "" if each.weight is None else f", {percent(each.weight)} of the portfolio"
    return count(each.instruments, "instrument", "instruments") + held
