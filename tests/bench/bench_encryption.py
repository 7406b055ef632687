"""What encryption costs: `DataConverter` with the codec, against a codec that does nothing.

    .venv/bin/python tests/bench/bench_encryption.py

One payload goes through encode and decode, bytes in and bytes out, so that JSON is not measured.
The contenders alternate in one process; each figure is the median of the rounds, in microseconds
of CPU time of the process (large payloads are encrypted in a thread, which counts).
"""

import asyncio
import dataclasses
import platform
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter, PayloadCodec

from tenuto.engine.encryption import EncryptionCodec
from tenuto.identity.data_keys import DataKeyFile

SIZES = {"1 KB": 1_000, "100 KB": 100_000, "1 MB": 1_000_000}
ROUNDS = 21
ROUND_S = 0.05


class Nothing(PayloadCodec):
    """Copies, as every codec has to hand over payloads of its own."""

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """The same bytes."""
        return [Payload(metadata=dict(p.metadata), data=p.data) for p in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """The same bytes."""
        return [Payload(metadata=dict(p.metadata), data=p.data) for p in payloads]


async def microseconds(converter: DataConverter, value: bytes) -> float:
    """CPU time of one encode and decode, the mean over a round."""
    calls, start, began = 0, time.process_time(), time.perf_counter()
    while time.perf_counter() - began < ROUND_S:
        decoded = await converter.decode(await converter.encode([value]), [bytes])
        calls += 1
    assert decoded == [value]
    return 1e6 * (time.process_time() - start) / calls


async def main() -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory() as folder:
        keys = DataKeyFile(Path(folder))
        keys.open(datetime.now(UTC))
        contenders = {
            "no codec": DataConverter.default,
            "codec that copies": _with(Nothing()),
            "encryption": _with(EncryptionCodec("default", keys)),
        }
        print(f"Python {platform.python_version()}, {platform.machine()}")
        print(f"{'payload':8}{''.join(f'{name:>20}' for name in contenders)}{'to no codec':>14}")
        for name, size in SIZES.items():
            taken: dict[str, list[float]] = {each: [] for each in contenders}
            for _ in range(ROUNDS):
                for each, converter in contenders.items():
                    taken[each].append(await microseconds(converter, b"x" * size))
            found = {each: median(times) for each, times in taken.items()}
            ratio = found["encryption"] / found["no codec"]
            cells = "".join(f"{found[each]:17.1f} us" for each in contenders)
            print(f"{name:8}{cells}{ratio:13.1f}x")


def _with(codec: PayloadCodec) -> DataConverter:
    return dataclasses.replace(DataConverter.default, payload_codec=codec)


asyncio.run(main())
