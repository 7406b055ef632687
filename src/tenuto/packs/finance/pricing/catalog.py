"""What Pricing can be asked: its steps, and the workflow that orders them."""

from datetime import timedelta

from tenuto.catalog import SideEffect, activity, workflow_entry
from tenuto.packs.finance.models import ReportPack
from tenuto.packs.finance.pricing.handoffs import (
    CheckedPrices,
    CheckedQuotes,
    CheckPricesRequest,
    CollectedQuotes,
    CollectQuotesRequest,
    EvidenceFound,
    EvidenceRequest,
    FairValued,
    FairValueRequest,
    FinaliseRequest,
    FinalPrices,
    Pricing,
    PublishedPrices,
    RenderReportRequest,
    SelectedPrices,
    SelectPricesRequest,
)
from tenuto.packs.finance.pricing.models import PricingRequest, PricingResult
from tenuto.packs.finance.steps import BOUND_ONCE, PATIENT, SAME_BYTES

QUEUE = "pricing"

_LONG = timedelta(minutes=10)
_SHORT = timedelta(minutes=2)


collect_quotes = activity(
    "pricing.collect_quotes",
    request=CollectQuotesRequest,
    result=CollectedQuotes,
    summary="Read every file into typed tables, find what is wrong with them, and the prior set.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

check_quotes = activity(
    "pricing.check_quotes",
    request=Pricing,
    result=CheckedQuotes,
    summary="Convert quotes to each instrument's unit and find those that cannot be used.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

select_prices = activity(
    "pricing.select_prices",
    request=SelectPricesRequest,
    result=SelectedPrices,
    summary="Walk every waterfall and keep why each source was skipped.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

fair_value = activity(
    "pricing.fair_value",
    request=FairValueRequest,
    result=FairValued,
    summary="Price what no source gave: prior price, broker quote, model.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

check_prices = activity(
    "pricing.check_prices",
    request=CheckPricesRequest,
    result=CheckedPrices,
    summary="Hold the proposed prices against the policy's limits and give each its level.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

check_evidence = activity(
    "pricing.check_evidence",
    request=EvidenceRequest,
    result=EvidenceFound,
    summary="Read the evidence of an override: it must be in the store, unchanged.",
    queue=QUEUE,
    start_to_close=_SHORT,
    idempotency="Reads, and changes nothing.",
)

finalise = activity(
    "pricing.finalise",
    request=FinaliseRequest,
    result=FinalPrices,
    summary="Put people's decisions into the set and write price set, report, and audit trail.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

render_report = activity(
    "pricing.render_report",
    request=RenderReportRequest,
    result=ReportPack,
    summary="Set the pricing report as PDF and write its workbook.",
    queue=QUEUE,
    start_to_close=_LONG,
    side_effect=SideEffect.ARTIFACTS,
    idempotency=SAME_BYTES,
)

publish = activity(
    "pricing.publish",
    request=FinalPrices,
    result=PublishedPrices,
    summary="Bind the names of the set: the moment of its publication.",
    queue=QUEUE,
    start_to_close=_SHORT,
    retry=PATIENT,
    side_effect=SideEffect.EXTERNAL,
    idempotency=BOUND_ONCE,
)

pricing = workflow_entry(
    "pricing",
    type_name="Pricing",
    request=PricingRequest,
    result=PricingResult,
    summary="Select, check, and publish one golden price per instrument, with its audit trail.",
    queue=QUEUE,
    run_id="pricing/{policy.policy_id}/{date}/v{version}",
    search_attributes=(("TenutoSubject", "policy.policy_id"), ("TenutoBusinessDate", "date")),
)
