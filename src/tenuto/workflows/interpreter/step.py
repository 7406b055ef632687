"""One task as it runs: its input, its expressions, and the world outside."""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from tenuto.core.problem import Fault, Problem
from tenuto.definitions.expressions import evaluate_template, holds
from tenuto.definitions.plan import Expression, TaskBase, Template
from tenuto.workflows.interpreter.guards import Pace
from tenuto.workflows.interpreter.host import Host
from tenuto.workflows.interpreter.inbox import Inbox
from tenuto.workflows.interpreter.own_votes.approvals import Approvals
from tenuto.workflows.interpreter.questions import Questions


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a task's file gets: `async def run(task: XTask, step: Step) -> JsonValue`.

    It returns the task's raw output and raises `Fault`; the machine does the rest: `if`, input,
    output, export, timeout, `then`, the error's `instance`.
    """

    task: TaskBase
    input: JsonValue
    """The transformed input: what `.` is in the task's expressions."""
    variables: Mapping[str, JsonValue]
    """`$context`, `$input`, `$task`, `$workflow`, `$runtime`, loop and catch variables; without
    the dollar sign."""
    host: Host
    inbox: Inbox
    """Events that came for this run."""
    questions: Questions
    """What this run has asked people."""
    approvals: Approvals
    """The same of a run that votes on its approvals itself, as runs did once."""
    pace: Pace
    """To be asked before much is done without waiting."""

    def evaluate(self, template: Template) -> JsonValue:
        """The value of `template` over the input. Raises Fault `expression` 400."""
        return evaluate_template(template, self.input, self.variables)

    def holds(self, condition: Expression) -> bool:
        """Whether `condition` gives neither false nor null over the input."""
        return holds(condition, self.input, self.variables)

    def fail(self, problem: Problem) -> Fault:
        """The error to raise."""
        return Fault(problem)
