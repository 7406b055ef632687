"""Tasks as visibility finds them: where they stand, and nothing that people wrote."""

from collections.abc import Collection
from datetime import datetime
from typing import cast

from pydantic import AwareDatetime
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import (
    CountWorkflowExecutionsRequest,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client

from tenuto.catalog.library.tasks.catalog import human_task
from tenuto.catalog.library.tasks.outcome import CLOSED, State, TaskView
from tenuto.core.errors import UsageError
from tenuto.core.records import Record
from tenuto.engine.bootstrap import (
    SUBJECT,
    TASK_ASSIGNEE,
    TASK_CANDIDATES,
    TASK_DUE,
    TASK_PRIORITY,
    TASK_STATE,
)
from tenuto.engine.runs.attributes import search_attributes, word
from tenuto.engine.runs.calls import PATIENCE, refusals
from tenuto.engine.runs.moments import moment, now
from tenuto.engine.runs.status import RunStatus
from tenuto.engine.runs.task_query import TaskFilter, task_query

PAGE_SIZE = 1_000
MOST_FOUND = 10_000
"""Visibility cannot sort, so all that is found is read before any of it is shown."""


class FoundTask(Record):
    """What visibility tells of a task."""

    task_id: str
    run_id: str
    root: str
    """Workflow id of the run that asks; its own where a person started it."""
    state: State
    assignee: str | None
    candidates: tuple[str, ...]
    priority: int
    subject: str
    due_at: AwareDatetime | None
    started_at: AwareDatetime

    @property
    def urgency(self) -> tuple[int, bool, datetime, datetime, str]:
        """What tasks are sorted by: priority, then the earliest due, then the oldest."""
        due = self.due_at or self.started_at
        return (self.priority, self.due_at is None, due, self.started_at, self.task_id)


async def find_tasks(client: Client, wanted: TaskFilter) -> list[FoundTask]:
    """Every task that matches, the most urgent first; a change is found about a second later.

    Raises UsageError `tasks.too-many` above 10,000, and `runs.filter-value`.
    """
    query = task_query(wanted)
    found: list[FoundTask] = []
    token = b""
    while True:
        request = ListWorkflowExecutionsRequest(
            namespace=client.namespace, page_size=PAGE_SIZE, query=query, next_page_token=token
        )
        with refusals("list of tasks"):
            page = await client.workflow_service.list_workflow_executions(request, timeout=PATIENCE)
        found += [found_task(info) for info in page.executions]
        token = page.next_page_token
        if not token:
            break
        if len(found) >= MOST_FOUND:
            raise UsageError(
                f"More than {MOST_FOUND:,} tasks match. Ask for fewer: by group, subject, kind,"
                " priority, or the run that asks.",
                code="tasks.too-many",
            )
    words = frozenset(wanted.words) if wanted.has_words_to_compare else None
    return sorted(
        (each for each in found if words is None or concerns(each, words)),
        key=lambda each: each.urgency,
    )


async def count_tasks(client: Client, wanted: TaskFilter) -> int:
    """How many match, as far as visibility can tell: the kind is not counted by."""
    if wanted.has_words_to_compare:
        return len(await find_tasks(client, wanted))
    request = CountWorkflowExecutionsRequest(namespace=client.namespace, query=task_query(wanted))
    with refusals("count of tasks"):
        answer = await client.workflow_service.count_workflow_executions(request, timeout=PATIENCE)
    return answer.count


def is_served_by_us(info: WorkflowExecutionInfo) -> bool:
    """Whether our workers take it up: a run of that type elsewhere shows and says what it likes."""
    return info.task_queue == human_task.queue


def found_task(info: WorkflowExecutionInfo) -> FoundTask:
    """What the server's own words about an execution say of a task."""
    attributes = search_attributes(info.search_attributes)
    due = word(attributes, TASK_DUE.name)
    candidates = attributes.get(TASK_CANDIDATES.name, [])
    return FoundTask(
        task_id=info.execution.workflow_id,
        run_id=info.execution.run_id,
        root=info.root_execution.workflow_id or info.execution.workflow_id,
        state=_state(info, word(attributes, TASK_STATE.name)),
        assignee=word(attributes, TASK_ASSIGNEE.name) or None,
        candidates=(candidates,) if isinstance(candidates, str) else tuple(candidates),
        priority=int(word(attributes, TASK_PRIORITY.name) or 5),
        subject=word(attributes, SUBJECT.name) or "",
        due_at=datetime.fromisoformat(due) if due else None,
        started_at=moment(info.start_time) or now(),
    )


def _state(info: WorkflowExecutionInfo, told: str | None) -> State:
    """A task says where it stands once a worker took it up; not that it was ended by force."""
    state = cast("State", told or "open")
    status = RunStatus.from_raw(info.status)
    goes_on = status.is_open or status is RunStatus.CONTINUED_AS_NEW
    return state if goes_on or state in CLOSED else "cancelled"


def concerns(task: FoundTask | TaskView, words: Collection[str]) -> bool:
    """Whether it is claimed by, or open to, any of these people and groups: what the query says,
    for words that may not stand in one and for states that changed since."""
    if task.assignee in words:
        return True
    return task.state != "claimed" and any(each in words for each in task.candidates)
