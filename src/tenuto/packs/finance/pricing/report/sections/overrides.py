"""Prices that people set, with who stands behind them and until when."""

from collections.abc import Sequence
from typing import Any

from tenuto.activities.documents.figures import moment, prose, short_day, trimmed, words
from tenuto.activities.documents.tables import Cell, cell, column, number, rest_of, table
from tenuto.packs.finance.pricing.models import Override, PricingReport
from tenuto.packs.finance.pricing.report.sections.prices import price_text

SHOWN_OVERRIDES = 100


def in_force(report: PricingReport) -> dict[str, Any]:
    """Overrides that this set uses."""
    return _table(report.overrides, "No override is in force.")


def expired(report: PricingReport) -> dict[str, Any]:
    """Overrides whose last day is past."""
    return _table(report.expired_overrides, "No override has expired.")


def _table(overrides: Sequence[Override], empty: str) -> dict[str, Any]:
    shown = overrides[:SHOWN_OVERRIDES]
    return table(
        [
            column("Instrument", share=2),
            number("Price"),
            column("From, to"),
            column("Why, and who", share=4),
        ],
        [_row(each) for each in shown],
        empty=empty,
        rest=rest_of(len(overrides), len(shown), "override", "overrides"),
    )


def _row(each: Override) -> list[Cell]:
    instead = "" if each.old_price is None else f"instead of {trimmed(each.old_price, 2)}"
    return [
        words(each.instrument_id),
        cell(price_text(each.price, each.currency, each.unit), instead),
        cell(short_day(each.effective), short_day(each.expires_on)),
        cell(
            prose(each.reason),
            f"{words(each.by)}, approved by {words(each.approver)}, {moment(each.made_at)}",
            f"Evidence: {words(each.evidence.name or 'a stored file')}, SHA-256 "
            f"{prose(each.evidence.sha256)}",
        ),
    ]
