"""The entries of the exporter."""

from datetime import timedelta

from temporalio.common import RetryPolicy

from tenuto.catalog.entries import SideEffect, activity, workflow_entry
from tenuto.catalog.library.evidence.models import (
    AlarmNotice,
    AlarmTold,
    ExportReport,
    ExportRequest,
    ExportStep,
)

QUEUE = "evidence"
"""A queue of its own: no busy domain delays the audit trail."""

EXPORTER_ID = "evidence/{namespace}"

export = activity(
    "evidence.export",
    request=ExportStep,
    result=ExportReport,
    summary="Write what closed since the last export into the ledger, signed.",
    queue=QUEUE,
    start_to_close=timedelta(hours=6),
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=2),
        maximum_interval=timedelta(minutes=1),
        maximum_attempts=5,
    ),
    side_effect=SideEffect.EXTERNAL,
    idempotency="Every record has an id, and the ledger is read for ids before it is added to.",
)

evidence_export = workflow_entry(
    "evidence-export",
    type_name="EvidenceExport",
    request=ExportRequest,
    result=type(None),
    summary="Keep the ledger: export closed runs, decisions, and refusals, again and again.",
    queue=QUEUE,
    run_id=EXPORTER_ID,
    started_by="`tenuto up` and `tenuto audit export`",
)

evidence_alarm = workflow_entry(
    "evidence-alarm",
    type_name="EvidenceAlarm",
    request=AlarmNotice,
    result=AlarmTold,
    summary="Tell people what is wrong with the audit trail, or that nothing is any more.",
    queue=QUEUE,
    started_by="the exporter, where `evidence.alarm_to` names somebody",
)
