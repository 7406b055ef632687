"""The agent at work: ask the model, carry out what it may do, until it is done or has to stop."""

import asyncio
import contextlib
import dataclasses
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.exceptions import TimeoutError as TimedOut

from tenuto.core.records import Record
from tenuto.packs.agents import catalog
from tenuto.packs.agents.diary import Diary
from tenuto.packs.agents.handoffs import (
    AskModelRequest,
    ModelReply,
    News,
    OpenToolboxRequest,
    Toolbox,
)
from tenuto.packs.agents.models import AgentTaskRequest, AgentTaskResult, Spent, Status, Transcript
from tenuto.packs.agents.spending import Spending
from tenuto.packs.agents.tool_calls import ToolCalls
from tenuto.workflows.cleanup import to_the_end

MEMO = "tenuto.transcript"
"""Memo key under which a run that failed or was cancelled names its transcript."""

_SAY_SOMETHING = News(kind="task", text="You said nothing. Call a tool, or give your answer.")


class Ending(Record):
    """How the work ended."""

    status: Status
    answer: str = ""
    why: str = ""


@workflow.defn(name=catalog.agent_task.type_name)
class AgentTask:
    """One task of one agent."""

    @workflow.init
    def __init__(self, request: AgentTaskRequest) -> None:
        self._request = request
        self._diary = Diary()
        self._spending = Spending(request.agent.budget, workflow.now())
        self._toolbox = Toolbox()
        self._calls = ToolCalls(request, self._spending, self._diary)
        self._said = ""

    @workflow.run
    async def run(self, request: AgentTaskRequest) -> AgentTaskResult:
        """How the task ended, with its transcript.

        A run that fails or is cancelled names its transcript in its memo.
        """
        task = News(kind="task", text="\n\n".join(request.texts))
        self._diary.note(workflow.now(), "task", {"text": task.text})
        try:
            opened = OpenToolboxRequest(grants=request.agent.tools)
            self._toolbox = await catalog.open_toolbox(opened)
            ending = await self._work(task)
        except (Exception, asyncio.CancelledError) as failed:
            await self._remember(failed)
            raise
        self._diary.note(workflow.now(), "end", ending.model_dump(mode="json"))
        return AgentTaskResult(
            status=ending.status,
            answer=ending.answer,
            why=ending.why,
            spent=self.spent(),
            denied=self._calls.denials,
            transcript=await self._written(),
        )

    @workflow.query
    def spent(self) -> Spent:
        """What was spent so far."""
        return self._spending.so_far(workflow.now())

    async def _work(self, task: News) -> Ending:
        news: tuple[News, ...] = (task,)
        while (ending := self._has_to_stop()) is None:
            reply = await self._reply(news)
            if reply is None:
                continue
            if reply.text and not reply.calls:
                return Ending(status="SUCCESS", answer=reply.text)
            news = await self._answers(reply)
        return ending

    def _has_to_stop(self) -> Ending | None:
        """Why there is no next call; None where there is one."""
        agent = self._request.agent
        over = self._spending.exceeded(workflow.now())
        if over is not None:
            return Ending(status="BUDGET_EXCEEDED", answer=self._said, why=over)
        if self._calls.denials >= agent.most_denials:
            why = f"{self._calls.denials} of its tool calls were refused"
            return Ending(status="POLICY_DENIED", answer=self._said, why=why)
        if self._calls.mistakes >= agent.most_mistakes:
            why = f"{self._calls.mistakes} calls in a row could not be carried out"
            return Ending(status="GAVE_UP", answer=self._said, why=why)
        return None

    async def _reply(self, news: tuple[News, ...]) -> ModelReply | None:
        """The model's reply; None where the time was over before it came."""
        left = max(self._spending.left(workflow.now()), timedelta(seconds=1))
        ask = dataclasses.replace(catalog.ask_model, schedule_to_close=left)
        self._spending.model_calls += 1
        try:
            reply = await ask(
                AskModelRequest(
                    agent=self._request.agent,
                    toolbox=self._toolbox,
                    turns=tuple(self._diary.turns),
                    news=news,
                    most_tokens=self._spending.longest_reply(),
                ),
                summary=f"model call {self._spending.model_calls}",
            )
        except ActivityError as failed:
            is_over = self._spending.left(workflow.now()) <= timedelta(0)
            if is_over and isinstance(failed.cause, TimedOut):
                return None
            raise
        self._spending.replied(reply)
        self._diary.replied(workflow.now(), reply)
        self._said = reply.text or self._said
        return reply

    async def _answers(self, reply: ModelReply) -> tuple[News, ...]:
        """What the model is told next; fewer answers than calls where it has to stop."""
        if not reply.calls:
            self._calls.mistakes += 1
            return (_SAY_SOMETHING,)
        answers: list[News] = []
        for call in reply.calls:
            if self._has_to_stop():
                break
            answers.append(await self._calls.answer(call, self._toolbox, reply.text))
        return tuple(answers)

    async def _remember(self, failed: BaseException) -> None:
        """Writes the transcript of a run that ends without a result, whatever else happens."""
        end = {"status": "CANCELLED"}
        if not is_cancelled_exception(failed):
            end = {"status": "FAILED", "why": str(getattr(failed, "cause", None) or failed)}
        self._diary.note(workflow.now(), "end", end)
        with contextlib.suppress(asyncio.CancelledError):
            await to_the_end(self._name_transcript())

    async def _name_transcript(self) -> None:
        try:
            kept = (await self._written()).model_dump(mode="json")
        except ActivityError as failed:
            kept = {"lost": str(failed.cause or failed)}
        workflow.upsert_memo({MEMO: kept})

    async def _written(self) -> Transcript:
        return await catalog.write_transcript(
            self._diary.as_request(workflow.info().workflow_id, self._request.agent.id)
        )
