"""What every command that talks to a server needs, opened in one line."""

from dataclasses import dataclass
from urllib.parse import quote

from temporalio.client import Client

from tenuto.artifacts.external import external_storage
from tenuto.artifacts.store import ArtifactStore, open_store
from tenuto.engine.connection import Target, connect, find_target
from tenuto.engine.embedded import running_server
from tenuto.engine.runs.execution import Execution
from tenuto.engine.settings import Settings, load_settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """This project, its server, and its artifact store."""

    settings: Settings
    target: Target
    client: Client
    store: ArtifactStore


async def open_session() -> Session:
    """Connects to the profile's server, or to this project's running one.

    Raises UnreachableError when there is neither, UsageError for wrong settings.
    """
    settings = load_settings()
    target = find_target(settings)
    store = open_store(settings.artifacts_url)
    client = await connect(target, external_storage=external_storage(store))
    return Session(settings=settings, target=target, client=client, store=store)


def run_url(session: Session, run: Execution) -> str | None:
    """Where Temporal's own page shows the run; None where that page's address is not known."""
    server = running_server(session.settings.state_path) if session.target.is_embedded else None
    if server is None or server.ui_url is None:
        return None
    path = "/".join(quote(part, safe="") for part in (run.workflow_id, run.run_id) if part)
    return f"{server.ui_url}/namespaces/{session.client.namespace}/workflows/{path}"
