"""One check of a monitor: look, judge, compare, tell, and leave what the next check needs."""

from dataclasses import dataclass

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from tenuto.packs.monitors import catalog
    from tenuto.packs.monitors.deciding import is_first_of, is_notice_due, question_of
    from tenuto.packs.monitors.failing import fail, failed_before, tell_recovered
    from tenuto.packs.monitors.models import (
        CheckMetadata,
        CheckRecord,
        CheckRequest,
        CompareRequest,
        Comparison,
        CompleteRequest,
        Finding,
        Judgement,
        JudgeRequest,
        LookRequest,
        Memory,
        MonitorRequest,
        NoticeSent,
    )
    from tenuto.packs.monitors.telling import has_reached, tell_met, welcome


@dataclass(frozen=True, kw_only=True, slots=True)
class _Told:
    """What became of telling."""

    notices: tuple[NoticeSent, ...] = ()
    actions: tuple[str, ...] = ()
    is_deleted: bool = False
    is_due: bool = False
    """The condition was to be told."""
    has_met: bool = False
    """Somebody was told of the condition, or there is nobody to tell."""


@workflow.defn(name="MonitoringWorkflow")
class MonitorCheck:
    """Look once for a monitor, and tell whoever asked to be told."""

    @workflow.init
    def __init__(self, request: CheckRequest) -> None:
        self._monitor = request.monitor
        self._is_preview = request.is_preview
        self._memory = request.memory or _remembered()
        self._question = question_of(request.monitor)
        self._is_first = is_first_of(self._memory, self._question)
        self._started_at = workflow.now()

    @workflow.run
    async def run(self, request: CheckRequest) -> CheckRecord:
        """What was found and who was told.

        Raises DataError `monitors.check-failed` when a step failed after its last attempt.
        """
        row = failed_before()
        try:
            record = await self._check()
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            raise await fail(self._monitor, row, error, is_quiet=self._is_preview) from error
        if self._is_preview or record.status == "skipped":
            return record
        recovered = await tell_recovered(self._monitor, row)
        return record.model_copy(update={"notices": record.notices + recovered})

    async def _check(self) -> CheckRecord:
        finding = await self._look()
        if not finding.is_grounded:
            return self._ungrounded(finding)
        judgement = await self._judge(finding)
        comparison = await self._compare(judgement)
        told = await self._tell(finding, judgement, comparison)
        if told.is_deleted:
            return self._skipped(finding)
        return self._record(finding, judgement, comparison, told)

    async def _look(self) -> Finding:
        monitor = self._monitor
        return await catalog.search(
            LookRequest(
                config=monitor.config,
                search_query=monitor.search_query,
                condition_description=monitor.condition_description,
                checked_at=self._started_at,
                last_checked_at=self._memory.checked_at if self._memory else None,
            ),
            summary=monitor.search_query[:200],
        )

    async def _judge(self, finding: Finding) -> Judgement:
        monitor = self._monitor
        return await catalog.judge(
            JudgeRequest(
                config=monitor.config,
                search_query=monitor.search_query,
                condition_description=monitor.condition_description,
                checked_at=self._started_at,
                finding=finding,
                fields=self._known.fields if self._known else (),
                before=self._known.state if self._known else None,
            ),
            summary=monitor.condition_description[:200],
        )

    async def _compare(self, judgement: Judgement) -> Comparison | None:
        if self._known is None:
            return None
        return await catalog.compare(
            CompareRequest(
                config=self._monitor.config,
                search_query=self._monitor.search_query,
                fields=judgement.fields,
                before=self._known.state,
                after=judgement.state,
            )
        )

    async def _tell(
        self, finding: Finding, judgement: Judgement, comparison: Comparison | None
    ) -> _Told:
        is_due = self._is_due(judgement, comparison)
        needs_welcome = not (self._memory and self._memory.was_welcomed)
        is_completing = is_due or (judgement.condition_met and self._was_told)
        if self._is_preview or not (is_completing or needs_welcome):
            return _Told()
        named = MonitorRequest(monitor_id=self._monitor.id)
        standing = await catalog.read_standing(named)
        if standing.state == "deleted":
            return _Told(is_deleted=True)
        notices = await welcome(self._monitor, finding.answer) if needs_welcome else ()
        if not is_completing:
            return _Told(notices=notices)
        met: tuple[NoticeSent, ...] = ()
        if is_due:
            summary = comparison.summary if comparison else ""
            met = await tell_met(self._monitor, finding, judgement, summary, self._started_at)
        has_met = self._was_told or has_reached(met) or not self._monitor.notifications
        actions = await self._complete() if has_met else ()
        return _Told(notices=notices + met, actions=actions, is_due=is_due, has_met=has_met)

    async def _complete(self) -> tuple[str, ...]:
        """What was done about a `once` monitor that has told.

        Where it cannot be completed now the check still succeeded, and the next one, which knows
        that it has told, completes it.
        """
        if self._monitor.notify_behavior != "once":
            return ()
        asked = CompleteRequest(
            monitor_id=self._monitor.id,
            generation=self._monitor.generation,
            run=workflow.info().workflow_id,
        )
        try:
            standing = await catalog.complete(asked)
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return (f"could not complete the monitor: {getattr(error.cause, 'message', error)}",)
        return (f"the monitor is {standing.state}",)

    def _is_due(self, judgement: Judgement, comparison: Comparison | None) -> bool:
        return is_notice_due(
            self._monitor.notify_behavior,
            met=judgement.condition_met,
            changed=self._has_changed(judgement, comparison),
            is_first=self._is_first,
            was_told=self._was_told,
            is_owed=bool(self._known and self._known.is_owed),
        )

    def _has_changed(self, judgement: Judgement, comparison: Comparison | None) -> bool:
        """Whether something else was found, or the condition is met now and was not before."""
        if comparison is None or self._known is None:
            return False
        return comparison.changed or (judgement.condition_met and not self._known.condition_met)

    @property
    def _known(self) -> Memory | None:
        """What earlier checks found to this very question."""
        return None if self._is_first else self._memory

    @property
    def _was_told(self) -> bool:
        """Whether a `once` monitor has told since it was opened."""
        known = self._known
        if known is None or self._monitor.notify_behavior != "once":
            return False
        return known.told_generation == self._monitor.generation

    def _record(
        self,
        finding: Finding,
        judgement: Judgement,
        comparison: Comparison | None,
        told: _Told,
    ) -> CheckRecord:
        spent = finding.spent.plus(judgement.spent)
        return CheckRecord(
            monitor_id=self._monitor.id,
            run=workflow.info().workflow_id,
            started_at=self._started_at,
            ended_at=workflow.now(),
            is_first=self._is_first,
            is_preview=self._is_preview,
            condition_met=judgement.condition_met,
            explanation=judgement.explanation,
            summary=(comparison.summary if comparison else "") or finding.answer,
            answer=finding.answer,
            sources=finding.sources,
            actions=told.actions,
            metadata=CheckMetadata(
                changed=self._has_changed(judgement, comparison),
                current_state=comparison.state if comparison else judgement.state,
                fields=judgement.fields,
                comparison_method=comparison.method if comparison else "none",
            ),
            notices=told.notices,
            spent=spent.plus(comparison.spent) if comparison else spent,
            provider=finding.provider,
            memory=self._next_memory(judgement, comparison, told),
        )

    def _next_memory(
        self, judgement: Judgement, comparison: Comparison | None, told: _Told
    ) -> Memory:
        was_welcomed = bool(self._memory and self._memory.was_welcomed)
        welcomes = [each.receipt.outcome for each in told.notices if each.kind == "welcome"]
        met = [each.receipt.outcome for each in told.notices if each.kind == "condition_met"]
        return Memory(
            fields=judgement.fields,
            state=comparison.state if comparison else judgement.state,
            condition_met=judgement.condition_met,
            checked_at=self._started_at,
            question=self._question,
            was_welcomed=was_welcomed or "failed" not in welcomes,
            told_generation=self._monitor.generation
            if self._was_told or (told.is_due and told.has_met)
            else 0,
            is_owed=told.is_due and not told.has_met and "failed" in met,
        )

    def _ungrounded(self, finding: Finding) -> CheckRecord:
        return self._without_news(
            finding, "No source was found for an answer, so nobody is told of it.", "success"
        )

    def _skipped(self, finding: Finding) -> CheckRecord:
        return self._without_news(
            finding, "The monitor was deleted while it looked; nobody is told.", "skipped"
        )

    def _without_news(self, finding: Finding, summary: str, status: str) -> CheckRecord:
        return CheckRecord.model_validate(
            {
                "monitor_id": self._monitor.id,
                "run": workflow.info().workflow_id,
                "status": status,
                "started_at": self._started_at,
                "ended_at": workflow.now(),
                "is_first": self._is_first,
                "is_preview": self._is_preview,
                "is_grounded": finding.is_grounded,
                "summary": summary,
                "answer": finding.answer,
                "sources": finding.sources,
                "metadata": CheckMetadata(
                    changed=False,
                    current_state=self._memory.state if self._memory else {},
                    comparison_method="none",
                ),
                "spent": finding.spent,
                "provider": finding.provider,
                "memory": self._memory,
            }
        )


def _remembered() -> Memory | None:
    """What the last check that succeeded left."""
    last = workflow.get_last_completion_result(CheckRecord)
    return last.memory if last else None
