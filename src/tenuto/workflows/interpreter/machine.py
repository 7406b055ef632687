"""One run of a plan: its input, its tasks, its output, and where it stands."""

from pydantic import JsonValue

from tenuto.core.problem import Fault
from tenuto.definitions.expressions import evaluate_template
from tenuto.definitions.plan import Plan, Pointer
from tenuto.workflows.interpreter.arguments import runtime_argument, workflow_argument
from tenuto.workflows.interpreter.data_flow import Variables, transformed
from tenuto.workflows.interpreter.durations import duration
from tenuto.workflows.interpreter.faults import located, too_late
from tenuto.workflows.interpreter.frames import Ended, Frame, compact
from tenuto.workflows.interpreter.guards import MOST_STEPS, Pace
from tenuto.workflows.interpreter.host import Host
from tenuto.workflows.interpreter.inbox import Inbox
from tenuto.workflows.interpreter.own_votes.approvals import Approvals
from tenuto.workflows.interpreter.pending import Pending
from tenuto.workflows.interpreter.questions import Questions
from tenuto.workflows.interpreter.schemas import Schemas
from tenuto.workflows.interpreter.state import State
from tenuto.workflows.interpreter.strand import Strand
from tenuto.workflows.interpreter.trace import Trace
from tenuto.workflows.interpreter.world import World


class Machine:
    """Runs a plan with one input, from the beginning or from where a former machine stopped."""

    def __init__(
        self,
        plan: Plan,
        value: JsonValue,
        host: Host,
        state: State | None = None,
        *,
        most_steps: int = MOST_STEPS,
    ) -> None:
        """`value` is the raw input; events and decisions may come from here on.

        `most_steps` without a pause are made in one go.
        """
        self._plan = plan
        self._value = value
        self._host = host
        self._state = state or State(frames=(), started_at=host.facts.started_at)
        self.inbox = Inbox(self._state.inbox)
        self.approvals = Approvals(self._state.approvals)
        self.trace = Trace(self._state.trace)
        self.questions = Questions()
        self.pending = Pending(host, self.questions, self.approvals)
        facts = host.facts.model_copy(update={"started_at": self._state.started_at})
        self._arguments: Variables = {
            "workflow": workflow_argument(plan, facts, value),
            "runtime": runtime_argument(),
        }
        self._world = World(
            host=host,
            inbox=self.inbox,
            questions=self.questions,
            approvals=self.approvals,
            trace=self.trace,
            pending=self.pending,
            pace=Pace(host, most_steps),
            schemas=Schemas(),
            arguments=self._arguments,
        )
        self._strand: Strand | None = None

    async def run(self) -> Ended | None:
        """The run's output as `data`; None when it paused because it wants a fresh history.

        Raises Fault for an error that no `try` took, and `asyncio.CancelledError`.
        """
        self._world.pace.begin()
        if not self._state.frames:
            self._begin()
        self._strand = Strand(
            self._world,
            self._plan.do,
            self._state.frames,
            self._state.context,
            may_pause=True,
        )
        ended = await self._in_time(self._strand)
        return None if ended is None else self._output(ended)

    def state(self) -> State:
        """Where the run stands. To be asked for between two steps: after `run` gave None."""
        update = {
            "inbox": self.inbox.state(),
            "approvals": self.approvals.state(),
            "trace": self.trace.entries(),
        }
        if self._strand is not None:
            update |= {
                "frames": tuple(map(compact, self._strand.frames)),
                "context": self._strand.context,
            }
        return self._state.model_copy(update=update)

    def position(self) -> tuple[Pointer, ...]:
        """The tasks under way outside any fork, outermost first."""
        return self._strand.position() if self._strand else ()

    @property
    def context(self) -> JsonValue:
        """`$context` outside any open fork."""
        return self._strand.context if self._strand else self._state.context

    def _begin(self) -> None:
        """Takes the input. The specification's data flow sets it as the first `$context` too."""
        try:
            self._world.schemas.check(self._plan.input_schema, self._value, "The run's input")
            data = transformed(self._plan.input_from, self._value, self._arguments)
        except Fault as fault:
            raise Fault(located(fault.problem, "/input")) from fault
        deadline = None
        known = {**self._arguments, "context": data, "input": data}
        try:
            if self._plan.timeout is not None:
                longest = duration(evaluate_template(self._plan.timeout, data, known))
                deadline = self._state.started_at + longest
        except Fault as fault:
            raise Fault(located(fault.problem, "/timeout")) from fault
        self._state = self._state.model_copy(
            update={"frames": (Frame(data=data),), "context": data, "deadline": deadline}
        )
        self._find_by(data, known)

    def _find_by(self, data: JsonValue, known: Variables) -> None:
        wanted = self._plan.search_attributes
        if wanted:
            try:
                values = {
                    name: evaluate_template(each, data, known) for name, each in wanted.items()
                }
            except Fault as fault:
                raise Fault(located(fault.problem, "/document/metadata")) from fault
            self._host.set_search_attributes(values)

    async def _in_time(self, strand: Strand) -> Ended | None:
        deadline = self._state.deadline
        if deadline is None:
            return await strand.run()
        left = max(deadline - self._host.now(), deadline - deadline)
        try:
            return await self._host.within(strand.run(), left, summary="timeout of the run")
        except TimeoutError as over:
            raise Fault(located(too_late("The run"), "/timeout")) from over

    def _output(self, ended: Ended) -> Ended:
        known = {**self._arguments, "context": ended.context}
        try:
            output = transformed(self._plan.output_as, ended.data, known)
            self._world.schemas.check(self._plan.output_schema, output, "The run's output")
        except Fault as fault:
            raise Fault(located(fault.problem, "/output")) from fault
        return Ended(data=output, context=ended.context)
