"""A running worker takes over keys that change on disk, without a restart."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from tenuto.engine import trusting
from tenuto.engine.trusting import keep_trusting, trust_keys
from tenuto.identity.keys import KeyFolder
from tenuto.identity.trust import trusted
from tenuto.testing import eventually


@pytest_asyncio.fixture
async def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[KeyFolder]:
    """A folder that this process keeps trusting, looked at more often than usual."""
    monkeypatch.setattr("tenuto.identity.trust._trusted", None)  # restored at the end
    monkeypatch.setattr(trusting, "LOOK_EVERY_S", 0.05)
    keys = KeyFolder(tmp_path)
    trust_keys(keys)
    _trusts(keys.read("decisions").active.kid)
    task = asyncio.create_task(keep_trusting(keys))
    yield keys
    task.cancel()


def _trusts(*kids: str) -> None:
    assert set(trusted().verifiers()) == set(kids)


async def test_a_rotated_and_a_revoked_key_are_known_within_seconds(keys: KeyFolder) -> None:
    old = keys.read("decisions").active.kid
    new = keys.rotate("decisions", datetime.now(UTC)).active.kid
    await eventually(lambda: _trusts(old, new))
    keys.revoke("decisions", old, datetime.now(UTC))
    await eventually(lambda: _trusts(new))
    assert not trusted().is_secret, "what judges needs no private half"


@pytest.mark.attack
async def test_keys_that_cannot_be_used_any_more_admit_nothing(keys: KeyFolder) -> None:
    kid = keys.read("decisions").active.kid
    good = keys.path("decisions").read_bytes()
    keys.path("decisions").write_bytes(b"damaged")
    await eventually(_trusts)
    keys.path("decisions").write_bytes(good)
    await eventually(lambda: _trusts(kid))
    keys.path("decisions").unlink()
    await eventually(_trusts)
