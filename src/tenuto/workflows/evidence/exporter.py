"""One exporter per namespace: the only writer of its ledger, for ever."""

from collections.abc import Mapping
from datetime import timedelta

from temporalio import workflow
from temporalio.common import SearchAttributeKey
from temporalio.exceptions import ActivityError

from tenuto.catalog.library.evidence import catalog
from tenuto.catalog.library.evidence.models import (
    AlarmNotice,
    ExporterView,
    ExportReport,
    ExportRequest,
    ExportStep,
)
from tenuto.catalog.library.notify.audience import Recipient

_STATUS = SearchAttributeKey.for_keyword("TenutoStatus")
_LONGEST_STATUS = 200
_EXPORTS_PER_RUN = 200
_FAILED = "the export"
"""What an export that fails is remembered by: each says something else, and is one alarm."""


@workflow.defn(name="EvidenceExport")
class EvidenceExport:
    """Keep the ledger: export closed runs, decisions, and refusals, again and again."""

    @workflow.init
    def __init__(self, request: ExportRequest) -> None:
        self._namespace = request.namespace
        self._every_s = request.every_s
        self._alarm_to = request.alarm_to
        self._told = request.told
        self._known = request.known
        self._gaps = request.gaps
        self._alarms = request.gaps
        self._exports = request.exports
        self._begun = request.exports
        self._asked = request.exports
        self._counts = self._is_to_begin_anew = False
        self._last: ExportReport | None = None

    @workflow.run
    async def run(self, request: ExportRequest) -> None:
        """Never ends by itself; continues with a fresh history now and then."""
        while self._exports < request.exports + _EXPORTS_PER_RUN and not self._is_to_begin_anew:
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
                    "alarm_to": self._alarm_to,
                    "told": self._told,
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
    def begin_anew(self) -> None:
        """Asks for a fresh history: the old one is encrypted with a key that will be destroyed."""
        self._is_to_begin_anew = True

    @workflow.signal
    def set_interval(self, every_s: int) -> None:
        """Changes how often it exports, from the next export on."""
        self._every_s = every_s

    @workflow.signal
    def set_alarm_to(self, recipients: list[Recipient]) -> None:
        """Changes who is told of alarms."""
        self._alarm_to = tuple(recipients)

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
            failure = {_FAILED: f"The export failed: {failed.cause or failed}"}
            await self._tell(failure | {gap: gap for gap in self._gaps})
        else:
            self._known, self._last = report.known, report
            # A gap stays until a count finds it closed or explained.
            self._gaps = self._gaps if report.gaps is None else report.gaps
            await self._tell({alarm: alarm for alarm in (*report.alarms, *self._gaps)})
        self._exports += 1

    async def _wait(self) -> None:
        """Until the next export is due or asked for."""
        try:
            await workflow.wait_condition(
                lambda: self._asked > self._begun or self._is_to_begin_anew,
                timeout=timedelta(seconds=self._every_s),
            )
        except TimeoutError:
            return

    async def _tell(self, alarms: Mapping[str, str]) -> None:
        """Says what is wrong, by the name each is remembered by; people are told once of each."""
        self._alarms = tuple(alarms.values())
        first = next(iter(self._alarms), None)
        status = f"ALARM: {first}" if first else "exporting"
        workflow.upsert_search_attributes([_STATUS.value_set(status[:_LONGEST_STATUS])])
        details = "\n\n".join(self._alarms)
        workflow.set_current_details(details or "Everything that closed is exported.")
        new = tuple(text for name, text in alarms.items() if name not in self._told)
        is_over = bool(self._told) and not alarms
        self._told = tuple(alarms)
        for alarm in new:
            workflow.logger.error("evidence_alarm", extra={"alarm": alarm})
        if self._alarm_to and (new or is_over):
            await self._tell_people(new)

    async def _tell_people(self, alarms: tuple[str, ...]) -> None:
        """By a run of its own: no mail server delays the export."""
        notice = AlarmNotice(namespace=self._namespace, alarms=alarms, recipients=self._alarm_to)
        entry = catalog.evidence_alarm
        await workflow.start_child_workflow(
            entry.type_name,
            notice,
            id=f"{workflow.info().workflow_id}/alarm/{workflow.uuid4().hex[:12]}",
            task_queue=entry.queue,
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            static_summary=f"{len(alarms)} alarms" if alarms else "in order again",
        )
