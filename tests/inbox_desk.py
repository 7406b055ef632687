"""People at their desks in tests: each with a gate of its own, before tasks that are served."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from temporalio.client import Client

from task_desk import RING
from tenuto.catalog.library.tasks.outcome import Standing, TaskView
from tenuto.core.people import group, person
from tenuto.engine.runs.task_query import TaskFilter
from tenuto.identity.keys import KeyFolder
from tenuto.identity.principal import Principal
from tenuto.policy.decision import PolicyEngine
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.gate.records import RecordsInMemory
from tenuto.triggers.gate.resources import of_task
from tenuto.triggers.tasks.acting import Message, tell_task
from tenuto.triggers.tasks.inbox import Inbox, read_inbox


class Person:
    """Somebody at a desk."""

    def __init__(
        self, client: Client, keys: Path, name: str, *groups: str, rules: PolicyEngine | None = None
    ) -> None:
        self.client = client
        who = Principal(id=person(name), groups=tuple(map(group, groups)))
        self.records = RecordsInMemory()
        self.gate = Gate(who, rules, KeyFolder(keys), self.records)

    async def may_read(self, tasks: Sequence[TaskView]) -> list[bool]:
        """Of each task, whether the rules let this person read it."""
        return [self.gate.allows("task:read", of_task(task)) for task in tasks]

    async def inbox(self, *, limit: int = 50, **narrower: Any) -> Inbox:
        """What waits for this person, or what the filters say."""
        given = {"words": sorted(self.gate.principal.words), **narrower}
        wanted = TaskFilter.model_validate(given)
        return await read_inbox(
            self.client, wanted, self.gate.principal, self.may_read, limit=limit
        )

    async def ids(self, **narrower: Any) -> list[str]:
        """Ids of these tasks, the most urgent first."""
        return [row.task.task_id for row in (await self.inbox(**narrower)).rows]

    async def tells(self, task_id: str, message: Message) -> Standing:
        """How the task stands after `message`."""
        return await tell_task(self.client, self.gate, task_id, message)


def keys_in(folder: Path) -> Path:
    """A folder with the keys that the workers of `task_worker` trust."""
    keys = KeyFolder(folder)
    folder.mkdir(parents=True, exist_ok=True)
    keys.path("decisions").touch(mode=0o600)
    keys.path("decisions").write_text(RING.model_dump_json())
    return folder
