"""Payloads too large for a history, moved to the store by the Temporal SDK."""

import asyncio
from collections.abc import Sequence

from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    ExternalStorage,
    StorageDriver,
    StorageDriverClaim,
    StorageDriverRetrieveContext,
    StorageDriverStoreContext,
)

from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import DataError

THRESHOLD_BYTES = 256 * 1024

_DRIVER = "tenuto.artifacts"
_MEDIA_TYPE = "application/x-protobuf"


def external_storage(store: ArtifactStore) -> ExternalStorage:
    """What `DataConverter(external_storage=...)` takes: payloads from 256 KiB go to `store`."""
    return ExternalStorage(drivers=[ArtifactDriver(store)], payload_size_threshold=THRESHOLD_BYTES)


class ArtifactDriver(StorageDriver):
    """Keeps payloads by their content, so that a repeated payload is stored once.

    The SDK encodes before it stores: with an encrypting codec the store sees ciphertext only.
    A history holds the claim `{"uri": "artifact://..."}`, which is what garbage collection
    must be told to keep.
    """

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store

    def name(self) -> str:
        """The same in every process, because histories keep it."""
        return _DRIVER

    def type(self) -> str:
        """The same as the name: there is one store per process."""
        return _DRIVER

    async def store(
        self, context: StorageDriverStoreContext, payloads: Sequence[Payload]
    ) -> list[StorageDriverClaim]:
        """One claim per payload, in order."""
        return await asyncio.gather(*(asyncio.to_thread(self._put, p) for p in payloads))

    async def retrieve(
        self, context: StorageDriverRetrieveContext, claims: Sequence[StorageDriverClaim]
    ) -> list[Payload]:
        """One payload per claim, in order, each verified."""
        return await asyncio.gather(*(asyncio.to_thread(self._get, c) for c in claims))

    def _put(self, payload: Payload) -> StorageDriverClaim:
        # Metadata is a map, which protobuf may otherwise write in a different order each time.
        data = payload.SerializeToString(deterministic=True)
        stored = self._store.put_bytes(data, name="payload", media_type=_MEDIA_TYPE)
        return StorageDriverClaim(claim_data={"uri": stored.uri})

    def _get(self, claim: StorageDriverClaim) -> Payload:
        uri = claim.claim_data.get("uri")
        if uri is None:
            raise DataError(
                f"A payload in this history claims {dict(claim.claim_data)!r}, expected `uri`; it "
                "was written by a driver that this version does not know.",
                code="artifact.bad-claim",
            )
        return Payload.FromString(self._store.get_bytes(uri))
