"""The runs that a Daily NAV orders before it strikes: Pricing and reconciliations."""

import asyncio
from collections.abc import Iterable

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, is_cancelled_exception

from tenuto.packs.finance.nav import catalog, refusals
from tenuto.packs.finance.nav.handoffs import ChooseVersionsRequest
from tenuto.packs.finance.nav.models import DailyNavRequest
from tenuto.packs.finance.pricing.catalog import pricing
from tenuto.packs.finance.pricing.models import PricingRequest, PricingResult
from tenuto.packs.finance.reconciliation.catalog import reconciliation
from tenuto.packs.finance.reconciliation.models import ReconciliationRequest, ReconciliationResult


class Prepared:
    """What the children answered."""

    def __init__(
        self,
        request: DailyNavRequest,
        priced: PricingResult | None = None,
        reconciled: Iterable[ReconciliationResult] = (),
    ) -> None:
        self.request = request
        """With the golden prices as its prices."""
        self.priced = priced
        self.reconciled = tuple(reconciled)

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
        return Prepared(request)
    chosen = await catalog.choose_versions(
        ChooseVersionsRequest(pricing=request.pricing, reconciliations=request.reconciliations)
    )
    priced, *reconciled = await asyncio.gather(
        _price(chosen.pricing),
        *(_reconcile(each, request) for each in chosen.reconciliations),
    )
    known = [each for each in reconciled if isinstance(each, ReconciliationResult)]
    if isinstance(priced, PricingResult):
        golden = {"prices": priced.prices, "pricing": None}
        return Prepared(request.model_copy(update=golden), priced, known)
    return Prepared(request, None, known)


async def _price(request: PricingRequest | None) -> PricingResult | None:
    if request is None:
        return None
    run_id = pricing.named(request) or ""
    try:
        result: PricingResult = await pricing.as_child(
            request, workflow_id=run_id, summary="prices of this NAV"
        )
    except ChildWorkflowError as failed:
        if is_cancelled_exception(failed) and workflow.cancellation_reason() is not None:
            raise
        raise refusals.child_failed(failed, run_id, code="nav.pricing-failed") from failed
    return result


async def _reconcile(
    request: ReconciliationRequest, nav: DailyNavRequest
) -> ReconciliationResult | None:
    run_id = reconciliation.named(request) or ""
    try:
        result: ReconciliationResult = await reconciliation.as_child(
            request, workflow_id=run_id, summary=f"{request.rules.rec_id} for this NAV"
        )
    except ChildWorkflowError as failed:
        if is_cancelled_exception(failed) and workflow.cancellation_reason() is not None:
            raise
        if nav.on_failed_reconciliation == "warn":
            workflow.logger.warning("reconciliation_failed: %s", run_id)
            return None
        raise refusals.child_failed(failed, run_id, code="nav.reconciliation-failed") from failed
    return result
