"""What the embedded server is asked over gRPC before anybody else talks to it."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from temporalio.api.workflowservice.v1 import ListNamespacesRequest
from temporalio.service import ConnectConfig, RPCError, ServiceClient

from tenuto.core.errors import UnreachableError

_POLL_S = 0.02


class Frontend:
    """A connection to the frontend that answered."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def search_attribute_slots(self) -> set[str]:
        """The visibility columns (`Keyword01`) that some namespace has given a name.

        Raises UnreachableError when the server no longer answers.
        """
        slots: set[str] = set()
        request = ListNamespacesRequest(page_size=200)
        while True:
            try:
                page = await self._service.workflow_service.list_namespaces(request, retry=True)
            except RPCError as error:
                raise UnreachableError(
                    f"The embedded server stopped answering: {error.message}. Start it again.",
                    code="embedded.no-answer",
                ) from error
            for namespace in page.namespaces:
                slots.update(namespace.config.custom_search_attribute_aliases)
            if not page.next_page_token:
                return slots
            request.next_page_token = page.next_page_token


async def wait_for_frontend(
    address: str, has_ended: Callable[[], bool], patience: timedelta
) -> Frontend | None:
    """Returns once GetSystemInfo is answered at `address`; None if the server ended or did not
    answer in `patience`."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience.total_seconds()
    config = ConnectConfig(target_host=address, identity="tenuto-embedded")
    while not has_ended() and loop.time() < deadline:
        try:
            return Frontend(await ServiceClient.connect(config))
        except (RuntimeError, RPCError):
            await asyncio.sleep(_POLL_S)
    return None
