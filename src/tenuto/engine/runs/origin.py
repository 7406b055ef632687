"""Who started a run, as its memo says; the proof is in its permit."""

from temporalio.api.common.v1 import Memo
from temporalio.client import Client

from tenuto.core.errors import DataError
from tenuto.engine.encryption import WITHOUT_KEY

STARTED_BY = "TenutoStartedBy"
"""Memo of a run: the principal that started it."""


async def started_by(client: Client, memo: Memo) -> str | None:
    """The principal; None for a run that was not started through the gate, or whose key is
    not here: it was destroyed, or never was."""
    payload = memo.fields.get(STARTED_BY)
    if payload is None:
        return None
    try:
        (principal,) = await client.data_converter.decode([payload], [str])
    except DataError as unreadable:
        if unreadable.code not in WITHOUT_KEY:
            raise
        return None  # such a run is still listed, and can still be ended
    return str(principal)
