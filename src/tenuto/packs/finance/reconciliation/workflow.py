"""The order of a reconciliation, and where it waits for a late side."""

import asyncio

from temporalio import workflow

from tenuto.core.references import Reference
from tenuto.packs.finance.models import ReportPack
from tenuto.packs.finance.reconciliation import catalog, refusals
from tenuto.packs.finance.reconciliation.handoffs import (
    AskDeskRequest,
    ClassifiedBreaks,
    ClassifyRequest,
    CollectedSources,
    CollectRequest,
    DeskDecisions,
    MatchedSides,
    MatchRequest,
    Progress,
    ProveRequest,
    PublishRequest,
    RenderReportRequest,
    ReportedRec,
    ReportRequest,
    StillLate,
    SupplySource,
    TellDeskRequest,
    ToldDesk,
)
from tenuto.packs.finance.reconciliation.models import ReconciliationRequest, ReconciliationResult
from tenuto.workflows.progress import Steps

STEPS = 9
"""Steps of a run, as `progress` counts them."""

_BIGGEST = 5


@workflow.defn(name="Reconciliation")
class Reconciliation:
    """Match the sides of one business date, classify what differs, release, tell the desk."""

    @workflow.init
    def __init__(self, request: ReconciliationRequest) -> None:
        self._request = request
        self._steps = Steps(STEPS)
        self._late: tuple[str, ...] = ()
        self._supplied: dict[str, Reference] = {}
        self._decisions = DeskDecisions()
        self._collected: CollectedSources | None = None
        self._collecting = asyncio.Lock()
        self._result: ReconciliationResult | None = None

    @workflow.run
    async def run(self, request: ReconciliationRequest) -> ReconciliationResult:
        """The released reconciliation.

        Raises DataError for a side that is late or cannot be read; then nothing was released.
        """
        if request.version is None:
            raise refusals.no_version(request)
        await self._ask_desk()
        collected = await self._collect_all()
        matched = await self._match(collected)
        classified = await self._classify(collected, matched)
        reported = await self._report(collected, matched, classified)
        pack = await self._render(reported)
        await self._publish(reported, pack)
        told = await self._tell_desk(reported)
        return await self._conclude(reported, pack, told)

    # What people and programs may ask and say

    @workflow.query
    def progress(self) -> Progress:
        """Where the run stands and which sides it waits for."""
        return Progress(
            done=self._steps.done,
            total=self._steps.total,
            current=self._steps.current,
            waiting_until=self._steps.waiting_until,
            late=self._late,
        )

    @workflow.query
    def result(self) -> ReconciliationResult | None:
        """The released reconciliation, or None until there is one."""
        return self._result

    @workflow.update
    async def supply_source(self, supplied: SupplySource) -> StillLate:
        """Brings a late side. A file that cannot be read is refused, and the run keeps waiting."""
        async with self._collecting:
            refusals.refuse_source(supplied.side, self._late)
            everything = {**self._supplied, supplied.side: supplied.source}
            collected = await self._collect(everything)
            self._supplied, self._late = everything, collected.late
            self._collected = collected
            return StillLate(sides=self._late)

    @supply_source.validator
    def _may_supply(self, supplied: SupplySource) -> None:
        refusals.refuse_source(supplied.side, self._late)

    # The steps, in order

    async def _ask_desk(self) -> None:
        self._steps.begin("asking the break desk")
        if self._request.use_desk:
            self._decisions = await catalog.ask_desk(
                AskDeskRequest(rec_id=self._request.rules.rec_id)
            )

    async def _collect_all(self) -> CollectedSources:
        self._steps.begin("reading the sides")
        collected = await self._collect({})
        if not collected.late:
            return collected
        if self._request.rules.on_late != "wait":
            raise refusals.late(collected.late, self._request)
        return await self._wait_for(collected.late)

    async def _match(self, collected: CollectedSources) -> MatchedSides:
        self._steps.begin("matching")
        return await catalog.match(
            MatchRequest(
                rules=self._request.rules,
                date=self._request.date,
                collected=collected,
                resources=self._request.resources,
            )
        )

    async def _classify(
        self, collected: CollectedSources, matched: MatchedSides
    ) -> ClassifiedBreaks:
        self._steps.begin("classifying breaks")
        return await catalog.classify(
            ClassifyRequest(request=self._request, collected=collected, matched=matched)
        )

    async def _report(
        self, collected: CollectedSources, matched: MatchedSides, classified: ClassifiedBreaks
    ) -> ReportedRec:
        self._steps.begin("proving balances")
        proven = await catalog.prove(
            ProveRequest(
                request=self._request, collected=collected, matched=matched, classified=classified
            )
        )
        self._steps.begin("writing the report")
        return await catalog.report(
            ReportRequest(
                request=self._request,
                collected=collected,
                matched=matched,
                classified=classified,
                proven=proven,
            )
        )

    async def _render(self, reported: ReportedRec) -> ReportPack:
        self._steps.begin("rendering the report")
        return await catalog.render_report(RenderReportRequest(report=reported.document))

    async def _publish(self, reported: ReportedRec, pack: ReportPack) -> None:
        """All names or none: a cancellation that comes now takes effect after the last name."""
        self._steps.begin("releasing")
        release = asyncio.ensure_future(
            catalog.publish(
                PublishRequest(
                    run_id=reported.report.run_id,
                    document=reported.document,
                    breaks=reported.report.breaks,
                    pack=pack,
                )
            )
        )
        try:
            await asyncio.shield(release)
        except asyncio.CancelledError:
            await release
            raise

    async def _tell_desk(self, reported: ReportedRec) -> ToldDesk | None:
        self._steps.begin("telling the break desk")
        if not self._request.use_desk:
            return None
        report = reported.report
        return await catalog.tell_desk(
            TellDeskRequest(
                run_id=report.run_id,
                date=report.date,
                rules=self._request.rules,
                breaks=report.breaks,
                closed=report.closed,
            )
        )

    async def _conclude(
        self, reported: ReportedRec, pack: ReportPack, told: ToldDesk | None
    ) -> ReconciliationResult:
        report = reported.report
        self._result = ReconciliationResult(
            run_id=report.run_id,
            rec_id=report.rec_id,
            date=report.date,
            kind=report.kind,
            base_currency=report.base_currency,
            is_estimated=report.is_estimated,
            matches=sum(each.matches for each in report.passes),
            open_breaks=report.open_breaks,
            new_breaks=report.roll.new,
            resolved_breaks=report.roll.resolved,
            priorities=report.priorities,
            classes=report.classes,
            oldest_age=report.oldest_age,
            open_amount=report.open_amount,
            open_bp=report.open_bp,
            unconverted=report.unconverted,
            problems=report.problems,
            unproven=sum(not each.is_proven for each in report.proofs),
            biggest=report.biggest[:_BIGGEST],
            report=reported.document,
            breaks=report.breaks,
            desk=told.workflow_id if told else None,
            beyond_desk=told.beyond if told else 0,
            pack=pack,
        )
        self._steps.begin(f"released {report.run_id}")
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._result

    # A late side

    async def _collect(self, supplied: dict[str, Reference]) -> CollectedSources:
        return await catalog.collect(
            CollectRequest(request=self._request, supplied=supplied, decisions=self._decisions)
        )

    async def _wait_for(self, late: tuple[str, ...]) -> CollectedSources:
        self._late = late
        patience = self._steps.wait(
            f"waiting for {', '.join(late)}", until=None, at_most=self._request.rules.wait_for
        )
        try:
            await workflow.wait_condition(lambda: not self._late, timeout=patience)
        except TimeoutError as expired:
            async with self._collecting:
                if self._late:
                    raise refusals.late(self._late, self._request) from expired
        self._steps.waited()
        assert self._collected is not None  # noqa: S101 (set by the update that ended the wait)
        return self._collected
