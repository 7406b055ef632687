"""An installation with policy on in tests: rules of three words, a gate, a worker."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.worker import Worker

from tenuto.catalog.entries import WorkflowEntry
from tenuto.core.pack import Pack
from tenuto.engine.admission import Admission
from tenuto.engine.converter import error_code
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.trusting import keep_trusting
from tenuto.engine.worker import build_workers
from tenuto.identity.keys import KeyFolder
from tenuto.identity.principal import Principal
from tenuto.identity.ticket import hash_of
from tenuto.policy.decision import Decision, Question, Reason
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.gate.records import RecordsInMemory

PACK = Pack(
    name="guarded",
    summary="What tests of the gate run.",
    catalog=("guarded_catalog",),
    workflows=tuple(
        f"guarded_workflows:{name}Workflow"
        for name in ("Payment", "Asking", "Rolling", "Gathering", "Patient")
    ),
    activities=("guarded_bodies",),
    passthrough=("guarded_models",),
)


class WordRules:
    """Permits whatever is listed as (principal or group, action, resource id); `*` is any."""

    def __init__(self, *rules: tuple[str, str, str]) -> None:
        self.rules = rules

    @property
    def digest(self) -> str:
        """Names these rules."""
        return hash_of([list(rule) for rule in self.rules])

    def texts(self) -> Mapping[str, str]:
        """The rules as one file."""
        return {"words": "\n".join(" ".join(rule) for rule in self.rules)}

    def decide(self, question: Question) -> Decision:
        """Default deny."""
        words = {*question.principal.words, "*"}
        fitting = tuple(
            Reason(rule=" ".join(rule), effect="permit")
            for rule in self.rules
            if rule[0] in words
            and rule[1] in (question.action, "*")
            and rule[2] in (question.resource.id, "*")
        )
        return Decision(
            allowed=bool(fitting),
            reasons=fitting,
            policy=self.digest,
            question=hash_of([question]),
        )


ANN_MAY_ALL = WordRules(("u:ann", "*", "*"))


class Desk:
    """One client, one key folder, and what the gate wrote down."""

    def __init__(self, client: Client, folder: Path) -> None:
        self.client = client
        self.keys = KeyFolder(folder / "keys")
        self.records = RecordsInMemory()

    def gate(self, who: str = "u:ann", rules: WordRules | None = ANN_MAY_ALL) -> Gate:
        """The gate as `who` passes it; without rules, policy is off."""
        return Gate(Principal(id=who), rules, self.keys, self.records)

    @asynccontextmanager
    async def worker(
        self, *, is_demanded: bool = True, since: datetime | None = None, cached_runs: int = 1000
    ) -> AsyncIterator[Worker]:
        """A worker of the pack, running."""
        admission = Admission(is_demanded=is_demanded, since=since)
        (worker,) = build_workers(
            self.client,
            load_registration([PACK]),
            WorkerSettings(),
            is_embedded=True,
            admission=admission,
            cached_runs=cached_runs,
        )
        trusting = asyncio.create_task(keep_trusting(self.keys))
        async with worker:
            yield worker
        trusting.cancel()

    async def start_raw(
        self, entry: WorkflowEntry[Any, Any], request: Any, **given: Any
    ) -> WorkflowHandle[Any, Any]:
        """A start past the gate, as any client of the namespace can send it."""
        given = {"id": f"raw-{uuid.uuid4()}", "task_queue": entry.queue, **given}
        return await self.client.start_workflow(entry.type_name, request, **given)


async def refusal(run: WorkflowHandle[Any, Any]) -> str | None:
    """The code that a run failed with; None where it ended well."""
    try:
        await run.result()
    except WorkflowFailureError as failed:
        cause: BaseException | None = failed.cause
        while cause is not None:
            code = error_code(cause)
            if code:
                return code
            cause = cause.__cause__
        return "no code"
    return None
