"""Payloads that the SDK moves to the store, through its own data converter."""

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    DataConverter,
    StorageDriverClaim,
    StorageDriverRetrieveContext,
    StorageDriverStoreContext,
)

from tenuto.artifacts.blobs import blob_path
from tenuto.artifacts.external import ArtifactDriver, external_storage
from tenuto.artifacts.store import ArtifactStore
from tenuto.core.errors import CorruptError, DataError, NotFoundError

LARGE = ["x" * 100] * 10_000


async def test_a_large_payload_goes_to_the_store_and_comes_back(store: ArtifactStore) -> None:
    converter = DataConverter(external_storage=external_storage(store))

    large, small = await converter.encode([LARGE, "small"])

    assert large.ByteSize() < 1000
    assert store.totals().blobs == 1
    assert store.totals().bytes > 1_000_000
    assert await converter.decode([large, small]) == [LARGE, "small"]


async def test_a_repeated_payload_is_stored_once(store: ArtifactStore) -> None:
    converter = DataConverter(external_storage=external_storage(store))

    first, second = await converter.encode([LARGE, LARGE])
    (third,) = await converter.encode([LARGE])

    assert first == second == third
    assert store.totals().blobs == 1


async def test_the_order_of_metadata_does_not_matter(store: ArtifactStore) -> None:
    driver = ArtifactDriver(store)
    keys = [f"k{n}" for n in range(50)]
    payloads = [
        Payload(metadata=dict.fromkeys(order, b"v"), data=b"data")
        for order in (keys, list(reversed(keys)))
    ]

    first, second = await driver.store(StorageDriverStoreContext(), payloads)

    assert first == second
    assert await driver.retrieve(StorageDriverRetrieveContext(), [first, second]) == payloads


async def test_a_damaged_or_lost_payload_is_not_taken_for_the_right_one(
    store: ArtifactStore,
) -> None:
    converter = DataConverter(external_storage=external_storage(store))
    encoded = await converter.encode([LARGE])
    (blob,) = store.list_blobs()

    store.place.write(blob_path(blob.sha256), b"other")
    with pytest.raises(CorruptError):
        await converter.decode(encoded)

    (other,) = await ArtifactDriver(store).store(
        StorageDriverStoreContext(), [Payload(data=b"data")]
    )
    lost = other.claim_data["uri"][:-4] + "0000"
    with pytest.raises(NotFoundError):
        await ArtifactDriver(store).retrieve(
            StorageDriverRetrieveContext(), [StorageDriverClaim(claim_data={"uri": lost})]
        )


async def test_a_claim_of_another_kind_is_refused(store: ArtifactStore) -> None:
    claim = StorageDriverClaim(claim_data={"bucket": "b", "key": "k"})

    with pytest.raises(DataError) as caught:
        await ArtifactDriver(store).retrieve(StorageDriverRetrieveContext(), [claim])
    assert caught.value.code == "artifact.bad-claim"
