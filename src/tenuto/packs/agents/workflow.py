"""A governed task: launch, policy, approval, agent, clean-up."""

import asyncio
import contextlib

from temporalio import workflow

from tenuto.packs.agents import catalog
from tenuto.packs.agents.asking import may_launch
from tenuto.packs.agents.handoffs import CleanUpRequest, LaunchRequest, LaunchResult
from tenuto.packs.agents.models import (
    AgentTaskRequest,
    AgentTaskResult,
    ApprovalStep,
    GovernedTaskRequest,
    GovernedTaskResult,
    PolicyStep,
)
from tenuto.packs.agents.names import agent_of
from tenuto.packs.agents.people import in_words, launch_question, starter
from tenuto.workflows import approvals
from tenuto.workflows.cleanup import to_the_end
from tenuto.workflows.progress import Steps


@workflow.defn(name=catalog.governed_task.type_name)
class GovernedTask:
    """Lets an agent do a task, once policy and people have let it start."""

    def __init__(self) -> None:
        self._steps = Steps(total=5)

    @workflow.run
    async def run(self, request: GovernedTaskRequest) -> GovernedTaskResult:
        """How it ended. What the launch made is cleaned up in every case.

        Fails where policy cannot be asked: nothing starts then.
        """
        self._steps.begin("launch")
        launched = await catalog.launch(LaunchRequest(texts=request.texts, agent=request.agent))
        try:
            result = await self._governed(request)
        except (Exception, asyncio.CancelledError):
            with contextlib.suppress(asyncio.CancelledError):
                await to_the_end(self._clean_up(launched))
            raise
        await self._clean_up(launched)
        return result

    async def _governed(self, request: GovernedTaskRequest) -> GovernedTaskResult:
        self._steps.begin("policy")
        answer = await may_launch(request)
        policy = PolicyStep(**answer.model_dump(exclude={"is_off"}))
        if not policy.allowed:
            return GovernedTaskResult(status="POLICY_DENIED", why=policy.why, policy=policy)
        self._steps.begin("approval")
        approval, is_approved = await self._approval(request)
        if not is_approved:
            why = approval.why
            return GovernedTaskResult(status="REJECTED", why=why, policy=policy, approval=approval)
        self._steps.begin("agent")
        done = await self._agent(request)
        return GovernedTaskResult(
            status=done.status, why=done.why, policy=policy, approval=approval, agent=done
        )

    async def _approval(self, request: GovernedTaskRequest) -> tuple[ApprovalStep, bool]:
        outcome = await approvals.request("launch", launch_question(request, starter()))
        step = ApprovalStep(
            task_id=outcome.task_id,
            state=outcome.state,
            by=outcome.by,
            at=outcome.at,
            why=in_words(outcome),
        )
        return step, outcome.is_approved

    async def _agent(self, request: GovernedTaskRequest) -> AgentTaskResult:
        done: AgentTaskResult = await catalog.agent_task.as_child(
            AgentTaskRequest(
                texts=request.texts,
                agent=request.agent,
                requester=request.requester,
                preparers=starter(),
                environment=request.environment,
            ),
            workflow_id=agent_of(workflow.info().workflow_id),
            summary=request.agent.id,
        )
        return done

    async def _clean_up(self, launched: LaunchResult) -> None:
        self._steps.begin("clean-up")
        await catalog.clean_up(CleanUpRequest(folder=launched.folder))
