"""Names, types, timeouts, and retries of the reconciliation's steps, and its two workflows."""

from datetime import timedelta

from temporalio.common import RetryPolicy

from tenuto.catalog import SideEffect, activity, workflow_entry
from tenuto.packs.finance.models import ReportPack
from tenuto.packs.finance.reconciliation.cases import DeskRequest, DeskResult, Notice
from tenuto.packs.finance.reconciliation.handoffs import (
    ArchivedCases,
    ArchiveRequest,
    AskDeskRequest,
    ClassifiedBreaks,
    ClassifyRequest,
    CollectedSources,
    CollectRequest,
    CompareRulesRequest,
    DeskDecisions,
    MatchedSides,
    MatchRequest,
    NoticeReceipt,
    ProvenStatements,
    ProveRequest,
    PublishedRec,
    PublishRequest,
    RenderReportRequest,
    ReportedRec,
    ReportRequest,
    RulesDifference,
    TellDeskRequest,
    ToldDesk,
)
from tenuto.packs.finance.reconciliation.models import ReconciliationRequest, ReconciliationResult
from tenuto.packs.finance.steps import BOUND_ONCE, PATIENT, PURE, SAME_BYTES

QUEUE = "reconciliation"

_LONG = timedelta(minutes=30)
_SHORT = timedelta(minutes=5)


collect = activity(
    "reconciliation.collect",
    request=CollectRequest,
    result=CollectedSources,
    summary="Read each side into a typed table and find the previous run.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

match = activity(
    "reconciliation.match",
    request=MatchRequest,
    result=MatchedSides,
    summary="Normalise the sides and match them pass by pass.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

classify = activity(
    "reconciliation.classify",
    request=ClassifyRequest,
    result=ClassifiedBreaks,
    summary="Give each break its class, value, priority, and life.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

prove = activity(
    "reconciliation.prove",
    request=ProveRequest,
    result=ProvenStatements,
    summary="Prove balances: statement integrity, proof of account, units roll-forward.",
    queue=QUEUE,
    start_to_close=_SHORT,
    idempotency=PURE,
)

report = activity(
    "reconciliation.report",
    request=ReportRequest,
    result=ReportedRec,
    summary="Count and rank the breaks, and write the report's facts.",
    queue=QUEUE,
    start_to_close=_SHORT,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

render_report = activity(
    "reconciliation.render_report",
    request=RenderReportRequest,
    result=ReportPack,
    summary="Set the break report as PDF and write its workbook.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

publish = activity(
    "reconciliation.publish",
    request=PublishRequest,
    result=PublishedRec,
    summary="Bind the names of the run: the moment of release.",
    queue=QUEUE,
    start_to_close=_SHORT,
    retry=PATIENT,
    side_effect=SideEffect.EXTERNAL,
    idempotency=BOUND_ONCE,
)

ask_desk = activity(
    "reconciliation.ask_desk",
    request=AskDeskRequest,
    result=DeskDecisions,
    summary="Ask the break desk which manual matches a run must heed.",
    queue=QUEUE,
    start_to_close=_SHORT,
    retry=PATIENT,
    idempotency="Asks only.",
)

tell_desk = activity(
    "reconciliation.tell_desk",
    request=TellDeskRequest,
    result=ToldDesk,
    summary="Hand the breaks to the break desk, opening it first if need be.",
    queue=QUEUE,
    start_to_close=_SHORT,
    retry=PATIENT,
    side_effect=SideEffect.EXTERNAL,
    idempotency="The update's id is the run's id, and the desk takes each run's breaks once.",
)

archive_cases = activity(
    "reconciliation.archive_cases",
    request=ArchiveRequest,
    result=ArchivedCases,
    summary="Keep closed breaks with their stories in the artifact store, under a name.",
    queue=QUEUE,
    start_to_close=_SHORT,
    retry=PATIENT,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

send_notice = activity(
    "reconciliation.send_notice",
    request=Notice,
    result=NoticeReceipt,
    summary="Tell one recipient about breaks that have become too old.",
    queue=QUEUE,
    start_to_close=_SHORT,
    retry=RetryPolicy(
        initial_interval=timedelta(seconds=2),
        maximum_interval=timedelta(minutes=1),
        maximum_attempts=5,
    ),
    side_effect=SideEffect.EXTERNAL,
    idempotency="The idempotency key is made of the desk, the breaks, and the step, so a "
    "recipient recognises a repetition.",
)

compare_rules = activity(
    "reconciliation.compare_rules",
    request=CompareRulesRequest,
    result=RulesDifference,
    summary="Find which items other rules would match differently.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

reconciliation = workflow_entry(
    "reconciliation",
    type_name="Reconciliation",
    request=ReconciliationRequest,
    result=ReconciliationResult,
    summary="Match two or three records of the same things and keep what differs alive.",
    queue=QUEUE,
    run_id="reconciliation/{rules.rec_id}/{date}/v{version}",
    search_attributes=(("TenutoSubject", "rules.rec_id"), ("TenutoBusinessDate", "date")),
)

break_desk = workflow_entry(
    "break-desk",
    type_name="BreakDesk",
    request=DeskRequest,
    result=DeskResult,
    summary="Keep the open breaks of one reconciliation until they are closed.",
    queue=QUEUE,
    run_id="breaks/{rules.rec_id}",
    search_attributes=(("TenutoSubject", "rules.rec_id"),),
)
