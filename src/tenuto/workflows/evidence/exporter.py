"""One exporter per namespace: the only writer of its ledger, for ever."""

from datetime import timedelta

from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import ActivityError

from tenuto.catalog.library.evidence import catalog
from tenuto.catalog.library.evidence.models import (
    ExporterView,
    ExportReport,
    ExportRequest,
    ExportStep,
)

_STATUS = SearchAttributeKey.for_keyword("TenutoStatus")
_LONGEST_STATUS = 200
_EXPORTS_PER_RUN = 200


@workflow.defn(name="EvidenceExport")
class EvidenceExport:
    """Keep the ledger: export closed runs, decisions, and refusals, again and again."""

    @workflow.init
    def __init__(self, request: ExportRequest) -> None:
        self._every_s = request.every_s
        self._known = request.known
        self._gaps = request.gaps
        self._alarms = request.gaps
        self._exports = request.exports
        self._begun = request.exports
        self._asked = request.exports
        self._counts = False
        self._last: ExportReport | None = None

    @workflow.run
    async def run(self, request: ExportRequest) -> None:
        """Never ends by itself; continues with a fresh history now and then."""
        while self._exports < request.exports + _EXPORTS_PER_RUN:
            await self._export()
            await self._wait()
        await workflow.wait_condition(workflow.all_handlers_finished)
        workflow.continue_as_new(
            request.model_copy(
                update={
                    "every_s": self._every_s,
                    "known": self._known,
                    "gaps": self._gaps,
                    "exports": self._exports,
                }
            )
        )

    @workflow.signal
    def export_now(self) -> None:
        """Asks for an export that begins after this."""
        self._asked = self._begun + 1

    @workflow.signal
    def count_now(self) -> None:
        """Asks for an export that begins after this and counts the runs up to then."""
        self._counts = True
        self.export_now()

    @workflow.signal
    def set_interval(self, every_s: int) -> None:
        """Changes how often it exports, from the next export on."""
        self._every_s = every_s

    @workflow.query
    def view(self) -> ExporterView:
        """How it stands."""
        return ExporterView(
            exports=self._exports,
            asked=self._asked,
            known=self._known,
            last=self._last,
            alarms=self._alarms,
        )

    async def _export(self) -> None:
        self._begun += 1
        step = ExportStep(every_s=self._every_s, known=self._known, counts_now=self._counts)
        self._counts = False
        try:
            report = await catalog.export(step)
        except ActivityError as failed:
            self._tell((f"The export failed: {failed.cause or failed}", *self._gaps))
        else:
            self._known, self._last = report.known, report
            # A gap stays until a count finds it closed or explained.
            self._gaps = self._gaps if report.gaps is None else report.gaps
            self._tell((*report.alarms, *self._gaps))
        self._exports += 1

    async def _wait(self) -> None:
        """Until the next export is due or asked for."""
        try:
            await workflow.wait_condition(
                lambda: self._asked > self._begun, timeout=timedelta(seconds=self._every_s)
            )
        except TimeoutError:
            return

    def _tell(self, alarms: tuple[str, ...]) -> None:
        self._alarms = alarms
        for alarm in alarms:
            workflow.logger.error("evidence_alarm", extra={"alarm": alarm})
        status = f"ALARM: {alarms[0]}" if alarms else "exporting"
        workflow.upsert_search_attributes([_STATUS.value_set(status[:_LONGEST_STATUS])])
        workflow.set_current_details("\n\n".join(alarms) or "Everything that closed is exported.")
