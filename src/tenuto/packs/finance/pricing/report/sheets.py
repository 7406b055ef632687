"""What stands on each sheet of the pricing report's workbook: the report, whole, and its prices."""

from collections.abc import Iterator, Sequence

import polars as pl

from tenuto.activities.documents.figures import moment
from tenuto.activities.documents.frames import Head, frame_sheets
from tenuto.activities.documents.workbook import DIGITS, Cell, Column, Sheet, SheetChart, sheet
from tenuto.packs.finance.pricing.models import Override, PricingReport
from tenuto.packs.finance.pricing.report.sections.sources import coverage

SHOWN_CHANGES = 20
"""In the chart; the table beside it has all."""

_PRICES = {
    "instrument_id": Head(head="Instrument", width=18),
    "type": Head(head="Type", width=12),
    "price": Head(head="Price", width=16),
    "currency": Head(head="Currency", width=9),
    "unit": Head(head="Unit", width=9),
    "date": Head(head="Price date", width=12),
    "source": Head(head="Source", width=18),
    "field": Head(head="Field", width=8),
    "method": Head(head="Method", width=10),
    "rule": Head(head="Waterfall", width=14),
    "level": Head(head="Level", width=7),
    "age_days": Head(head="Age, trading days", width=10),
    "flags": Head(head="Flags", width=24),
    "prior_price": Head(head="Prior price", width=16),
    "change": Head(head="Change", width=12, is_percent=True),
    "approver": Head(head="Approver", width=16),
    "override_id": Head(head="Override", width=26),
    "received_at": Head(head="Received at, UTC", width=20),
    "quote_ref": Head(head="Quote: file and row", width=40),
    "inputs": Head(head="Inputs of a fair value", width=40),
}


def sheets(report: PricingReport, report_sha256: str, prices: pl.DataFrame) -> Iterator[Sheet]:
    """All sheets, in order. `prices` is the `PriceSet`."""
    yield _summary(report, report_sha256)
    yield from frame_sheets("Prices", prices, _PRICES)
    yield _exceptions(report)
    yield _decisions(report)
    yield _warnings(report)
    yield _missing(report)
    yield _sources(report)
    yield _levels(report)
    yield _transfers(report)
    yield _changes(report)
    yield _overrides("Overrides", report.overrides)
    yield _overrides("Expired overrides", report.expired_overrides)
    yield _fair_values(report)
    yield _files(report)


def _summary(report: PricingReport, report_sha256: str) -> Sheet:
    counts = report.counts
    rows: list[Sequence[Cell]] = [
        ("Policy", report.policy_name),
        ("Policy id", report.policy_id),
        ("Date", report.date),
        ("Compared with", report.prior_date or "none: first set"),
        ("Instruments", counts.instruments),
        ("Priced", counts.priced),
        ("Without a price", counts.missing),
        ("Flagged", counts.flagged),
        ("Quotes", counts.quotes),
        ("Exceptions", counts.exceptions),
        ("Exceptions without an answer", counts.unanswered),
        ("Overrides", counts.overrides),
        *((f"Priced by {method}", n) for method, n in sorted(counts.by_method.items())),
        ("Warnings", report.warning_count),
        ("Warnings on their sheet", len(report.warnings)),
        ("Pricing id", report.pricing_id),
        ("Policy, SHA-256", report.policy_sha256),
        ("Report, SHA-256", report_sha256),
        (
            "Digits",
            (
                f"A spreadsheet number keeps {DIGITS} digits. Where a value has more, a column "
                "marked (exact) to the right of the table has them all, as text."
            ),
        ),
    ]
    return sheet("Summary", [Column(head="What", width=30), Column(head="Value", width=70)], rows)


def _exceptions(report: PricingReport) -> Sheet:
    columns = [
        Column(head="Instrument", width=18),
        Column(head="Name", width=36),
        Column(head="Severity", width=11),
        Column(head="Checks", width=22),
        Column(head="Findings", width=60),
        Column(head="Proposed price"),
        Column(head="Currency", width=9),
        Column(head="Unit", width=9),
        Column(head="Source", width=18),
        Column(head="Method", width=10),
        Column(head="Price date", width=12),
        Column(head="Prior price"),
        Column(head="Weight", is_percent=True, places=4, width=10),
        Column(head="Suggestion", width=12),
        Column(head="Why", width=40),
        Column(head="Owner"),
        Column(head="Remarks", width=50),
    ]
    rows = [
        (
            each.instrument_id,
            each.name or None,
            each.severity,
            ", ".join(found.rule for found in each.findings),
            "\n".join(found.evidence for found in each.findings),
            "missing" if each.price is None else each.price,
            each.currency,
            each.unit,
            each.source,
            each.method,
            each.price_date,
            each.prior_price,
            each.weight,
            each.suggestion.action or "none",
            each.suggestion.reason,
            each.owner,
            "\n".join(f"{said.by}, {moment(said.at)}: {said.text}" for said in each.remarks)
            or None,
        )
        for each in report.exceptions
    ]
    return sheet("Exceptions", columns, rows)


def _decisions(report: PricingReport) -> Sheet:
    columns = [
        Column(head="Instrument", width=18),
        Column(head="Decision"),
        Column(head="By"),
        Column(head="Approver"),
        Column(head="At, UTC", width=22),
        Column(head="Reason", width=60),
        Column(head="Price"),
        Column(head="Source", width=18),
        Column(head="By deadline", width=12),
        Column(head="Override", width=30),
    ]
    rows = [
        (
            each.instrument_id,
            each.action,
            each.by,
            each.approver,
            moment(each.at),
            each.reason,
            each.price,
            each.source,
            "yes" if each.is_suggestion_taken_at_deadline else "no",
            each.override_id,
        )
        for each in report.decisions
    ]
    return sheet("Decisions", columns, rows)


def _warnings(report: PricingReport) -> Sheet:
    columns = [
        Column(head="Instrument", width=18),
        Column(head="Check", width=18),
        Column(head="Measured"),
        Column(head="Limit"),
        Column(head="Evidence", width=80),
    ]
    rows = [
        (
            each.instrument_id,
            each.finding.rule,
            each.finding.value,
            each.finding.limit,
            each.finding.evidence,
        )
        for each in report.warnings
    ]
    return sheet("Warnings", columns, rows)


def _missing(report: PricingReport) -> Sheet:
    columns = [Column(head="Instrument without a price", width=40)]
    return sheet("Missing", columns, [(each,) for each in report.missing])


def _sources(report: PricingReport) -> Sheet:
    columns = [
        Column(head="Source", width=28),
        Column(head="Kind", width=14),
        Column(head="Score", is_percent=True, places=2, width=10),
        Column(head="Coverage", is_percent=True, places=2, width=10),
        *(
            Column(head=head, width=11)
            for head in ("Asked", "Covered", "Used", "Stale", "Late", "Corrected", "Failed")
        ),
        Column(head="Challenged", width=11),
    ]
    rows = [
        (
            each.source,
            each.kind or "not in the policy",
            each.score,
            coverage(each),
            each.expected,
            each.covered,
            each.used,
            each.stale,
            each.late,
            each.corrected,
            each.failed,
            each.challenged,
        )
        for each in report.sources
    ]
    chart = SheetChart(title="Score and coverage", labels=0, values=[2, 3], rows=len(rows))
    return sheet("Sources", columns, rows, charts=[chart])


def _levels(report: PricingReport) -> Sheet:
    columns = [
        Column(head="Level", width=10),
        Column(head="Instruments"),
        Column(head="Share of the portfolio", is_percent=True, places=4, width=20),
    ]
    rows = [
        (f"Level {each.level}", each.instruments, "missing" if each.weight is None else each.weight)
        for each in report.levels
    ]
    chart = SheetChart(title="Instruments by level", labels=0, values=[1], rows=len(rows))
    return sheet("Levels", columns, rows, charts=[chart])


def _transfers(report: PricingReport) -> Sheet:
    columns = [
        Column(head="Instrument", width=18),
        Column(head="From level", width=11),
        Column(head="To level", width=11),
        Column(head="Why", width=80),
    ]
    rows = [
        (each.instrument_id, each.prior_level, each.level, each.reason) for each in report.transfers
    ]
    return sheet("Transfers", columns, rows)


def _changes(report: PricingReport) -> Sheet:
    columns = [
        Column(head="Instrument", width=18),
        Column(head="Name", width=40),
        Column(head="Type", width=12),
        Column(head="Prior price"),
        Column(head="Price"),
        Column(head="Change", is_percent=True, places=4),
    ]
    rows = [
        (
            each.instrument_id,
            each.name or None,
            each.type,
            each.prior_price,
            each.price,
            each.change,
        )
        for each in report.changes
    ]
    drawn = min(len(rows), SHOWN_CHANGES)
    chart = SheetChart(title="Largest price changes", labels=0, values=[5], rows=drawn)
    return sheet("Changes", columns, rows, charts=[chart])


def _overrides(name: str, overrides: Sequence[Override]) -> Sheet:
    columns = [
        Column(head="Override", width=30),
        Column(head="Instrument", width=18),
        Column(head="Price"),
        Column(head="Currency", width=9),
        Column(head="Unit", width=9),
        Column(head="Instead of"),
        Column(head="From", width=12),
        Column(head="To", width=12),
        Column(head="Reason", width=60),
        Column(head="By"),
        Column(head="Approver"),
        Column(head="Made at, UTC", width=22),
        Column(head="Evidence", width=30),
        Column(head="Evidence, SHA-256", width=66),
    ]
    rows = [
        (
            each.override_id,
            each.instrument_id,
            each.price,
            each.currency,
            each.unit,
            each.old_price,
            each.effective,
            each.expires_on,
            each.reason,
            each.by,
            each.approver,
            moment(each.made_at),
            each.evidence.name or None,
            each.evidence.sha256,
        )
        for each in overrides
    ]
    return sheet(name, columns, rows)


def _fair_values(report: PricingReport) -> Sheet:
    columns = [
        Column(head="Instrument", width=18),
        Column(head="Method", width=10),
        Column(head="Price"),
        Column(head="Level", width=8),
        Column(head="Inputs", width=60),
        Column(head="Reason", width=60),
        Column(head="Approver"),
    ]
    rows = [
        (
            each.instrument_id,
            each.method,
            each.price,
            each.level,
            "\n".join(f"{name}: {value}" for name, value in sorted(each.inputs.items())),
            each.reason,
            each.approver,
        )
        for each in report.fair_values
    ]
    return sheet("Fair values", columns, rows)


def _files(report: PricingReport) -> Sheet:
    columns = [
        Column(head="Input", width=20),
        Column(head="File", width=40),
        Column(head="Rows", width=12),
        Column(head="Bytes", width=14),
        Column(head="SHA-256", width=70),
    ]
    rows = [(each.input, each.name, each.rows, each.bytes, each.sha256) for each in report.files]
    return sheet("Files", columns, rows)
