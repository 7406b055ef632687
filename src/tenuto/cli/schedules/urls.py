"""Where Temporal's own page shows a schedule."""

from urllib.parse import quote

from tenuto.cli.session import Session
from tenuto.engine.embedded import running_server


def schedule_url(session: Session, schedule_id: str) -> str | None:
    """None where that page's address is not known."""
    server = running_server(session.settings.state_path) if session.target.is_embedded else None
    if server is None or server.ui_url is None:
        return None
    named = quote(schedule_id, safe="")
    return f"{server.ui_url}/namespaces/{session.client.namespace}/schedules/{named}"
