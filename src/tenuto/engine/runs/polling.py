"""Whether anybody takes work from a task queue."""

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import AwareDatetime
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from tenuto.core.records import Record
from tenuto.engine.runs.calls import PATIENCE, refusals
from tenuto.engine.runs.moments import moment, now

_LONG_POLL = timedelta(seconds=70)
"""An idle worker asks again after a minute; some seconds are allowed on top."""

_PICKUP = timedelta(seconds=3)
"""An idle worker picks a task up much sooner than this."""


class TaskKind(StrEnum):
    """The two kinds of work a queue holds."""

    WORKFLOW = "workflow"
    ACTIVITY = "activity"


class Polling(Record):
    """Who asked a queue for work, and when."""

    queue: str
    kind: TaskKind
    last_poll_at: AwareDatetime | None
    """None when nobody asked in the last minutes. The server forgets after five."""
    worker: str | None
    """Identity of who asked last."""

    @property
    def is_recent(self) -> bool:
        """Whether somebody asked within the time one long poll lasts."""
        return self.last_poll_at is not None and now() - self.last_poll_at < _LONG_POLL

    def serves(self, since: datetime) -> bool:
        """Whether a task that waits since then may still be picked up by somebody there.

        A killed worker stays in the server's list of pollers for minutes. But a task is handed
        to a waiting poll at once, so one that waits while nobody asked anew has no taker.
        """
        if self.last_poll_at is None:
            return False
        return self.last_poll_at >= since or (self.is_recent and now() - since < _PICKUP)


async def read_polling(client: Client, queue: str, kind: TaskKind) -> Polling:
    """The latest poll of a task queue."""
    of_kind = {
        TaskKind.WORKFLOW: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        TaskKind.ACTIVITY: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    }
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=of_kind[kind],
    )
    with refusals(f"task queue `{queue}`"):
        found = await client.workflow_service.describe_task_queue(request, timeout=PATIENCE)
    polls = [(moment(each.last_access_time), each.identity) for each in found.pollers]
    latest = max(((at, who) for at, who in polls if at), default=(None, None))
    return Polling(queue=queue, kind=kind, last_poll_at=latest[0], worker=latest[1])
