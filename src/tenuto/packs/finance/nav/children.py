"""The runs that a Daily NAV orders before it strikes: Pricing and reconciliations."""

import asyncio
from dataclasses import dataclass
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, is_cancelled_exception

from tenuto.catalog import WorkflowEntry
from tenuto.core.errors import DataError
from tenuto.core.records import Record
from tenuto.packs.finance.nav import catalog, refusals
from tenuto.packs.finance.nav.handoffs import ChooseVersionsRequest
from tenuto.packs.finance.nav.models import DailyNavRequest
from tenuto.packs.finance.pricing.catalog import pricing
from tenuto.packs.finance.pricing.models import PricingRequest, PricingResult
from tenuto.packs.finance.reconciliation.catalog import reconciliation
from tenuto.packs.finance.reconciliation.models import ReconciliationRequest, ReconciliationResult


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What the children answered."""

    request: DailyNavRequest
    """With the golden prices as its prices."""
    priced: PricingResult | None = None
    reconciled: tuple[ReconciliationResult, ...] = ()

    @property
    def sources(self) -> dict[str, str]:
        """Child run -> SHA-256 of the document that holds all it says."""
        hashes = {each.run_id: each.report.sha256 for each in self.reconciled}
        if self.priced:
            hashes[self.priced.pricing_id] = self.priced.audit.sha256
        return hashes


async def run_children(request: DailyNavRequest) -> Prepared:
    """Pricing and all reconciliations, side by side; each lives and ends with this run.

    Raises DataError `nav.pricing-failed`, or `nav.reconciliation-failed` unless the request
    lets a strike go on without it.
    """
    if request.pricing is None and not request.reconciliations:
        return Prepared(request=request)
    chosen = await catalog.choose_versions(
        ChooseVersionsRequest(pricing=request.pricing, reconciliations=request.reconciliations)
    )
    priced, *reconciled = await asyncio.gather(
        _price(chosen.pricing),
        *(_reconcile(each, request) for each in chosen.reconciliations),
    )
    known = tuple(each for each in reconciled if isinstance(each, ReconciliationResult))
    if isinstance(priced, PricingResult):
        request = request.model_copy(update={"prices": priced.prices, "pricing": None})
        return Prepared(request=request, priced=priced, reconciled=known)
    return Prepared(request=request, reconciled=known)


async def _price(request: PricingRequest | None) -> PricingResult | None:
    if request is None:
        return None
    result: PricingResult = await _finished(
        pricing, request, "prices of this NAV", code="nav.pricing-failed"
    )
    return result


async def _reconcile(
    request: ReconciliationRequest, nav: DailyNavRequest
) -> ReconciliationResult | None:
    try:
        result: ReconciliationResult = await _finished(
            reconciliation,
            request,
            f"{request.rules.rec_id} for this NAV",
            code="nav.reconciliation-failed",
        )
    except DataError as failed:
        if nav.on_failed_reconciliation == "fail":
            raise
        workflow.logger.warning("reconciliation_failed: %s", failed)
        return None
    return result


async def _finished(
    entry: WorkflowEntry[Any, Any], request: Record, summary: str, *, code: str
) -> Any:
    """The child's result. Raises DataError with `code` when it failed."""
    try:
        return await entry.as_child(request, summary=summary)
    except ChildWorkflowError as failed:
        if is_cancelled_exception(failed) and workflow.cancellation_reason() is not None:
            raise
        raise refusals.child_failed(failed, entry.named(request) or "", code=code) from failed
