"""A worker interceptor that refuses runs which did not pass the gate, before their first step.

Whoever may write to the namespace can start a workflow: from a terminal, with another program,
through a schedule, as a child of his own code. With policy on, only a signed permit for exactly
this start lets a run begin; what it starts, and what it goes on as, carries the permit along.

Keys, rules, and the answer to `is policy on?` change while runs are open, so the verdict is made in
a local activity and stays in the history: one event where there is a permit. Without a permit, a
run that may begin has no trace of this, and one that may not has a patch marker, by which its
history says that a permit was demanded.
"""

from datetime import datetime, timedelta
from typing import Any, NoReturn

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.worker import (
    ContinueAsNewInput,
    ExecuteWorkflowInput,
    HandleSignalInput,
    HandleUpdateInput,
    Interceptor,
    StartChildWorkflowInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from tenuto.core.errors import PolicyDenied
from tenuto.engine.content import HEADER_CONTENT
from tenuto.engine.headers import header_text
from tenuto.engine.permit_check import CHECK, missing
from tenuto.engine.permit_claim import PermitClaim, Source
from tenuto.engine.runs.execution import Execution
from tenuto.identity.ticket import HEADER_PERMIT

DEMANDED = "tenuto-permit-demanded"
"""Patch marker of a run that came without a permit while policy was on."""

_PATIENT = RetryPolicy(
    initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=10)
)


class PermitGuard(Interceptor):
    """Has permits checked, and with `demands` refuses runs without one that began after `since`."""

    def __init__(self, *, demands: bool = False, since: datetime | None = None) -> None:
        settings = {"demands": demands, "since": since}
        self._guard = type("_SettledGuard", (_Guard,), settings)

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 (the SDK's name)
    ) -> type[WorkflowInboundInterceptor]:
        """The class that wraps workflow execution."""
        return self._guard


class _Guard(WorkflowInboundInterceptor):
    demands = False
    since: datetime | None = None

    def __init__(self, next: WorkflowInboundInterceptor) -> None:  # noqa: A002 (the SDK's name)
        super().__init__(next)
        self._is_admitted: bool | None = None

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        self.next.init(_Outbound(outbound))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
        if self._needs_check():
            try:
                await _check(header_text(input.headers, HEADER_CONTENT))
            except BaseException:
                self._is_admitted = False
                raise
        self._is_admitted = True
        return await self.next.execute_workflow(input)

    async def handle_signal(self, input: HandleSignalInput) -> None:  # noqa: A002
        if await self._admitted():
            await self.next.handle_signal(input)

    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002
        if not await self._admitted():
            raise missing()
        return await self.next.handle_update_handler(input)

    async def _admitted(self) -> bool:
        """A message may come before the run was judged: together with its start."""
        if self._is_admitted is None and self._needs_check():
            await workflow.wait_condition(lambda: self._is_admitted is not None)
        return self._is_admitted is not False

    def _needs_check(self) -> bool:
        info = workflow.info()
        if HEADER_PERMIT in info.headers:
            return True
        if workflow.unsafe.is_replaying():
            return workflow.patched(DEMANDED)
        return self.demands and not self._is_older(info) and workflow.patched(DEMANDED)

    def _is_older(self, info: workflow.Info) -> bool:
        """Whether a start of its own was there before policy was. It leaves no trace: a run that
        has only waited so far may be begun anew at any time, for a query too."""
        if self.since is None or _source(info) is not None:
            return False
        return info.workflow_start_time < self.since


class _Outbound(WorkflowOutboundInterceptor):
    """Hands the run's permit on."""

    async def start_child_workflow(
        self,
        input: StartChildWorkflowInput,  # noqa: A002
    ) -> workflow.ChildWorkflowHandle[Any, Any]:
        _hand_on(input)
        return await self.next.start_child_workflow(input)

    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:  # noqa: A002
        _hand_on(input)
        self.next.continue_as_new(input)


def _hand_on(to: StartChildWorkflowInput | ContinueAsNewInput) -> None:
    permit = workflow.info().headers.get(HEADER_PERMIT)
    if permit is not None:
        to.headers = {**to.headers, HEADER_PERMIT: permit}


async def _check(content: str | None) -> None:
    """Returns where the run may begin. Raises PolicyDenied as recorded."""
    info = workflow.info()
    if HEADER_PERMIT not in info.headers and _source(info) is None:
        raise missing()
    claim = PermitClaim(
        text=header_text(info.headers, HEADER_PERMIT),
        type_name=info.workflow_type,
        namespace=info.namespace,
        workflow_id=info.workflow_id,
        run_id=info.run_id,
        queue=info.task_queue,
        original_run_id=info.original_execution_run_id,
        first_run_id=info.first_execution_run_id,
        started_at=info.workflow_start_time,
        content=content,
        scheduled_by=_scheduled_by(info),
        source=_source(info),
        root=_root(info),
    )
    try:
        await workflow.execute_local_activity(
            CHECK,
            claim,
            start_to_close_timeout=timedelta(seconds=10),
            retry_policy=_PATIENT,
            local_retry_threshold=timedelta(seconds=30),
        )
    except ActivityError as failed:
        cause = failed.cause
        if isinstance(cause, ApplicationError) and cause.type == PolicyDenied.__name__:
            raise PolicyDenied(cause.message, code=cause.details[0]["code"]) from failed
        raise


def _source(info: workflow.Info) -> Source | None:
    """The run that this one goes on from, or that asked for it; None for a start of its own."""
    if info.continued_run_id:
        return Source(how="continued", workflow_id=info.workflow_id, run_id=info.continued_run_id)
    root = _root(info)
    if root is not None:
        return Source(how="child", workflow_id=root.workflow_id, run_id=root.run_id)
    return None


def _root(info: workflow.Info) -> Execution | None:
    if info.parent is None:
        return None
    above = info.root or info.parent
    return Execution(workflow_id=above.workflow_id, run_id=above.run_id)


def _scheduled_by(info: workflow.Info) -> str | None:
    found = info.search_attributes.get("TemporalScheduledById")
    return str(found[0]) if found else None
