"""Keys of payloads: rotated without losing what was written, destroyed to erase it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tenuto.core.errors import UsageError
from tenuto.identity.data_keys import DataKeyFile

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def test_rotation_keeps_the_old_keys(tmp_path: Path) -> None:
    keys = DataKeyFile(tmp_path)
    first = keys.open(NOW).active
    ring = keys.rotate(NOW)
    assert ring.active.kid != first.kid
    assert ring.by_id()[first.kid].bytes == first.bytes
    assert keys.path.stat().st_mode & 0o777 == 0o600


def test_a_destroyed_key_is_gone_from_the_disk(tmp_path: Path) -> None:
    keys = DataKeyFile(tmp_path)
    first = keys.open(NOW).active
    keys.rotate(NOW)
    keys.destroy(first.kid, NOW)
    assert first.secret
    assert first.secret not in keys.path.read_text()
    assert keys.read().by_id()[first.kid].destroyed_at == NOW


@pytest.mark.attack
def test_the_key_in_use_cannot_be_destroyed(tmp_path: Path) -> None:
    keys = DataKeyFile(tmp_path)
    with pytest.raises(UsageError) as refused:
        keys.destroy(keys.open(NOW).active.kid, NOW)
    assert refused.value.code == "keys.in-use"


@pytest.mark.attack
def test_a_key_is_never_printed_and_its_file_is_for_its_owner(tmp_path: Path) -> None:
    keys = DataKeyFile(tmp_path)
    ring = keys.open(NOW)
    assert ring.active.secret
    assert ring.active.secret not in f"{ring} {ring.active!r}"
    keys.path.chmod(0o640)
    with pytest.raises(UsageError) as refused:
        keys.read()
    assert refused.value.code == "keys.open-to-others"
