"""The whole of what the break report says, so that its template only sets it."""

import json
from typing import Any

import polars as pl

from tenuto.activities.documents.figures import STAND_IN
from tenuto.packs.finance.reconciliation.models import RecReport
from tenuto.packs.finance.reconciliation.report.sections.agreement import agreement, drill_down
from tenuto.packs.finance.reconciliation.report.sections.breaks import ages, biggest, kinds
from tenuto.packs.finance.reconciliation.report.sections.causes import auto_resolved, root_causes
from tenuto.packs.finance.reconciliation.report.sections.cover import cover, sides
from tenuto.packs.finance.reconciliation.report.sections.inputs import inputs
from tenuto.packs.finance.reconciliation.report.sections.matches import passes, write_offs
from tenuto.packs.finance.reconciliation.report.sections.proofs import proofs
from tenuto.packs.finance.reconciliation.report.sections.roll_forward import roll_forward

TEMPLATE = "packs/finance/reconciliation/report/template/break-report.typ"
"""What the words are set by."""


def content(
    report: RecReport, report_sha256: str, breaks: pl.DataFrame, write_off_rows: pl.DataFrame
) -> dict[str, Any]:
    """JSON for `TEMPLATE`. The tables are those behind `report.breaks` and `.write_offs`."""
    said = {
        "cover": cover(report),
        "sides": sides(report),
        "kinds": kinds(report),
        "ages": ages(report, breaks),
        "biggest": biggest(report),
        "roll": roll_forward(report),
        "passes": passes(report),
        "write_offs": write_offs(report, write_off_rows),
        "proofs": proofs(report),
        "agreement": agreement(report),
        "drill_down": drill_down(report),
        "root_causes": root_causes(report),
        "auto_resolved": auto_resolved(report),
        "inputs": inputs(report, report_sha256),
    }
    has_stand_ins = STAND_IN in json.dumps(said, ensure_ascii=False)
    return said | {"has_stand_ins": has_stand_ins, "stand_in": STAND_IN}
