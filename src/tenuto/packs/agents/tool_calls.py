"""One tool call: read, judged by policy, decided by people where it must be, then run."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import JsonValue
from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.packs.agents import catalog
from tenuto.packs.agents.asking import may_call
from tenuto.packs.agents.diary import Diary
from tenuto.packs.agents.handoffs import (
    CheckCallRequest,
    CheckedCall,
    News,
    Tool,
    Toolbox,
    ToolCall,
)
from tenuto.packs.agents.models import AgentTaskRequest
from tenuto.packs.agents.people import call_question, in_words, starter
from tenuto.packs.agents.results import as_told, failure_as_told
from tenuto.packs.agents.spending import Spending
from tenuto.packs.agents.verdicts import Judgement, visible_arguments
from tenuto.workflows import approvals

_MOST_EDITS = 5
"""How often people may write arguments that cannot be used before the call is refused."""


class ToolCalls:
    """The tool calls of one run."""

    def __init__(self, request: AgentTaskRequest, spending: Spending, diary: Diary) -> None:
        self._request = request
        self._spending = spending
        self._diary = diary
        self._asked = 0
        self.denials = 0
        """Calls that were refused."""
        self.mistakes = 0
        """Calls in a row that could not be carried out as they were."""

    async def answer(self, call: ToolCall, toolbox: Toolbox, said: str) -> News:
        """What the model is told: the result, or why there is none. `said` came with the call."""
        self._note("call", {"tool": call.tool, "arguments": call.arguments, "id": call.call_id})
        tool = toolbox.find(call.tool)
        if tool is None:
            names = ", ".join(each.name for each in toolbox.tools) or "none"
            return self._mistake(call, f"There is no tool `{call.tool}`. Tools: {names}.")
        if call.arguments is None:
            return self._mistake(call, "The arguments are no JSON object.")
        checked = await _checked(tool, call.arguments)
        if checked.problem:
            return self._mistake(call, f"The arguments do not fit: {checked.problem}")
        self.mistakes = 0
        judgement = await self._judged(tool, checked)
        if judgement.verdict == "deny":
            return self._refused(call, judgement.why)
        if judgement.verdict == "ask":
            return await self._decided_by_people(call, tool, checked, said)
        return await self._run(call, tool, checked)

    async def _judged(self, tool: Tool, checked: CheckedCall) -> Judgement:
        spent = self._spending.so_far(workflow.now())
        judgement = await may_call(self._request, tool, checked, spent)
        self._note(
            "decision",
            {"tool": tool.grant.activity, **judgement.model_dump(mode="json")},
        )
        return judgement

    async def _decided_by_people(
        self, call: ToolCall, tool: Tool, checked: CheckedCall, said: str
    ) -> News:
        if not self._request.agent.approvers:
            return self._refused(call, "a person would have to decide, and the agent names none")
        problem = ""
        for _ in range(_MOST_EDITS):
            outcome = await self._ask(tool, checked, said, problem)
            if outcome.state == "answered" or outcome.decision == "respond":
                answer = {"outcome": "answered", "by": outcome.by, "text": outcome.comment}
                self._note("result", {"tool": call.tool, **answer})
                return _told(call, outcome.comment, "success")
            if not outcome.is_approved:
                return self._refused(call, f"people did not allow it, {in_words(outcome)}")
            if outcome.decision != "edit":
                return await self._run(call, tool, checked)
            chosen = {name: checked.arguments[name] for name in tool.chosen}
            edited = await _checked(tool, chosen | (outcome.form or {}))
            if not edited.problem:
                return await self._run_edited(call, tool, edited)
            problem = f"The edited arguments do not fit: {edited.problem}"
        return self._refused(call, problem)

    async def _run_edited(self, call: ToolCall, tool: Tool, edited: CheckedCall) -> News:
        """A person stands behind an edit, so only a denial holds it up."""
        judgement = await self._judged(tool, edited)
        if judgement.verdict == "deny":
            return self._refused(call, f"as a person changed it: {judgement.why}")
        return await self._run(call, tool, edited)

    async def _ask(self, tool: Tool, checked: CheckedCall, said: str, problem: str) -> TaskOutcome:
        question = call_question(
            self._request.agent,
            tool,
            visible_arguments(tool, checked),
            requester=self._request.requester,
            preparers=(*self._request.preparers, *starter()),
            said=said,
            problem=problem,
        )
        self._asked += 1
        self._spending.rest(workflow.now())
        try:
            outcome = await approvals.request(f"tool-{self._asked}", question)
        finally:
            self._spending.work(workflow.now())
        told = outcome.model_dump(mode="json", include={"task_id", "state", "decision", "by"})
        told |= {"at": str(outcome.at), "comment": outcome.comment}
        if outcome.decision == "edit":
            told["changed"] = outcome.form
        self._note("person", told)
        return outcome

    async def _run(self, call: ToolCall, tool: Tool, checked: CheckedCall) -> News:
        self._spending.tool_calls += 1
        try:
            result = await _executed(tool, checked, self._spending.left(workflow.now()))
        except ActivityError as failed:
            if is_cancelled_exception(failed):
                raise
            text = failure_as_told(failed)
            self._note("result", {"tool": call.tool, "outcome": "failed", "text": text})
            return _told(call, text, "failed")
        text = as_told(result)
        self._note("result", {"tool": call.tool, "outcome": "success", "text": text})
        return _told(call, text, "success")

    def _mistake(self, call: ToolCall, why: str) -> News:
        self.mistakes += 1
        self._note("mistake", {"tool": call.tool, "why": why})
        return _told(call, why, "failed")

    def _refused(self, call: ToolCall, why: str) -> News:
        self.denials += 1
        self._note("result", {"tool": call.tool, "outcome": "denied", "text": why})
        return _told(call, f"Refused: {why}.", "denied")

    def _note(self, kind: Any, data: Mapping[str, JsonValue]) -> None:
        self._diary.note(workflow.now(), kind, data)


async def _checked(tool: Tool, arguments: dict[str, JsonValue]) -> CheckedCall:
    return await catalog.check_call(CheckCallRequest(tool=tool, arguments=arguments))


async def _executed(tool: Tool, checked: CheckedCall, at_most: timedelta) -> JsonValue:
    retry = tool.retry
    result: JsonValue = await workflow.execute_activity(
        tool.grant.activity,
        args=_sent(tool, checked.arguments),
        task_queue=tool.queue,
        start_to_close_timeout=tool.start_to_close,
        schedule_to_start_timeout=tool.schedule_to_start,
        schedule_to_close_timeout=max(at_most, timedelta(seconds=1)),
        heartbeat_timeout=tool.heartbeat,
        retry_policy=RetryPolicy(
            initial_interval=retry.initial_interval,
            backoff_coefficient=retry.backoff_coefficient,
            maximum_interval=retry.maximum_interval,
            maximum_attempts=retry.maximum_attempts,
        ),
        summary=tool.grant.activity,
    )
    return result


def _sent(tool: Tool, arguments: dict[str, JsonValue]) -> list[JsonValue]:
    if tool.spreads is None:
        return [arguments]
    return [arguments[name] for name in tool.spreads]


def _told(call: ToolCall, text: str, outcome: Any) -> News:
    return News(kind="tool", text=text, call_id=call.call_id, tool=call.tool, outcome=outcome)
