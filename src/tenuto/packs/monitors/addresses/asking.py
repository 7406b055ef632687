"""Asking and telling the run that keeps an address."""

import asyncio

from pydantic import ValidationError
from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from tenuto.core.errors import UsageError
from tenuto.engine.runs.calls import PATIENCE, refusals
from tenuto.packs.monitors.addresses.catalog import monitor_address
from tenuto.packs.monitors.addresses.codes import proof_of
from tenuto.packs.monitors.addresses.models import AddressRequest, Answer, ProofRequest
from tenuto.triggers.gate.gate import Gate


async def is_proved(client: Client, owner: str, address: str) -> bool:
    """Whether the owner has proved the address; never where anything else answers to its id.

    Raises UnreachableError or TransientError where nobody answers.
    """
    named = AddressRequest(owner=owner, address=address).workflow_id
    handle = client.get_workflow_handle(named)
    try:
        answer: Answer = await handle.query("standing", result_type=Answer, rpc_timeout=PATIENCE)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return False
        with refusals(f"address {address}"):
            raise
    except WorkflowQueryFailedError:
        return False
    return answer.is_verified


def request_of(owner: str, address: str) -> AddressRequest:
    """The address as its run keeps it. Raises UsageError `monitors.no-address`."""
    try:
        return AddressRequest(owner=owner, address=address)
    except ValidationError as wrong:
        raise UsageError(
            f"{address!r} is no e-mail address; write for example ann@example.com.",
            code="monitors.no-address",
        ) from wrong


async def ask_for_code(client: Client, gate: Gate, address: str) -> Answer:
    """Mails a code to an address of whoever asks; nothing where it is proved already.

    Raises UsageError `monitors.too-many-codes`, `monitors.code-not-sent`, PolicyDenied.
    """
    request = request_of(gate.principal.id, address)
    try:
        await gate.start(client, monitor_address, request, workflow_id=request.workflow_id)
    except UsageError as error:
        if error.code != "start.id-taken":
            raise
    return _answer(await gate.update(client, request.workflow_id, "send_code"))


async def prove(client: Client, gate: Gate, address: str, code: str) -> Answer:
    """How the address stands after this try; the code itself is told to nobody.

    Raises NotFoundError where no code was asked for, UsageError `monitors.code-wrong`,
    `monitors.code-expired`, `monitors.code-spent`, PolicyDenied.
    """
    named = request_of(gate.principal.id, address).workflow_id
    known = _answer(await gate.query(client, named, "standing"))
    if known.is_verified:
        return known
    salt = known.salt or "00" * 16  # without a code out the run says so
    proof = await asyncio.to_thread(proof_of, code, salt)
    return _answer(await gate.update(client, named, "prove", [ProofRequest(proof=proof)]))


def _answer(told: object) -> Answer:
    return told if isinstance(told, Answer) else Answer.model_validate(told)
