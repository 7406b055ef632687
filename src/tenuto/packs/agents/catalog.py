"""Names, types, timeouts, and retries of an agent's acts, and the two workflows."""

from datetime import timedelta

from temporalio.common import RetryPolicy

from tenuto.catalog import SideEffect, activity, local_activity, workflow_entry
from tenuto.packs.agents.handoffs import (
    AskModelRequest,
    CheckCallRequest,
    CheckedCall,
    CleanUpRequest,
    CleanUpResult,
    LaunchRequest,
    LaunchResult,
    ModelReply,
    NoteRequest,
    NoteResult,
    OpenToolboxRequest,
    Toolbox,
    TranscriptRequest,
)
from tenuto.packs.agents.models import (
    AgentTaskRequest,
    AgentTaskResult,
    GovernedTaskRequest,
    GovernedTaskResult,
    Transcript,
)
from tenuto.policy.decision import Decision, Question

QUEUE = "agents"

_THREE = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    maximum_interval=timedelta(seconds=30),
    maximum_attempts=3,
)

launch = activity(
    "agents.launch",
    request=LaunchRequest,
    result=LaunchResult,
    summary="Check that an agent can run here, and make the scratch folder of its task.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=30),
    side_effect=SideEffect.ARTIFACTS,
    idempotency="The folder is named after the run.",
)

ask_policy = activity(
    "agents.ask_policy",
    request=Question,
    result=Decision,
    summary="Ask the rules one question.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=10),
    retry=_THREE,
    idempotency="Reads the rules and changes nothing.",
)

open_toolbox = activity(
    "agents.open_toolbox",
    request=OpenToolboxRequest,
    result=Toolbox,
    summary="Read an agent's tools from the catalog.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=30),
    idempotency="Reads only.",
)

ask_model = activity(
    "agents.ask_model",
    request=AskModelRequest,
    result=ModelReply,
    summary="Ask an agent's model once.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=5),
    retry=_THREE,
    side_effect=SideEffect.ARTIFACTS,
    idempotency="Only an attempt that did not finish is asked again; a finished reply is in the"
    " history and is never asked for twice.",
)

check_call = local_activity(
    "agents.check_call",
    request=CheckCallRequest,
    result=CheckedCall,
    summary="Judge a tool call by the tool's own request model.",
    queue=QUEUE,
)

write_note = activity(
    "agents.write_note",
    request=NoteRequest,
    result=NoteResult,
    summary="Keep a note while the task lasts; returns all notes so far.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=10),
    side_effect=SideEffect.ARTIFACTS,
    idempotency="The same note again replaces itself.",
)

write_transcript = activity(
    "agents.write_transcript",
    request=TranscriptRequest,
    result=Transcript,
    summary="Write down what an agent said and did.",
    queue=QUEUE,
    start_to_close=timedelta(minutes=1),
    retry=RetryPolicy(maximum_interval=timedelta(seconds=30), maximum_attempts=10),
    side_effect=SideEffect.ARTIFACTS,
    idempotency="The same happenings give the same bytes, and the store keeps equal bytes once.",
)

clean_up = activity(
    "agents.clean_up",
    request=CleanUpRequest,
    result=CleanUpResult,
    summary="Remove the scratch folder of a task.",
    queue=QUEUE,
    start_to_close=timedelta(seconds=20),
    retry=_THREE,
    side_effect=SideEffect.ARTIFACTS,
    idempotency="A folder that is gone stays gone.",
)

agent_task = workflow_entry(
    "agent-task",
    type_name="AgentTask",
    request=AgentTaskRequest,
    result=AgentTaskResult,
    summary="Let an agent do a task with its tools, within its budget.",
    queue=QUEUE,
    search_attributes=(("TenutoSubject", "agent.id"),),
)

governed_task = workflow_entry(
    "governed-task",
    type_name="GovernedTask",
    request=GovernedTaskRequest,
    result=GovernedTaskResult,
    summary="Let an agent do a task that policy and people allow.",
    queue=QUEUE,
    search_attributes=(("TenutoSubject", "agent.id"),),
)
