"""What activities start and send by themselves passes the gate too, in the worker's own name."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, JsonValue
from temporalio.client import Client

from tenuto.catalog.registry import Catalog
from tenuto.core.errors import NotFoundError, PolicyDenied
from tenuto.engine.runs.execution import Execution
from tenuto.identity.principal import Authentication, Principal
from tenuto.policy.decision import Resource
from tenuto.triggers.gate.gate import Gate
from tenuto.triggers.gate.resources import find_resource, of_run
from tenuto.triggers.origin import Starting

WORKER = Principal(id="s:worker", authentication=Authentication(method="local", via="worker"))
"""The service that a worker's own activities are: it opens break desks and storm guards."""


class GateForActivities:
    """Signs for the activities of one worker process what the rules allow `s:worker`."""

    def __init__(self, gate: Gate, catalog: Catalog) -> None:
        self._gate = gate
        self._names = {entry.type_name: name for name, entry in catalog.workflows.items()}

    async def sign_start(
        self, client: Client, *, type_name: str, workflow_id: str, queue: str, args: Sequence[Any]
    ) -> Mapping[str, str]:
        """A permit. Raises PolicyDenied `policy.denied`, and `policy.unknown-workflow` for a type
        that is not in the catalog."""
        name = self._names.get(type_name)
        if name is None:
            raise PolicyDenied(
                f"An activity wants to start a `{type_name}`, which is in no catalog here, so no"
                " rule can allow it. Add an entry to a pack.",
                code="policy.unknown-workflow",
            )
        starting = Starting(
            type_name=type_name, workflow_id=workflow_id, queue=queue, arguments=args
        )
        workflow = Resource(type="WorkflowType", id=name, attributes={"tags": []})
        context: dict[str, JsonValue] = {"input": _plain(args)}
        return await self._gate.sign_start(client, workflow, context, starting)

    async def sign_update(
        self,
        client: Client,
        *,
        workflow_id: str,
        type_name: str,
        name: str,
        args: Sequence[Any],
    ) -> Mapping[str, str]:
        """A ticket. Raises PolicyDenied `policy.denied`."""
        run = of_run(workflow_id, type_name) if type_name else await _found(client, workflow_id)
        return {} if run is None else await self._gate.sign_update(client, run, name, args)

    async def sign_signal(
        self, client: Client, *, workflow_id: str, name: str, args: Sequence[Any]
    ) -> Mapping[str, str]:
        """A ticket. Raises PolicyDenied `policy.denied`."""
        run = await _found(client, workflow_id)
        return {} if run is None else await self._gate.sign_signal(client, run, name, args)


async def _found(client: Client, workflow_id: str) -> Resource | None:
    """None where there is no such run: whoever tells it something hears that from the server."""
    try:
        return await find_resource(client, Execution(workflow_id=workflow_id))
    except NotFoundError:
        return None


def _plain(args: Sequence[Any]) -> JsonValue:
    first = args[0] if args else {}
    return first.model_dump(mode="json") if isinstance(first, BaseModel) else first
