"""Who started a run, as its memo says; the proof is in its permit."""

from temporalio.api.common.v1 import Memo
from temporalio.client import Client

STARTED_BY = "TenutoStartedBy"
"""Memo of a run: the principal that started it."""


async def started_by(client: Client, memo: Memo) -> str | None:
    """The principal; None for a run that was not started through the gate."""
    payload = memo.fields.get(STARTED_BY)
    if payload is None:
        return None
    (principal,) = await client.data_converter.decode([payload], [str])
    return str(principal)
