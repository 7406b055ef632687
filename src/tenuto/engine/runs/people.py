"""That a task waits for people, and how they answer it."""

from temporalio.api.workflowservice.v1 import DescribeWorkflowExecutionResponse
from temporalio.client import Client

from tenuto.catalog.library.tasks.attributes import ASSIGNEE_ATTRIBUTE, CANDIDATES_ATTRIBUTE
from tenuto.catalog.library.tasks.catalog import human_task
from tenuto.engine.runs.attributes import search_attributes, word
from tenuto.engine.runs.execution import Execution
from tenuto.engine.runs.findings import Finding, FindingKind
from tenuto.engine.runs.moments import moment
from tenuto.engine.runs.payloads import PayloadReader


def is_task(raw: DescribeWorkflowExecutionResponse) -> bool:
    """Whether the run is a task for people."""
    return raw.workflow_execution_info.type.name == human_task.type_name


async def waits_for_people(
    client: Client, execution: Execution, raw: DescribeWorkflowExecutionResponse
) -> Finding:
    """Who is asked what by an open task, and the commands that answer it."""
    info, task = raw.workflow_execution_info, execution.workflow_id
    attributes = search_attributes(info.search_attributes)
    named = attributes.get(CANDIDATES_ATTRIBUTE, [])
    people = " or ".join([named] if isinstance(named, str) else named)
    has = word(attributes, ASSIGNEE_ATTRIBUTE)
    asked = await PayloadReader(client.data_converter).text(
        raw.execution_config.user_metadata.summary
    )
    return Finding(
        kind=FindingKind.WAITING_FOR_MESSAGE,
        sentence=f"`{task}` waits for {people or 'people'} to decide"
        + (f"; `{has}` has claimed it" if has else "")
        + (f": {asked}" if asked else "")
        + ".",
        remedy=f"`tenuto tasks show {task}`, then `tenuto tasks approve {task}` or `reject`",
        workflow_id=task,
        since=moment(info.start_time),
    )
