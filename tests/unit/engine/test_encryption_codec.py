"""The encrypting codec: what it writes, what it reads, and what it refuses to read."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload

from tenuto.core.errors import DataError, UsageError
from tenuto.engine.connection import Target, payload_codec
from tenuto.engine.encryption import ENCODING, KEY_ID, EncryptionCodec
from tenuto.engine.settings import EncryptionSettings, Settings
from tenuto.identity.data_keys import DataKeyFile

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'"the price is 417"')


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> DataKeyFile:
    made = DataKeyFile(tmp_path_factory.mktemp("keys"))
    made.open(NOW)
    return made


@pytest.fixture(scope="module")
def codec(keys: DataKeyFile) -> EncryptionCodec:
    return EncryptionCodec("default", keys)


async def refusal(codec: EncryptionCodec, payload: Payload) -> DataError:
    with pytest.raises(DataError) as refused:
        await codec.decode([payload])
    return refused.value


@given(
    data=st.binary(max_size=2000),
    metadata=st.dictionaries(st.text(max_size=20), st.binary(max_size=20), max_size=4),
)
async def test_what_was_encrypted_comes_back(
    codec: EncryptionCodec, data: bytes, metadata: dict[str, bytes]
) -> None:
    payload = Payload(metadata=metadata, data=data)
    [encrypted] = await codec.encode([payload])
    assert encrypted.metadata["encoding"] == ENCODING
    assert await codec.decode([encrypted]) == [payload]


async def test_large_payloads_come_back_too(codec: EncryptionCodec) -> None:
    payloads = [Payload(data=b"x" * (3 << 20)), PLAIN]
    assert await codec.decode(await codec.encode(payloads)) == payloads


async def test_only_the_key_and_the_length_can_be_seen(codec: EncryptionCodec) -> None:
    one, other = await codec.encode([PLAIN, PLAIN])
    assert set(one.metadata) == {"encoding", KEY_ID}
    assert PLAIN.data not in one.SerializeToString()
    assert one.data != other.data, "equal values look equal"


@pytest.mark.attack
@pytest.mark.parametrize("namespace", ["other", "Default", "default ", ""])
async def test_a_payload_of_another_namespace_is_refused(
    codec: EncryptionCodec, keys: DataKeyFile, namespace: str
) -> None:
    [carried] = await EncryptionCodec(namespace, keys).encode([PLAIN])
    wrong = await refusal(codec, carried)
    assert wrong.code == "encryption.not-genuine"
    assert "`default`" in wrong.message


@pytest.mark.attack
async def test_every_changed_byte_is_noticed(codec: EncryptionCodec) -> None:
    [encrypted] = await codec.encode([PLAIN])
    for place in range(len(encrypted.data)):
        data = bytearray(encrypted.data)
        data[place] ^= 1
        changed = Payload(metadata=dict(encrypted.metadata), data=bytes(data))
        assert (await refusal(codec, changed)).code == "encryption.not-genuine"


@pytest.mark.attack
@pytest.mark.parametrize("data", [b"", b"x", b"x" * 12, b"x" * 27, b"x" * 28])
async def test_bytes_that_are_no_ciphertext_are_refused(
    codec: EncryptionCodec, keys: DataKeyFile, data: bytes
) -> None:
    metadata = {"encoding": ENCODING, KEY_ID: keys.read().active.kid.encode()}
    wrong = await refusal(codec, Payload(metadata=metadata, data=data))
    assert wrong.code == "encryption.not-genuine"


@pytest.mark.attack
@pytest.mark.parametrize("kid", [b"", b"0123456789abcdef", b"\xff\xfe", b"../../etc/passwd"])
async def test_an_unknown_key_is_named(codec: EncryptionCodec, kid: bytes) -> None:
    [encrypted] = await codec.encode([PLAIN])
    encrypted.metadata[KEY_ID] = kid
    wrong = await refusal(codec, encrypted)
    assert wrong.code == "encryption.no-key"
    assert kid.decode("ascii", "replace") in wrong.message


@pytest.mark.attack
async def test_a_payload_cannot_be_relabelled_with_another_key(tmp_path: Path) -> None:
    keys = DataKeyFile(tmp_path)
    keys.open(NOW)
    codec = EncryptionCodec("default", keys)
    [encrypted] = await codec.encode([PLAIN])
    encrypted.metadata[KEY_ID] = keys.rotate(NOW).active.kid.encode()
    assert (await refusal(codec, encrypted)).code == "encryption.not-genuine"


async def test_what_was_written_before_encryption_is_read_as_it_is(codec: EncryptionCodec) -> None:
    [encrypted] = await codec.encode([PLAIN])
    assert await codec.decode([PLAIN, encrypted, PLAIN]) == [PLAIN, PLAIN, PLAIN]


async def test_encryption_switched_off_still_reads(
    codec: EncryptionCodec, keys: DataKeyFile
) -> None:
    off = EncryptionCodec("default", keys, writes=False)
    assert await off.encode([PLAIN]) == [PLAIN]
    assert await off.decode(await codec.encode([PLAIN])) == [PLAIN]


async def test_an_old_key_reads_until_it_is_destroyed(tmp_path: Path) -> None:
    keys = DataKeyFile(tmp_path)
    old = keys.open(NOW).active.kid
    [written] = await EncryptionCodec("default", keys).encode([PLAIN])
    keys.rotate(NOW)
    later = EncryptionCodec("default", keys)
    assert await later.decode([written]) == [PLAIN]
    assert (await later.encode([PLAIN]))[0].metadata[KEY_ID] != old.encode()
    keys.destroy(old, NOW)
    wrong = await refusal(EncryptionCodec("default", keys), written)
    assert wrong.code == "encryption.key-destroyed"
    assert "2026-03-31" in wrong.message


def _settings(root: Path, *, enabled: bool) -> Settings:
    return Settings(root=root, encryption=EncryptionSettings(enabled=enabled))


async def test_the_first_key_is_made_on_this_machine_only(tmp_path: Path) -> None:
    settings = _settings(tmp_path, enabled=True)
    with pytest.raises(UsageError) as refused:
        payload_codec(settings, Target(address="temporal.example:7233", origin="profile"))
    assert refused.value.code == "keys.none"
    here = payload_codec(settings, Target(address="127.0.0.1:7233", origin="embedded"))
    there = payload_codec(settings, Target(address="temporal.example:7233", origin="profile"))
    assert await there.decode(await here.encode([PLAIN])) == [PLAIN]


async def test_encryption_is_off_unless_it_is_asked_for(tmp_path: Path) -> None:
    codec = payload_codec(_settings(tmp_path, enabled=False), Target(address="127.0.0.1:7233"))
    assert await codec.encode([PLAIN]) == [PLAIN]
    assert not (tmp_path / ".tenuto").exists()
