"""What went in and came out, decoded for a reader; what cannot be decoded says why."""

from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payload, Payloads
from temporalio.converter import DataConverter

from tenuto.core.records import Record

LARGEST_SHOWN_BYTES = 256 * 1024


class Shown(Record):
    """Arguments or a result."""

    values: tuple[Any, ...] = ()
    """Decoded values, one per argument; empty when `problem` is set."""
    bytes: int
    """Size as stored, outside the history included."""
    problem: str | None = None
    """Why there are no values."""


class PayloadReader:
    """Decodes payloads and failures with the client's converter: codec and store included."""

    def __init__(self, converter: DataConverter) -> None:
        self._converter = converter

    async def show(self, payloads: Payloads | Sequence[Payload]) -> Shown | None:
        """The decoded values; None where nothing was sent."""
        each = list(payloads.payloads if isinstance(payloads, Payloads) else payloads)
        if not each:
            return None
        size = sum(_stored_bytes(payload) for payload in each)
        if size > LARGEST_SHOWN_BYTES:
            return Shown(bytes=size, problem=f"too large to show ({size:,} bytes)")
        try:
            return Shown(values=tuple(await self._converter.decode(each)), bytes=size)
        except Exception as error:  # noqa: BLE001 (any codec, any store: the reader is told)
            return Shown(bytes=size, problem=f"cannot be decoded: {type(error).__name__}: {error}")

    async def text(self, payload: Payload) -> str | None:
        """A summary or details text; None where there is none."""
        if not payload.metadata:
            return None
        shown = await self.show([payload])
        if shown is None:
            return None
        return f"({shown.problem})" if shown.problem else str(shown.values[0])


def _stored_bytes(payload: Payload) -> int:
    outside = sum(part.size_bytes for part in payload.external_payloads)
    return len(payload.data) + outside
