"""The whole of what the pricing report says, so that its template only sets it."""

import json
from typing import Any

from tenuto.activities.documents.figures import STAND_IN
from tenuto.packs.finance.pricing.models import PricingReport
from tenuto.packs.finance.pricing.report.sections.changes import changes
from tenuto.packs.finance.pricing.report.sections.cover import cover
from tenuto.packs.finance.pricing.report.sections.exceptions import exceptions, missing, warnings
from tenuto.packs.finance.pricing.report.sections.fair_values import fair_values
from tenuto.packs.finance.pricing.report.sections.files import files
from tenuto.packs.finance.pricing.report.sections.levels import levels, transfers
from tenuto.packs.finance.pricing.report.sections.overrides import expired, in_force
from tenuto.packs.finance.pricing.report.sections.sources import sources

TEMPLATE = "packs/finance/pricing/report/template/pricing-report.typ"
"""What the words are set by."""


def content(report: PricingReport, report_sha256: str) -> dict[str, Any]:
    """JSON for `TEMPLATE`."""
    said = {
        "cover": cover(report),
        "exceptions": exceptions(report),
        "missing": missing(report),
        "warnings": warnings(report),
        "sources": sources(report),
        "levels": levels(report),
        "transfers": transfers(report),
        "changes": changes(report),
        "overrides": in_force(report),
        "expired": expired(report),
        "fair_values": fair_values(report),
        "files": files(report, report_sha256),
    }
    has_stand_ins = STAND_IN in json.dumps(said, ensure_ascii=False)
    return said | {"has_stand_ins": has_stand_ins, "stand_in": STAND_IN}
