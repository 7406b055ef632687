"""Which set this is, whether it is complete, and how its prices came about."""

from typing import Any

from tenuto.activities.documents.bars import Bar, bars
from tenuto.activities.documents.figures import count, day, words
from tenuto.packs.finance.pricing.models import PricingCounts, PricingReport

METHODS = {
    "source": "A source of the waterfall",
    "prior": "Prior price, market closed",
    "broker": "Broker quote",
    "model": "Model",
    "override": "A person's override",
}


def cover(report: PricingReport) -> dict[str, Any]:
    """Policy, date, counts, what is open, and a chart of methods."""
    counts = report.counts
    open_questions = _open_questions(counts)
    prior = report.prior_date
    return {
        "policy": words(report.policy_name or report.policy_id),
        "policy_id": words(report.policy_id),
        "date": day(report.date),
        "prior": f"Compared with {day(prior)}" if prior else "First set: no prior prices",
        "pricing_id": words(report.pricing_id),
        "status": "incomplete" if counts.missing else "flagged" if open_questions else "complete",
        "is_good": not open_questions,
        "open_questions": open_questions,
        "priced": f"{counts.priced:,}",
        "instruments": f"of {counts.instruments:,}",
        "exceptions": f"{counts.exceptions:,}",
        "missing": f"{counts.missing:,}",
        "flagged": f"{counts.flagged:,}",
        "quotes": f"{counts.quotes:,}",
        "methods": bars(
            [
                Bar(label=label, parts=[counts.by_method[method]], text=_part(method, counts))
                for method, label in METHODS.items()
                if method in counts.by_method
            ],
            what="how the prices came about",
        ),
    }


def _part(method: Any, counts: PricingCounts) -> str:
    return count(counts.by_method[method], "price", "prices")


def _open_questions(counts: PricingCounts) -> list[str]:
    said = []
    if counts.missing:
        said.append(
            f"{count(counts.missing, 'instrument has', 'instruments have')} no price in this set."
        )
    if counts.unanswered:
        said.append(
            f"{count(counts.unanswered, 'exception has', 'exceptions have')} no answer: "
            "nobody decided what speaks against the price, or it has none."
        )
    return said
