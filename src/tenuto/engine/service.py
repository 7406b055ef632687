"""Who speaks for a worker whose activities start runs and send updates by themselves."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from temporalio.client import Client


class ServiceSigner(Protocol):
    """Asks policy and signs in the name of a service."""

    async def sign_start(
        self, client: Client, *, type_name: str, workflow_id: str, queue: str, args: Sequence[Any]
    ) -> Mapping[str, str]:
        """Headers of a start. Raises PolicyDenied where the service may not start it."""

    async def sign_update(
        self,
        client: Client,
        *,
        workflow_id: str,
        type_name: str,
        name: str,
        args: Sequence[Any],
    ) -> Mapping[str, str]:
        """Headers of an update; `type_name` is empty where only the server knows what the run is.
        Raises PolicyDenied where the service may not send it."""

    async def sign_signal(
        self, client: Client, *, workflow_id: str, name: str, args: Sequence[Any]
    ) -> Mapping[str, str]:
        """Headers of a signal. Raises PolicyDenied where the service may not send it."""


_lock = threading.Lock()
_signer: ServiceSigner | None = None


def speak_through(signer: ServiceSigner | None) -> None:
    """Makes `signer` the one that signs for activities of this process; None: they are not."""
    global _signer
    with _lock:
        _signer = signer


def service_signer() -> ServiceSigner | None:
    """The signer given to `speak_through`; None where policy is off."""
    with _lock:
        return _signer
