"""The files a set was made from, by content."""

from typing import Any

from tenuto.activities.documents.figures import count, words
from tenuto.activities.documents.tables import cell, column, number, table
from tenuto.packs.finance.pricing.models import PricingReport


def files(report: PricingReport, report_sha256: str) -> dict[str, Any]:
    """Input files with rows and SHA-256, then the policy and the report's own facts."""
    return table(
        [column("Input"), column("File", share=1), number("Rows"), column("SHA-256")],
        [
            *(
                (
                    words(each.input),
                    cell(words(each.name), count(each.bytes, "byte", "bytes")),
                    f"{each.rows:,}",
                    cell(each.sha256, is_code=True),
                )
                for each in report.files
            ),
            ("policy", words(report.policy_id), "", cell(report.policy_sha256, is_code=True)),
            ("report", "report.json", "", cell(report_sha256, is_code=True)),
        ],
    )
