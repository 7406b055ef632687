"""The three key rings of an installation, as `tenuto keys` shows and changes them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args

from pydantic import JsonValue

from tenuto.engine.settings import Settings
from tenuto.identity.data_keys import DataKey, DataKeyFile
from tenuto.identity.keys import KeyFolder, Purpose, StoredKey
from tenuto.identity.principal import Principal

PAYLOADS = "payloads"
SIGNING: tuple[Purpose, ...] = get_args(Purpose)
"""What keys sign: decisions, and the ledger. Those of `PAYLOADS` encrypt."""


def key_records(settings: Settings) -> list[dict[str, Any]]:
    """Every key, oldest first for each purpose. No secret is in it."""
    folder = KeyFolder(settings.keys_path)
    signing = [
        signing_record(purpose, key) for purpose in SIGNING for key in folder.read(purpose).keys
    ]
    return signing + [data_record(key) for key in DataKeyFile(settings.keys_path).read().keys]


def signing_record(purpose: str, key: StoredKey) -> dict[str, Any]:
    """A signing key without its private half."""
    ended = "revoked" if key.revoked_at else "retired" if key.retired_at else "active"
    return _record(purpose, key.kid, ended, key.created_at, key.retired_at, key.revoked_at) | {
        "public": key.public,
        "signs_here": key.private is not None,
    }


def data_record(key: DataKey) -> dict[str, Any]:
    """A payload key without the key."""
    ended = "destroyed" if key.destroyed_at else "retired" if key.retired_at else "active"
    return _record(PAYLOADS, key.kid, ended, key.created_at, key.retired_at, key.destroyed_at) | {
        "public": None,
        "signs_here": False,
    }


async def ask_to_change(settings: Settings, what: str) -> Principal:
    """Whoever asks, if `keys:rotate` is allowed on `what`; the decision is recorded.

    Raises PolicyDenied where it is not.
    """
    from tenuto.cli.asking import asked_address
    from tenuto.cli.session import project_gate
    from tenuto.policy.decision import Resource

    gate = project_gate(settings, asked_address(settings))
    await gate.authorize("keys:rotate", Resource(type="Keys", id=what))
    return gate.principal


async def rotate(settings: Settings, purpose: str) -> dict[str, Any]:
    """The key of `purpose` that is used from now on. Raises as `ask_to_change`."""
    principal = await ask_to_change(settings, purpose)
    if purpose == PAYLOADS:
        record = data_record(DataKeyFile(settings.keys_path).rotate(clock()).active)
    else:
        ring = KeyFolder(settings.keys_path).rotate(_signing(purpose), clock())
        record = signing_record(purpose, ring.active)
    change = {"what": "keys", "did": "rotate", "for": purpose, "key": record["kid"]}
    record_change(settings, principal, change)
    return record


async def revoke(settings: Settings, purpose: str, kid: str) -> dict[str, Any]:
    """The signing key that ended; `was_active` says whether it was in use.

    Raises as `ask_to_change`, and UsageError for a key that is not there.
    """
    principal = await ask_to_change(settings, purpose)
    ring = KeyFolder(settings.keys_path).revoke(_signing(purpose), kid, clock())
    record = signing_record(purpose, next(key for key in ring.keys if key.kid == kid))
    change = {"what": "keys", "did": "revoke", "for": purpose, "key": kid}
    record_change(settings, principal, change)
    return record | {"was_active": record["retired_at"] is None}


def record_change(
    settings: Settings, principal: Principal, change: Mapping[str, JsonValue]
) -> None:
    """Puts a change of keys or tokens into the audit trail. Raises TransientError if it is full."""
    from tenuto.evidence.spool import Spool

    Spool(settings.spool_path).append("change", {"principal": principal.id, **change})


def clock() -> datetime:
    """Now, UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def _signing(purpose: str) -> Purpose:
    return next(each for each in SIGNING if each == purpose)


def _record(
    purpose: str,
    kid: str,
    state: str,
    created_at: datetime,
    retired_at: datetime | None,
    ended_at: datetime | None,
) -> dict[str, Any]:
    return {
        "purpose": purpose,
        "kid": kid,
        "state": state,
        "created_at": created_at,
        "retired_at": retired_at,
        "ended_at": ended_at,
    }
