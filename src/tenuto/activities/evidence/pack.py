"""The exporter of the audit trail, as a pack."""

from tenuto.core.pack import Pack

_LIBRARY = "tenuto.catalog.library.evidence"

pack = Pack(
    name="evidence",
    summary="The audit trail: closed runs and decisions, exported into a signed ledger.",
    catalog=(f"{_LIBRARY}.catalog",),
    workflows=(
        "tenuto.workflows.evidence.exporter:EvidenceExport",
        "tenuto.workflows.evidence.alarm:EvidenceAlarm",
    ),
    activities=("tenuto.activities.evidence.export",),
    passthrough=(f"{_LIBRARY}.models",),
)
