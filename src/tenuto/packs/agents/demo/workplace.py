"""A place of the demonstration's own: a namespace with policy on, its workers, keys, and ledger."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

from temporalio.client import Client

from tenuto.activities.evidence.pack import pack as evidence
from tenuto.activities.notify.pack import pack as notify
from tenuto.activities.tasks.pack import pack as tasks
from tenuto.catalog.library.evidence.catalog import QUEUE as EVIDENCE
from tenuto.catalog.registry import Catalog
from tenuto.engine.admission import Admission
from tenuto.engine.registration import load_registration
from tenuto.engine.settings import WorkerSettings
from tenuto.engine.trusting import keep_trusting
from tenuto.engine.worker import build_workers
from tenuto.evidence.home import EvidenceHome, evidence_home, use_evidence
from tenuto.identity.principal import Principal
from tenuto.packs.agents.pack import pack as agents
from tenuto.policy.cedar import load_policy
from tenuto.policy.current import current_policy, use_policy
from tenuto.policy.decision import PolicyEngine
from tenuto.triggers.demo import Stage, own_namespace
from tenuto.triggers.gate.gate import Gate

_HERE = Path(__file__).parent
_PACKS = (agents, tasks, notify, evidence)


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """Where the demonstration plays."""

    client: Client
    stage: Stage
    rules: PolicyEngine
    home: EvidenceHome

    def gate(self, who: str, *groups: str) -> Gate:
        """The gate as that person passes it."""
        principal = Principal(id=who, groups=tuple(groups))
        return Gate(principal, self.rules, self.home.keys, self.home.spool)


@asynccontextmanager
async def workplace(stage: Stage) -> AsyncIterator[Workplace]:
    """The place, with everything running, for the time of the block.

    Its namespace is new, so that nothing else is held to its rules.
    """
    client = await own_namespace(stage, "agent")
    folder = stage.folder
    home = evidence_home(str(folder / "ledger"), folder / "spool", folder / "keys")
    registration = load_registration(_PACKS)
    rules = await asyncio.to_thread(_load_rules, folder / "policy", registration.catalog)
    async with AsyncExitStack() as inside:
        inside.enter_context(_set_for_this_process(rules, home, folder))
        trusting = asyncio.create_task(keep_trusting(home.keys))
        inside.callback(trusting.cancel)
        for queue in registration.queues:
            # The exporter is the platform's own; nobody has to be permitted to start it.
            admission = Admission(is_demanded=queue != EVIDENCE)
            for worker in build_workers(
                client,
                registration,
                WorkerSettings(threads=4),
                queues=[queue],
                is_embedded=True,
                admission=admission,
            ):
                await inside.enter_async_context(worker)
        yield Workplace(client=client, stage=stage, rules=rules, home=home)


def _load_rules(folder: Path, catalog: Catalog) -> PolicyEngine:
    folder.mkdir(exist_ok=True)
    copyfile(_HERE / "rules.cedar", folder / "agents.cedar")
    schemas = {e.name: e.request.model_json_schema() for e in catalog.workflows.values()}
    return load_policy(folder, schemas)


@contextmanager
def _set_for_this_process(rules: PolicyEngine, home: EvidenceHome, folder: Path) -> Iterator[None]:
    """What bodies look up in their process; as it was before at the end."""
    before = current_policy()
    variables = {
        "TENUTO_NOTIFY_FOLDER": str(folder / "desk"),
        "TENUTO_AGENTS_SCRATCH": str(folder / "scratch"),
    }
    kept = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    use_policy(rules)
    use_evidence(home)
    try:
        yield
    finally:
        use_policy(before)
        use_evidence(None)
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
