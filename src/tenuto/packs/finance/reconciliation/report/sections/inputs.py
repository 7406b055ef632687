"""What was reconciled, by content."""

from typing import Any

from tenuto.activities.documents.figures import words
from tenuto.activities.documents.tables import cell, column, table
from tenuto.packs.finance.reconciliation.models import RecReport


def inputs(report: RecReport, report_sha256: str) -> dict[str, Any]:
    """Input files by name and SHA-256, and the report's own facts."""
    named = [*sorted(report.inputs.items()), ("report.json", report_sha256)]
    named += [("breaks.parquet", report.breaks.sha256), ("matches", report.matches.sha256)]
    return {
        "table": table(
            [column("File", share=1), column("SHA-256")],
            [(words(name), cell(sha256, is_code=True)) for name, sha256 in named],
        ),
        "code_version": report.code_version,
        "prior": words(report.prior) if report.prior else None,
    }
