"""What every command that talks to a server needs, opened in one line."""

import asyncio
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

from temporalio.client import Client

from tenuto.artifacts.external import external_storage
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.engine.connection import Target, connect, find_target, payload_codec
from tenuto.engine.embedded import running_server
from tenuto.engine.runs.execution import Execution
from tenuto.engine.settings import Settings, load_settings

if TYPE_CHECKING:
    from tenuto.catalog.registry import Catalog
    from tenuto.policy.decision import PolicyEngine, Resource
    from tenuto.triggers.gate.gate import Gate


@dataclass(frozen=True, kw_only=True)
class Session:
    """This project, its server, and its artifact store."""

    settings: Settings
    target: Target
    client: Client
    store: ArtifactStore

    @cached_property
    def gate(self) -> "Gate":
        """The gate that whoever asks passes: every command that reads or changes goes through it.

        Raises PolicyDenied and UsageError where it is not known who asks, UsageError for rules that
        do not load.
        """
        return project_gate(self.settings, self.target.address)


async def open_session() -> Session:
    """Connects to the profile's server, or to this project's running one.

    Raises UnreachableError when there is neither, UsageError for wrong settings.
    """
    settings = load_settings()
    target = find_target(settings)
    store = open_store(settings.artifacts_url)
    client = await connect(
        target,
        external_storage=external_storage(store),
        codec=payload_codec(settings, target),
    )
    return Session(settings=settings, target=target, client=client, store=store)


def project_gate(settings: Settings, address: str) -> "Gate":
    """The gate of this project for whoever asks the server at `address`. Raises as
    `Session.gate`."""
    from tenuto.cli.asking import principal_of
    from tenuto.triggers.gate.opening import open_gate

    return open_gate(settings, principal_of(settings, address), project_rules(settings))


def catalog_here() -> "Catalog":
    """All that this project can run. Imports no pack's bodies."""
    from tenuto.app import project_catalog

    return project_catalog(load_settings())


def authorize_locally(action: str, resource: "Resource") -> None:
    """Asks the gate for a command that needs no server. Raises PolicyDenied `policy.denied`."""
    from tenuto.cli.asking import asked_address

    settings = load_settings()
    gate = project_gate(settings, asked_address(settings))
    asyncio.run(gate.authorize(action, resource))


def project_rules(settings: Settings) -> "PolicyEngine | None":
    """The project's rules over its whole catalog; None where policy is off.

    Raises UsageError for rules that do not load: nothing is allowed by half of them.
    """
    if settings.policy_path is None:
        return None
    from tenuto.cli.policies.in_force import rules_in_force

    return rules_in_force(settings)


def run_url(session: Session, run: Execution) -> str | None:
    """Where Temporal's own page shows the run; None where that page's address is not known."""
    server = running_server(session.settings.state_path) if session.target.is_embedded else None
    if server is None or server.ui_url is None:
        return None
    path = "/".join(quote(part, safe="") for part in (run.workflow_id, run.run_id) if part)
    return f"{server.ui_url}/namespaces/{session.client.namespace}/workflows/{path}"
