"""The workflow that runs definitions: every one of them, whatever it does."""

from typing import Any, NoReturn

from pydantic import JsonValue
from temporalio import workflow

from tenuto.catalog.library.definitions.approval import Decision
from tenuto.core.problem import Fault, problem
from tenuto.workflows.interpreter.entry import DefinitionRun, RunPending, RunState
from tenuto.workflows.interpreter.failures import failure_of
from tenuto.workflows.interpreter.machine import Machine
from tenuto.workflows.interpreter.temporal_host import TemporalHost
from tenuto.workflows.interpreter.trace import TraceEntry


@workflow.defn(name="RunDefinition")
class RunDefinition:
    """Run a workflow that is written as a document."""

    @workflow.init
    def __init__(self, request: DefinitionRun) -> None:
        self._request = request
        self._host = TemporalHost(request)
        self._machine = Machine(request.plan, request.input, self._host, request.state)

    @workflow.run
    async def run(self, request: DefinitionRun) -> JsonValue:
        """The run's output. A problem that nothing caught ends it as failed, with the problem."""
        try:
            ended = await self._machine.run()
        except Fault as fault:
            raise failure_of(fault.problem) from fault
        except Exception as bug:
            # Anything else would leave the run RUNNING for ever, its task retried in vain.
            raise failure_of(_internal(bug)) from bug
        finally:
            if workflow.in_workflow():  # not when Python only drops the run from memory
                await workflow.wait_condition(workflow.all_handlers_finished)
        return self._gone_on() if ended is None else ended.data

    @workflow.signal(description="Give the run an event: a CloudEvent as JSON.")
    def event(self, event: Any) -> None:
        """Kept until a listener takes it; twice the same `source` and `id` is once."""
        self._machine.inbox.offer(event)

    @workflow.update(description="Of runs that vote on approvals themselves, as once all did.")
    def decide(self, decision: Decision) -> JsonValue:
        """The approval as it stands after the decision. Runs whose approvals are tasks refuse it;
        it stays for those that began before."""
        return self._machine.approvals.decide(decision, workflow.now())

    @decide.validator
    def _may_decide(self, decision: Decision) -> None:
        if self._machine.questions.waiting or not self._machine.approvals.are_known:
            raise self._machine.questions.not_here(workflow.info().workflow_id)
        self._machine.approvals.check(decision)

    @workflow.query(description="What became of the tasks, in order.")
    def trace(self) -> list[TraceEntry]:
        """The latest entries, oldest first."""
        return list(self._machine.trace.entries())

    @workflow.query(description="Where the run stands.")
    def state(self) -> RunState:
        """Its context and its position."""
        return RunState(context=self._machine.context, position=self._machine.position())

    @workflow.query(description="What the run waits for.")
    def pending(self) -> RunPending:
        """Tasks that take time, approvals that wait, listeners and events."""
        return RunPending(
            tasks=self._machine.pending.tasks(),
            approvals=[*self._machine.questions.pending(), *self._machine.approvals.pending()],
            events=self._machine.inbox.pending(),
        )

    def _gone_on(self) -> NoReturn:
        state = self._machine.state().model_copy(update={"calls": self._host.calls})
        workflow.continue_as_new(self._request.model_copy(update={"state": state}))


def _internal(bug: Exception) -> Any:
    return problem(
        "runtime",
        f"The interpreter failed: {type(bug).__name__}: {bug}. The definition is not to blame;"
        " report it with the run's history.",
        title="Interpreter error",
    )
