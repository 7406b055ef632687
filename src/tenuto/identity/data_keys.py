"""Keys that payloads are encrypted with: secret as a whole, rotated, and destroyed to erase.

Beside the signing keys, `<folder>/payloads.json`, mode 0600. Every process that reads or writes
payloads needs it.
"""

import base64
import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, Field

from tenuto.core.errors import UsageError
from tenuto.core.records import Record
from tenuto.identity.key_files import (
    Version,
    changing,
    create_ring,
    read_ring,
    replace_ring,
    version_of,
)

_KEY_BYTES = 32


class DataKey(Record):
    """One AES-256 key."""

    kid: str
    """Names it in the payloads it encrypted: 16 random hexadecimal characters."""
    secret: str | None = Field(default=None, repr=False)
    """32 bytes in base64; None once it is destroyed."""
    created_at: AwareDatetime
    retired_at: AwareDatetime | None = None
    """When another took over. It still decrypts what it encrypted."""
    destroyed_at: AwareDatetime | None = None
    """When what it encrypted became unreadable, for ever."""

    @property
    def bytes(self) -> bytes | None:
        """The key, or None once it is destroyed."""
        return None if self.secret is None else base64.b64decode(self.secret)


class DataKeyRing(Record):
    """All keys of payloads, oldest first; the last encrypts."""

    version: Literal[1] = 1
    keys: tuple[DataKey, ...] = ()

    @property
    def is_secret(self) -> bool:
        """Whether a key is in it that was not destroyed."""
        return any(key.secret is not None for key in self.keys)

    @property
    def active(self) -> DataKey:
        """The key that encrypts now. Raises UsageError `keys.none` where none does."""
        living = [key for key in self.keys if key.retired_at is None and key.destroyed_at is None]
        if not living:
            raise UsageError(
                "No key encrypts payloads here: there is none, or all are retired or destroyed."
                " Make one with `tenuto keys rotate payloads`, or copy `payloads.json` from where"
                " the other processes of this namespace have it.",
                code="keys.none",
            )
        return living[-1]

    def by_id(self) -> Mapping[str, DataKey]:
        """Key id -> key, of all that were ever in the ring."""
        return {key.kid: key for key in self.keys}


class DataKeyFile:
    """The file of the payload keys of one installation."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "payloads.json"

    def version(self) -> Version | None:
        """What tells one state of the file from another; None where there is none."""
        return version_of(self.path)

    def read(self) -> DataKeyRing:
        """The ring as it is on disk; empty where there is no file.

        Raises CorruptError `keys.unreadable` for a file that is no key ring, UsageError
        `keys.open-to-others` for one that other users can read.
        """
        return read_ring(self.path, DataKeyRing) or DataKeyRing()

    def open(self, now: datetime) -> DataKeyRing:
        """The ring, with a first key made at the moment `now` where there is none yet."""
        ring = self.read()
        if ring.keys:
            return ring
        create_ring(self.path, DataKeyRing(keys=(new_data_key(now),)))
        return self.read()

    def rotate(self, now: datetime) -> DataKeyRing:
        """The ring with a new key that encrypts from now on; older ones still decrypt."""
        with changing(self.path):
            retired = tuple(
                key if key.retired_at else key.model_copy(update={"retired_at": now})
                for key in self.read().keys
            )
            rotated = DataKeyRing(keys=(*retired, new_data_key(now)))
            replace_ring(self.path, rotated)
        return rotated

    def destroyable(self, kid: str) -> DataKey:
        """The key, where `destroy` would take it. Raises as `destroy`."""
        ring = self.read()
        _refuse_destroying(kid, ring)
        return ring.by_id()[kid]

    def destroy(self, kid: str, now: datetime) -> DataKeyRing:
        """The ring in which `kid` is only a name: nothing it encrypted can be read again.

        Raises UsageError: `keys.unknown` for a key that is not in the ring, `keys.in-use` for the
        one that encrypts now.
        """
        with changing(self.path):
            ring = self.read()
            _refuse_destroying(kid, ring)
            changed = DataKeyRing(keys=tuple(_destroyed(key, kid, now) for key in ring.keys))
            replace_ring(self.path, changed)
        return changed


def new_data_key(now: datetime) -> DataKey:
    """A fresh key, made at the moment `now`."""
    return DataKey(
        kid=secrets.token_hex(8),
        secret=base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode(),
        created_at=now,
    )


def _destroyed(key: DataKey, kid: str, now: datetime) -> DataKey:
    is_meant = key.kid == kid and key.destroyed_at is None
    return key.model_copy(update={"secret": None, "destroyed_at": now}) if is_meant else key


def _refuse_destroying(kid: str, ring: DataKeyRing) -> None:
    known = ring.by_id()
    if kid not in known:
        listed = ", ".join(f"`{each}`" for each in known) or "none"
        raise UsageError(
            f"No key `{kid}` among the `payloads` keys. Known: {listed}.", code="keys.unknown"
        )
    if known[kid].retired_at is None and known[kid].destroyed_at is None:
        raise UsageError(
            f"Key `{kid}` encrypts new payloads now; destroyed, it would take them along. Rotate"
            " first (`tenuto keys rotate payloads`), wait until every process has the new key,"
            " then revoke the old one.",
            code="keys.in-use",
        )
