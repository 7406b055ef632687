"""The entry of tasks for people."""

from tenuto.catalog.entries import workflow_entry
from tenuto.catalog.library.tasks.outcome import TaskOutcome
from tenuto.catalog.library.tasks.request import TaskRequest

QUEUE = "tasks"
"""A queue of its own: no busy domain delays a person's decision."""

human_task = workflow_entry(
    "human-task",
    type_name="HumanTask",
    request=TaskRequest,
    result=TaskOutcome,
    summary="A task for people: claim, delegate, decide, remind, escalate, expire.",
    queue=QUEUE,
)
"""What a task is found by (`attributes`) is kept in step by the task itself."""
