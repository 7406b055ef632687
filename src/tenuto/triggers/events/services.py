"""As whom triggers act."""

from tenuto.identity.principal import Authentication, Principal
from tenuto.triggers.events.arrivals import Kind


def principal_of(kind: Kind, trigger: str) -> Principal:
    """The service that a trigger is: `s:webhook/<name>`, `s:event/<name>`, `s:file/<name>`."""
    return Principal(
        id=f"s:{kind}/{trigger}", authentication=Authentication(method="local", via=kind)
    )
