"""Who started a run, where its memo is encrypted."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from temporalio.api.common.v1 import Memo
from temporalio.client import Client

from tenuto.core.errors import DataError
from tenuto.engine.converter import data_converter
from tenuto.engine.encryption import EncryptionCodec
from tenuto.engine.runs.origin import STARTED_BY, started_by
from tenuto.identity.data_keys import DataKeyFile

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def reader(folder: Path, namespace: str = "default") -> Any:
    keys = DataKeyFile(folder)
    keys.open(NOW)
    return data_converter(None, EncryptionCodec(namespace, keys))


async def memo(converter: Any) -> Memo:
    (payload,) = await converter.encode(["u:ann"])
    return Memo(fields={STARTED_BY: payload})


def client(converter: Any) -> Client:
    return cast("Client", SimpleNamespace(data_converter=converter))


async def test_a_run_of_another_key_is_one_whose_starter_is_not_known(tmp_path: Path) -> None:
    ours, others = reader(tmp_path / "ours"), reader(tmp_path / "others")
    written = await memo(others)
    assert await started_by(client(others), written) == "u:ann"
    assert await started_by(client(ours), written) is None


@pytest.mark.attack
async def test_a_memo_that_was_carried_from_another_namespace_is_refused(tmp_path: Path) -> None:
    written = await memo(reader(tmp_path, "elsewhere"))
    with pytest.raises(DataError) as refused:
        await started_by(client(reader(tmp_path)), written)
    assert refused.value.code == "encryption.not-genuine"
